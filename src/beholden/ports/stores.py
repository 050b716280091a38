"""The places on disk that hold anything: to be scanned after an erasure, and to be kept from filling up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Scan:
    """What a byte scan looked at, and where it found one of the needles (each as "store/file at byte n")."""

    stores: tuple[str, ...]
    files: int
    scanned_bytes: int
    needles: int
    found: tuple[str, ...]


class Copying(Protocol):
    """A backup that is being made, of one moment of keys and records."""

    def finish(self) -> dict[str, str]:
        """Copy what takes long, while others write; SHA-256 in hex of each file, by its name in the manifest.

        A picture that an erasure took meanwhile is not in it.
        """

    def sign(self, manifest: bytes) -> None:
        """Put the signed manifest beside both parts: what has none is no backup."""

    def take_back(self) -> None:
        """Remove what was copied."""


class Stores(Protocol):
    def scan(self, needles: Sequence[bytes]) -> Scan:
        """Look for every needle in every byte of every file of the data folder and the key folder."""

    def room(self) -> int:
        """Bytes free for us on the disk of the data folder, not counting the ballast."""

    def drop_ballast(self) -> bool:
        """Give up the ballast file so that a full disk can still be logged. False if it was gone already."""

    def restore_ballast(self) -> bool:
        """Put the ballast back if there is room again."""

    def alone(self) -> AbstractContextManager[bool]:
        """Whether no other process has the folder open; if so, whoever opens it waits until the block ends."""

    def begin_copy(self, to: Path, keys_to: Path) -> Copying:
        """Begin a backup of the data in `to` and of the wrapped keys in `keys_to`, while nobody writes a record.

        Raises `BadInput` for places that are not empty or not apart. What unlocks the keys is not in it.
        """

    def close(self) -> None: ...
