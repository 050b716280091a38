"""What `find` and `count` ask for, as SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import reduce
from typing import Any

from sqlalchemy import (
    BLOB,
    TEXT,
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from beholden.database.rows import Column, Layout, layout_of
from beholden.database.seals import COMMON, OWN
from beholden.database.tables import day_of, said, table_of
from beholden.ports.database import (
    Above,
    Below,
    Containing,
    Holding,
    KeyOf,
    NamedBy,
    NamedByNone,
    NoneOf,
    OnDay,
    OneOf,
    Place,
    Saying,
)

BORDER = "\x1f"  # the unit separator of ASCII
FOLDED = "folded"  # the function that `fold` is in SQL
OPENED = "opened"  # the function that gives what a sealed field says


def conditions(
    layout: Layout[Any], table: FromClause, where: Mapping[str, object], along: frozenset[str] = frozenset()
) -> list[ColumnElement[bool]]:
    """Raises TypeError for a name that is no column, and for a value that its column cannot hold.

    What a `KeyOf` asks for is looked up row by row for the columns in `along`, and beforehand for the others.
    """
    return [
        _exists(wanted, table.c[name])
        if name in along and isinstance(wanted, KeyOf)
        else _condition(layout.column(name), _said(layout, table, name), wanted)
        for name, wanted in where.items()
    ]


def ordering(layout: Layout[Any], table: Table, order: str) -> list[ColumnElement[Any]]:
    """By `order`, then by key, so that two calls give the same order."""
    key = table.c[layout.key.name]
    if not order:
        return [key]
    name = order.removeprefix("-")
    _check_ordered(layout.column(name))
    by = _said(layout, table, name)
    return [by.desc() if order.startswith("-") else by.asc(), key]


def beyond(layout: Layout[Any], table: Table, order: str, place: Place) -> ColumnElement[bool]:
    """What comes after a place in this order. The first half is a range of an index, the second picks within it.

    Raises TypeError for a place in another order, or in one by a field that can be None.
    """
    key = table.c[layout.key.name]
    past = key > _bound(layout.key, place.key)
    if not order:
        if place.value is not None:
            raise TypeError("a place in the order of the keys has no other value")
        return past
    column = layout.column(order.removeprefix("-"))
    if column.optional:
        raise TypeError(f"{column.name} can be None, which is no place in an order")
    by, value = _said(layout, table, column.name), _bound(column, place.value)
    if order.startswith("-"):
        return and_(by <= value, or_(by < value, past))
    return and_(by >= value, or_(by > value, past))


def contained(layout: Layout[Any], table: FromClause, wanted: Containing) -> list[ColumnElement[bool]]:
    """SQLite itself folds the letters of ASCII only; what has others is folded in Python, thirty times as slowly.

    The columns are looked through as one text [half the time, of four], unless what is sought could reach over their
    border. Of a text with other letters the longest part in ASCII is sought first, without the two letters of ASCII that
    are also the small form of others (K for kelvin, İ). The first condition is cheaper than most others of a question, and
    a second one dearer.
    """
    text = fold(wanted.text)
    for name in wanted.columns:
        if layout.column(name).storage != "TEXT":
            raise TypeError(f"{name} is no text")
    columns: list[ColumnElement[str]] = [_said(layout, table, name) for name in wanted.columns]
    if len(columns) > 1 and BORDER not in text:
        columns = [reduce(lambda one, other: one.concat(BORDER).concat(other), columns)]
    cheap = text if text.isascii() else max(re.findall(r"[\x00-hjl-\x7f]+", text), key=len, default="")
    found = [or_(false(), *(func.instr(func.lower(one), cheap) > 0 for one in columns))]
    if not text.isascii():
        found.append(or_(false(), *(func.instr(getattr(func, FOLDED)(one), text) > 0 for one in columns)))
    return found


def in_clear(layout: Layout[Any], table: Table) -> ColumnElement[bool]:
    """Rows of which a field that should be sealed lies in clear, and is not empty."""
    return or_(false(), *(_lies_open(column, table.c[column.name]) for column in layout.sealed))


def _lies_open(column: Column, stored: ColumnElement[Any]) -> ColumnElement[bool]:
    start = func.substr(stored, 1, len(OWN))
    if column.storage == "BLOB":
        return and_(stored != column.gone, start.not_in([OWN.encode(), COMMON.encode()]))
    return and_(stored != column.gone, start.not_in([OWN, COMMON]))


def _said(layout: Layout[Any], table: FromClause, name: str) -> ColumnElement[Any]:
    """What a field says: its column, or what SQLite is given for one that lies sealed.

    Raises TypeError for a name that is no column, and for sealed bytes, which nothing can be narrowed by.
    """
    column, stored = layout.column(name), table.c[name]
    if not column.sealed:
        return stored
    if column.storage == "BLOB":
        raise TypeError(f"{name} lies sealed: nothing can be narrowed or ordered by its bytes")
    by = table.c[column.sealed_by] if column.sealed_by else ""
    # As bytes to and fro: the driver would cut a text at its first NUL.
    asked = (table_of(layout.kind).name, name, table.c[layout.key.name], by, cast(stored, BLOB))
    whole = cast(getattr(func, OPENED)(*asked), TEXT)
    return case((stored.is_not(None), whole)) if column.optional else whole


def fold(text: str | None) -> str:
    """Great and small letters alike."""
    return (text or "").lower()


def keys_of(wanted: KeyOf) -> Select[Any]:
    layout: Layout[Any] = layout_of(wanted.kind)
    table = table_of(wanted.kind).alias()
    text = contained(layout, table, wanted.containing) if wanted.containing is not None else []
    chosen = [*text[:1], *conditions(layout, table, wanted.where), *text[1:]]
    named = layout.column(wanted.by) if wanted.by else layout.key
    return select(table.c[named.name]).where(*chosen)


def _exists(wanted: KeyOf, stored: ColumnElement[Any]) -> ColumnElement[bool]:
    """The empty text keeps SQLite from walking the index of the column instead of the order that was asked for."""
    keys = keys_of(wanted)
    (key,) = keys.selected_columns
    return keys.where(key == (func.concat(stored, "") if isinstance(key.type, TEXT) else stored)).exists()


def _condition(column: Column, stored: ColumnElement[Any], wanted: object) -> ColumnElement[bool]:
    match wanted:
        case Above(value):
            _check_ordered(column)
            return stored > _bound(column, value)
        case Below(value):
            _check_ordered(column)
            return stored < _bound(column, value)
        case OneOf(values):
            return _one_of(column, stored, values)
        case NoneOf(values):
            return and_(not_(_one_of(column, stored, values)), stored.is_not(None))
        case Holding(value):
            return _holding(column, stored, value)
        case Saying(name, value):
            return _saying(column, stored, name, value)
        case KeyOf():
            return stored.in_(keys_of(wanted))
        case NamedBy(kind, by, where):
            named, chosen = _naming(kind, by, where)
            return select(named).where(named == stored, *chosen).exists()
        case NamedByNone(kind, by, where):
            named, chosen = _naming(kind, by, where)
            return and_(not_(select(named).where(named == stored, *chosen).exists()), stored.is_not(None))
        case OnDay(day):
            return _on_day(column, stored, day)
        case None:
            return stored.is_(None)
    return stored == _bound(column, wanted)


def _naming(
    kind: type[Any], by: str, where: Mapping[str, object]
) -> tuple[ColumnElement[Any], list[ColumnElement[bool]]]:
    """The column that names, and what its record must be. Raises TypeError for a name that is no column."""
    layout: Layout[Any] = layout_of(kind)
    table = table_of(kind).alias()
    return table.c[layout.column(by).name], conditions(layout, table, where)


def _on_day(column: Column, stored: ColumnElement[Any], day: date) -> ColumnElement[bool]:
    """In the very words of the index over it, as `_saying`."""
    column.write(datetime.combine(day, time(), UTC))  # refuses a column that is no time
    return day_of(stored) == day.isoformat()


def _bound(column: Column, value: object) -> object:
    if value is None:
        raise TypeError(f"nothing is above or below None ({column.name})")
    return column.write(value)


def _one_of(column: Column, stored: ColumnElement[Any], values: Sequence[object]) -> ColumnElement[bool]:
    """One parameter for all values, however many: the driver takes 250,000 parameters at most, and compiles each."""
    written = [column.write(value) for value in values if value is not None]
    in_list: ColumnElement[bool] = false()
    if column.storage == "BLOB":
        each = func.json_each(json.dumps([value.hex() for value in written])).table_valued("value")
        in_list = stored.in_(select(func.unhex(each.c.value)))
    elif written:
        each = func.json_each(json.dumps(written)).table_valued("value")
        in_list = stored.in_(select(each.c.value))
    return or_(in_list, stored.is_(None)) if len(written) < len(values) else in_list


def _holding(column: Column, stored: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """`instr` first: it passes over what cannot hold the value ten times as quickly as JSON is read."""
    column.write((value,))
    each = func.json_each(stored).table_valued("value")
    held = select(literal_column("1")).select_from(each).where(each.c.value == value).exists()
    return and_(func.instr(stored, json.dumps(value, ensure_ascii=False)) > 0, held)


def _saying(column: Column, stored: ColumnElement[Any], name: str, value: str) -> ColumnElement[bool]:
    """In the very words of the index over it (see `tables.said`), or SQLite would read every row."""
    if column.storage != "BLOB" or not re.fullmatch(r"[a-z_]+", name):
        raise TypeError(f"{column.name} has no {name!r} to look for")
    return said(stored, name) == value


def _check_ordered(column: Column) -> None:
    if not column.ordered:
        raise TypeError(f"{column.name} has several parts, which have no order")
