"""What the index holds, as sealed segments on disk: written, read back at a start, and rewritten when a face is erased.

A chunk is one segment. While there are few rows they are in memory too; when there are many, the rows of a chunk that has a
segment are read from it, a frame at a time, when a search must score them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import numpy as np

from beholden.errors import SegmentBroken
from beholden.index.chunks import MOST_ROWS, Chunk, capacity_for
from beholden.index.gathering import Gate
from beholden.index.scanning import Numbers, Rows, Scanner, threads_here
from beholden.index.segments import Segment, Segments, State
from beholden.index.shelves import Held, Shelves
from beholden.ports.index import Shelf

SHARE = 8  # of the rows that are in memory where there are few, this part is where there are many
ROUNDS = 2
NOT_OURS: State = (-1, -1, -1)  # of no catalogue


class Copies:
    """Locks are taken in this order: the segments' own, over processes; the index's for changes; the gate.

    Searches restore: that takes no lock over processes, and so waits for nobody who writes.
    """

    def __init__(
        self,
        shelves: Shelves,
        segments: Segments,
        scanner: Scanner,
        changing: threading.RLock,
        gate: Gate,
        resident: int,
    ) -> None:
        self.segments = segments
        self.broken: list[tuple[Segment, str]] = []  # found while a search read them
        self.stamp = ""  # of the catalogue that was restored
        self._agreed: State | None = None  # the catalogue that says what is held, or did
        self._writing_ours = False
        self._restored = 0  # times: what was restored while it was written is not what was written
        self._shelves = shelves
        self._scanner = scanner
        self._changing = changing
        self._gate = gate
        self._resident = resident  # rows: above, only those that are in no segment, and a few more, are in memory

    def restore(self, check_room: Callable[[int], None]) -> tuple[int, int]:
        """Hold what the segments have, and nothing else: how many rows, and the change that they reached.

        A segment is read once: after what another process did, only those that are new, or of which the rows here have
        changed, are read again.
        """
        with self._changing:
            broken = {segment.id for segment, _ in self.broken}
            self._cast_out()
            self._restored += 1
            now = self.segments.in_force()
            listed, applied, self.stamp = now.segments, now.applied, now.stamp
            with_rows = sum(segment.count for segment in listed) <= self._resident
            turns: dict[Shelf, tuple[bytes, int]] = {}
            for segment in listed:
                turns.setdefault(segment.shelf, (segment.mark, segment.dimension))
            good = {one.id for one in listed if turns[one.shelf] == (one.mark, one.dimension)} - broken
            here = {
                id: chunk
                for id, chunk in self._as_sealed().items()
                if id in good and (chunk.rows is not None or not with_rows)
            }
            self._shelves.empty(list(self._shelves.held), but=list(here.values()))
            to_read = [segment for segment in listed if segment.id not in here]
            try:
                check_room(
                    sum(self._shelves.bytes_of(one.count, one.dimension, with_rows=with_rows) for one in to_read)
                )
                here |= self._read(to_read, turns, with_rows=with_rows)
            except BaseException:
                for chunk in here.values():
                    chunk.wipe()
                raise
            filled: dict[Shelf, Held] = {}
            for segment in listed:
                if segment.id in here:
                    held = filled.setdefault(segment.shelf, Held(segment.mark, segment.dimension))
                    held.chunks.append(here[segment.id])
            self._agreed = now.state
            with self.segments.writing(wait=False) as alone:
                if alone and self.segments.state == now.state:  # else they may have been rewritten under our hands
                    self._cast_out()
                    self._agreed = self.segments.state
            self.broken = []
            for shelf, held in filled.items():
                self._shelves.put(shelf, held)
            self._let_rows_go(self._every())
            return sum(self._shelves.counts.values()), applied

    def _as_sealed(self) -> dict[str, Chunk]:
        """By the ids of their segments, the chunks that have just the rows of one, each at its place."""
        backed = ((chunk.segment, chunk) for chunk in self._every() if chunk.kept)
        return {segment.id: chunk for segment, chunk in backed if segment is not None and segment.there}

    def _read(
        self, segments: Sequence[Segment], turns: Mapping[Shelf, tuple[bytes, int]], *, with_rows: bool
    ) -> dict[str, Chunk]:
        """Every byte of them, by as many threads as there are cores: to decrypt and to code rows keeps no other from running.

        What is not as it was written is left out, and noted.
        """

        def read(segment: Segment) -> Chunk | SegmentBroken:
            if turns[segment.shelf] != (segment.mark, segment.dimension) or segment.count > MOST_ROWS:
                return SegmentBroken(f"{segment.path} is not of one shelf with the others.")
            try:
                return Chunk.loaded(self._scanner, segment, with_rows=with_rows)
            except SegmentBroken as error:
                return error

        found = {}
        with ThreadPoolExecutor(threads_here(), thread_name_prefix="segments") as pool:
            for segment, chunk in zip(segments, pool.map(read, segments), strict=True):
                if isinstance(chunk, Chunk):
                    found[segment.id] = chunk
                else:
                    self.broken.append((segment, str(chunk)))
        return found

    def forget(self, *, copy: bool, wait: bool) -> None:
        """Hold nothing; and destroy the `copy`, unless somebody else writes it and is not to be waited for."""
        if not copy:
            with self._changing:
                self._empty()
                self._agreed = self.segments.state
            return
        with self.segments.writing(wait=wait) as alone, self._changing:
            self._empty()
            if alone:
                with self._ours():
                    self.segments.clear()

    def _empty(self) -> None:
        self._shelves.empty(list(self._shelves.held))
        self._restored += 1
        self.broken = []

    def write(self) -> int:
        """A segment for every chunk that has none of just its rows, in force only by `keep`; inside one `writing` with it."""
        with self.segments.writing():
            written = self._write_unkept()
            with self._changing:
                self._let_rows_go(self._every())
        return written

    def keep(self, applied: Callable[[], int], stamp: Callable[[], str]) -> int:
        """Write every chunk that has no segment of just its rows, and put all in force: how many rows were written.

        Nothing waits for the disk meanwhile: what is put in force is what was held at one moment, and a chunk that changed
        since is written again the next time. The `stamp` is asked for after that moment.
        """
        with self.segments.writing():
            # What another process erased would be written again: whoever follows the records restores first.
            if self.stale:
                return 0
            written = sum(self._write_unkept() for _ in range(ROUNDS))  # the many, so that few are left for one moment
            with self._changing:
                reached, restored = applied(), self._restored
                named = [chunk.segment for chunk in self._every() if chunk.kept and chunk.segment is not None]
                late = [(shelf, mark, chunk, self._copied(chunk)) for shelf, mark, chunk in self._unkept()]
            for shelf, mark, chunk, copied in late:
                segment, backs = self._write(shelf, mark, chunk, copied)
                if segment is not None:
                    named.append(segment)
                    written += segment.count
                if not backs:
                    with self._changing, self._noted(chunk):  # the segment from which it is read is about to go
                        if chunk.rows is None and chunk.count:
                            chunk.hold_rows(chunk.with_rows())
            try:
                with self._ours():
                    self.segments.put_in_force(named, reached, stamp())
            except SegmentBroken:  # a file was taken away: whoever follows the records restores, and sees which
                self._agreed = NOT_OURS
                raise
            with self._changing:
                if self._restored == restored:
                    self._let_rows_go(self._every())
                else:  # a search read back what has just been replaced
                    self._agreed = NOT_OURS
        return written

    def expunge(self, face_nos: Sequence[int]) -> Sequence[bytes]:
        """Drop these from memory, and from every segment by writing it anew without them; the keys that were destroyed."""
        numbers = np.unique(np.asarray(face_nos, dtype=np.int64))
        with self.segments.writing():
            with self._changing:
                agreed, restored = self.segments.state == self._agreed, self._restored
                others = self._without(numbers)
            with self._ours() if agreed else nullcontext():
                rewritten = self.segments.without(numbers.tolist())
            new = {old.id: segment for old, segment in rewritten.replaced}
            with self._changing:
                if self._restored != restored:
                    self._agreed = NOT_OURS
                for chunk, changes, old, on_disk in others:
                    segment = new.get(old.id)
                    if segment is not None and chunk.count and chunk.changes == changes:
                        with self._gate.entered():
                            chunk.back(segment)
                            if on_disk:
                                chunk.let_rows_go()
        return rewritten.destroyed

    def _without(self, numbers: Numbers) -> list[tuple[Chunk, int, Segment, bool]]:
        """Take them out of memory. Of the chunks that were as their segment is, and are as it will be written anew:
        how often they changed, that segment, and whether their rows were there alone."""
        others: list[tuple[Shelf, Chunk, Chunk]] = []
        for shelf, chunk, _, places in self._shelves.find(numbers):
            with self._noted(chunk):
                others.append((shelf, chunk, chunk.resized(capacity_for(chunk.count - len(places)), places)))
        told = [
            (other, other.changes, chunk.segment, chunk.rows is None)
            for _, chunk, other in others
            if chunk.kept and chunk.segment is not None
        ]
        self._shelves.replace(others)
        self._shelves.drop(numbers)  # of a chunk that could not be read
        for chunk in self._every():  # dropped before, and not written since: what it is read from is about to go
            if chunk.rows is None and chunk.segment is not None and np.isin(chunk.segment.face_nos, numbers).any():
                with self._noted(chunk):
                    chunk.hold_rows(chunk.with_rows())
        return told

    def resident_of(self, rows: int) -> int:
        """How many of so many rows are in memory themselves, once the others are in segments."""
        return rows if rows <= self._resident else self._resident // SHARE

    @property
    def stale(self) -> bool:
        """Asked by every search: it waits for nobody."""
        for _ in range(2):  # once more, where this process was just about to agree with what it wrote
            seen = self.segments.state
            if not self.broken and (self._writing_ours or seen == self._agreed):
                return False
        return True

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """What is written to the catalogue inside agrees with what is held."""
        self._writing_ours = True
        try:
            yield
            self._agreed = self.segments.state
        finally:
            self._writing_ours = False

    def note(self, chunk: Chunk, error: SegmentBroken) -> None:
        """A row of it cannot be read: the next `restore` throws its segment away."""
        if chunk.segment is not None:
            self.broken.append((chunk.segment, str(error)))

    @contextmanager
    def _noted(self, chunk: Chunk) -> Iterator[None]:
        """An erasure goes on all the same."""
        try:
            yield
        except SegmentBroken as error:
            self.note(chunk, error)

    def _cast_out(self) -> None:
        for segment, why in self.broken:
            self.segments.cast_out(segment, why)
        self.broken = []

    def _write_unkept(self) -> int:
        written = 0
        for shelf, mark, chunk in self._unkept():
            segment, backs = self._write(shelf, mark, chunk, self._copied(chunk))
            written += segment.count if segment is not None and backs else 0
            if segment is not None and not backs:
                self.segments.discard(segment)
        return written

    def _unkept(self) -> list[tuple[Shelf, bytes, Chunk]]:
        with self._changing:
            return [
                (shelf, held.mark, chunk)
                for shelf, held in self._shelves.held.items()
                for chunk in held.chunks
                if not chunk.kept
            ]

    def _copied(self, chunk: Chunk) -> tuple[int, Numbers, Rows]:
        """As it is at this moment: how often it changed, its face numbers and rows."""
        with self._changing:
            try:
                return chunk.changes, chunk.face_nos[: chunk.count].copy(), chunk.rows_at(np.arange(chunk.count))
            except SegmentBroken as error:
                self.note(chunk, error)
                raise

    def _write(
        self, shelf: Shelf, mark: bytes, chunk: Chunk, copied: tuple[int, Numbers, Rows]
    ) -> tuple[Segment | None, bool]:
        """A segment of what was copied, if that was any row; and whether it backs the chunk, which has not changed since."""
        changes, numbers, rows = copied
        if not len(numbers):
            return None, False
        segment = self.segments.write(shelf, mark, numbers, rows)
        rows.fill(0)
        with self._changing:
            backs = chunk.changes == changes
            if backs:
                with self._gate.entered():
                    chunk.back(segment)
        return segment, backs

    def _every(self) -> list[Chunk]:
        return [chunk for held in self._shelves.held.values() for chunk in held.chunks]

    def _let_rows_go(self, every: Sequence[Chunk]) -> None:
        """Above the bound, of those that have a segment; of what is left, the smallest chunks stay, which grow next."""
        rows = sum(chunk.count for chunk in every)
        left = self.resident_of(rows)
        if left == rows:
            return
        for chunk in sorted((one for one in every if one.kept and one.rows is not None), key=lambda one: one.count):
            left -= chunk.count
            if left < 0:
                with self._gate.entered():
                    chunk.let_rows_go()
