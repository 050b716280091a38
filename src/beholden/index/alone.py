"""One at a time writes the sealed copy of the index, in whatever process; and nobody waits for ever for one that was stopped."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from beholden.durable import sync_folder, told
from beholden.errors import Locked

PATIENCE_S = 120.0  # since the last sign of life; one who makes a million rows anew gives one every half minute
LOOK_S = 0.02


def taken(lock: Path, *, wait: bool) -> int | None:
    """The handle that has the lock, to be closed by who is done; None for one who does not wait, where another one has it.

    Raises `Locked` where that one has given no sign of life for `PATIENCE_S`: it was stopped, or its disk hangs.
    """
    try:
        if not lock.parent.is_dir():
            lock.parent.mkdir(mode=0o700, parents=True)
            sync_folder(lock.parent.parent)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise told(error, lock.parent) from error
    try:
        seen, since = -1, 0.0
        while not _tried(handle):
            if not wait:
                os.close(handle)
                return None
            if (sign := os.fstat(handle).st_mtime_ns) != seen:
                seen, since = sign, time.monotonic()
            if time.monotonic() - since > PATIENCE_S:
                raise Locked(
                    f"Process {os.pread(handle, 20, 0).decode(errors='replace').strip()} holds {lock} and has written "
                    f"nothing for {PATIENCE_S:.0f} s: let it go on if it was stopped, or end it; then do the same again."
                )
            time.sleep(LOOK_S)  # until the owner lets go: a lock cannot be waited for and looked at together
        give_sign(handle)
    except OSError as error:
        os.close(handle)
        raise told(error, lock.parent) from error
    except BaseException:  # interrupted at the keyboard, too
        os.close(handle)
        raise
    return handle


def give_sign(handle: int) -> None:
    """Who waits for the lock that this handle has sees that its owner lives, and which process that is."""
    with suppress(OSError):  # a full disk keeps nobody from erasing
        os.pwrite(handle, b"%-20d" % os.getpid(), 0)


def _tried(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
