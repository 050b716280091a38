"""Records to rows and back, every table through the same few lines."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    CursorResult,
    Delete,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from beholden import errors
from beholden.database.conditions import beyond, conditions, contained, in_clear, keys_of, ordering
from beholden.database.failures import in_our_words
from beholden.database.files import FileStore
from beholden.database.memory import MemoryStore
from beholden.database.rows import Layout, layout_of
from beholden.database.seals import Opened, Seals
from beholden.database.tables import TABLES, counters, table_of
from beholden.database.turns import Turns
from beholden.errors import BadInput, Changed, Fault, Locked, Missing, StoreNotClean
from beholden.ports.database import Containing, KeyOf, Look, OneOf, Place, Transaction
from beholden.ports.keys import Keys
from beholden.records.sequestration import RULE, Sequestered

R = TypeVar("R")

MEMORY = "sqlite://"
PATIENCE = 30.0  # seconds that a write waits for another one

# By its keys, a page costs 3 to 4 µs a key; along its order, 1.6 µs for each record passed over. Among 100,000 searches a page
# of those of 100,000 cases took 250 ms by their keys and 5 along the order; of every fourth case, 113 and 27; of the oldest
# 12,500, 65 and 141. Who has more cases than this has some among the latest, or waits those 140 ms.
MANY = 15_000


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
        try:
            yield SqlLook(connection, self._store.place, self._opened.seals)
        finally:
            connection.close()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        self._check_open()
        with self._turns.turn():
            with in_our_words(self._store.place):
                connection = self._store.for_writing()
            try:
                yield SqlTransaction(connection, self._store.place, self._opened.seals)
                _check_transaction(connection, self._store.place)
                with in_our_words(self._store.place):
                    self._store.commit(connection)
            except BaseException:
                try:
                    connection.rollback()
                except DBAPIError:
                    connection.invalidate()  # SQLite rolls back what is open when its connection closes
                raise
            finally:
                connection.close()

    def purge(self) -> None:
        self._check_open()
        try:
            with self._turns.turn():
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


class SqlLook:
    def __init__(self, connection: Connection, place: str, seals: Seals | None) -> None:
        self._connection = connection
        self._place = place
        self._seals = seals

    def get(self, kind: type[R], key: object) -> R:
        table, layout = table_of(kind), layout_of(kind)
        rows = self._run(_select_one(table), {"the_key": layout.key.write(key)}).all()
        if not rows:
            self._check_not_sequestered(key)
            raise Missing(f"there is no {kind.__name__} {key!r}: it was removed, or the id is mistyped")
        return layout.records(self._in_clear(layout, table, rows))[0]

    def _check_not_sequestered(self, key: object) -> None:
        """What was taken out of use is told apart from what never was, whoever asks for it and however."""
        table = table_of(Sequestered)
        if isinstance(key, str) and self._run(_select_one(table), {"the_key": key}).all():
            raise errors.Sequestered(RULE)

    def find(
        self,
        kind: type[R],
        *,
        order: str = "",
        limit: int | None = None,
        after: Place | None = None,
        containing: Containing | None = None,
        **where: object,
    ) -> list[R]:
        table, layout = table_of(kind), layout_of(kind)
        along = frozenset[str]()
        if limit is not None:
            where, along = self._looked_up(where)
        text = contained(layout, table, containing) if containing is not None else []
        asked = (*text[:1], *conditions(layout, table, where, along), *text[1:])
        query = select(table).where(*asked).order_by(*ordering(layout, table, order))
        if after is not None:
            query = query.where(beyond(layout, table, order, after))
        if limit is not None:
            if limit < 0:
                raise ValueError(f"a limit is 0 or more, not {limit}")
            query = query.limit(limit)
        found: list[R] = []
        rows = self._run(query)
        with in_our_words(self._place):
            for part in rows.partitions(1000):
                found += layout.records(self._in_clear(layout, table, part))
        return found

    def _in_clear(self, layout: Layout[Any], table: Table, rows: Sequence[Any]) -> Sequence[Any]:
        return rows if self._seals is None or not layout.sealed else self._seals.open(layout, table.name, rows)

    def _looked_up(self, where: Mapping[str, object]) -> tuple[dict[str, object], frozenset[str]]:
        """With the keys in place of what they are asked by, where they are few; and the columns that have too many.

        For these a page fills sooner along its order than by looking up each.
        """
        known, along = dict(where), set()
        for name, wanted in where.items():
            if isinstance(wanted, KeyOf):
                keys = list(self._run(keys_of(wanted).limit(MANY)).scalars())
                if len(keys) == MANY:
                    along.add(name)
                else:
                    known[name] = OneOf(keys)
        return known, frozenset(along)

    def count(self, kind: type[Any], **where: object) -> int:
        table, layout = table_of(kind), layout_of(kind)
        query = select(func.count()).select_from(table).where(*conditions(layout, table, where))
        return int(self._run(query).scalar_one())

    def ids(self, kind: type[Any]) -> list[str]:
        key = layout_of(kind).key
        if key.storage != "TEXT":
            raise TypeError(f"{kind.__name__} has no id: its {key.name} is a number")
        column = table_of(kind).c[key.name]
        with in_our_words(self._place):
            return list(self._run(select(column).order_by(column)).scalars())

    def _run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        if self._connection.closed:
            raise RuntimeError("this look or transaction has ended: read and write inside its `with` block")
        with in_our_words(self._place):
            return self._connection.execute(statement, parameters)


class SqlTransaction(SqlLook):
    def add(self, *records: object) -> None:
        for kind, alike in itertools.groupby(records, type):
            layout: Layout[Any] = layout_of(kind)
            table = table_of(kind)
            self._run(_insert(table), [self._closed(layout, table, layout.to_row(record)) for record in alike])

    def change(self, record: R, **changes: object) -> R:
        kind = type(record)
        table, layout = table_of(kind), layout_of(kind)
        if not layout.versioned:
            raise TypeError(f"{kind.__name__} has no version: it is added and removed, never changed")
        fixed = sorted(name for name in changes if name in ("version", layout.key.name) or name not in layout.names)
        if fixed:
            raise TypeError(f"{kind.__name__}: {', '.join(fixed)} cannot be changed")
        version: int = record.version  # type: ignore[attr-defined]  # versioned, as was checked
        changed = dataclasses.replace(record, version=version + 1, **changes)  # type: ignore[type-var]  # a dataclass
        # All columns, so that what is stored is what is returned even if `record` was not the one that was read.
        row = self._closed(layout, table, layout.to_row(changed))
        done = self._run(_update(table), row | {"the_key": row[layout.key.name], "the_version": version})
        if done.rowcount != 1:
            raise Changed(
                f"{kind.__name__} {getattr(record, layout.key.name)!r} was changed or removed meanwhile: "
                "read it again before going on"
            )
        return changed

    def remove(self, *records: object) -> None:
        for kind, alike in itertools.groupby(records, type):
            key = layout_of(kind).key
            keys = [{"the_key": key.write(getattr(record, key.name))} for record in alike]
            self._run(_delete(table_of(kind)), keys)

    def next(self, counter: str, count: int = 1) -> int:
        if count < 1:
            raise ValueError(f"at least one number is taken, not {count}")
        return int(self._run(_COUNT_ON, {"counter": counter, "count": count}).scalar_one())

    def _closed(self, layout: Layout[Any], table: Table, row: dict[str, Any]) -> dict[str, Any]:
        if self._seals is not None and layout.sealed:
            self._seals.close(layout, table.name, row)
        return row

    def _run(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        if not self._connection.closed:
            _check_transaction(self._connection, self._place)
        return super()._run(statement, parameters)


def _check_transaction(connection: Connection, place: str) -> None:
    """SQLite ends a transaction by itself after some errors (a full disk); what came next would be kept at once."""
    driver: Any = connection.connection.driver_connection
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


_COUNT_ON = text(
    f"INSERT INTO {counters.name} (name, next_number) VALUES (:counter, :count) "  # noqa: S608  # a constant
    "ON CONFLICT (name) DO UPDATE SET next_number = next_number + :count RETURNING next_number - :count"
)


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns))


@cache
def _select_one(table: Table) -> Select[Any]:
    return select(table).where(_key(table) == bindparam("the_key"))


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _update(table: Table) -> Update:
    return update(table).where(_key(table) == bindparam("the_key"), table.c.version == bindparam("the_version"))


@cache
def _delete(table: Table) -> Delete:
    return delete(table).where(_key(table) == bindparam("the_key"))
