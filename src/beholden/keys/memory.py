"""Keys in memory alone, for tests and trials: the same contract as the vault, gone when the process ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from beholden.errors import Fault, Locked
from beholden.keys.entrusting import entrusted
from beholden.keys.sealing import (
    KEY_BYTES,
    checked_name,
    checked_names,
    destroyed,
    made_before,
    marked_with,
    opened_with,
    public_of,
    sealed_with,
    signed_with,
    wrapped_under,
)
from beholden.keys.wrapping import Custodians


class MemoryKeys:
    """Implements `ports.keys.Keys`. A key is wrapped only when it is destroyed: the needle is as a vault's would be."""

    def __init__(self, signers: Sequence[str] = ("log", "receipts")) -> None:
        self._lock = threading.Lock()
        self._kek, self._epoch = os.urandom(KEY_BYTES), 0
        self._keys: dict[str, bytes | None] = {}  # None: destroyed, and never to be made again
        self._secrets: dict[str, bytes] = {}
        self._notes: dict[str, bytes] = {}
        self._signers = {name: os.urandom(KEY_BYTES) for name in signers}
        self._open = True

    def create(self, names: Sequence[str]) -> None:
        with self._lock:
            self._check_open()
            for name in checked_names(names):
                if name in self._keys:
                    raise made_before(name)
            self._keys.update({name: os.urandom(KEY_BYTES) for name in names})

    def seal(self, name: str, plain: bytes, context: str) -> bytes:
        return sealed_with(self._key(name), name, plain, context)

    def seal_many(self, items: Sequence[tuple[str, bytes, str]]) -> list[bytes]:
        return [self.seal(name, plain, context) for name, plain, context in items]

    def open(self, name: str, sealed: bytes, context: str) -> bytes:
        return opened_with(self._key(name), name, sealed, context)

    def open_many(self, items: Sequence[tuple[str, bytes]], context: str) -> list[bytes | None]:
        with self._lock:
            self._check_open()
            keys = [self._keys.get(name) for name, _ in items]
        return [
            None if key is None else opened_with(key, name, sealed, context)
            for key, (name, sealed) in zip(keys, items, strict=True)
        ]

    def destroy(self, names: Sequence[str]) -> list[bytes]:
        needles = []
        with self._lock:
            self._check_open()
            for name in names:
                key = self._keys.get(name)
                if key is not None:
                    needles.append(wrapped_under(self._kek, key))
                    self._keys[name] = None
        return needles

    def entrust(self, names: Sequence[str], recipients: Sequence[str], content: bytes) -> bytes:
        with self._lock:
            self._check_open()
            keys = {name: key for name in names if (key := self._keys.get(name)) is not None}
        return entrusted(keys, recipients, content)

    def purge(self) -> None:
        self._check_open()

    def begin_epoch(self) -> int:
        with self._lock:
            self._check_open()
            self._kek = os.urandom(KEY_BYTES)
            self._epoch += 1
            return self._epoch

    def change_custodians(self, recipients: Sequence[str], threshold: int) -> int:
        Custodians.make(Path(), recipients, threshold)  # refuses the same sets; nobody opens what is in memory
        return self.begin_epoch()

    def names(self) -> set[str]:
        with self._lock:
            self._check_open()
            return {name for name, key in self._keys.items() if key is not None}

    def hmac(self, purpose: str, value: bytes) -> bytes:
        with self._lock:
            self._check_open()
            secret = self._secrets.setdefault(checked_name(purpose), os.urandom(KEY_BYTES))
        return marked_with(secret, value)

    def sign(self, signer: str, message: bytes) -> bytes:
        return signed_with(self._signer(signer), message)

    def public(self, signer: str) -> bytes:
        return public_of(self._signer(signer))

    def note(self, name: str, value: bytes) -> None:
        with self._lock:
            self._check_open()
            self._notes[name] = value

    def noted(self, name: str) -> bytes:
        with self._lock:
            self._check_open()
            return self._notes.get(name, b"")

    def close(self) -> None:
        with self._lock:
            self._open = False
            self._keys.clear()
            self._secrets.clear()
            self._signers.clear()
            self._kek = b""

    def _key(self, name: str) -> bytes:
        with self._lock:
            self._check_open()
            key = self._keys.get(name)
        if key is None:
            raise destroyed(name)
        return key

    def _signer(self, signer: str) -> bytes:
        with self._lock:
            self._check_open()
            if signer not in self._signers:
                raise Fault(f"There is no signer {signer!r}, only {sorted(self._signers)}: ask for one of these.")
            return self._signers[signer]

    def _check_open(self) -> None:
        if not self._open:
            raise Locked("The keys are closed: open the folder again.")
