"""One sealed file of turned rows: each of its frames is authenticated, and a part of the rows is read without the rest.

    head      magic, id, rows, dimension, rows in a frame, length of frame 0; then the file's key, sealed
    frame 0   the shelf, and the mark of the secret that the rows are turned by
    frame 1   the face numbers, int64
    frame 2…  the rows, float32, as many in each as the head says, fewer in the last

AES-256-GCM under a key that no other file has. The nonce is the frame's number: each is sealed once under that key. The
associated data are the head and the number, so no frame passes for another, and a file cut short or made longer is none.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from beholden.errors import BeholdenError, SegmentBroken
from beholden.index.scanning import Numbers, Rows
from beholden.ports.index import Shelf
from beholden.ports.keys import Keys

MAGIC = b"BHSEGMT1"
HEAD = struct.Struct("<8s16sQIII")
SEALED_KEY_BYTES = 60  # nonce, key, tag
TAG_BYTES = 16
KEY_BYTES = 32
FRAME_BYTES = 8_192  # of rows: to open one takes some 3 µs, hardly more than the call
SLAB_BYTES = 4 << 20  # read at a time when all of a file is
CONTEXT = "index/segment"
SHELF, NUMBERS, FIRST = 0, 1, 2  # the frames


def key_name(id: str) -> str:
    """In the key store, of the key under which the file's own is sealed."""
    return f"segment/{id}"


def sealed_key_of(path: Path) -> bytes | None:
    """The file's own key as it lies sealed in it; None where there is no such file."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD.size + SEALED_KEY_BYTES)[HEAD.size :]
    except FileNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where each frame of a file lies."""

    head: bytes
    count: int
    dimension: int
    frame_rows: int
    shelf_bytes: int  # of frame 0, sealed

    @property
    def start(self) -> int:
        return HEAD.size + SEALED_KEY_BYTES

    @property
    def frames(self) -> int:
        return FIRST + -(-self.count // self.frame_rows)

    @property
    def stride(self) -> int:
        return self.frame_rows * self.dimension * 4 + TAG_BYTES

    def place(self, frame: int) -> tuple[int, int]:
        """Offset and length of a frame as it lies sealed."""
        if frame == SHELF:
            return self.start, self.shelf_bytes
        numbers = self.start + self.shelf_bytes
        if frame == NUMBERS:
            return numbers, 8 * self.count + TAG_BYTES
        rows = numbers + 8 * self.count + TAG_BYTES
        return rows + (frame - FIRST) * self.stride, self.rows_in(frame) * self.dimension * 4 + TAG_BYTES

    def rows_in(self, frame: int) -> int:
        return min(self.frame_rows, self.count - (frame - FIRST) * self.frame_rows)

    @property
    def bytes(self) -> int:
        offset, length = self.place(self.frames - 1)
        return offset + length


def _nonce(frame: int) -> bytes:
    return frame.to_bytes(12, "little")


def _bound(plan: _Plan, frame: int) -> bytes:
    return plan.head + frame.to_bytes(8, "little")


class Segment:
    """A sealed file that was opened: what is on it is known, its rows are read when they are asked for."""

    def __init__(self, path: Path, id: str, keys: Keys) -> None:
        """Raises `SegmentBroken` unless the file is, byte for byte as far as it is read here, the one that was written."""
        self.path, self.id = path, id
        try:
            with path.open("rb") as file:
                head = file.read(HEAD.size)
                if len(head) != HEAD.size:
                    raise self._broken("it is cut short")
                magic, raw, count, self.dimension, frame_rows, shelf_bytes = HEAD.unpack(head)
                self._plan = plan = _Plan(head, count, self.dimension, frame_rows, shelf_bytes)
                if magic != MAGIC or raw.hex() != id or not (count and self.dimension and frame_rows):
                    raise self._broken("its head is not as it was written")
                sealed_key = file.read(SEALED_KEY_BYTES)
                self.bytes = os.fstat(file.fileno()).st_size
                if self.bytes != plan.bytes:
                    raise self._broken(f"it has {self.bytes} bytes and not {plan.bytes}")
                key = keys.open(key_name(id), sealed_key, CONTEXT)
                self._cipher = AESGCM(key)
                described = json.loads(self._opened(SHELF, file.read(shelf_bytes)))
                self.shelf = Shelf(*described["shelf"])
                self.mark = bytes.fromhex(described["mark"])
                numbers = self._opened(NUMBERS, file.read(plan.place(NUMBERS)[1]))
                self.face_nos: Numbers = np.frombuffer(numbers, dtype="<i8").astype(np.int64)  # by place
        except SegmentBroken:
            raise
        except (OSError, BeholdenError) as error:
            raise self._broken(str(error)) from error

    @property
    def count(self) -> int:
        return self._plan.count

    @property
    def there(self) -> bool:
        """Whether its file is, as long as it was written; nothing of it is read."""
        try:
            return self.path.stat().st_size == self.bytes
        except OSError:
            return False

    def rows(self, places: NDArray[np.integer]) -> Rows:
        """The rows at these places, in their order; only the frames that hold them are opened.

        Raises `SegmentBroken` for a frame that is not as it was written, and once the file was rewritten or removed.
        """
        plan = self._plan
        found: Rows = np.empty((len(places), self.dimension), dtype=np.float32)
        if not len(places):
            return found
        if places.min() < 0 or places.max() >= plan.count:
            raise IndexError(f"a segment of {plan.count} rows has no place {places.min()} or {places.max()}")
        frames, within = np.divmod(places, plan.frame_rows)
        frame: Rows = np.empty((plan.frame_rows, self.dimension), dtype=np.float32)
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                for number in np.unique(frames).tolist():
                    offset, length = plan.place(FIRST + number)
                    inside = frame[: plan.rows_in(FIRST + number)]
                    self._open_into(FIRST + number, os.pread(handle, length, offset), inside)
                    asked = frames == number
                    found[asked] = frame[within[asked]]
            finally:
                os.close(handle)
        except OSError as error:
            raise self._broken(str(error)) from error
        frame.fill(0)
        return found

    def each(self, into: Rows | None = None) -> Iterator[tuple[int, Rows]]:
        """(first place, rows), some thousands at a time: at their places in `into`, or in an array of their own.

        Raises `SegmentBroken` as `rows` does.
        """
        plan = self._plan
        at_once = max(1, SLAB_BYTES // plan.stride)
        try:
            with self.path.open("rb", buffering=0) as file:
                for start in range(FIRST, plan.frames, at_once):
                    frames = range(start, min(start + at_once, plan.frames))
                    first, end = plan.place(frames[0])[0], sum(plan.place(frames[-1]))
                    slab = memoryview(os.pread(file.fileno(), end - first, first))
                    place = (start - FIRST) * plan.frame_rows
                    count = sum(plan.rows_in(frame) for frame in frames)
                    rows: Rows = np.empty((count, self.dimension), np.float32) if into is None else into[place:][:count]
                    for done, frame in enumerate(frames):
                        sealed = slab[done * plan.stride : (done + 1) * plan.stride]
                        self._open_into(frame, sealed, rows[done * plan.frame_rows : (done + 1) * plan.frame_rows])
                    yield place, rows
        except OSError as error:
            raise self._broken(str(error)) from error

    def _open_into(self, frame: int, sealed: bytes | memoryview, rows: Rows) -> None:
        """The rows of one frame into an array of just so many."""
        if len(sealed) != rows.nbytes + TAG_BYTES:
            raise self._broken("it is cut short")
        try:
            plain = rows.reshape(-1).view(np.uint8)
            self._cipher.decrypt_into(_nonce(frame), sealed, _bound(self._plan, frame), plain.data)
        except InvalidTag:
            raise self._broken("a byte of it was changed") from None

    def _opened(self, frame: int, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(frame), sealed, _bound(self._plan, frame))
        except InvalidTag:
            raise self._broken("a byte of it was changed") from None

    def _broken(self, why: str) -> SegmentBroken:
        return SegmentBroken(
            f"{self.path} is not as the index wrote it ({why}): its rows are made from the records again."
        )


def write_frames(
    file: BinaryIO, id: str, keys: Keys, shelf: Shelf, mark: bytes, face_nos: Numbers, blocks: Iterable[Rows]
) -> None:
    """Write one file whose key is in the key store already. `blocks` are its rows in order, in arrays of any length.

    Raises `ValueError` unless there are as many rows as face numbers, at least one, all of one dimension.
    """
    waiting = iter(blocks)
    first = next(waiting, None)
    if first is None or not len(face_nos):
        raise ValueError("a segment has at least one row")
    dimension = first.shape[1]
    key = os.urandom(KEY_BYTES)
    cipher = AESGCM(key)
    described = json.dumps({"shelf": [shelf.gallery_id, shelf.source_id, shelf.space_id], "mark": mark.hex()}).encode()
    frame_rows = max(1, FRAME_BYTES // (4 * dimension))
    shelf_bytes = len(described) + TAG_BYTES
    head = HEAD.pack(MAGIC, bytes.fromhex(id), len(face_nos), dimension, frame_rows, shelf_bytes)
    plan = _Plan(head, len(face_nos), dimension, frame_rows, shelf_bytes)
    file.write(head + keys.seal(key_name(id), key, CONTEXT))
    for frame, plain in ((SHELF, described), (NUMBERS, face_nos.astype("<i8").tobytes())):
        file.write(cipher.encrypt(_nonce(frame), plain, _bound(plan, frame)))
    frame = FIRST
    for rows in _evenly(first, waiting, frame_rows, dimension):
        if frame >= plan.frames or len(rows) != plan.rows_in(frame):
            raise ValueError(f"{len(face_nos)} rows were announced, and others came")
        file.write(cipher.encrypt(_nonce(frame), rows.reshape(-1).view(np.uint8).data, _bound(plan, frame)))
        frame += 1
    if frame != plan.frames:
        raise ValueError(f"{len(face_nos)} rows were announced, and fewer came")


def _evenly(first: Rows, others: Iterator[Rows], frame_rows: int, dimension: int) -> Iterator[Rows]:
    """The rows of all blocks, so many at a time."""
    left: Rows = np.empty((0, dimension), dtype=np.float32)
    block: Rows | None = first
    while block is not None:
        if block.ndim != 2 or block.shape[1] != dimension:
            raise ValueError(f"rows of {dimension} numbers were expected, not {block.shape}")
        rows = np.ascontiguousarray(np.concatenate([left, block]) if len(left) else block, dtype="<f4")
        whole = len(rows) - len(rows) % frame_rows
        for start in range(0, whole, frame_rows):
            yield rows[start : start + frame_rows]
        left = rows[whole:].copy()
        block = next(others, None)
    if len(left):
        yield left
