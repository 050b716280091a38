"""The places on disk that hold anything: to be scanned after an erasure, and to be kept from filling up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Scan:
    """What a byte scan looked at, and where it found one of the needles (each as "store/file at byte n")."""

    stores: tuple[str, ...]
    files: int
    scanned_bytes: int
    needles: int
    found: tuple[str, ...]


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

    def close(self) -> None: ...
