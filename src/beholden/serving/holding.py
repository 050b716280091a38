"""One server a data folder: it holds a lock that the kernel takes back when its process ends, however it ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from beholden.errors import Fault, Locked, NoRoom

LOCK = "serve.lock"
FULL = (errno.ENOSPC, errno.EDQUOT)
PATIENCE_S = 1.0  # who only looks whether a server is there holds the lock for a moment


@dataclass(frozen=True, slots=True)
class Server:
    """Who serves a folder, as its lock file says."""

    pid: int
    address: str  # empty while it starts


class Holding:
    """The folder is ours; `say` tells others where to find us."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def say(self, address: str) -> None:
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()} {address}\n".encode(), 0)


@contextmanager
def hold(data: Path) -> Iterator[Holding]:
    """Hold the folder for one server. Raises `Locked`, naming the process, when another one serves it."""
    handle = _opened(data)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not _taken(handle, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                other = _said(handle)
                raise Locked(
                    f"{data} is served already, by process {other.pid}"
                    + (f" at {other.address}" if other.address else "")
                    + ": use that one, or stop it first"
                )
            time.sleep(0.05)  # until who asks `server_of` has let go: a file's lock cannot be waited for with an end
        holding = Holding(handle)
        holding.say("")
        yield holding
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def server_of(data: Path) -> Server | None:
    """The server of this folder, in whatever process; None when there is none."""
    try:
        handle = os.open(data / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # never served, or no folder of ours: what opens it says so
    try:
        return None if _taken(handle, fcntl.LOCK_SH) else _said(handle)
    finally:
        os.close(handle)


def _opened(data: Path) -> int:
    try:
        return os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(f"The disk of {data} is full: make room, then serve it again.") from error
        raise Fault(f"{data / LOCK} cannot be opened ({error.strerror}): check who owns {data}.") from error


def _taken(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _said(handle: int) -> Server:
    pid, _, address = os.pread(handle, 300, 0).decode(errors="replace").strip().partition(" ")
    return Server(int(pid) if pid.isdigit() else 0, address)
