"""Reading the records at one moment: what is asked of a table, and its rows as records again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import Connection, CursorResult, Executable, Select, func, select
from sqlalchemy.exc import DBAPIError

from beholden import errors
from beholden.database import asked
from beholden.database.conditions import beyond, conditions, contained, keys_of, ordering
from beholden.database.failures import in_our_words, ours
from beholden.database.files import driver_of
from beholden.database.rows import Layout, layout_of
from beholden.database.seals import Seals
from beholden.database.tables import table_of
from beholden.errors import Missing
from beholden.ports.database import Containing, KeyOf, OneOf, Place
from beholden.records.sequestration import RULE, Sequestered

R = TypeVar("R")

# By its keys, a page costs 3 to 4 µs a key; along its order, 1.6 µs for each record passed over. Among 100,000 searches a page
# of those of 100,000 cases took 250 ms by their keys and 5 along the order; of every fourth case, 113 and 27; of the oldest
# 12,500, 65 and 141. Who has more cases than this has some among the latest, or waits those 140 ms.
MANY = 15_000
FEW = 50  # records that are kept to be given again at the same moment
AT_ONCE = 1000  # rows that are read, opened and made records together


class SqlLook:
    def __init__(self, connection: Connection, place: str, seals: Seals | None) -> None:
        self._connection = connection
        self._driver: Any = driver_of(connection)
        self._place = place
        self._seals = seals
        self._known: dict[type[Any], dict[tuple[object, ...], tuple[Any, ...]]] = {}
        self._ended = False

    def end(self) -> None:
        """Nothing is read any more: its connection is another's now."""
        self._ended = True
        self._known.clear()

    def get(self, kind: type[R], key: object) -> R:
        layout = layout_of(kind)
        rows = self._ask(asked.texts_of(kind).select_one, (layout.key.write(key),)).fetchall()
        if not rows:
            self._check_not_sequestered(key)
            raise Missing(f"there is no {kind.__name__} {key!r}: it was removed, or the id is mistyped")
        return layout.records(self._in_clear(layout, rows))[0]

    def _check_not_sequestered(self, key: object) -> None:
        """What was taken out of use is told apart from what never was, whoever asks for it and however."""
        if isinstance(key, str) and self._ask(asked.texts_of(Sequestered).select_one, (key,)).fetchall():
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
        if limit is not None and limit < 0:
            raise ValueError(f"a limit is 0 or more, not {limit}")
        layout = layout_of(kind)
        short = None if after is not None or containing is not None else asked.chosen(kind, where)
        by = asked.ordered(kind, order)
        if short is None or by is None:
            return self._records(layout, self._found(kind, order, limit, after, containing, where))
        narrowed, values = short
        if limit is not None:
            by, values = f"{by} LIMIT ?", [*values, limit]
        return self._once(layout, asked.texts_of(kind).select + narrowed + by, values)

    def _once(self, layout: Layout[R], text: str, values: Sequence[object]) -> list[R]:
        """What is asked again at the same moment is answered by what was found; a transaction forgets it when it writes
        records of that kind.

        Nothing that was opened is kept.
        """
        asked_before = (text, *values)
        of_kind = self._known.setdefault(layout.kind, {})
        if (known := of_kind.get(asked_before)) is not None:
            self._check_open()
            return list(known)
        found = self._records(layout, self._ask(text, values))
        if len(found) <= FEW and not layout.sealed:
            of_kind[asked_before] = tuple(found)
        return found

    def _records(self, layout: Layout[R], rows: Any) -> list[R]:
        found: list[R] = []
        while part := self._next(rows):
            found += layout.records(self._in_clear(layout, part))
        return found

    def _found(
        self,
        kind: type[Any],
        order: str,
        limit: int | None,
        after: Place | None,
        containing: Containing | None,
        where: Mapping[str, object],
    ) -> CursorResult[Any]:
        """Whatever can be asked, by way of a statement of SQLAlchemy."""
        table, layout = table_of(kind), layout_of(kind)
        along = frozenset[str]()
        if limit is not None:
            where, along = self._looked_up(where)
        text = contained(layout, table, containing) if containing is not None else []
        wanted = (*text[:1], *conditions(layout, table, where, along), *text[1:])
        query = select(table).where(*wanted).order_by(*ordering(layout, table, order))
        if after is not None:
            query = query.where(beyond(layout, table, order, after))
        return self._run(query if limit is None else query.limit(limit))

    def _next(self, rows: Any) -> Sequence[Any]:
        try:
            part: Sequence[Any] = rows.fetchmany(AT_ONCE)
        except (DBAPIError, sqlite.Error) as error:
            raise ours(error, self._place) from error
        return part

    def _in_clear(self, layout: Layout[Any], rows: Sequence[Any]) -> Sequence[Any]:
        if self._seals is None or not layout.sealed:
            return rows
        return self._seals.open(layout, table_of(layout.kind).name, rows)

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

    def again(self, records: Sequence[R]) -> list[R]:
        if not records:
            return []
        kind: type[Any] = type(records[0])
        layout = layout_of(kind)
        if not layout.versioned:
            raise TypeError(f"{kind.__name__} has no version: it is found anew")
        keys = [getattr(record, layout.key.name) for record in records]
        rows = self._ask(asked.texts_of(kind).versions, (json.dumps([layout.key.write(key) for key in keys]),))
        now: dict[object, int] = dict(rows.fetchall())
        was: dict[object, R] = dict(zip(keys, records, strict=True))
        changed = [key for key, one in was.items() if key in now and now[key] != one.version]  # type: ignore[attr-defined]  # versioned
        if changed:
            text = f"{asked.texts_of(kind).select} WHERE {asked.one_of(layout.key.name)}"
            found = self._records(layout, self._ask(text, (json.dumps([layout.key.write(key) for key in changed]),)))
            was |= {getattr(one, layout.key.name): one for one in found}
        return [was[key] for key in keys if key in now]

    def count(self, kind: type[Any], **where: object) -> int:
        if (short := asked.chosen(kind, where)) is not None:
            narrowed, values = short
            return int(self._ask(asked.counting(kind, where) + narrowed, values).fetchone()[0])
        table, layout = table_of(kind), layout_of(kind)
        query = select(func.count()).select_from(table).where(*conditions(layout, table, where))
        return int(self._run(query).scalar_one())

    def ids(self, kind: type[Any]) -> list[str]:
        key = layout_of(kind).key
        if key.storage != "TEXT":
            raise TypeError(f"{kind.__name__} has no id: its {key.name} is a number")
        text = f'SELECT "{key.name}" FROM {table_of(kind).name} ORDER BY "{key.name}"'  # noqa: S608  # names of our own
        found = self._ask(text, ())  # past SQLAlchemy, and one after the other: a start asks for those of every face
        try:
            return [id for (id,) in found]
        except sqlite.Error as error:
            raise ours(error, self._place) from error

    def values(
        self, kind: type[Any], names: Sequence[str], *, order: str = "", limit: int | None = None, **where: object
    ) -> list[tuple[Any, ...]]:
        table, layout = table_of(kind), layout_of(kind)
        short, by = asked.chosen(kind, where), asked.ordered(kind, order) if order else ""
        if short is not None and by is not None:
            narrowed, values = short
            columns = ", ".join(f'"{name}"' for name in self._readable(kind, names))
            text = f"SELECT {columns} FROM {table.name}{narrowed}{by}"  # noqa: S608  # names of our own records
            if limit is not None:
                text, values = f"{text} LIMIT ?", [*values, limit]
            return self._as_told(kind, names, self._ask(text, values))
        query = self._columns(kind, names, where).limit(limit)
        if order:  # without one no row is read for its key, where an index has all that is asked for
            query = query.order_by(*ordering(layout, table, order))
        return self._read(kind, names, query)

    def distinct(self, kind: type[Any], names: Sequence[str], **where: object) -> list[tuple[Any, ...]]:
        return self._read(kind, names, self._columns(kind, names, where).distinct())

    def miscounted(self, kind: type[Any]) -> list[tuple[tuple[Any, ...], int, int]]:
        kept, there = (
            {tuple(row[:-1]): int(row[-1]) for row in self._ask(text, ()).fetchall()} for text in asked.tallies(kind)
        )
        both = sorted(kept.keys() | there.keys())
        return [(one, kept.get(one, 0), there.get(one, 0)) for one in both if kept.get(one, 0) != there.get(one, 0)]

    def _readable(self, kind: type[Any], names: Sequence[str]) -> Sequence[str]:
        if sealed := [name for name in names if layout_of(kind).column(name).sealed]:
            raise TypeError(f"{kind.__name__}: {', '.join(sealed)} is sealed: find the records to read it")
        return names

    def _columns(self, kind: type[Any], names: Sequence[str], where: Mapping[str, object]) -> Select[Any]:
        table, layout = table_of(kind), layout_of(kind)
        return select(*(table.c[name] for name in self._readable(kind, names))).where(*conditions(layout, table, where))

    def _read(self, kind: type[Any], names: Sequence[str], query: Select[Any]) -> list[tuple[Any, ...]]:
        cursor = self._run(query).cursor
        assert cursor is not None  # a question that was asked has one
        return self._as_told(kind, names, cursor)  # past SQLAlchemy: in a third of the time

    def _as_told(self, kind: type[Any], names: Sequence[str], cursor: Any) -> list[tuple[Any, ...]]:
        """The rows of the driver's cursor as the records' own values."""
        reads = [(at, read) for at, name in enumerate(names) if (read := layout_of(kind).column(name).read)]
        with in_our_words(self._place):
            found: list[Any] = [*cursor.fetchall()]
            cursor.close()
        for at, read in reads:
            found = [(*row[:at], read(row[at]), *row[at + 1 :]) for row in found]
        return found

    def _run(self, statement: Executable) -> CursorResult[Any]:
        self._check_open()
        with in_our_words(self._place):
            return self._connection.execute(statement)

    def _ask(self, text: str, values: Sequence[object] | Mapping[str, object]) -> Any:
        """The driver's own cursor over the rows."""
        self._check_open()
        try:
            return self._driver.execute(text, values)
        except sqlite.Error as error:
            raise ours(error, self._place) from error

    def _check_open(self) -> None:
        if self._ended:
            raise RuntimeError("this look or transaction has ended: read and write inside its `with` block")
