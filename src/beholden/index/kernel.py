"""A first pass in whole numbers of 4 and then 8 bits by the kernel in `_scan.c`, whose comment derives the interval around a score.

Installed where a C compiler was there; which of its variants runs is chosen by what the processor can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault
from beholden.index import _scan
from beholden.index.scanning import LONGEST, MAX_THREADS, Codes, Places, Rows, checked, everything, threads_here

BLOCK = 16  # rows
TERMS = 12  # numbers of 32 bits before the codes of a probe: scale, near, b, start; fine, middle, coarse
SLACK = 2.0**-17  # what float32 may round off an estimate and its interval; see _scan.c
GREATEST = 127 * 128  # of a probe's codes, which the kernel reads as two parts of 8 bits
MOST = 16_900_000  # the sum of a probe's codes without signs: times 127 it is less than 2³¹
SHARE = 2**21  # bytes of codes that a thread takes at a time
PIECE = 1024  # blocks that are read again by a thread at a time
# Blocks that are read whole, for each row that is wanted, before the others: a block's upper end is high also where its rests
# are, so that fewer give a bar that too many others reach [of 1 to 64, 8 took the least time].
SEEDS = 8
# Both halves are read at once, where to read the high ones first would not save a second reading of many blocks: from so many
# dimensions on, since scores spread too little; for so many probes, each of which would read others again; and of few blocks.
WHOLE_FROM = 320
WHOLE_FOR = 2
WHOLE_BELOW = 16_384

Words = NDArray[np.uint32]
Heads = NDArray[np.uint8]
T = TypeVar("T")
Share = tuple[int, int, int]  # part, first block, the block behind the last
Piece = tuple[int, Places]  # part, blocks


class KernelCodes:
    """Blocks as `_scan.c` describes them: the high halves of all, then the low ones. Implements `scanning.Codes`."""

    def __init__(self, dimension: int, capacity: int) -> None:
        self.count = 0
        self.dimension = dimension
        self.capacity = capacity
        blocks, eights = -(-capacity // BLOCK), _padded(dimension) // 8
        high, low = blocks * (eights + 2) * BLOCK, blocks * (eights + 1) * BLOCK
        self.nbytes = 4 * (high + low)
        room = np.zeros(high + low + 16, dtype=np.uint32)
        start = -room.ctypes.data % 64 // 4  # a line of the cache is never shared by two loads
        self.words: Words = room[start : start + high + low]
        self.halves = (self.words[:high].reshape(blocks, -1, BLOCK), self.words[high:].reshape(blocks, -1, BLOCK))
        self._used = 0  # places from here on were never written

    def put(self, place: int, rows: Rows) -> None:
        checked(place, rows, self.capacity, self.dimension)
        _scan.put(self.words, self.dimension, place, np.ascontiguousarray(rows))
        self._used = max(self._used, place + len(rows))

    def move(self, sources: Places, targets: Places) -> None:
        for held in self.halves:
            held[targets // BLOCK, :, targets % BLOCK] = held[sources // BLOCK, :, sources % BLOCK]

    def cut(self, count: int) -> None:
        block, lane = divmod(count, BLOCK)
        for held in self.halves:
            held[block : block + 1, :, lane:] = 0
            held[block + 1 : -(-self._used // BLOCK)] = 0
        self.count = self._used = count


class KernelScanner:
    """Implements `scanning.Scanner`. Raises `Fault` for a variant that does not run on this processor.

    `always_halves` reads the high halves first where both would be read, and only as many blocks for the first bar as rows are
    wanted: the tests, which compare few rows, try by it what is done with many.
    """

    def __init__(self, variant: str = "", *, always_halves: bool = False) -> None:
        here = _scan.variants()
        if variant and variant not in here:
            raise Fault(
                f"The kernel's variant {variant!r} does not run on this processor: take one of {', '.join(here)}."
            )
        self.variant = variant or here[0]
        self.name = f"kernel {self.variant}"
        self.read_bytes = 0  # of the parts, by the last pass
        self._always_halves = always_halves
        self._pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="scan")  # starts none before it is needed

    def row_bytes(self, dimension: int) -> float:
        return _padded(dimension) + 12.0

    def codes(self, dimension: int, capacity: int) -> Codes:
        return KernelCodes(dimension, capacity)

    def shortlist(
        self,
        parts: Sequence[Codes],
        probes: Sequence[Sequence[Rows]],
        wanted: Sequence[int],
        *,
        threads: int = 0,
    ) -> list[list[Places]]:
        held = [part for part in parts if isinstance(part, KernelCodes)]
        counts = [part.count for part in held]
        total = sum(counts)
        shown = [[] if 0 < limit < total else everything(counts, limit) for limit in wanted]
        asked = [at for at, limit in enumerate(wanted) if 0 < limit < total]
        if not asked:
            return shown
        reading = _Reading(self.variant, held, counts, [probes[at] for at in asked])
        whole = not self._always_halves and (
            held[0].dimension >= WHOLE_FROM or len(asked) >= WHOLE_FOR or reading.starts[-1] < WHOLE_BELOW
        )
        try:
            threads = min(threads or threads_here(), len(reading.shares))
            left = iter(reading.shares)
            self._each(lambda _: reading.bound(left, whole), range(threads))
            # Of several, few blocks are read again: threads would wait for each other.
            for number, at in enumerate(asked):
                shown[at] = self._best(reading, number, wanted[at], threads if len(asked) == 1 else 1)
        finally:
            reading.wipe()
        self.read_bytes = reading.read_bytes(whole)
        return shown

    def _best(self, reading: _Reading, number: int, wanted: int, threads: int) -> list[Places]:
        """The places of a probe's rows whose upper ends reach the bar: first that of the best blocks, then that of all."""
        uppers, found = reading.uppers[number], _Found(wanted)
        seeds, first = wanted * (1 if self._always_halves else SEEDS), -np.inf
        if len(uppers) > seeds:
            first = np.partition(uppers, len(uppers) - seeds)[len(uppers) - seeds]
        reading.finish(number, found, iter(reading.pieces(np.flatnonzero(uppers >= first))), -np.inf)
        bar = found.bar()
        pieces = reading.pieces(np.flatnonzero((uppers >= bar) & (uppers < first)))
        left = iter(pieces)
        self._each(lambda _: reading.finish(number, found, left, bar), range(max(1, min(threads, len(pieces)))))
        return found.places(reading.starts * BLOCK)

    def _each(self, work: Callable[[T], object], these: Sequence[T]) -> None:
        """Each in a thread of its own, the first in this one."""
        others = [self._pool.submit(work, one) for one in these[1:]]
        work(these[0])
        for other in others:
            if not other.cancel():  # one that has not begun finds nothing left to do
                other.result()


class _Reading:
    """The parts, the probes as the kernel reads them, and for each probe the greatest upper end of every block of all parts."""

    def __init__(
        self,
        variant: str,
        parts: Sequence[KernelCodes],
        counts: Sequence[int],
        probes: Sequence[Sequence[Rows]],
    ) -> None:
        self.variant, self.parts, self.counts = variant, parts, counts
        self.heads = _heads(parts, probes)
        self.starts = np.cumsum([0, *(-(-count // BLOCK) for count in counts)])
        self.uppers = np.empty((len(probes), self.starts[-1]), dtype=np.float32)
        self.shares = _shares(parts, counts)
        self._again = 0  # blocks

    def bound(self, left: Iterator[Share], whole: bool) -> None:
        for at, start, stop in left:
            part = self.parts[at]
            rows = (part.words, part.dimension, self.counts[at])
            ends = self.uppers.reshape(-1)[self.starts[at] :]
            _scan.bounds(self.variant, *rows, start, stop, self.heads[at], whole, ends, self.uppers.shape[1])

    def pieces(self, blocks: Places) -> list[Piece]:
        """These blocks of all parts, ascending, as numbers within their parts, in pieces that threads take as they come to them."""
        self._again += len(blocks)
        ends = np.searchsorted(blocks, self.starts)
        return [
            (at, blocks[first : min(first + PIECE, end)] - self.starts[at])
            for at, (start, end) in enumerate(pairwise(ends.tolist()))
            for first in range(start, end, PIECE)
        ]

    def finish(self, number: int, found: _Found, left: Iterator[Piece], bar: float) -> None:
        """The rows of these blocks whose upper ends reach the bar."""
        for at, blocks in left:
            part = self.parts[at]
            rows = (part.words, part.dimension, self.counts[at])
            places = np.empty(BLOCK * len(blocks), dtype=np.int64)
            lows, highs = np.empty((2, len(places)), dtype=np.float32)
            count = _scan.finish(self.variant, *rows, blocks, self.heads[at][number], bar, places, lows, highs)
            found.add(places[:count] + self.starts[at] * BLOCK, lows[:count], highs[:count])

    def read_bytes(self, whole: bool) -> int:
        """What was read of the parts: of all blocks the high halves or both, and again those that were looked at closer."""
        high, both = (sum(half[0].nbytes for half in self.parts[0].halves[:many]) for many in (1, 2))
        return int(int(self.starts[-1]) * (both if whole else high) + self._again * both)

    def wipe(self) -> None:
        for used in self.heads:
            used.fill(0)


class _Found:
    """The rows that were met, as numbers over all parts, with the ends of their intervals."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._all: list[tuple[Places, Rows, Rows]] = []

    def add(self, numbers: Places, lows: Rows, highs: Rows) -> None:
        self._all.append((numbers, lows, highs))

    def bar(self) -> float:
        """What as many rows reach as are wanted."""
        lows = np.concatenate([each for _, each, _ in self._all])
        return float(np.partition(lows, len(lows) - self._wanted)[len(lows) - self._wanted])

    def places(self, starts: Places) -> list[Places]:
        """Part by part, those that reach the bar of all that were met: in whatever order, and by how many threads, they were."""
        numbers, highs = (np.concatenate([each[which] for each in self._all]) for which in (0, 2))
        numbers = np.sort(numbers[highs >= self.bar()])
        ends = np.searchsorted(numbers, starts)
        return [numbers[start:end] - first for first, (start, end) in zip(starts, pairwise(ends), strict=False)]


def _shares(parts: Sequence[KernelCodes], counts: Sequence[int]) -> list[Share]:
    """What is read, in pieces that the threads take as they come to them: a core that others use takes fewer."""
    shares: list[Share] = []
    for at, (part, count) in enumerate(zip(parts, counts, strict=True)):
        blocks = -(-count // BLOCK)
        step = max(1, SHARE // part.halves[0][0].nbytes)
        shares += [(at, start, min(start + step, blocks)) for start in range(0, blocks, step)]
    return shares


def _heads(parts: Sequence[KernelCodes], probes: Sequence[Sequence[Rows]]) -> list[Heads]:
    """For each part its probes as the kernel reads them; one array for parts of one turn."""
    made: dict[tuple[int, ...], Heads] = {}
    heads = []
    for part_no, part in enumerate(parts):
        turns = [probe[part_no] for probe in probes]
        key = (part.dimension, *(id(turn) for turn in turns))
        if key not in made:
            made[key] = _coded(np.stack(turns), part.dimension)
        heads.append(made[key])
    return heads


def _padded(dimension: int) -> int:
    return (dimension + 31) // 32 * 32


def _coded(probes: Rows, dimension: int) -> Heads:
    """Probes (n × dimension) as scale, codes and rest: see `_scan.c`. Rounded so that no interval gets too narrow."""
    exact = probes.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", exact, exact))
    if probes.shape[1] != dimension or not (np.abs(lengths - 1) <= LONGEST - 1).all():
        raise Fault(f"A probe of {probes.shape[1]} numbers came to rows of {dimension}, or it has not the length 1.")
    sizes = np.abs(exact)
    scales = np.maximum(sizes.max(axis=1) / GREATEST, sizes.sum(axis=1) / (MOST - dimension)).astype(np.float32)
    exact /= scales[:, None]
    codes = np.clip(np.rint(exact), -GREATEST, GREATEST)
    high = np.floor_divide(codes + 64, 128)
    padded = _padded(dimension)
    heads = np.zeros((len(probes), 4 * TERMS + 2 * padded), dtype=np.uint8)
    heads[:, 4 * TERMS :].view(np.int8)[:, :dimension] = high
    heads[:, 4 * TERMS + padded :].view(np.int8)[:, :dimension] = codes - 128 * high
    terms, starts = heads[:, : 4 * TERMS].view(np.float32), heads[:, : 4 * TERMS].view(np.uint32)
    for at, whole, step in ((0, codes, 1), (4, high, 128)):
        left = exact - step * whole
        rests = np.sqrt(np.einsum("ij,ij->i", left, left)) * (scales * (1 + 2.0**-20))
        terms[:, at] = scales * step
        terms[:, at + 1] = (lengths + rests) * (1 + 2.0**-20)
        terms[:, at + 2] = rests * LONGEST + SLACK
        starts[:, at + 3] = (-128 * whole.sum(axis=1)).astype(np.int64) % 2**32
        left.fill(0)
    terms[:, 8:11] = terms[:, 4:7]  # the coarse ones: a half has 16 times the step, and twice (half − 7.5) is whole
    terms[:, 8] *= 8
    starts[:, 11] = (-15 * high.sum(axis=1)).astype(np.int64) % 2**32
    for one in (exact, sizes, codes, high):  # what the heap would keep of a template
        one.fill(0)
    return heads
