"""What `find` and `count` ask for, as SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, false, func, or_, select

from beholden.database import rows
from beholden.database.rows import Layout
from beholden.ports.database import Above, Below, OneOf


def conditions(layout: Layout[Any], table: Table, where: Mapping[str, object]) -> list[ColumnElement[bool]]:
    """Raises TypeError for a name that is no column, and for a value that its column cannot hold."""
    return [_condition(layout.column(name), table.c[name], wanted) for name, wanted in where.items()]


def ordering(layout: Layout[Any], table: Table, order: str) -> list[ColumnElement[Any]]:
    """By `order`, then by key, so that two calls give the same order."""
    key = table.c[layout.key.name]
    if not order:
        return [key]
    name = order.removeprefix("-")
    _check_ordered(layout.column(name))
    by = table.c[name]
    return [by.desc() if order.startswith("-") else by.asc(), key]


def _condition(column: rows.Column, stored: Column[Any], wanted: object) -> ColumnElement[bool]:
    match wanted:
        case Above(value):
            _check_ordered(column)
            return stored > _bound(column, value)
        case Below(value):
            _check_ordered(column)
            return stored < _bound(column, value)
        case OneOf(values):
            return _one_of(column, stored, values)
        case None:
            return stored.is_(None)
    return stored == _bound(column, wanted)


def _bound(column: rows.Column, value: object) -> object:
    if value is None:
        raise TypeError(f"nothing is above or below None ({column.name})")
    return column.write(value)


def _one_of(column: rows.Column, stored: Column[Any], values: Sequence[object]) -> ColumnElement[bool]:
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


def _check_ordered(column: rows.Column) -> None:
    if not column.ordered:
        raise TypeError(f"{column.name} has several parts, which have no order")
