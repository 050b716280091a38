"""Sealed bytes under their own digest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class Blobs(Protocol):
    def put(self, sealed: bytes) -> str:
        """Keep, durable on return, and give the SHA-256 of the sealed bytes in hex: their address."""

    def get(self, address: str) -> bytes:
        """Raises `Missing` if there is none, and `NotProven` if the bytes are no longer those of the address."""

    def purge(self, address: str) -> None:
        """Overwrite and delete, durable on return. An unknown address is ignored."""

    def addresses(self) -> Iterator[str]:
        """All addresses that are held."""
