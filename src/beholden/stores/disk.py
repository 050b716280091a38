"""The data folder and the key folder on disk: scanned byte by byte, kept from filling up, known to be ours alone."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from beholden.errors import Fault, Locked, NoRoom, StoreNotClean
from beholden.ports.stores import Copying, Scan
from beholden.stores.backups import DiskCopying
from beholden.stores.needles import Needles

BALLAST_BYTES = 8 * 1024 * 1024  # some thousands of log entries, with the files that the log writes
FULL = (errno.ENOSPC, errno.EDQUOT)
LOCKED_BY_SQLITE = (".db", ".db-wal", ".db-shm", ".db-journal")
CAT = shutil.which("cat", path=os.defpath) or "cat"


class DiskStores:
    """Implements `ports.stores.Stores`. While it is open, it holds a shared lock on the data folder's `lock` file."""

    def __init__(self, data: Path, keys: Path, *, ballast_bytes: int = BALLAST_BYTES) -> None:
        self._folders = {"data": data, "keys": keys}
        self._data = data
        self._ballast, self._ballast_bytes = data / "ballast", ballast_bytes
        for folder in (data, keys):
            if not folder.is_dir():
                raise Fault(f"There is no folder {folder}: say where it is, or make one with `beholden init`.")
        try:
            self._gate = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            self._lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno in FULL:
                raise NoRoom(f"The disk of {data} is full: make room, then open it again.") from error
            raise Fault(f"{data} cannot be opened ({error.strerror}): check the disk and who owns it.") from error
        with self._passing_the_gate():
            try:
                fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                self.close()
                raise Locked(f"Another process holds {data} for itself: let it end, then open it again.") from None
            self._write_ballast()

    def scan(self, needles: Sequence[bytes]) -> Scan:
        sought = Needles(needles)
        files = scanned = 0
        found: list[str] = []
        for store, folder in self._folders.items():
            for path in _files(folder):
                try:
                    with _opened(path) as stream:
                        length, places = sought.find_in(stream)
                except FileNotFoundError:
                    continue  # it went between the listing and now: nothing is left of it to be found
                except OSError as error:
                    raise _unread(path, error) from error
                files, scanned = files + 1, scanned + length
                found.extend(f"{store}/{path.relative_to(folder)} at byte {place}" for place in places)
        return Scan(tuple(self._folders), files, scanned, len(needles), tuple(found))

    def room(self) -> int:
        return shutil.disk_usage(self._data).free

    def drop_ballast(self) -> bool:
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return False
        return True

    def restore_ballast(self) -> bool:
        with self._passing_the_gate():
            return self._write_ballast()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        # The kernel lets go of a shared lock before it tries for the exclusive one (flock(2)): of two who ask at one
        # moment, one would find the other gone. Through the gate they go one after the other.
        with self._passing_the_gate():
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                alone = True
            except BlockingIOError:
                alone = False
                fcntl.flock(self._lock, fcntl.LOCK_SH)
            if alone:  # whoever opens the folder now waits at the gate
                try:
                    yield True
                finally:
                    fcntl.flock(self._lock, fcntl.LOCK_SH)
                return
        yield False

    def begin_copy(self, to: Path, keys_to: Path) -> Copying:
        return DiskCopying(self._data, self._folders["keys"], to, keys_to)

    def close(self) -> None:
        for handle in (self._lock, self._gate):
            if handle >= 0:
                os.close(handle)
        self._lock = self._gate = -1

    @contextmanager
    def _passing_the_gate(self) -> Iterator[None]:
        """One at a time, over all processes: a lock on the folder itself, held for a moment."""
        if self._gate < 0:
            raise Locked(f"{self._data} is closed: open it again.")
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if self._gate >= 0:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _write_ballast(self) -> bool:
        if self._ballast.is_file() and self._ballast.stat().st_size == self._ballast_bytes:
            return True
        part = self._ballast.with_name("ballast.part")
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(handle, "wb") as file:
                # Random, because a file system that compresses would keep zeros in no room at all.
                for start in range(0, self._ballast_bytes, 1 << 20):
                    file.write(os.urandom(min(1 << 20, self._ballast_bytes - start)))
                file.flush()
                os.fsync(handle)
            os.replace(part, self._ballast)
        except OSError as error:
            part.unlink(missing_ok=True)
            if error.errno in FULL:
                return False
            raise Fault(
                f"{part} cannot be written ({error.strerror}): check the disk and who owns {self._data}."
            ) from error
        return True


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes; those that SQLite locks are read by a process of their own.

    Closing a file drops all locks of the process on it (fcntl(2); sqlite.org/howtocorrupt.html § 2.2): SQLite would take
    this process for gone, and another one would cut the write-ahead log under it [two processes that erased: SIGBUS].
    """
    with open(path, "rb", buffering=0) if not path.name.endswith(LOCKED_BY_SQLITE) else _piped(path) as stream:
        yield stream


@contextmanager
def _piped(path: Path) -> Iterator[BinaryIO]:
    os.stat(path)  # says here, in our words, that it is gone or barred
    reader = subprocess.Popen(  # noqa: S603  # a program of the system, and a path of ours
        [CAT, "--", str(path)], bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with reader:
        yield cast(BinaryIO, reader.stdout)
        left = reader.stdout.read(1) if reader.stdout else b""
    if reader.returncode != 0 and not left and path.exists():
        raise OSError(errno.EIO, "it could not be read to its end", str(path))


def _unread(path: Path, error: OSError) -> StoreNotClean:
    return StoreNotClean(
        f"{path} cannot be read ({error.strerror}), so nothing is known of what it holds: "
        "run as the owner of the folder, or remove what does not belong there, then erase again."
    )


def _files(folder: Path) -> Iterator[Path]:
    """Every regular file under the folder, links followed, each folder once; `StoreNotClean` for one that is barred."""
    waiting, seen = [folder], set()
    while waiting:
        current = waiting.pop()
        try:
            about = current.stat()
            if (about.st_dev, about.st_ino) in seen:
                continue
            seen.add((about.st_dev, about.st_ino))
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unread(current, error) from error
        for entry in entries:
            path = current / entry.name
            try:
                mode = entry.stat().st_mode
            except FileNotFoundError:
                continue  # gone, or a link to nothing
            except OSError as error:
                raise _unread(path, error) from error
            if stat.S_ISDIR(mode):
                waiting.append(path)
            elif stat.S_ISREG(mode):
                yield path
