"""`keys.db`: wrapped keys in SQLite, laid out so that a destroyed one is overwritten where it lies.

Rows are only ever appended, and a wrapped key is only ever replaced by 40 other bytes. SQLite then overwrites the cell
in place and never moves it, so no page holds a stale copy (a table keyed by name would: its pages split).
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pysqlite3 import dbapi2 as sqlite

from beholden.errors import BeholdenError, Fault, Locked, NoRoom, StoreNotClean, WrongVersion
from beholden.keys.sealing import WRAPPED_BYTES, made_before

FORMAT = 1
BUSY_MS = 10_000
LITTLE_ROOM = 1 << 20  # an I/O error with less than this free is a full disk (SQLite says so of -shm, for one)
SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE record_keys
    (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, living INTEGER NOT NULL, wrapped BLOB NOT NULL) STRICT;
CREATE TABLE secrets (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, wrapped BLOB NOT NULL) STRICT;
"""
# Every read takes the epoch along, in one statement: the wrapped key and the KEK to open it with are of one moment.
EPOCH = "SELECT value FROM facts WHERE name = 'epoch'"
ONE_KEY = """SELECT (SELECT value FROM facts WHERE name = 'epoch'),
    (SELECT wrapped FROM record_keys WHERE name = ? AND living = 1)"""
MANY_KEYS = """SELECT (SELECT value FROM facts WHERE name = 'epoch'), name, wrapped FROM record_keys
    WHERE living = 1 AND name IN (SELECT value FROM json_each(?))
    UNION ALL SELECT (SELECT value FROM facts WHERE name = 'epoch'), NULL, NULL"""
ONE_NAMED = """SELECT (SELECT value FROM facts WHERE name = 'epoch'),
    (SELECT wrapped FROM secrets WHERE name = ?)"""
REWRAP = (
    (
        "SELECT n, name, wrapped FROM record_keys WHERE n > ? AND living = 1 ORDER BY n LIMIT 10000",
        "UPDATE record_keys SET wrapped = ? WHERE n = ?",
    ),
    (
        "SELECT n, name, wrapped FROM secrets WHERE n > ? ORDER BY n LIMIT 10000",
        "UPDATE secrets SET wrapped = ? WHERE n = ?",
    ),
)
Row = tuple[Any, ...]


class KeyRows:
    """One connection, shared by the threads of this process under `lock`; other processes have their own."""

    def __init__(self, path: Path, *, patience_s: float) -> None:
        self.lock = threading.RLock()
        self._path = path
        self._patience_s = patience_s
        self._connection: Any = None
        if not path.is_file():
            raise Fault(f"There is no {path}: say where the key folder is, or restore it from a backup.")
        try:
            self._connection = sqlite.connect(
                f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
            for pragma in (
                f"busy_timeout={BUSY_MS}",
                "journal_mode=WAL",
                "synchronous=FULL",  # with NORMAL 118 of 150 simulated power cuts lost what was acknowledged, FULL 0
                "secure_delete=ON",
                "temp_store=MEMORY",
            ):
                self._connection.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite.Error as error:
            self.close()
            raise self._ours(error) from error

    @classmethod
    def make(cls, path: Path, *, patience_s: float) -> KeyRows:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # -wal and -shm take this mode too
        rows = cls(path, patience_s=patience_s)
        with rows.lock, rows._told():
            rows._connection.executescript(SCHEMA)
            rows._connection.execute("INSERT INTO facts VALUES ('format', ?), ('epoch', 0)", (FORMAT,))
        return rows

    def check_format(self) -> None:
        """Raises `WrongVersion` for a store of a newer Beholden, and `Fault` for a file that is no key store."""
        found = self._all("SELECT value FROM facts WHERE name = 'format' AND value > ?", FORMAT)
        if found:
            raise WrongVersion(
                f"{self._path} is of format {found[0][0]}: open it with the newer Beholden that made it."
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A write transaction, durable when the block ends; an exception rolls all of it back."""
        with self.lock, self._told():
            self._connection_or_locked().execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def note(self, name: str, value: bytes) -> None:
        with self.writing():
            self._all("INSERT OR REPLACE INTO notes VALUES (?, ?)", name, value)

    def noted(self, name: str) -> bytes:
        found = self._all("SELECT value FROM notes WHERE name = ?", name)
        return bytes(found[0][0]) if found else b""

    def epoch(self) -> int:
        return int(self._all(EPOCH)[0][0])

    def key(self, name: str) -> tuple[int, bytes | None]:
        """The epoch, and the wrapped key if it lives. Never cached: destroying a key stops every process at once."""
        epoch, wrapped = self._all(ONE_KEY, name)[0]
        return epoch, wrapped

    def keys(self, names: Sequence[str]) -> tuple[int, dict[str, bytes]]:
        """The epoch and those of the wrapped keys that live, at one moment."""
        found = self._all(MANY_KEYS, json.dumps(list(names)))
        return found[-1][0], {name: wrapped for _, name, wrapped in found[:-1]}

    def secret(self, name: str) -> tuple[int, bytes | None]:
        epoch, wrapped = self._all(ONE_NAMED, name)[0]
        return epoch, wrapped

    def signers(self) -> list[str]:
        return [
            name.removeprefix("sign:") for (name,) in self._all("SELECT name FROM secrets WHERE name LIKE 'sign:%'")
        ]

    def names(self) -> set[str]:
        return {name for (name,) in self._all("SELECT name FROM record_keys WHERE living = 1")}

    def add_keys(self, wrapped: Sequence[tuple[str, bytes]]) -> None:
        """Inside `writing`. Raises `Fault` for a name that has or ever had a key."""
        known = self._all(
            "SELECT name FROM record_keys WHERE name IN (SELECT value FROM json_each(?)) LIMIT 1",
            json.dumps([name for name, _ in wrapped]),
        )
        if known:
            raise made_before(known[0][0])
        self._connection.executemany("INSERT INTO record_keys (name, living, wrapped) VALUES (?, 1, ?)", wrapped)

    def add_secret(self, name: str, wrapped: bytes) -> None:
        """Inside `writing`."""
        self._all("INSERT INTO secrets (name, wrapped) VALUES (?, ?)", name, wrapped)

    def destroy(self, names: Sequence[str]) -> list[bytes]:
        """Inside `writing`: zeros over the wrapped keys; the names stay, so that none is ever used again."""
        found = self._all(
            "SELECT n, wrapped FROM record_keys WHERE living = 1 AND name IN (SELECT value FROM json_each(?))",
            json.dumps(list(names)),
        )
        zeros = bytes(WRAPPED_BYTES)
        self._connection.executemany(
            "UPDATE record_keys SET living = 0, wrapped = ? WHERE n = ?", [(zeros, n) for n, _ in found]
        )
        return [wrapped for _, wrapped in found]

    def rewrap(self, anew: Callable[[str, bytes], bytes], epoch: int) -> None:
        """Inside `writing`: every living key and every secret under another KEK, and the epoch with them."""
        for read, write in REWRAP:
            last = -1
            while batch := self._all(read, last):
                self._connection.executemany(write, [(anew(name, wrapped), n) for n, name, wrapped in batch])
                last = batch[-1][0]
        self._all("UPDATE facts SET value = ? WHERE name = 'epoch'", epoch)

    def purge(self) -> None:
        """Cut the write-ahead log and verify that it is cut, or raise `StoreNotClean`."""
        deadline = time.monotonic() + self._patience_s
        wal = self._path.with_name(self._path.name + "-wal")
        with self.lock:
            while True:
                left = max(0.0, deadline - time.monotonic())
                self._all(f"PRAGMA busy_timeout={int(left * 1000)}")
                try:
                    told = self._all("PRAGMA wal_checkpoint(TRUNCATE)")[0]
                except Locked as error:
                    told = (1, str(error), "")
                finally:
                    self._all(f"PRAGMA busy_timeout={BUSY_MS}")
                if tuple(told) == (0, 0, 0) and (not wal.exists() or wal.stat().st_size == 0):
                    return
                if left == 0.0:
                    raise StoreNotClean(
                        f"{wal} still holds destroyed keys, because a process is reading {self._path.name}: "
                        "end that process, then purge again."
                    )
                time.sleep(min(0.02, left))  # until the reader is done: SQLite tells nobody when that is

    def close(self) -> None:
        with self.lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _all(self, sql: str, *values: object) -> list[Row]:
        # Always to the last row: a statement left open is a reader, and a reader keeps the log from being cut.
        with self.lock:
            connection = self._connection_or_locked()
            try:
                return connection.execute(sql, values).fetchall()  # type: ignore[no-any-return]  # untyped driver
            except sqlite.Error as error:
                raise self._ours(error) from error

    def _connection_or_locked(self) -> Any:
        if self._connection is None:
            raise Locked("The keys are closed: open the folder again.")
        return self._connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite.Error as error:
            raise self._ours(error) from error

    def _ours(self, error: Exception) -> BeholdenError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite.SQLITE_FULL or (
            code == sqlite.SQLITE_IOERR and shutil.disk_usage(self._path.parent).free < LITTLE_ROOM
        ):
            return NoRoom(f"The disk of {self._path} is full: make room, then do the same again. Nothing was changed.")
        if code in (sqlite.SQLITE_BUSY, sqlite.SQLITE_LOCKED):
            return Locked(
                f"Another process has been writing {self._path} for too long: let it end, then do the same again."
            )
        return Fault(
            f"{self._path} cannot be used ({error}): check the disk, and restore the key folder if the file is damaged."
        )
