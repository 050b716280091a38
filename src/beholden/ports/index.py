"""The index: compares a probe with every reference of the shelves it is asked for. A copy of the records, never the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from beholden.ports.model import Template


@dataclass(frozen=True, slots=True, order=True)
class Shelf:
    """Templates that are searched together or not at all."""

    gallery_id: str
    source_id: str
    space_id: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest references: `face_nos[i]` has the cosine `scores[i]`, the greatest first, ties by the lesser `face_no`."""

    face_nos: tuple[int, ...]
    scores: tuple[float, ...]
    rows: int  # how many references were compared
    proven: bool  # whether every reference of the shelves was compared, so that none left out scores higher


class Index(Protocol):
    @property
    def applied(self) -> int:
        """The last `change_no` of the records that it holds; -1 when it is new."""

    def hold(self, shelf: Shelf, secret: bytes, face_nos: Sequence[int], templates: Sequence[Template]) -> None:
        """Remember templates, turned by the gallery's secret before they are kept. A known `face_no` is replaced."""

    def begin_anew(self, shelf: Shelf, secret: bytes) -> None:
        """Forget what the shelf holds, as `drop` does, if it is turned by another secret than this one."""

    def drop(self, face_nos: Sequence[int]) -> None:
        """Forget at once, and overwrite the memory; unknown numbers are ignored."""

    def reached(self, change_no: int) -> None:
        """All changes up to this one are held."""

    def rows(self, shelves: Sequence[Shelf]) -> int:
        """How many references these shelves hold; an unknown shelf holds none."""

    def nearest(self, template: Template, limit: int, shelves: Sequence[Shelf], *, entry: int = -1) -> Neighbours:
        """The `limit` best by cosine in float64, summed in the order of the dimensions so that every kernel agrees."""

    def calls(self) -> Sequence[int]:
        """For each comparison that was ever asked for, the log entry under which it was; -1 where none was named.

        Kept by the engine itself, across restarts, and before it compares.
        """
