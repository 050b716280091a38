"""Writes that are kept together: one commit, and so one wait for the disk, for as many acts as were waiting for it.

Each act has its own part of the transaction, in its turn. None of them is told that it was kept before the commit of all
has ended; where that fails, none of them was.
"""

from __future__ import annotations

import threading
from typing import Any

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection

from beholden.database.failures import in_our_words
from beholden.database.files import FileStore, driver_of
from beholden.database.memory import MemoryStore
from beholden.errors import BeholdenError, Fault

MOST = 16  # parts of one commit: another process that wants to write waits for all of them


class Group:
    """A write transaction in which several take part, one after another."""

    def __init__(self, store: FileStore | MemoryStore) -> None:
        self._store = store
        with in_our_words(store.place):
            self.connection: Connection = store.for_writing()
        self._driver: Any = driver_of(self.connection)
        self._parts = 0
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self._keeper = 0  # the thread that made the commit

    @property
    def has_room(self) -> bool:
        return self._store.groups and self._parts < MOST

    def begin_part(self) -> None:
        """What others wrote before stays when this part is taken back."""
        if self._parts:
            self._driver.execute("SAVEPOINT part")

    def end_part(self) -> None:
        if self._parts:
            self._driver.execute("RELEASE part")
        self._parts += 1

    def take_back_part(self) -> None:
        """Of a part that failed nothing is kept. What the others wrote is, unless SQLite gave up the whole."""
        try:
            if self._parts and self._driver.in_transaction:
                self._driver.execute("ROLLBACK TO part")
                self._driver.execute("RELEASE part")
                self.keep()
                return
        except sqlite.Error:
            pass  # then nothing of the whole is kept, which each of the others is told
        self._end(
            Fault(
                f"{self._store.place} gave the transaction up after an error of another act: nothing of this was kept"
            )
        )

    def keep(self) -> None:
        """Commit what all of them wrote. Whether it held, each learns from `wait`."""
        self._keeper = threading.get_ident()
        try:
            with in_our_words(self._store.place):
                self._store.commit(self.connection)
        except BaseException as error:
            self._end(error)
            if not isinstance(error, BeholdenError):
                raise
        else:
            self._end(None)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended. Raises what kept it from being kept."""
        if not self._ended.wait(seconds):
            return False
        if self._error is not None:
            if self._keeper == threading.get_ident():
                raise self._error
            if isinstance(self._error, BeholdenError):
                raise type(self._error)(str(self._error)) from self._error
            raise Fault(f"{self._store.place} was not written: nothing of this was kept; try again") from self._error
        return True

    def _end(self, error: BaseException | None) -> None:
        """What was not committed is not kept."""
        self._error = error
        try:
            self._store.has_written(self.connection)
        finally:
            self._ended.set()
