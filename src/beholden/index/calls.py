"""The engine's own count of what it was asked: a line a comparison, durable before the comparison is made."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from beholden.durable import sync_folder, told
from beholden.errors import Fault

LINE = 27  # bytes: the entry in 12 places, a space, milliseconds since 1970 in 13, a newline


class Calls:
    """Append-only, whoever asks: several processes may count in one file. Without a path it is kept in memory.

    It knows no log and no policy, so that what somebody asks of the engine past both of them is counted like the rest.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._held: list[int] = []
        self._read = 0  # bytes of the file that are held
        self._syncing = threading.Lock()
        self._written, self._durable = 0, 0  # lines of this process

    def add(self, entry: int) -> None:
        """Raises `NoRoom` or `Fault` if the line cannot be made durable: then nothing may be compared."""
        if self._path is None:
            with self._lock:
                self._held.append(entry)
            return
        line = b"%12d %13d\n" % (entry, time.time_ns() // 1_000_000)
        try:
            new = not self._path.exists()
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                size = os.fstat(handle).st_size
                if size % LINE:  # a crash cut the last line: what it would have counted was never compared
                    os.ftruncate(handle, size - size % LINE)
                if os.write(handle, line) != LINE:
                    raise Fault(f"{self._path} took only a part of a line: make room, then do the same again.")
                fcntl.flock(handle, fcntl.LOCK_UN)  # who counts next need not wait for the disk
                self._make_durable(handle)
            finally:
                os.close(handle)
            if new:
                sync_folder(self._path.parent)
                sync_folder(self._path.parent.parent)
        except OSError as error:
            raise told(error, self._path) from error

    def _make_durable(self, handle: int) -> None:
        """Of all who count at once one waits for the disk at a time, and what it makes durable are the lines of all."""
        with self._lock:
            self._written += 1
            mine = self._written
        with self._syncing:
            if self._durable < mine:
                with self._lock:
                    all_of_them = self._written
                os.fsync(handle)
                self._durable = all_of_them

    def entries(self) -> Sequence[int]:
        """The entry of each call, in the order in which they were counted. Raises `Fault` for a file that was altered."""
        with self._lock:
            if self._path is not None:
                self._read_on(self._path)
            return self._held

    def _read_on(self, path: Path) -> None:
        """What others and we have counted since the last look; all of it, where the file is shorter than it was."""
        size = path.stat().st_size if path.exists() else 0
        if size < self._read:
            self._read, self._held = 0, []
        if size - self._read < LINE:
            return
        with path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: len(new) - len(new) % LINE]
        try:
            self._held += [int(whole[at : at + 12]) for at in range(0, len(whole), LINE)]
        except ValueError as error:
            raise Fault(f"{path} is not as the engine wrote it: restore it from a backup.") from error
        self._read += len(whole)
