"""The database: its looks and its transactions, and records that become rows, every table through the same few lines."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import (
    Table,
    select,
    update,
)

from beholden.database import asked
from beholden.database.conditions import in_clear
from beholden.database.failures import in_our_words, ours
from beholden.database.files import FileStore, driver_of
from beholden.database.looks import SqlLook
from beholden.database.memory import MemoryStore
from beholden.database.rows import Layout, layout_of
from beholden.database.seals import Opened, Seals
from beholden.database.tables import TABLES, counters, table_of
from beholden.database.together import Group
from beholden.database.turns import Turns
from beholden.errors import BadInput, Changed, Fault, Locked, StoreNotClean
from beholden.ports.database import Look, Transaction
from beholden.ports.keys import Keys

R = TypeVar("R")

MEMORY = "sqlite://"
TAKEN_OVER_S = 1.0  # who was to go on in a transaction and was interrupted leaves it to those who wait for it
PATIENCE = 30.0  # seconds that a write waits for another one


def path_of(address: str) -> Path:
    """The file of `sqlite:///folder/file.db`. Raises `BadInput` for any other address."""
    if not address.startswith("sqlite:///"):
        raise BadInput(f"{address!r} is no database address: write sqlite:/// and the full path of the file")
    return Path("/" + address.removeprefix("sqlite://").lstrip("/"))


class SqlDatabase:
    """`Database` in SQLite. Raises `WrongVersion` for a file whose tables are not those of this Beholden."""

    def __init__(self, address: str, *, patience: float = PATIENCE) -> None:
        self._opened = Opened()
        self._store = (
            MemoryStore(self._opened) if address == MEMORY else FileStore(path_of(address), patience, self._opened)
        )
        self._turns = Turns(patience)
        self._left: Group | None = None  # a transaction in which whoever is next goes on
        self._closed = False

    def seal_under(self, keys: Keys) -> None:
        self._opened.seals = Seals(keys)

    def seal_left(self, limit: int) -> int:
        seals = self._opened.seals
        if seals is None:
            raise Fault("the fields of records cannot be sealed without keys: open the system as a whole")
        done = 0
        with self.begin() as tx:
            for kind in TABLES:
                done += _seal_rows(tx, kind, seals, limit - done)
        return done

    @contextmanager
    def look(self) -> Iterator[Look]:
        self._check_open()
        with in_our_words(self._store.place):
            connection = self._store.for_reading()
        look = SqlLook(connection, self._store.place, self._opened.seals)
        try:
            yield look
        finally:
            look.end()
            self._store.has_read(connection)

    @contextmanager
    def begin(self, *, together: bool = False) -> Iterator[Transaction]:
        self._check_open()
        with self._turns.turn():
            group = self._group(together)
            try:
                with in_our_words(self._store.place):
                    group.begin_part()
                tx = SqlTransaction(group.connection, self._store.place, self._opened.seals)
                try:
                    yield tx
                finally:
                    tx.end()
                _check_transaction(driver_of(group.connection), self._store.place)
                with in_our_words(self._store.place):
                    group.end_part()
            except BaseException:
                group.take_back_part()
                raise
            if together and group.has_room and self._turns.awaited:
                self._left = group  # whoever is next goes on in it
            else:
                group.keep()
        while not group.wait(TAKEN_OVER_S):
            with suppress(Locked), self._turns.turn():
                self._end_left(group)

    def _group(self, together: bool) -> Group:
        """The transaction that was left open for this one, or a new one."""
        if together and self._left is not None:
            left, self._left = self._left, None
            return left
        self._end_left(self._left)
        return Group(self._store)

    def _end_left(self, group: Group | None) -> None:
        """In one's turn. Who was to go on in it has not come, or must not."""
        if group is not None and self._left is group:
            self._left = None
            group.keep()

    def purge(self) -> None:
        self._check_open()
        try:
            with self._turns.turn():
                self._end_left(self._left)
                self._store.purge()
        except Locked as error:
            raise StoreNotClean(f"{self._store.place} may still hold what was removed: {error}") from error

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._store.close()

    def _check_open(self) -> None:
        if self._closed:
            raise Fault(f"{self._store.place} was closed: open the system again")


class SqlTransaction(SqlLook):
    def add(self, *records: object) -> None:
        for kind, alike in itertools.groupby(records, type):
            layout: Layout[Any] = layout_of(kind)
            self._known.pop(kind, None)
            self._do(asked.texts_of(kind).insert, [tuple(self._closed(layout, record).values()) for record in alike])

    def change(self, record: R, **changes: object) -> R:
        kind = type(record)
        layout = layout_of(kind)
        if not layout.versioned:
            raise TypeError(f"{kind.__name__} has no version: it is added and removed, never changed")
        fixed = sorted(name for name in changes if name in ("version", layout.key.name) or name not in layout.names)
        if fixed:
            raise TypeError(f"{kind.__name__}: {', '.join(fixed)} cannot be changed")
        version: int = record.version  # type: ignore[attr-defined]  # versioned, as was checked
        changed = dataclasses.replace(record, version=version + 1, **changes)  # type: ignore[type-var]  # a dataclass
        # All columns, so that what is stored is what is returned even if `record` was not the one that was read.
        row = self._closed(layout, changed)
        self._known.pop(kind, None)
        done = self._ask(asked.texts_of(kind).update, (*row.values(), row[layout.key.name], version))
        if done.rowcount != 1:
            raise Changed(
                f"{kind.__name__} {getattr(record, layout.key.name)!r} was changed or removed meanwhile: "
                "read it again before going on"
            )
        return changed

    def remove(self, *records: object) -> None:
        for kind, alike in itertools.groupby(records, type):
            key = layout_of(kind).key
            self._known.pop(kind, None)
            self._do(asked.texts_of(kind).delete, [(key.write(getattr(record, key.name)),) for record in alike])

    def count_anew(self, kind: type[Any]) -> None:
        _, counted = asked.tallies(kind)
        self._ask("DELETE FROM face_counts", ())
        self._ask(f"INSERT INTO face_counts {counted}", ())

    def next(self, counter: str, count: int = 1) -> int:
        if count < 1:
            raise ValueError(f"at least one number is taken, not {count}")
        return int(self._ask(_COUNT_ON, {"counter": counter, "count": count}).fetchone()[0])

    def _closed(self, layout: Layout[Any], record: object) -> dict[str, Any]:
        """The record's row, sealed, in the order of the columns."""
        row = layout.to_row(record)
        if self._seals is not None and layout.sealed:
            self._seals.close(layout, table_of(layout.kind).name, row)
        return row

    def _do(self, text: str, rows: Sequence[Sequence[object]]) -> None:
        self._check_open()
        try:
            self._driver.executemany(text, rows)
        except sqlite.Error as error:
            raise ours(error, self._place) from error

    def _check_open(self) -> None:
        super()._check_open()
        _check_transaction(self._driver, self._place)


def _check_transaction(driver: Any, place: str) -> None:
    """SQLite ends a transaction by itself after some errors (a full disk); what came next would be kept at once."""
    if not driver.in_transaction:
        raise Fault(f"{place} gave the transaction up after an earlier error: nothing of it was kept; try it again")


def _seal_rows(tx: Transaction, kind: type[Any], seals: Seals, limit: int) -> int:
    """Seal what lies in clear from before in this kind's table: up to so many rows; how many. Versions stay."""
    assert isinstance(tx, SqlTransaction)
    table, layout = table_of(kind), layout_of(kind)
    if not layout.sealed or limit < 1:
        return 0
    found = tx._run(select(table).where(in_clear(layout, table)).limit(limit)).all()
    for stored in found:
        (opened,) = seals.open(layout, table.name, [stored])  # of a row that was sealed in part
        row = dict(zip((column.name for column in layout.columns), opened, strict=True))
        seals.close(layout, table.name, row)
        changed = {column.name: row[column.name] for column in layout.sealed}
        tx._run(update(table).where(_key(table) == row[layout.key.name]).values(changed))
    return len(found)


_COUNT_ON = (
    f"INSERT INTO {counters.name} (name, next_number) VALUES (:counter, :count) "  # noqa: S608  # a constant
    "ON CONFLICT (name) DO UPDATE SET next_number = next_number + :count RETURNING next_number - :count"
)


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns))
