"""A SQLite file: any number of readers beside one writer, and nothing that was removed left behind."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from beholden.database.conditions import FOLDED, OPENED, fold
from beholden.database.failures import in_our_words, is_busy
from beholden.database.revisions import check_current, revision_in
from beholden.database.seals import Opened
from beholden.errors import Fault, Missing, StoreNotClean

BEGIN = "beholden_begin"  # an execution option: the statement that opens the transaction, or none
IMMEDIATE = {BEGIN: "BEGIN IMMEDIATE"}
NO_TRANSACTION = {BEGIN: ""}

# SQLite takes a snapshot at the first read, not at BEGIN: this is that read.
SNAPSHOT = "SELECT 1 FROM sqlite_schema LIMIT 1"

SECURE = (
    # FULL: with NORMAL, acknowledged entries were lost in 118 of 150 simulated power cuts, with FULL in none.
    "PRAGMA synchronous = FULL",
    # Zeros over what is removed. In the pages only: the write-ahead log keeps it until it is truncated (`purge`).
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    # A sort that spills would otherwise leave records in the system's folder of temporary files.
    "PRAGMA temp_store = MEMORY",
)


KEPT = 16  # connections that nobody uses: as many as read at the same time in a busy minute
STATEMENTS = 512  # of a connection, kept compiled: the questions of this Beholden are fewer


def open_engine(path: Path, busy_seconds: float, opened: Opened | None = None) -> Engine:
    """An engine in which every transaction begins with a BEGIN of our own.

    With the driver's own transactions a failed migration leaves half of itself, and a read is no snapshot.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        module=pysqlite3.dbapi2,
        poolclass=QueuePool,
        pool_use_lifo=True,
        max_overflow=-1,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": STATEMENTS},
    )

    @event.listens_for(engine, "connect")
    def _secure(connection: Any, _record: object) -> None:  # the driver has no types
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        for pragma in SECURE:
            connection.execute(pragma)
        teach(connection, opened or Opened())

    begin_as_told(engine)
    return engine


def teach(connection: Any, opened: Opened) -> None:
    """Give SQLite what it has not: great and small letters alike beyond ASCII, and what a sealed field says."""
    connection.create_function(FOLDED, 1, fold, deterministic=True)
    connection.create_function(OPENED, 5, opened.text, deterministic=True)


def begin_as_told(engine: Engine) -> None:
    """Open each transaction with the statement of the option BEGIN."""

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get(BEGIN, "BEGIN")
        if statement:
            driver_of(connection).execute(statement)


def driver_of(connection: Connection) -> Any:
    """SQLite's own connection, which has no types."""
    return connection.connection.driver_connection


def use_wal(engine: Engine, place: str) -> None:
    """Raises `Fault` where the disk has no write-ahead log: without it readers and the writer wait for each other."""
    with engine.connect().execution_options(**NO_TRANSACTION) as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar_one()
    if mode != "wal":
        raise Fault(f"{place} cannot have a write-ahead log there (it is {mode}): put the data folder on a local disk")


def begin_immediate(engine: Engine, patience: float) -> Connection:
    """A connection in a write transaction, as SQLAlchemy knows it too."""
    connection = engine.connect().execution_options(**NO_TRANSACTION)
    try:
        connection.begin()
        begin_when_free(driver_of(connection), patience)
    except BaseException:
        connection.close()
        raise
    return connection


def begin_when_free(driver: Any, patience: float) -> None:
    """Begin a write transaction when no other process writes; after `patience` seconds, the driver's error."""
    deadline = time.monotonic() + patience
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except pysqlite3.dbapi2.Error as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
            # SQLite tells nobody when a lock is free, so it is asked again.
            time.sleep(random.uniform(0, 0.01))  # noqa: S311 - at random, or two processes knock in step
        else:
            return


def make_file(path: Path) -> None:
    """An empty file that only its owner reads; SQLite gives its companions (-wal, -shm) the same rights."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


class Idle:
    """Connections of one engine that are lent one after another, and stay open between.

    Their transactions are begun and ended past SQLAlchemy [its own way to a connection and back takes 0.25 ms of the
    processor, of which a search needs five]; `execute` of the connection takes part in them as it stands.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Connection] = []  # the one that was used last still has the pages that are asked for
        self._closed = False

    def lend(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect().execution_options(**NO_TRANSACTION)

    def take_back(self, connection: Connection) -> None:
        """End its transaction; what it wrote and did not commit is not kept. One that cannot end it is closed."""
        try:
            if connection.in_transaction():  # what SQLAlchemy believes to have begun
                connection.rollback()
            if (driver := driver_of(connection)).in_transaction:
                driver.rollback()
        except (DBAPIError, pysqlite3.dbapi2.Error):
            connection.invalidate()  # SQLite rolls back what is open when its connection closes
            connection.close()
            return
        if self._closed or len(self._idle) >= KEPT:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


class FileStore:
    """The connections to one file."""

    groups = True  # several writes may share one commit

    def __init__(self, path: Path, patience: float, opened: Opened) -> None:
        self.place = str(path)
        self._patience = patience
        if not path.is_file():
            raise Missing(f"there is no database at {path}: make a data folder with `beholden init`, or check the path")
        self._engine = open_engine(path, min(patience, 1.0), opened)
        # A commit empties what every other connection keeps of the file: the one that writes is always the same, and knows.
        self._readers, self._writers = Idle(self._engine), Idle(open_engine(path, min(patience, 1.0), opened))
        try:
            with in_our_words(self.place):
                use_wal(self._engine, self.place)
                with self._engine.connect() as connection:
                    check_current(revision_in(connection), self.place)
        except BaseException:
            self.close()
            raise

    def for_reading(self) -> Connection:
        """A connection in a transaction that sees this moment; `has_read` takes it back."""
        connection = self._readers.lend()
        try:
            driver = driver_of(connection)
            driver.execute("BEGIN")
            driver.execute(SNAPSHOT).fetchall()
        except BaseException:
            self._readers.take_back(connection)
            raise
        return connection

    def has_read(self, connection: Connection) -> None:
        self._readers.take_back(connection)

    def for_writing(self) -> Connection:
        """A connection in a write transaction; `has_written` takes it back."""
        connection = self._writers.lend()
        try:
            begin_when_free(driver_of(connection), self._patience)
        except BaseException:
            self._writers.take_back(connection)
            raise
        return connection

    def commit(self, connection: Connection) -> None:
        driver_of(connection).commit()

    def has_written(self, connection: Connection) -> None:
        """What was not committed is not kept."""
        self._writers.take_back(connection)

    def purge(self) -> None:
        """Build the file anew, write the log into it and cut that to nothing: (0, 0, 0) is SQLite's word that it did.

        `secure_delete` is not enough: a row that moved to another page when pages were balanced leaves its bytes in the
        free space of the old one, and only the moved copy gets zeros when it is removed [10 of 24 random runs of some
        800 removals left ids or templates behind; after VACUUM none did]. It needs room for a second copy on the disk
        and in memory [100,000 faces: 4 s].
        """
        deadline = time.monotonic() + self._patience
        with in_our_words(self.place), self._engine.connect().execution_options(**NO_TRANSACTION) as connection:
            self._vacuum(connection, deadline)
            while True:
                row = tuple(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one())
                if row == (0, 0, 0):
                    return
                if time.monotonic() >= deadline:
                    break
                time.sleep(0.02)  # until the reader is done: SQLite tells nobody when that is
        raise StoreNotClean(
            f"{self.place}-wal still holds what was removed, because a reader has the database open (checkpoint said "
            f"{row}): end long reads and other programs that use the file, then try again"
        )

    def _vacuum(self, connection: Connection, deadline: float) -> None:
        while True:
            try:
                connection.exec_driver_sql("VACUUM")
                return
            except DBAPIError as error:
                if not is_busy(error) or time.monotonic() >= deadline:
                    raise
                time.sleep(0.02)  # until another process has written: SQLite tells nobody when that is

    def close(self) -> None:
        self._readers.close()
        self._writers.close()
