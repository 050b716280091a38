"""Blobs in memory, for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from beholden.blobs.files import address_of, missing
from beholden.errors import BadInput, NotProven


class MemoryBlobs:
    def __init__(self, address: str = "memory:") -> None:
        if address != "memory:":
            raise BadInput(f"{address!r} is no address of blobs in memory: write memory:")
        self._held: dict[str, bytes] = {}

    def put(self, sealed: bytes) -> str:
        address = address_of(sealed)
        self._held[address] = bytes(sealed)
        return address

    def get(self, address: str) -> bytes:
        try:
            sealed = self._held[address]
        except KeyError:
            raise missing(address) from None
        if hashlib.sha256(sealed).hexdigest() != address:
            raise NotProven(f"the blob {address} was changed in memory: restore it from a backup")
        return sealed

    def purge(self, address: str) -> None:
        self._held.pop(address, None)

    def addresses(self) -> Iterator[str]:
        return iter(sorted(self._held))
