"""Passphrases by argon2id (RFC 9106)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Credentials:
    """`memory_kib` and `passes` as RFC 9106's second recommended option (64 MiB, 3 passes), half a second on a slow core."""

    def __init__(self, memory_kib: int = 65536, passes: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib)
        self._nobody = self._hasher.hash("nobody")

    def keep(self, passphrase: str) -> str:
        return self._hasher.hash(passphrase)

    def check(self, passphrase: str, stored: str) -> bool:
        try:
            # An unknown name takes as long as a wrong passphrase, so that names cannot be tried out.
            return self._hasher.verify(stored or self._nobody, passphrase) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False
