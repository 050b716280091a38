"""Templates made before, by the SHA-256 of the photograph's bytes, so that a measurement which was cut short goes on.

One file for each space, only ever appended to: mark, length, checksum, body. A record that does not agree with its
checksum, a torn end too, is passed over and made again. In a system the bodies are sealed, and the photograph's digest with
them: a stolen disk holds no template and confirms no known file.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import math
import mmap
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from beholden.errors import Fault, Locked, NoRoom
from beholden.ports.model import Embedded
from beholden.records.faces import Quality

MARK = b"\x93bhT\r\n\x1a\x01"  # no text, and broken by a change of line ends; the last byte is the version
HEAD = struct.Struct("<8sI32s")  # mark, length of the body, checksum
BODY = struct.Struct("<32s?6d")  # digest, found, quality; the template follows, float32
MAX_BODY = 1 << 20  # a template of 2,048 numbers is 8 KiB
BARE, SEALED = ".templates", ".sealed"
ZEROS = bytes(1 << 20)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen in one photograph: the face to measure with, or that there is none."""

    face: Embedded | None


class TemplateCache:
    """`writing` says whether what is made is kept: of two processes on one file, the second only reads."""

    def __init__(
        self,
        folder: Path,
        space: str,
        seal: Callable[[bytes], bytes] | None = None,
        open_: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """`space` names all that a template depends on. `open_` raises `Fault` for what `seal` did not make.

        The folder is made, for its owner only. Raises `Fault` if it cannot be used, or if others may enter it.
        """
        if (seal is None) != (open_ is None):
            raise ValueError("what is sealed must be opened again: give both or neither")
        self._folder = folder
        self._space = hashlib.sha256(space.encode()).digest()
        self._seal, self._open = seal, open_
        self._path = folder / f"{self._space.hex()[:32]}{SEALED if seal else BARE}"
        self._places: dict[bytes, tuple[int, int]] = {}  # digest → where the record begins, and its length
        with self._in_our_words():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o077:
                raise Fault(f"others may enter {folder}, where templates would lie: make it yours alone (chmod 700)")
            handle, self.writing = _own(self._path)
            self._handle: int | None = handle
            try:
                self._scan(handle)
            except BaseException:
                self.close()
                raise

    def __len__(self) -> int:
        return len(self._places)

    def get(self, digest: bytes) -> Seen | None:
        """What was kept for the photograph of this SHA-256, or None if nothing was, or it is damaged."""
        place = self._places.get(digest)
        if place is None:
            return None
        with self._in_our_words():
            body = self._body(os.pread(self._opened(), place[1], place[0]))
        return _seen(body) if body is not None and body[:32] == digest else None

    def keep(self, digest: bytes, seen: Seen) -> None:
        """Add it, unless it is there or another process writes. Raises `NoRoom` on a full disk; what was kept stays."""
        if not self.writing or digest in self._places:
            return
        plain = _written(digest, seen)
        body = self._seal(plain) if self._seal else plain
        record = HEAD.pack(MARK, len(body), self._checksum(body)) + body
        with self._in_our_words():
            handle = self._opened()
            start = os.fstat(handle).st_size
            left = memoryview(record)
            while left:
                left = left[os.write(handle, left) :]
        self._places[digest] = (start, len(record))

    def forget(self) -> None:
        """Close, and remove the files of every space from the folder, zeros first. Raises `Fault` if one is in use."""
        self.close()
        with self._in_our_words():
            _forget(self._folder)

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)  # and the lock goes with it
        self._handle, self.writing = None, False

    def __enter__(self) -> TemplateCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> int:
        if self._handle is None:
            raise Fault("the cache of templates is closed; open it again")
        return self._handle

    def _scan(self, handle: int) -> None:
        size = os.fstat(handle).st_size
        if not size:
            return  # nothing cannot be mapped
        with mmap.mmap(handle, size, access=mmap.ACCESS_READ) as held:
            start = held.find(MARK)
            while start >= 0:
                length = _length(held[start : start + HEAD.size])
                body = self._body(held[start : start + length])
                if body is not None:
                    self._places[body[:32]] = (start, length)
                # After a damaged record the next mark is sought, for the length in it is not to be believed.
                start = held.find(MARK, start + (1 if body is None else length))

    def _body(self, record: bytes) -> bytes | None:
        """The body, opened, of a record that is whole and of this space."""
        if len(record) < HEAD.size or len(record) != _length(record):
            return None
        body = record[HEAD.size :]
        if HEAD.unpack_from(record) != (MARK, len(body), self._checksum(body)):
            return None
        if self._open is None:
            return body
        try:
            return self._open(body)
        except Locked:
            raise
        except Fault:  # sealed under a key that is gone: it is made again
            return None

    def _checksum(self, body: bytes) -> bytes:
        """Bound to the space, so that a renamed file is not believed."""
        return hashlib.sha256(self._space + body).digest()

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom(
                    f"the disk of {self._folder} is full: make room and run the same again; what was made so far is kept"
                ) from error
            raise Fault(
                f"the cache of templates {error.filename or self._path} cannot be used ({error.strerror}): "
                "check who may read and write there, or name another folder"
            ) from error


def remove_folder(folder: Path) -> bool:
    """Remove a run's folder with what it sealed, zeros first; whether it is gone. One that is in use stays, and so does
    what is not of this program."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    try:
        _forget(folder)
        folder.rmdir()
    except (Fault, OSError):
        return False
    return True


def _forget(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.suffix in (BARE, SEALED):
            _shred(path)


def _own(path: Path) -> tuple[int, bool]:
    """The open file, and whether it is ours to write."""
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(handle, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), path.stat()):
                    return handle, True
            os.close(handle)  # forgotten between opening and locking
        except BlockingIOError:
            return handle, False
        except BaseException:
            os.close(handle)
            raise


def _shred(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left = os.fstat(handle).st_size
        while left > 0:
            left -= os.write(handle, ZEROS[:left])
        os.fsync(handle)
        path.unlink()
    except BlockingIOError:
        raise Fault(f"{path} is in use by another measurement: wait for its end, then forget the templates") from None
    finally:
        os.close(handle)


def _length(head: bytes) -> int:
    """Of the whole record; 0 where there is none."""
    if len(head) < HEAD.size:
        return 0
    body: int = HEAD.unpack_from(head)[1]
    return HEAD.size + body if BODY.size <= body <= MAX_BODY else 0


def _written(digest: bytes, seen: Seen) -> bytes:
    if seen.face is None:
        return BODY.pack(digest, False, *[math.nan] * 6)
    quality = seen.face.quality
    numbers = (quality.detector, quality.eyes_px, quality.sharpness, quality.luminance, quality.frontality)
    unified = math.nan if quality.unified is None else quality.unified
    return BODY.pack(digest, True, unified, *numbers) + seen.face.template.astype("<f4").tobytes()


def _seen(body: bytes) -> Seen:
    _, found, unified, *numbers = BODY.unpack_from(body)
    if not found:
        return Seen(None)
    template = np.frombuffer(body, dtype="<f4", offset=BODY.size).astype(np.float32)
    return Seen(Embedded(template, Quality(None if math.isnan(unified) else round(unified), *numbers)))
