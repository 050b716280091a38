"""Passphrases by argon2id (RFC 9106)."""

from __future__ import annotations

import base64
import os

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Credentials:
    """`memory_kib` and `passes` as RFC 9106's second recommended option (64 MiB, 3 passes), half a second on a slow core."""

    def __init__(self, memory_kib: int = 65536, passes: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib)
        # What nothing is known to hash to: made without hashing, which every opening of a folder would wait for (0.11 s).
        salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
        self._nobody = f"$argon2id$v=19$m={memory_kib},t={passes},p={self._hasher.parallelism}${salt}${digest}"

    def keep(self, passphrase: str) -> str:
        return self._hasher.hash(passphrase)

    def check(self, passphrase: str, stored: str) -> bool:
        try:
            # An unknown name takes as long as a wrong passphrase, so that names cannot be tried out.
            return self._hasher.verify(stored or self._nobody, passphrase) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False
