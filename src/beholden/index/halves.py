"""A first pass in float16 by faiss, for a machine on which the kernel was not built or does not run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import faiss
import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault
from beholden.index.scanning import (
    LONGEST,
    MAX_THREADS,
    TINY32,
    Codes,
    Places,
    Rows,
    checked,
    everything,
    gamma,
    threads_here,
)

EXTRA = 16  # rows asked for beyond those that are wanted: mostly enough to prove them
DEEPER = 4
TRIED = 256  # rows by which it is seen, when a scanner is made, that faiss keeps to the interval

Exact = NDArray[np.float64]


class HalfCodes:
    """A flat index of faiss, whose memory is written here: faiss can only add. Implements `scanning.Codes`."""

    def __init__(self, dimension: int, capacity: int) -> None:
        self.count = 0
        self.dimension = dimension
        self.index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self.index.codes.resize(max(1, capacity) * dimension * 2)  # zeros
        memory = faiss.rev_swig_ptr(self.index.codes.data(), capacity * dimension * 2)
        self.halves: NDArray[np.float16] = memory.view(np.float16).reshape(capacity, dimension)
        self.rests: Rows = np.zeros(capacity, dtype=np.float32)  # no less than the length of row minus half row
        self.nbytes = self.halves.nbytes + self.rests.nbytes
        self.widest = 0.0  # no rest was ever greater
        self._used = 0  # places from here on were never written

    def put(self, place: int, rows: Rows) -> None:
        checked(place, rows, *self.halves.shape)
        exact = rows.astype(np.float64)
        end = place + len(rows)
        self.halves[place:end] = rows
        exact -= self.halves[place:end]
        rests = np.sqrt((exact * exact).sum(axis=1)) * (1 + 2.0**-20) + 2.0**-126  # float64 and the cast lose less
        self.rests[place:end] = rests
        self.widest = max(self.widest, float(self.rests[place:end].max(initial=0)))
        self._used = max(self._used, end)
        exact.fill(0)

    def move(self, sources: Places, targets: Places) -> None:
        self.halves[targets] = self.halves[sources]
        self.rests[targets] = self.rests[sources]

    def cut(self, count: int) -> None:
        self.halves[count : self._used] = 0
        self.rests[count : self._used] = 0
        self.count = self._used = count


@dataclass(slots=True)
class _Seen:
    """What one part has shown for one probe."""

    places: Places
    lows: Exact
    highs: Exact
    edge: float  # no row that was not shown scores higher; -inf where all were


@dataclass(slots=True)
class _Ask:
    part: int
    asked: list[int]  # of the probes
    depth: int
    seen: dict[int, _Seen] = field(default_factory=dict)


class FaissScanner:
    """Implements `scanning.Scanner`.

    With x' the float16 row, r ≥ ‖x − x'‖, p the probe and s the sum that faiss has taken in float32 in whatever order,
    |s − ⟨p,x'⟩| ≤ γ_d(u32)·‖p‖·‖x'‖ + d·2⁻¹²⁶ (as in `floats`) and |⟨p,x'⟩ − ⟨p,x⟩| ≤ ‖p‖·r (Cauchy–Schwarz), so the
    final score, itself within γ_d(u64)·‖p‖·‖x‖ of ⟨p,x⟩, lies in s ± far. A row that faiss does not show has a sum of no
    more than the last shown; where that plus the widest far reaches the bar, the part is asked deeper.
    """

    name = "faiss float16"

    def __init__(self) -> None:
        # A thread of its own sets how many faiss takes inside it: parts are spread over the threads, not probes.
        self._pool = ThreadPoolExecutor(MAX_THREADS, "faiss", faiss.omp_set_num_threads, (1,))
        self._try()

    def row_bytes(self, dimension: int) -> float:
        return 2.0 * dimension + 4

    def codes(self, dimension: int, capacity: int) -> Codes:
        return HalfCodes(dimension, capacity)

    def shortlist(
        self,
        parts: Sequence[Codes],
        probes: Sequence[Sequence[Rows]],
        wanted: Sequence[int],
        *,
        threads: int = 0,
    ) -> list[list[Places]]:
        held = [part for part in parts if isinstance(part, HalfCodes)]
        counts = [part.count for part in held]
        total = sum(counts)
        shown = [everything(counts, limit if limit >= total else 0) for limit in wanted]
        asked = [at for at, limit in enumerate(wanted) if 0 < limit < total]
        waiting = [
            _Ask(part_no, [at for at in asked if wanted[at] == limit], limit + EXTRA)
            for limit in {wanted[at] for at in asked}
            for part_no, count in enumerate(counts)
            if count
        ]
        seen: dict[tuple[int, int], _Seen] = {}
        while waiting:
            asks = iter(waiting)
            workers = range(min(threads or threads_here(), len(waiting)))
            for done in [self._pool.submit(_work, held, counts, probes, asks) for _ in workers]:
                done.result()
            seen |= {(at, ask.part): one for ask in waiting for at, one in ask.seen.items()}
            bars = {at: _bar([one for (probe, _), one in seen.items() if probe == at], wanted[at]) for at in asked}
            deeper = []
            for ask in waiting:
                unsure = [at for at in ask.asked if bars[at] <= seen[at, ask.part].edge > -np.inf]
                if unsure:
                    deeper.append(_Ask(ask.part, unsure, ask.depth * DEEPER))
            waiting = deeper
        for (at, part_no), one in seen.items():
            shown[at][part_no] = np.sort(one.places[one.highs >= bars[at]])
        return shown

    def _try(self) -> None:
        """faiss may one day sum otherwise. Raises `Fault` if it does, as far as random rows show it."""
        codes = HalfCodes(128, TRIED)
        rows = np.random.default_rng(1).standard_normal((TRIED, 128)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        codes.put(0, rows)
        ask = _Ask(0, [0], TRIED)
        self._pool.submit(_work, [codes], [TRIED], [[rows[0]]], iter([ask])).result()
        seen = ask.seen[0]
        exact = rows[seen.places].astype(np.float64) @ rows[0].astype(np.float64)
        if not ((seen.lows <= exact) & (exact <= seen.highs)).all():
            raise Fault("This faiss does not sum in float32: install the one of requirements/base.txt.")


def _work(
    parts: Sequence[HalfCodes], counts: Sequence[int], probes: Sequence[Sequence[Rows]], asks: Iterator[_Ask]
) -> None:
    for ask in asks:
        part, count = parts[ask.part], counts[ask.part]
        turns = np.stack([probes[at][ask.part] for at in ask.asked])
        if turns.shape[1] != part.dimension:
            raise Fault(f"A probe of {turns.shape[1]} numbers came to rows of {part.dimension}.")
        part.index.ntotal = count
        sums, places = part.index.search(turns, min(ask.depth, count))
        lengths = np.sqrt((turns.astype(np.float64) ** 2).sum(axis=1)) * (1 + 2.0**-40)
        for row, at in enumerate(ask.asked):
            exact = sums[row].astype(np.float64)
            far = _far(part.rests[places[row]].astype(np.float64), float(lengths[row]), part.dimension)
            widest = _far(np.array([part.widest]), float(lengths[row]), part.dimension)[0]
            edge = float(exact[-1] + widest) if ask.depth < count else -np.inf
            ask.seen[at] = _Seen(places[row], exact - far, exact + far, edge)
        turns.fill(0)


def _far(rests: Exact, length: float, dimension: int) -> Exact:
    far: Exact = length * (rests + gamma(dimension) * (LONGEST + rests)) + dimension * TINY32
    return far


def _bar(seen: Sequence[_Seen], wanted: int) -> float:
    """The wanted-th best of the lower ends that are known: each part has shown as many as are wanted, or all it has."""
    lows = np.concatenate([one.lows for one in seen])
    return float(np.partition(lows, len(lows) - wanted)[len(lows) - wanted])
