"""What `find` and `count` ask for, as SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    and_,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from beholden.database.rows import Column, Layout, layout_of
from beholden.database.tables import said, table_of
from beholden.ports.database import Above, Below, Containing, Holding, KeyOf, NoneOf, OneOf, Place, Saying

FOLDED = "folded"  # the function that `fold` is in SQL


def conditions(
    layout: Layout[Any], table: FromClause, where: Mapping[str, object], along: frozenset[str] = frozenset()
) -> list[ColumnElement[bool]]:
    """Raises TypeError for a name that is no column, and for a value that its column cannot hold.

    What a `KeyOf` asks for is looked up row by row for the columns in `along`, and beforehand for the others.
    """
    return [
        _exists(wanted, table.c[name])
        if name in along and isinstance(wanted, KeyOf)
        else _condition(layout.column(name), table.c[name], wanted)
        for name, wanted in where.items()
    ]


def ordering(layout: Layout[Any], table: Table, order: str) -> list[ColumnElement[Any]]:
    """By `order`, then by key, so that two calls give the same order."""
    key = table.c[layout.key.name]
    if not order:
        return [key]
    name = order.removeprefix("-")
    _check_ordered(layout.column(name))
    by = table.c[name]
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
    by, value = table.c[column.name], _bound(column, place.value)
    if order.startswith("-"):
        return and_(by <= value, or_(by < value, past))
    return and_(by >= value, or_(by > value, past))


def contained(layout: Layout[Any], table: FromClause, wanted: Containing) -> ColumnElement[bool]:
    """SQLite itself folds the letters of ASCII only; what has others is folded in Python, thirty times as slowly."""
    text = fold(wanted.text)
    found = []
    for name in wanted.columns:
        if layout.column(name).storage != "TEXT":
            raise TypeError(f"{name} is no text")
        folded = func.lower(table.c[name]) if text.isascii() else getattr(func, FOLDED)(table.c[name])
        found.append(func.instr(folded, text) > 0)
    return or_(false(), *found)


def fold(text: str | None) -> str:
    """Great and small letters alike."""
    return (text or "").lower()


def keys_of(wanted: KeyOf) -> Select[Any]:
    layout: Layout[Any] = layout_of(wanted.kind)
    table = table_of(wanted.kind).alias()
    chosen = conditions(layout, table, wanted.where)
    if wanted.containing is not None:
        chosen.append(contained(layout, table, wanted.containing))
    return select(table.c[layout.key.name]).where(*chosen)


def _exists(wanted: KeyOf, stored: ColumnElement[Any]) -> ColumnElement[bool]:
    """The empty text keeps SQLite from walking the index of the column instead of the order that was asked for."""
    keys = keys_of(wanted)
    (key,) = keys.selected_columns
    return keys.where(key == func.concat(stored, "")).exists()


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
        case None:
            return stored.is_(None)
    return stored == _bound(column, wanted)


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
