"""The sealed segments of the index: which files are in force, and how one is put in force, rewritten and destroyed.

A copy of the records, kept so that a start need not open a million templates one by one. The catalogue is one small
sealed file that is replaced in one step. What it does not name is not there: its key is destroyed, and its file
overwritten and removed, by whoever took it out or by the next start.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholden.durable import overwrite_and_remove, write_whole, written_whole
from beholden.errors import BeholdenError, NoRoom, SegmentBroken
from beholden.index.alone import give_sign, taken
from beholden.index.frames import Segment, key_name, sealed_key_of, write_frames
from beholden.index.scanning import Numbers, Rows
from beholden.ports.index import Shelf
from beholden.ports.keys import Keys

__all__ = ["MAX_ROWS", "InForce", "Rewritten", "Segment", "Segments", "State"]

INDEX = logging.getLogger("beholden.index")

MAX_ROWS = 262_144
CATALOGUE, LOCK, ENDING = "catalogue", "lock", ".segment"
FORMAT = 1
OURS = re.compile(r"[0-9a-f]{32}")  # what is called so has a key
SYSTEM = "system"  # the key of what is of no record: the catalogue tells of none
CONTEXT = "index/catalogue"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What an erasure did to segments. A segment with none in its place left no row on disk."""

    replaced: tuple[tuple[Segment, Segment | None], ...]
    destroyed: tuple[bytes, ...]  # wrapped and sealed keys as they lay on disk: the needles of a byte scan


State = tuple[int, int, int]  # of a catalogue: each that is put in its place has another one


@dataclass(frozen=True, slots=True)
class InForce:
    """What one catalogue names, as far as it could be read."""

    segments: tuple[Segment, ...]
    applied: int  # the `change_no` that they reached; -1 where there is nothing, or nothing to trust
    stamp: str  # by which who wrote it knows the records that it was made of; the index asks nothing of it
    state: State | None  # None: there is no catalogue


@dataclass(frozen=True, slots=True)
class _Catalogue:
    applied: int = -1
    ids: tuple[str, ...] = ()
    stamp: str = ""


class Segments:
    """The files in one folder. Several processes may have it; whoever changes anything does so inside `writing`.

    Who only reads waits for nobody: the catalogue is one file, and where one that it names has gone meanwhile, there is
    another catalogue to be read.
    """

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.folder = folder
        self.doubt = ""  # why something that was in force was thrown away, since this was opened; empty if nothing was
        self._damaged = ""  # what of it was damage, until `check` told it
        self._keys = keys
        self._lock = threading.RLock()  # of who writes, in this process
        self._looks = threading.RLock()  # of what is known here; never held while anything is waited for
        self._depth = 0
        self._handle = -1
        self._known: dict[str, Segment] = {}
        self._seen = _Catalogue()
        self._signed: State | None = None  # of the catalogue that was read; None: of none

    @contextmanager
    def writing(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else changes anything meanwhile, in whatever process; may be entered again inside.

        Whoever writes what the index holds first brings the index up to the records, inside: an erasure is on record
        before it comes here, so it either is applied by then or finds what was written. Not to `wait` is to be told
        False, where somebody else is inside: then the block must change nothing. Raises `Locked` where another process is
        inside and does nothing for `alone.PATIENCE_S`.
        """
        if not self._lock.acquire(blocking=wait):
            yield False
            return
        try:
            if self._depth == 0:
                handle = taken(self.folder / LOCK, wait=wait)
                if handle is None:
                    yield False
                    return
                self._handle = handle
            self._depth += 1
            try:
                yield True
            finally:
                self._depth -= 1
                if self._depth == 0:
                    os.close(self._handle)  # and with it the lock
        finally:
            self._lock.release()

    def in_force(self) -> InForce:
        """What is in force. A segment that is not as it was written is left out, and `doubt` says why.

        It is thrown away at once, or, where somebody writes just now, by the next who writes.
        """
        while True:
            with self._looks:
                self._read()
                seen, state = self._seen, self._signed
                broken = {}
                for id in seen.ids:
                    if id not in self._known:
                        try:
                            self._known[id] = Segment(self._path(id), id, self._keys)
                        except SegmentBroken as error:
                            broken[id] = str(error)
                found = tuple(self._known[id] for id in seen.ids if id not in broken)
            if broken:
                if self._signature() != state:  # another process took them away meanwhile: that is no damage
                    continue
                self._found_damaged(" ".join(broken.values()))
                with self.writing(wait=False) as ours:
                    if ours:
                        self._read()
                        self._take_out([id for id in broken if id in self._seen.ids])
                        continue
            return InForce(found, seen.applied if found else -1, seen.stamp, state)

    def listed(self) -> tuple[list[Segment], int]:
        """What is in force and the `change_no` it reached; none and -1 where there is nothing, or nothing to trust."""
        now = self.in_force()
        return list(now.segments), now.applied

    def cast_out(self, segment: Segment, why: str) -> None:
        """Throw away a segment of which a row could not be read: what it held is made from the records again.

        Where somebody writes just now it stays: it is as broken for whoever reads it next.
        """
        with self.writing(wait=False) as ours:
            if ours:
                self._read()
                if segment.id in self._seen.ids:
                    self._found_damaged(why)
                    self._take_out([segment.id])

    def write(self, shelf: Shelf, mark: bytes, face_nos: Numbers, rows: Rows | Iterable[Rows]) -> Segment:
        """A new file, durable on return, in force only by `put_in_force`. `rows` may come in arrays one after another.

        To be called inside `writing`. Raises `NoRoom`; then nothing of it is left.
        """
        if not self._depth:
            raise RuntimeError("a segment is written inside `writing`: another process would sweep it away")
        if len(face_nos) > MAX_ROWS:
            raise ValueError(f"a segment has {MAX_ROWS} rows at most, not {len(face_nos)}")
        give_sign(self._handle)
        id = secrets.token_hex(16)
        path = self._path(id)
        self._keys.create([key_name(id)])
        try:
            with written_whole(path) as file:
                blocks = [rows] if isinstance(rows, np.ndarray) else rows
                write_frames(file, id, self._keys, shelf, mark, face_nos, blocks)
            return Segment(path, id, self._keys)
        except BaseException:
            with suppress(BeholdenError):  # what is left of it, the next start sweeps away
                self._destroy([id])
            raise

    def discard(self, segment: Segment) -> None:
        """Destroy one that was written and will not be put in force: its rows changed meanwhile."""
        with self.writing():
            self._destroy([segment.id])

    def put_in_force(self, segments: Sequence[Segment], applied: int, stamp: str = "") -> tuple[bytes, ...]:
        """From now on these and no others hold, up to this change. Those no longer named are destroyed.

        To be called inside the same `writing` in which the new ones were written. Returns the keys of what was destroyed,
        wrapped and sealed as they lay on disk: the needles of a byte scan. Raises `SegmentBroken` for one whose file has
        gone, and what was in force is.
        """
        with self.writing():
            for segment in segments:
                if not self._path(segment.id).is_file():
                    raise SegmentBroken(f"{segment.path} was taken away: what it held is made from the records again.")
            self._read()
            before = self._seen.ids
            self._replace(applied, tuple(segment.id for segment in segments), stamp)
            with self._looks:
                self._known.update((segment.id, segment) for segment in segments)
            # And what was written here and then not put in force, since it changed meanwhile.
            return (*self._destroy([id for id in before if id not in self._seen.ids]), *self._sweep())

    def without(self, face_nos: Sequence[int]) -> Rewritten:
        """Rewrite the segments that hold any of these, under new keys, and destroy the old ones: for an erasure.

        Where there is no room for the new file, or the old one is broken, the segment goes without one in its place.
        """
        gone = np.asarray(sorted(face_nos), dtype=np.int64)
        replaced: list[tuple[Segment, Segment | None]] = []
        with self.writing():
            listed, _ = self.listed()
            swept = self._sweep()  # a crash may have left what an earlier try at this erasure took out of force
            ids = []
            for segment in listed:
                staying = ~np.isin(segment.face_nos, gone)
                new: Segment | None = segment
                if not staying.all():
                    new = self._rewritten(segment, staying)
                    replaced.append((segment, new))
                ids += [new.id] if new is not None else []
            if not replaced:
                return Rewritten((), swept)
            self._replace(self._seen.applied, tuple(ids), self._seen.stamp)
            return Rewritten(tuple(replaced), (*swept, *self._destroy([segment.id for segment, _ in replaced])))

    def clear(self) -> None:
        """Nothing is in force any more."""
        with self.writing():
            self._read()
            self._take_out(self._seen.ids)

    def check(self) -> int:
        """Read every byte of every segment in force; how many rows they have.

        Raises `SegmentBroken` for one that was changed: it is thrown away, and its rows are made from the records. And
        once for what was found so, and thrown away, since this was opened.
        """
        while True:
            now = self.in_force()
            if self._damaged:
                why, self._damaged = self._damaged, ""
                raise SegmentBroken(why)
            try:
                for segment in now.segments:
                    anew = Segment(segment.path, segment.id, self._keys)  # its head and numbers too, as they lie there
                    for _, rows in anew.each():
                        rows.fill(0)
            except SegmentBroken as error:
                if self.state != now.state:  # an erasure may take a file away meanwhile: that is no damage
                    continue
                self.cast_out(segment, str(error))
                self._damaged = ""
                raise
            return sum(segment.count for segment in now.segments)

    def tidy(self) -> set[str]:
        """Remove what a crash left and nothing names: files and their keys. The names of the keys of those in force."""
        if not self.folder.is_dir():
            return set()
        with self.writing():
            self._read()
            self._sweep()
            return {key_name(id) for id in self._seen.ids}

    @property
    def changed(self) -> bool:
        """Whether another process changed what is in force since this one looked."""
        return self._signature() != self._signed

    @property
    def state(self) -> State | None:
        """Of the catalogue as it lies there now: another one after each change, by whatever process; None without one."""
        return self._signature()

    @property
    def size(self) -> int:
        """Bytes on disk, of all that is in force."""
        with self._looks:
            return sum(self._known[id].bytes for id in self._seen.ids if id in self._known)

    def _found_damaged(self, why: str) -> None:
        if why != self._damaged:  # once, not at every look
            INDEX.error("%s", why)
        self.doubt = self._damaged = why

    def _rewritten(self, segment: Segment, staying: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Segment | None:
        if not staying.any():
            return None
        left = (rows[staying[first : first + len(rows)]] for first, rows in segment.each())
        some = (rows for rows in left if len(rows))
        try:
            return self.write(segment.shelf, segment.mark, segment.face_nos[staying], some)
        except (NoRoom, SegmentBroken) as error:
            self.doubt = str(error)
            return None

    def _sweep(self) -> tuple[bytes, ...]:
        """Whoever writes holds the lock that we hold: what nothing names was left by a crash.

        A folder or a link is nothing of ours: it stays, and keeps nobody from being erased.
        """
        left = [path for path in sorted(self.folder.iterdir()) if path.name not in (CATALOGUE, LOCK)]
        left = [path for path in left if path.name.partition(".")[0] not in self._seen.ids or path.suffix != ENDING]
        left = [path for path in left if path.is_file() and not path.is_symlink()]
        ids = {path.name.partition(".")[0] for path in left}
        needles = self._destroy(sorted(id for id in ids - {*self._seen.ids} if OURS.fullmatch(id)))
        for path in left:
            if path.exists():
                overwrite_and_remove(path)
        return needles

    def _take_out(self, ids: Sequence[str]) -> None:
        self._replace(self._seen.applied, tuple(id for id in self._seen.ids if id not in ids), self._seen.stamp)
        self._destroy(ids)

    def _destroy(self, ids: Sequence[str]) -> tuple[bytes, ...]:
        """The key first: without it the file is nothing. The key store is purged by whoever shows that it is clean."""
        needles = [*self._keys.destroy([key_name(id) for id in ids])]
        for id in ids:
            with self._looks:
                self._known.pop(id, None)
            if (sealed := sealed_key_of(self._path(id))) is not None:
                needles.append(sealed)
                overwrite_and_remove(self._path(id))
        return tuple(needles)

    def _read(self) -> None:
        """The catalogue as it lies there now; an empty one in place of one that is not as it was written."""
        with self._looks:
            if self._signature() == self._signed:
                return
            self._seen = _Catalogue()
            try:
                with open(self.folder / CATALOGUE, "rb") as file:
                    self._signed = _signed(os.fstat(file.fileno()))
                    told_ = json.loads(self._keys.open(SYSTEM, file.read(), CONTEXT))
                if told_["format"] != FORMAT:
                    raise SegmentBroken(f"{self.folder} was written by another version of the index")
                self._seen = _Catalogue(told_["applied"], tuple(told_["segments"]), told_.get("stamp", ""))
            except FileNotFoundError:
                self._signed = None
            except (OSError, BeholdenError) as error:
                self._found_damaged(f"the catalogue of {self.folder} is not as it was written ({error}).")
            self._known = {id: one for id, one in self._known.items() if id in self._seen.ids}

    def _replace(self, applied: int, ids: tuple[str, ...], stamp: str) -> None:
        new = _Catalogue(applied if ids else -1, ids, stamp)
        content = {"format": FORMAT, "applied": new.applied, "segments": ids, "stamp": stamp}
        write_whole(self.folder / CATALOGUE, self._keys.seal(SYSTEM, json.dumps(content).encode(), CONTEXT))
        with self._looks:
            self._seen, self._signed = new, self._signature()
            self._known = {id: one for id, one in self._known.items() if id in ids}

    def _signature(self) -> State | None:
        try:
            return _signed(os.stat(self.folder / CATALOGUE))
        except OSError:
            return None

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}{ENDING}"


def _signed(about: os.stat_result) -> State:
    return about.st_ino, about.st_mtime_ns, about.st_size
