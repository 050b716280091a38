"""The final scores: float64 in the order of the dimensions, of the rows that a first pass could not rule out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from beholden.index.chunks import Chunk
from beholden.index.scanning import Numbers, Places, Rows, slack
from beholden.index.turning import summed

Scores = NDArray[np.float64]
AT_ONCE = 4096  # rows: 16 MB of float64 at 512 dimensions


class Best:
    """The `wanted` best of the rows that were offered, the greatest score first, ties by the lesser face number.

    A row's score is its greatest over several turned probes. It is first computed in float32, in whatever order
    numpy takes: that sum differs from the final one by at most `slack` (derived at `floats.FloatScanner`), so rows that lie more
    than twice that below the wanted-th best of the rows at hand are left out, and the others summed in order.
    """

    def __init__(self, wanted: int, dimension: int) -> None:
        self.rescored = 0
        self._wanted = wanted
        self._slack = slack(dimension)
        self._numbers: list[Numbers] = [np.zeros(0, dtype=np.int64)]
        self._scores: list[Scores] = [np.zeros(0)]
        self._held = 0
        self._bar = -np.inf  # as many rows as are wanted are known to reach it
        self._pending: list[tuple[Numbers, Rows]] = []
        self._waiting = 0  # rows of these
        self._probes: Sequence[Rows] = ()

    def offer(self, chunk: Chunk, places: Places, probes: Sequence[Rows]) -> None:
        """`probes` (vectors) are turned as the chunk's rows are; chunks of one turn come one after another, with one and
        the same sequence. Raises `SegmentBroken` if a row cannot be read."""
        if not self._wanted:
            return
        if probes is not self._probes:
            self._score()
            self._probes = probes
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            self._pending.append((chunk.face_nos[some], chunk.rows_at(some)))
            self.rescored += len(some)
            self._waiting += len(some)
            if self._waiting >= AT_ONCE:
                self._score()

    def told(self) -> tuple[Numbers, Scores]:
        self._score()
        self._cut()
        return self._numbers[0], self._scores[0]

    def _score(self) -> None:
        if not self._pending:
            return
        numbers = np.concatenate([one for one, _ in self._pending])
        rows = np.concatenate([one for _, one in self._pending])
        left = self._not_ruled_out(rows)
        exact = rows[left].astype(np.float64)
        scores: Scores = np.max([summed(exact * probe.astype(np.float64)) for probe in self._probes], axis=0)
        self._numbers.append(numbers[left])
        self._scores.append(scores)
        self._held += len(left)
        if self._held >= 2 * self._wanted:  # so that sorting costs no more for a list of all than one sort
            self._cut()
        for freed in (exact, rows, *(one for _, one in self._pending)):
            freed.fill(0)
        self._pending, self._waiting = [], 0

    def _not_ruled_out(self, rows: Rows) -> Places:
        wanted = self._wanted
        if self._bar == -np.inf and len(rows) <= wanted:
            return np.arange(len(rows))
        # Not by BLAS: the threads that it takes to it would stay awake on the cores of the next pass.
        first = np.max([np.einsum("ij,j->i", rows, probe) for probe in self._probes], axis=0).astype(np.float64)
        cut = self._bar - self._slack
        if len(rows) > wanted:
            cut = max(cut, np.partition(first, len(rows) - wanted)[len(rows) - wanted] - 2 * self._slack)
        return np.flatnonzero(first >= cut)

    def _cut(self) -> None:
        numbers, scores = np.concatenate(self._numbers), np.concatenate(self._scores)
        order = np.lexsort((numbers, -scores))[: self._wanted]
        self._numbers, self._scores, self._held = [numbers[order]], [scores[order]], len(order)
        if 0 < self._wanted == self._held:
            self._bar = float(self._scores[0][-1])
