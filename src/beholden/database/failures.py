"""What SQLite reports, in the words of `errors.py`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.exc import DBAPIError

from beholden.errors import BeholdenError, Changed, Fault, Locked, NoRoom


def is_busy(error: Exception) -> bool:
    return _name(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


@contextmanager
def in_our_words(place: str) -> Iterator[None]:
    """Errors of the driver leave the block as errors of ours; `place` is the file, for whoever must look there."""
    try:
        yield
    except (DBAPIError, sqlite.Error) as error:
        raise ours(error, place) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_room(place) from error
        raise Fault(
            f"{place} cannot be used ({error.strerror}): check the disk and who may read and write there"
        ) from error


def _of_driver(error: Exception) -> object:
    """As SQLite's driver raised it."""
    return error.orig if isinstance(error, DBAPIError) else error


def _name(error: Exception) -> str:
    return str(getattr(_of_driver(error), "sqlite_errorname", ""))


def _no_room(place: str) -> NoRoom:
    return NoRoom(f"the disk of {place} is full: nothing of this was kept; make room and try again")


def ours(error: Exception, place: str) -> BeholdenError:
    """The error of ours that an error of the driver is."""
    name, said = _name(error), _of_driver(error)
    if is_busy(error):
        return Locked(f"another process has been writing to {place} for too long: try again when it has ended")
    if name == "SQLITE_FULL":
        return _no_room(place)
    if name.startswith("SQLITE_CONSTRAINT"):
        return Changed(f"somebody else added it first ({said}): read it again before going on")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Fault(f"{place} is damaged ({said}): keep a copy of it, and restore the last backup")
    if name.startswith("SQLITE_IOERR"):
        return Fault(f"the disk of {place} failed ({name}): nothing of this was kept; check its room and its health")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return Fault(f"{place} cannot be opened for writing ({said}): check who owns the data folder")
    return Fault(f"{place} refused a statement ({said}): run `beholden check`")
