"""Blobs in a folder, one file each: `ab/abcdef…`, named by the SHA-256 of what is in it."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from beholden.durable import sync_folder
from beholden.errors import BadInput, Fault, Missing, NoRoom, NotProven

ADDRESS = re.compile(r"[0-9a-f]{64}")
PART = ".part"  # a file that is being written, locked by who writes it
ZEROS = bytes(1 << 20)


def address_of(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()


def missing(address: str) -> Missing:
    return Missing(f"there is no blob {address!r}: it was purged, or the address is mistyped")


class FileBlobs:
    def __init__(self, address: str) -> None:
        """Opens `files:/folder`, makes the folder if it is not there, and clears away what a crash left half written."""
        if not address.startswith("files:/"):
            raise BadInput(f"{address!r} is no address of a folder of blobs: write files: and the full path")
        self._folder = Path(address.removeprefix("files:"))
        # Over "is it there?" and the rename: a rename onto a file leaves that file's bytes on the disk.
        self._placing = threading.Lock()
        with self._in_our_words():
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700)
                sync_folder(self._folder.parent)
            for part in sorted(self._folder.glob(f"??/*{PART}")):
                _clear_stale(part)

    def put(self, sealed: bytes) -> str:
        address = address_of(sealed)
        path = self._path(address)
        with self._in_our_words():
            if not path.parent.is_dir():
                path.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(self._folder)
            if not self._holds(path, sealed):
                self._write(path, sealed)
            sync_folder(path.parent)  # also for a file that was there: who put it may have died before this line
        return address

    def get(self, address: str) -> bytes:
        if not ADDRESS.fullmatch(address):
            raise missing(address)
        with self._in_our_words():
            try:
                sealed = self._path(address).read_bytes()
            except FileNotFoundError:
                raise missing(address) from None
        if address_of(sealed) != address:
            raise NotProven(
                f"{self._path(address)} no longer holds what was put there: restore that file from a backup, "
                "and check the disk"
            )
        return sealed

    def purge(self, address: str) -> None:
        if not ADDRESS.fullmatch(address):
            return
        path = self._path(address)
        with self._in_our_words(), suppress(FileNotFoundError):
            _shred(path)
            sync_folder(path.parent)

    def addresses(self) -> Iterator[str]:
        with self._in_our_words():
            for folder in sorted(self._folder.iterdir()):
                if folder.is_dir():
                    yield from sorted(
                        name for name in os.listdir(folder) if ADDRESS.fullmatch(name) and name.startswith(folder.name)
                    )

    def _path(self, address: str) -> Path:
        return self._folder / address[:2] / address

    def _holds(self, path: Path, sealed: bytes) -> bool:
        """Whether the file is there and whole. A damaged one is shredded, so that it can be put again."""
        try:
            if path.read_bytes() == sealed:
                return True
            _shred(path)
        except FileNotFoundError:
            pass
        return False

    def _write(self, path: Path, sealed: bytes) -> None:
        part = path.parent / f"{secrets.token_hex(8)}{PART}"
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _write_all(handle, sealed)
            os.fsync(handle)
            with self._placing:
                if path.exists():  # another thread put the same bytes meanwhile
                    _shred(part)
                else:
                    os.rename(part, path)
        except BaseException:
            with suppress(OSError):
                _shred(part)
            raise
        finally:
            os.close(handle)

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom(
                    f"the disk of {self._folder} is full: nothing of the blob was kept; make room and try again"
                ) from error
            raise Fault(
                f"{error.filename or self._folder} cannot be used ({error.strerror}): "
                "check the disk and who may read and write there"
            ) from error


def _clear_stale(part: Path) -> None:
    """Shred a half-written file unless a living process is writing it: a lock ends with the process that holds it."""
    with suppress(FileNotFoundError):
        handle = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _shred(part)
            sync_folder(part.parent)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


def _shred(path: Path) -> None:
    """Zeros over every byte, on the disk before the name goes. (What a flash disk moved elsewhere has lost its key.)"""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        left = os.fstat(handle).st_size
        while left > 0:
            left -= os.write(handle, ZEROS[:left])
        os.fsync(handle)
    finally:
        os.close(handle)
    os.unlink(path)


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
