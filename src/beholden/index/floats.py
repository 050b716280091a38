"""A first pass in float32 by numpy's BLAS: for a machine where neither the kernel nor faiss runs, and to check them by."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from beholden.index.scanning import Codes, Places, Rows, checked, everything, slack

BLOCK = 64  # rows whose best stands for all in the first cut


class FloatCodes:
    """The rows themselves. Implements `scanning.Codes`."""

    def __init__(self, dimension: int, capacity: int) -> None:
        self.count = 0
        self.rows: Rows = np.zeros((capacity, dimension), dtype=np.float32)
        self.nbytes = self.rows.nbytes
        self._used = 0  # places from here on were never written

    def put(self, place: int, rows: Rows) -> None:
        checked(place, rows, *self.rows.shape)
        self.rows[place : place + len(rows)] = rows
        self._used = max(self._used, place + len(rows))

    def move(self, sources: Places, targets: Places) -> None:
        self.rows[targets] = self.rows[sources]

    def cut(self, count: int) -> None:
        self.rows[count : self._used] = 0
        self.count = self._used = count


class FloatScanner:
    """Implements `scanning.Scanner`.

    Let s be a row's float32 sum, in whatever order BLAS took, and t its float64 sum in the order of the dimensions.
    With p, x the turned probe and row, both differ from the true product by at most γ_d(u)·Σ|p_i·x_i|,
    γ_d(u) = d·u/(1−d·u) (Higham, Accuracy and Stability, 3.1, for every order), and Σ|p_i·x_i| ≤ ‖p‖·‖x‖
    (Cauchy–Schwarz); underflow takes at most 2⁻¹²⁶ of each product. So |s − t| ≤ slack =
    (γ_d(u32) + γ_d(u64))·‖p‖·‖x‖ + d·2⁻¹²⁶. If `wanted` rows have s ≥ cut, they have t ≥ cut − slack, so the wanted-th
    best t is no less; a row that reaches that t has s ≥ cut − 2·slack. At 128 dimensions slack is 8e-6.
    """

    name = "numpy float32"

    def row_bytes(self, dimension: int) -> float:
        return 4.0 * dimension

    def codes(self, dimension: int, capacity: int) -> Codes:
        return FloatCodes(dimension, capacity)

    def shortlist(
        self,
        parts: Sequence[Codes],
        probes: Sequence[Sequence[Rows]],
        wanted: Sequence[int],
        *,
        threads: int = 0,  # noqa: ARG002 - BLAS has threads of its own
    ) -> list[list[Places]]:
        held = [part for part in parts if isinstance(part, FloatCodes)]
        counts = [part.count for part in held]
        total = sum(counts)
        shown = []
        for probe, limit in zip(probes, wanted, strict=True):
            if not 0 < limit < total:
                shown.append(everything(counts, limit))
                continue
            first = np.concatenate(
                [part.rows[:count] @ turn for part, count, turn in zip(held, counts, probe, strict=True)]
            )
            off = max(slack(len(turn)) for turn in probe)
            among = np.flatnonzero(first >= _below(_low_cut(first, limit) - 2 * off))
            if len(among) > limit:
                cut = float(np.partition(first[among], len(among) - limit)[len(among) - limit])
                among = among[first[among] >= _below(cut - 2 * off)]
            starts = np.cumsum([0, *counts])
            ends = np.searchsorted(among, starts)
            shown.append([among[a:b] - start for a, b, start in zip(ends, ends[1:], starts, strict=False)])
        return shown


def _low_cut(first: Rows, wanted: int) -> float:
    """A number that at least `wanted` of the sums reach, and not many more: the wanted-th best of blocks of sums."""
    blocks = len(first) // BLOCK
    if blocks < 2 * wanted:
        return float(np.partition(first, len(first) - wanted)[len(first) - wanted])
    best: NDArray[np.float32] = first[: blocks * BLOCK].reshape(blocks, BLOCK).max(axis=1)
    return float(np.partition(best, blocks - wanted)[blocks - wanted])


def _below(cut: float) -> np.float32:
    """A float32 that is no greater: numpy compares float32 rows with float32, and rounding up would lose a row."""
    rounded = np.float32(cut)
    return rounded if math.isinf(rounded) or float(rounded) <= cut else np.nextafter(rounded, np.float32(-np.inf))
