"""What is asked most of the time, as SQL text that is put together at once: equal, one of, above, below, and by the key.

Building a statement of SQLAlchemy, and looking up what it was compiled to, took four fifths of the time of a short question
[one search asks about a hundred: 27 ms of the processor so, 6 as here]. Whatever is asked in another way goes through
`conditions`, and means the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from beholden.database.rows import Column, layout_of
from beholden.database.tables import TALLIED, table_of
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
    Saying,
)

# For `conditions` alone.
OTHERS = frozenset({Containing, Holding, KeyOf, NamedBy, NamedByNone, NoneOf, OnDay, Saying})


def chosen(kind: type[Any], where: Mapping[str, object]) -> tuple[str, list[object]] | None:
    """` WHERE …` with its values; empty where nothing narrows. None for what `conditions` must say, or refuse."""
    columns = texts_of(kind).columns
    parts: list[str] = []
    values: list[object] = []
    for name, wanted in where.items():
        column = columns.get(name)
        if column is None or column.sealed:
            return None
        how: type = wanted.__class__
        if how in OTHERS:
            return None
        if isinstance(wanted, OneOf):
            if not wanted.values:  # as often as not of a list that is empty
                parts.append("0")
                continue
            written: list[object] = [column.write(value) for value in wanted.values if value is not None]
            if column.storage == "BLOB" or len(written) < len(wanted.values):
                return None
            parts.append(one_of(name))
            values.append(json.dumps(written))
        elif isinstance(wanted, Above | Below):
            if not column.ordered or wanted.value is None:
                return None
            parts.append(f'"{name}" > ?' if how is Above else f'"{name}" < ?')
            values.append(column.write(wanted.value))
        elif wanted is None:
            parts.append(f'"{name}" IS NULL')
        else:
            parts.append(f'"{name}" = ?')
            values.append(column.write(wanted))
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def one_of(name: str) -> str:
    """Takes all values as one JSON list: the driver takes 250,000 parameters at most, and compiles each."""
    return f'"{name}" IN (SELECT value FROM json_each(?))'  # noqa: S608


def ordered(kind: type[Any], order: str) -> str | None:
    """` ORDER BY …`, by `order` and then by key; None for what `ordering` must say, or refuse."""
    key = layout_of(kind).key.name
    if not order:
        return f' ORDER BY "{key}"'
    column = texts_of(kind).columns.get(order.removeprefix("-"))
    if column is None or column.sealed or not column.ordered:
        return None
    return f' ORDER BY "{column.name}"{" DESC" if order[0] == "-" else ""}, "{key}"'


@dataclass(frozen=True, slots=True)
class Texts:
    """The statements about one kind of records, but for what narrows and orders them."""

    columns: dict[str, Column]
    select: str
    select_one: str  # takes the key
    versions: str  # key and version; takes the keys as one JSON list
    insert: str  # takes the values of a row in the order of the columns
    update: str  # takes the same, then the key and the version that it had
    delete: str  # takes the key


_TEXTS: dict[type, Texts] = {}


def texts_of(kind: type[Any]) -> Texts:
    """Raises TypeError for a class that has no table."""
    if kind not in _TEXTS:
        _TEXTS[kind] = _texts(kind)
    return _TEXTS[kind]


def _texts(kind: type[Any]) -> Texts:
    layout, table = layout_of(kind), table_of(kind).name
    names = [f'"{column.name}"' for column in layout.columns]
    key, all_names = names[0], ", ".join(names)
    return Texts(
        columns={column.name: column for column in layout.columns},
        select=f"SELECT {all_names} FROM {table}",  # noqa: S608  # names of our own records, here and below
        select_one=f"SELECT {all_names} FROM {table} WHERE {key} = ?",  # noqa: S608
        versions=f"SELECT {key}, version FROM {table} WHERE {one_of(layout.key.name)}",  # noqa: S608
        insert=f"INSERT INTO {table} ({all_names}) VALUES ({', '.join('?' for _ in names)})",  # noqa: S608
        update=f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE {key} = ? AND version = ?",  # noqa: S608
        delete=f"DELETE FROM {table} WHERE {key} = ?",  # noqa: S608
    )


def counting(kind: type[Any], names: Iterable[str]) -> str:
    """What counts the records that these fields narrow: from the counts that SQLite keeps, where it keeps them by these."""
    if kind in TALLIED and set(names) <= set(TALLIED[kind]):
        return "SELECT coalesce(sum(faces), 0) FROM face_counts"
    return f"SELECT count(*) FROM {table_of(kind).name}"  # noqa: S608


def tallies(kind: type[Any]) -> tuple[str, str]:
    """What reads the counts that SQLite keeps of this kind, and what counts its records anew.

    Raises TypeError for a kind of which it keeps none.
    """
    if kind not in TALLIED:
        raise TypeError(f"{kind.__name__}: no counts are kept of it")
    names = ", ".join(TALLIED[kind])
    return (
        f"SELECT {names}, faces FROM face_counts",  # noqa: S608  # names of our own, here and below
        f"SELECT {names}, count(*) FROM {table_of(kind).name} GROUP BY {names}",  # noqa: S608
    )
