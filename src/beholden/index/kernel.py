"""A first pass in whole numbers of 8 bits by the kernel in `_scan.c`, whose comment derives the interval around a score.

Installed where a C compiler was there; which of its variants runs is chosen by what the processor can do.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault
from beholden.index import _scan
from beholden.index.scanning import LONGEST, MAX_THREADS, Codes, Places, Rows, checked, everything, threads_here

LANES = 64  # rows of a block
SLACK = 2.0**-17  # what float32 may round off an estimate and its interval; see _scan.c
GREATEST = 127 * 128  # of a probe's codes, which the kernel reads as two parts of 8 bits
MOST = 16_900_000  # the sum of a probe's codes without signs: times 127 it is less than 2³¹
SHARE = 2**21  # bytes of codes that a thread takes at a time

Words = NDArray[np.uint32]
Heads = NDArray[np.void]
Share = tuple[int, int, int]  # part, first place, the place behind the last


class KernelCodes:
    """Blocks as `_scan.c` describes them. Implements `scanning.Codes`."""

    def __init__(self, dimension: int, capacity: int) -> None:
        self.count = 0
        self.dimension = dimension
        self.capacity = capacity
        fours = _padded(dimension) // 4 + 2
        blocks = -(-capacity // LANES)
        self.nbytes = blocks * fours * LANES * 4
        room = np.zeros(self.nbytes // 4 + 16, dtype=np.uint32)
        start = -room.ctypes.data % 64 // 4  # a line of the cache is never shared by two loads
        self.words: Words = room[start : start + self.nbytes // 4].reshape(blocks, fours, LANES)
        self._used = 0  # places from here on were never written

    def put(self, place: int, rows: Rows) -> None:
        checked(place, rows, self.capacity, self.dimension)
        _scan.put(self.words, self.dimension, place, np.ascontiguousarray(rows))
        self._used = max(self._used, place + len(rows))

    def move(self, sources: Places, targets: Places) -> None:
        moved = self.words[sources // LANES, :, sources % LANES]
        self.words[targets // LANES, :, targets % LANES] = moved

    def cut(self, count: int) -> None:
        block, lane = divmod(count, LANES)
        self.words[block : block + 1, :, lane:] = 0
        self.words[block + 1 : -(-self._used // LANES)] = 0
        self.count = self._used = count


class KernelScanner:
    """Implements `scanning.Scanner`. Raises `Fault` for a variant that does not run on this processor."""

    def __init__(self, variant: str = "") -> None:
        here = _scan.variants()
        if variant and variant not in here:
            raise Fault(
                f"The kernel's variant {variant!r} does not run on this processor: take one of {', '.join(here)}."
            )
        self.variant = variant or here[0]
        self.name = f"kernel {self.variant}"
        self._pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="scan")  # starts none before it is needed

    def row_bytes(self, dimension: int) -> float:
        return _padded(dimension) + 8.0

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
        limits = [wanted[at] for at in asked]
        heads = _heads(held, [probes[at] for at in asked])
        shares = _shares(held, counts)
        helpers = min(threads or threads_here(), len(shares)) - 1
        left = iter(shares)
        lists = [_Lists(limits) for _ in range(helpers + 1)]
        others = [self._pool.submit(self._pass, held, heads, left, one) for one in lists[1:]]
        self._pass(held, heads, left, lists[0])
        for other in others:
            if not other.cancel():  # one that has not begun finds nothing left to do
                other.result()
        for used in heads:
            used.fill(0)
        for at, place in enumerate(asked):
            shown[place] = _best(lists, at, limits[at], len(held))
        return shown

    def _pass(
        self, parts: Sequence[KernelCodes], heads: Sequence[Heads], shares: Iterator[Share], lists: _Lists
    ) -> None:
        for part_no, start, stop in shares:
            part = parts[part_no]
            while start < stop:
                start = _scan.scan(
                    self.variant,
                    part.words,
                    part.dimension,
                    start,
                    stop,
                    part_no,
                    heads[part_no].view(np.uint8),
                    lists.state,
                    lists.heap,
                    lists.found,
                    lists.highs,
                )
                if start < stop:
                    lists.widen()


class _Lists:
    """What one thread keeps for each probe: the `wanted` greatest lower ends, and every row that may reach them."""

    def __init__(self, wanted: Sequence[int]) -> None:
        self.state = np.zeros((len(wanted), 6), dtype=np.int64)
        self._heap_at, self.wanted, self.held, self._found_at, self._room, self.shown = self.state.T
        self.wanted[:] = wanted
        self._heap_at[1:] = np.cumsum(self.wanted)[:-1]
        self._room[:] = 4 * self.wanted + 1024
        self._found_at[1:] = np.cumsum(self._room)[:-1]
        self.heap = np.zeros(int(self.wanted.sum()), dtype=np.float32)
        self.found = np.zeros(int(self._room.sum()), dtype=np.int64)
        self.highs = np.zeros(len(self.found), dtype=np.float32)

    def widen(self) -> None:
        """Twice the room, for those that have used half of theirs."""
        old = [self.of(at) for at in range(len(self.state))]
        self._room[:] = np.where(self.shown * 2 >= self._room, self._room * 2, self._room)
        self._found_at[1:] = np.cumsum(self._room)[:-1]
        self.found = np.zeros(int(self._room.sum()), dtype=np.int64)
        self.highs = np.zeros(len(self.found), dtype=np.float32)
        for at, (_, found, highs) in enumerate(old):
            start = self._found_at[at]
            self.found[start : start + len(found)], self.highs[start : start + len(found)] = found, highs

    def of(self, at: int) -> tuple[Rows, NDArray[np.int64], Rows]:
        """Of that probe: the lower ends, the rows (part and place in one number) and their upper ends."""
        heap, start = self._heap_at[at], self._found_at[at]
        end = start + self.shown[at]
        return self.heap[heap : heap + self.held[at]], self.found[start:end], self.highs[start:end]


def _best(lists: Sequence[_Lists], at: int, limit: int, parts: int) -> list[Places]:
    """The second cut: by the bar of all threads together."""
    lows, found, highs = (np.concatenate(each) for each in zip(*(one.of(at) for one in lists), strict=True))
    bar = np.partition(lows, len(lows) - limit)[len(lows) - limit]
    found = np.sort(found[highs >= bar])
    ends = np.searchsorted(found, np.arange(parts + 1, dtype=np.int64) << 32)
    return [found[start:end] & 0xFFFFFFFF for start, end in pairwise(ends)]


def _shares(parts: Sequence[KernelCodes], counts: Sequence[int]) -> list[Share]:
    """What is read, in pieces that the threads take as they come to them: a core that others use takes fewer."""
    shares: list[Share] = []
    for part_no, (part, count) in enumerate(zip(parts, counts, strict=True)):
        step = max(1, SHARE // (part.words[0].nbytes)) * LANES
        shares += [(part_no, start, min(start + step, count)) for start in range(0, count, step)]
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
    return (dimension + 7) // 8 * 8


@functools.cache
def _head(dimension: int) -> np.dtype[np.void]:
    """`Head` of `_scan.c`, and the codes behind it."""
    padded = _padded(dimension)
    terms = [("scale", np.float32), ("near", np.float32), ("b", np.float32), ("start", np.uint32)]
    codes = [("codes", np.int16, padded), ("high", np.int8, padded), ("low", np.int8, padded)]
    return np.dtype([("fine", terms), ("coarse", terms), *codes])


def _coded(probes: Rows, dimension: int) -> Heads:
    """Probes (n × dimension) as scale, codes and rest: see `_scan.c`. Rounded so that no interval gets too narrow."""
    exact = probes.astype(np.float64)
    lengths = np.sqrt((exact * exact).sum(axis=1))
    if probes.shape[1] != dimension or not (np.abs(lengths - 1) <= LONGEST - 1).all():
        raise Fault(f"A probe of {probes.shape[1]} numbers came to rows of {dimension}, or it has not the length 1.")
    sizes = np.abs(exact)
    scales = np.maximum(sizes.max(axis=1) / GREATEST, sizes.sum(axis=1) / (MOST - dimension)).astype(np.float32)
    codes = np.clip(np.rint(exact / scales[:, None]), -GREATEST, GREATEST).astype(np.int64)
    high = (codes + 64) // 128
    heads = np.zeros(len(probes), dtype=_head(dimension))
    heads["codes"][:, :dimension] = codes
    heads["high"][:, :dimension] = high
    heads["low"][:, :dimension] = codes - 128 * high
    for terms, whole, step in ((heads["fine"], codes, 1), (heads["coarse"], high, 128)):
        left = exact - whole * (scales[:, None].astype(np.float64) * step)
        rests = np.sqrt((left * left).sum(axis=1)) * (1 + 2.0**-20)
        terms["scale"] = scales * step
        terms["near"] = (lengths + rests) * (1 + 2.0**-20)
        terms["b"] = rests * LONGEST + SLACK
        terms["start"] = -128 * whole.sum(axis=1) % 2**32
        left.fill(0)
    for one in (exact, sizes, codes, high):  # what the heap would keep of a template
        one.fill(0)
    return heads
