"""A database in memory, for tests: a write works on a copy that takes the place of the original when it is kept."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool

from beholden.database.files import IMMEDIATE, SECURE, begin_as_told, teach
from beholden.database.seals import Opened
from beholden.database.tables import metadata

_GUARD = threading.Lock()  # over the copying: a database that is copied must not be copied onto


class MemoryStore:
    """SQLite has no write-ahead log in memory, so readers would see what is not kept yet, or wait. A copy does not."""

    place = "the database in memory"
    groups = False  # a commit waits for no disk

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._held = _empty(opened)
        with _GUARD:
            _made().backup(self._held)
        self._engine = create_engine("sqlite://", module=pysqlite3.dbapi2, poolclass=NullPool, creator=self._copy)
        begin_as_told(self._engine)

    def for_reading(self) -> Connection:
        connection = self._engine.connect()
        connection.begin()
        return connection

    def has_read(self, connection: Connection) -> None:
        connection.close()

    def for_writing(self) -> Connection:
        connection = self._engine.connect().execution_options(**IMMEDIATE)
        connection.begin()
        return connection

    def commit(self, connection: Connection) -> None:
        connection.commit()
        with _GUARD:
            _raw(connection).backup(self._held)

    def has_written(self, connection: Connection) -> None:
        connection.close()

    def purge(self) -> None:
        """Nothing to do: memory has no log, and what was removed went with the copy that held it."""

    def close(self) -> None:
        self._engine.dispose()
        with _GUARD:
            self._held.close()

    def _copy(self) -> Any:  # the driver has no types
        copy = _empty(self._opened)
        with _GUARD:
            self._held.backup(copy)
        return copy


def _empty(opened: Opened) -> Any:
    connection = pysqlite3.dbapi2.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA page_size = 1024")  # 26 tables and their indexes are half as much to copy as with 4096
    for pragma in SECURE:
        connection.execute(pragma)
    teach(connection, opened)
    return connection


@cache
def _made() -> Any:
    """A database with every table, made once: making it takes as long as many copies."""
    connection = _empty(Opened())
    engine: Engine = create_engine(
        "sqlite://", module=pysqlite3.dbapi2, poolclass=StaticPool, creator=lambda: connection
    )
    metadata.create_all(engine)
    return connection


def _raw(connection: Connection) -> Any:
    return connection.connection.driver_connection
