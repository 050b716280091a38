"""Fingerprints in memory, to ask which pictures look alike. A copy of the records, never the truth, and never on disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Prints(Protocol):
    @property
    def applied(self) -> int:
        """The last `print_no` of the records that it holds; -1 when it is new."""

    def hold(self, ids: Sequence[str], bits: Sequence[bytes]) -> None:
        """Remember 32 bytes for each id. A known id is replaced."""

    def drop(self, ids: Sequence[str]) -> None:
        """Forget at once, and overwrite the memory; unknown ids are ignored."""

    def reached(self, print_no: int) -> None:
        """All changes up to this one are held."""

    def near(self, bits: bytes, within: int) -> list[tuple[str, int]]:
        """Every id whose bits differ in at most so many places, with how many, the least first, ties by id."""
