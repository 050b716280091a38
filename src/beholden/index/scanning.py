"""The first pass over the rows: quick, and never wrong in what it leaves out. What it shows is scored again in float64.

The certificate, the same for every scanner: for each row it knows an interval [low, high] that holds the row's final
score. If `wanted` rows have a low of T or more, the wanted-th best final score is T or more, so a row whose high is less
than T is not among the best and is no tie with the last of them. Every other row is shown.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault

Rows = NDArray[np.float32]
Places = NDArray[np.int64]
Numbers = NDArray[np.int64]  # of faces
UNIT = 1e-3  # how far the length of a template may be from 1
LONGEST = 1 + 1.1 * UNIT  # no row and no probe is longer: a turned template, rounded to float32, is that long at most
U32 = 2.0**-24  # unit roundoff of float32
TINY32 = 2.0**-126  # the least normal float32: what a product may lose where a machine flushes to zero
MAX_THREADS = 16


class Codes(Protocol):
    """The rows of one chunk as a first pass reads them. Its capacity is fixed when it is made.

    Rows may be put beyond `count` while a pass runs: it reads `count` once, at its start, and nothing beyond.
    """

    count: int  # places 0 … count − 1 are in use; it is set from outside, between two passes
    nbytes: int  # resident

    def put(self, place: int, rows: Rows) -> None:
        """Code rows (n × dimension, turned, of length 1 ± (`LONGEST` − 1)) at places place … place + n − 1; `count` stays as it
        is. Raises `Fault` for rows of another shape or type, past the capacity, or of another length."""

    def move(self, sources: Places, targets: Places) -> None:
        """The row at each source is also at its target; sources and targets have no place in common."""

    def cut(self, count: int) -> None:
        """Places from `count` on are overwritten with zeros and out of use."""


class Scanner(Protocol):
    name: str  # as it is told with a search's coverage, by `beholden check` and the bench

    def row_bytes(self, dimension: int) -> float:
        """Bytes that a row takes, resident."""

    def codes(self, dimension: int, capacity: int) -> Codes:
        """Room for `capacity` rows, none in use."""

    def shortlist(
        self,
        parts: Sequence[Codes],
        probes: Sequence[Sequence[Rows]],
        wanted: Sequence[int],
        *,
        threads: int = 0,
    ) -> list[list[Places]]:
        """For each probe and part the places (ascending) of every row that may be among the `wanted[probe]` best over
        all parts by its final score, ties at the last place included; rows that are not may be there too.

        `probes[probe][part]` is that probe (a vector) turned as that part's rows are; parts of one turn should be given
        one and the same array. One reading of the rows serves all probes. `threads` 0: as many as the machine gives.
        """


def checked(place: int, rows: Rows, capacity: int, dimension: int) -> None:
    """Raises `Fault` unless the rows are of that dimension and of length 1 ± (`LONGEST` − 1), and fit at that place."""
    if rows.ndim != 2 or rows.shape[1] != dimension or rows.dtype != np.float32:
        raise Fault(f"Rows of {rows.shape} {rows.dtype} came where {dimension} float32 numbers a row are held.")
    if not 0 <= place <= capacity - len(rows):
        raise Fault(f"{len(rows)} rows do not fit at place {place}: there is room for {capacity}.")
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))  # without a copy of the rows in float64
    wrong = np.flatnonzero(~(np.abs(lengths - 1) <= LONGEST - 1))  # so written that no number is wrong too
    if len(wrong):
        raise Fault(f"Row {wrong[0]} of {len(rows)} is no vector of the length 1: it cannot be compared.")


def gamma(dimension: int) -> float:
    """What sums of so many products, one in float32 in whatever order and one in float64, may differ by, as a share of the
    product of the two lengths: γ_d(u32) + γ_d(u64), γ_d(u) = d·u/(1 − d·u) (Higham, Accuracy and Stability, 3.1)."""
    return dimension * U32 / (1 - dimension * U32) + dimension * 2.0**-52  # d·2⁻⁵² > γ_d(2⁻⁵³)


def slack(dimension: int) -> float:
    """The most that a score summed in float32 may differ from the final one; `floats.FloatScanner` derives it."""
    return gamma(dimension) * LONGEST**2 + dimension * TINY32


def everything(counts: Sequence[int], limit: int) -> list[Places]:
    """All places of all parts, or none for a limit of 0: what needs no pass."""
    return [np.arange(count if limit > 0 else 0, dtype=np.int64) for count in counts]


def threads_here() -> int:
    """How many threads a pass may use on this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MAX_THREADS)
