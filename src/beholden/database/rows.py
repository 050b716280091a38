"""How a record becomes a row, and a row the same record again: worked out once for each class from its type hints."""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from beholden.errors import BadInput, Fault
from beholden.records.retention import Kept
from beholden.records.sealed import Sealed

R = TypeVar("R")
Value = Any  # what a field holds: checked when it is written, and the type hint is the promise when it is read
Hint = Any  # a type hint, which need not be a type
Write = Callable[[Value], Value]
Read = Callable[[Value], Value] | None  # None: the value is already what the record holds
Storage = Literal["TEXT", "INTEGER", "REAL", "BLOB"]

# SQLite keeps integers in eight bytes; a greater one would be refused by the driver in its own words.
LEAST_INT, GREATEST_INT = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a record, or one part of its `kept`, as SQLite holds it."""

    name: str
    storage: Storage
    optional: bool
    ordered: bool  # whether greater and less mean something: not for JSON
    write: Write
    read: Read
    sealed: bool = False  # see records.sealed
    sealed_by: str = ""  # the column that names the key; empty for the system's secret
    gone: Value = None  # as it lies in the file when it is empty


@dataclass(frozen=True, slots=True)
class Layout(Generic[R]):
    """The columns of one class of records; the first is its key."""

    kind: type[R]
    columns: tuple[Column, ...]
    versioned: bool
    names: frozenset[str]  # of the record's fields
    to_row: Callable[[R], dict[str, Any]]
    from_row: Callable[[Sequence[Any]], R]
    sealed: tuple[Column, ...]

    @property
    def key(self) -> Column:
        return self.columns[0]

    def column(self, name: str) -> Column:
        """Raises TypeError for a name that is no column."""
        for column in self.columns:
            if column.name == name:
                return column
        raise TypeError(
            f"{self.kind.__name__} has no column {name!r}; it has {', '.join(c.name for c in self.columns)}"
        )

    def records(self, rows: Iterable[Sequence[Any]]) -> list[R]:
        """The records of rows that hold every column in order. Raises `Fault` for a row that does not fit the class."""
        build = self.from_row
        collecting = gc.isenabled()
        gc.disable()  # records have no cycles, and looking for some took as long as all the rest (100,000 faces)
        try:
            return [build(row) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise Fault(
                f"a stored {self.kind.__name__} cannot be read ({error}): run `beholden check`, "
                "and restore a backup if it finds the same"
            ) from error
        finally:
            if collecting:
                gc.enable()


_LAYOUTS: dict[type, Layout[Any]] = {}


def layout_of(kind: type[R]) -> Layout[R]:
    """Raises TypeError for a class that is no dataclass, or has a field of a type that has no place in a row."""
    if kind not in _LAYOUTS:
        _LAYOUTS[kind] = _derive(kind)
    return _LAYOUTS[kind]


def _derive(kind: type[R]) -> Layout[R]:
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} is no record: only dataclasses are stored")
    hints = get_type_hints(kind, include_extras=True)
    columns: list[Column] = []
    paths: list[str] = []  # where in the record each column's value is
    kept_at: int | None = None
    for one in fields(kind):
        if hints[one.name] is Kept:
            kept_at = len(columns)
            parts = list(_columns_of_kept())
            paths.extend(f"{one.name}.{part.name}" for part in parts)
            columns.extend(parts)
        else:
            paths.append(one.name)
            columns.append(_marked(f"{kind.__name__}.{one.name}", one.name, hints[one.name]))
    names = frozenset(one.name for one in fields(kind))
    return Layout(
        kind,
        tuple(columns),
        "version" in names,
        names,
        _row_writer(paths, columns),
        _row_reader(kind, columns, kept_at),
        tuple(column for column in columns if column.sealed),
    )


def _columns_of_kept() -> Iterable[Column]:
    hints = get_type_hints(Kept)
    return (_column(f"Kept.{part.name}", part.name, hints[part.name]) for part in fields(Kept))


def _row_writer(paths: Sequence[str], columns: Sequence[Column]) -> Callable[[Any], dict[str, Any]]:
    names, writes = [column.name for column in columns], [column.write for column in columns]
    # All at once: a search writes some seventy records. The last is not asked for; with one column it makes a tuple of it.
    values_of = attrgetter(*paths, paths[0])

    def to_row(record: Value) -> dict[str, Any]:
        return {name: write(value) for name, write, value in zip(names, writes, values_of(record), strict=False)}

    return to_row


def _row_reader(kind: Callable[..., R], columns: Sequence[Column], kept_at: int | None) -> Callable[[Sequence[Any]], R]:
    reads = [(i, column.read) for i, column in enumerate(columns) if column.read is not None]
    if kept_at is None:

        def plain(row: Sequence[Any]) -> R:
            values = list(row)
            for i, read in reads:
                values[i] = read(values[i])
            return kind(*values)

        return plain
    start, end = kept_at, kept_at + len(fields(Kept))

    def with_kept(row: Sequence[Any]) -> R:
        values = list(row)
        for i, read in reads:
            values[i] = read(values[i])
        return kind(*values[:start], Kept(*values[start:end]), *values[end:])

    return with_kept


def _marked(where: str, name: str, hint: Hint) -> Column:
    """A column that is sealed if its hint says so."""
    marks = getattr(hint, "__metadata__", ())  # of `Annotated`
    plain = hint.__origin__ if marks else hint
    column = _column(where, name, plain)
    for mark in marks:
        if isinstance(mark, Sealed):
            if column.storage not in ("TEXT", "BLOB"):
                raise TypeError(f"{where}: {plain} lies as a number, which cannot be sealed")
            column = replace(column, sealed=True, sealed_by=mark.by, gone=column.write(_empty(where, plain)))
    return column


def _empty(where: str, hint: Hint) -> Value:
    """What a sealed field is when its key is gone."""
    hint, optional = _without_none(where, hint)
    if optional:
        return None
    origin: object = get_origin(hint)
    if origin is tuple:
        return ()
    if is_dataclass(hint) and isinstance(hint, type):
        inner = get_type_hints(hint)
        return hint(*(_empty(where, inner[one.name]) for one in fields(hint)))
    return hint()


def _column(where: str, name: str, hint: Hint) -> Column:
    hint, optional = _without_none(where, hint)
    storage: Storage
    ordered = True
    write: Write
    read: Read
    if hint is bool:
        storage, write, read = "INTEGER", _boolean(where), bool
    elif hint is bytes:
        storage, write, read = "BLOB", _exactly(where, bytes), None
    elif hint in (str, int, float) or hint is datetime or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        storage = {int: "INTEGER", float: "REAL"}.get(hint, "TEXT")  # type: ignore[assignment]  # three of the four
        write, read = _plain(where, hint)
    else:
        dump, load = _json(where, hint)
        storage, ordered = "TEXT", False
        write, read = _to_json(where, dump), _from_json(load)
    if optional:
        write, read = _or_none(write), _or_none(read) if read else None
    return Column(name, storage, optional, ordered, write, read)


def _without_none(where: str, hint: Hint) -> tuple[Any, bool]:
    origin: object = get_origin(hint)
    if origin is not Union and origin is not UnionType:
        return hint, False
    others = [one for one in get_args(hint) if one is not NoneType]
    if len(others) != 1 or len(others) == len(get_args(hint)):
        raise TypeError(f"{where}: {hint} has no place in a row: one type, or one type and None")
    return others[0], True


def _or_none(convert: Callable[[Value], Value]) -> Callable[[Value], Value]:
    return lambda value: None if value is None else convert(value)


def _exactly(where: str, *kinds: type) -> Write:
    kind = kinds[0]

    def write(value: Value) -> Value:
        if value.__class__ is kind:
            return value
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise TypeError(f"{where} takes {kinds[0].__name__}, not {type(value).__name__}")
        return value

    return write


def _boolean(where: str) -> Write:
    check = _exactly(where, bool)
    return lambda value: int(check(value))


def _plain(where: str, hint: Hint) -> tuple[Write, Read]:
    """Types that are written alike in a column and in JSON."""
    if hint is str:
        return _text(where), None
    if hint is int:
        return _integer(where), None
    if hint is float:
        return _real(where), None
    if hint is datetime:
        return _instant(where), datetime.fromisoformat
    return _member(where, hint)


def _text(where: str) -> Write:
    check = _exactly(where, str)

    def write(value: Value) -> str:
        if value.__class__ is not str:
            value = str(check(value))
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:  # half a surrogate pair: a file name that is not UTF-8, say
                raise BadInput(
                    f"{where} holds a character that is no Unicode text: {value!r}; give it another name"
                ) from error
        return value  # type: ignore[no-any-return]  # checked above

    return write


def _integer(where: str) -> Write:
    check = _exactly(where, int)

    def write(value: Value) -> int:
        number = int(check(value))
        if not LEAST_INT <= number <= GREATEST_INT:
            raise ValueError(f"{where} takes 64 bits; {number} needs more")
        return number

    return write


def _real(where: str) -> Write:
    check = _exactly(where, float, int)

    def write(value: Value) -> float:
        number = float(check(value))
        if not math.isfinite(number):  # SQLite would store NULL for "not a number"
            raise ValueError(f"{where} takes a finite number, not {number}")
        return number

    return write


def _instant(where: str) -> Write:
    check = _exactly(where, datetime)
    zero = timedelta(0)

    def write(value: Value) -> str:
        if check(value).utcoffset() != zero:
            raise ValueError(f"{where} takes an aware time in UTC, not {value!r}")
        if value.microsecond % 1000:
            raise ValueError(f"{where} takes a time cut to the millisecond, not {value!r}")
        return f"{value.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"

    return write


def _member(where: str, members: type[StrEnum]) -> tuple[Write, Read]:
    by_value = {member.value: member for member in members}

    def write(value: Value) -> str:
        if not isinstance(value, members):
            raise TypeError(f"{where} takes a {members.__name__}, not {value!r}")
        return value.value

    return write, by_value.__getitem__


def _to_json(where: str, dump: Write) -> Write:
    text = _text(where)
    encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
    return lambda value: text(encode(dump(value)))


def _from_json(load: Read) -> Callable[[str], Any]:
    decode = json.JSONDecoder().raw_decode  # not `decode`, which looks for spaces at both ends: a third of its time
    if load is None:
        return lambda text: decode(text)[0]
    return lambda text: load(decode(text)[0])


def _json(where: str, hint: Hint) -> tuple[Write, Read]:
    """How a value goes into JSON and comes out of it."""
    hint, optional = _without_none(where, hint)
    origin: object = get_origin(hint)
    if origin is tuple:
        dump, load = _tuple(where, get_args(hint))
    elif isinstance(hint, type) and is_dataclass(hint):
        dump, load = _nested(where, hint)
    elif hint is bytes:
        check = _exactly(where, bytes)
        dump, load = (lambda value: check(value).hex()), bytes.fromhex
    elif hint is bool:
        dump, load = _exactly(where, bool), None
    elif hint in (str, int, float, datetime) or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        dump, load = _plain(where, hint)
    else:
        raise TypeError(f"{where}: {hint} has no place in a row")
    if optional:
        return _or_none(dump), _or_none(load) if load else None
    return dump, load


def _tuple(where: str, parts: tuple[Any, ...]) -> tuple[Write, Read]:
    check = _exactly(where, tuple)
    if len(parts) == 2 and parts[1] is Ellipsis:
        dump_one, load_one = _json(where, parts[0])
        if load_one is None:
            return (lambda value: [dump_one(part) for part in check(value)]), tuple
        return (lambda value: [dump_one(part) for part in check(value)]), lambda value: tuple(map(load_one, value))
    pairs = [_json(where, part) for part in parts]
    dumps = [dump for dump, _ in pairs]
    loads = [load for _, load in pairs]

    def dump_all(value: Value) -> list[Any]:
        return [dump(part) for dump, part in zip(dumps, check(value), strict=True)]

    def load_all(value: list[Any]) -> tuple[Any, ...]:
        return tuple(load(part) if load else part for load, part in zip(loads, value, strict=True))

    return dump_all, load_all if any(loads) else tuple


def _nested(where: str, kind: type) -> tuple[Write, Read]:
    hints = get_type_hints(kind)
    parts = {one.name: _json(f"{where}.{one.name}", hints[one.name]) for one in fields(kind)}
    check = _exactly(where, kind)
    loads = [(name, load) for name, (_, load) in parts.items() if load is not None]

    def dump(value: Value) -> dict[str, Any]:
        check(value)
        return {name: write(getattr(value, name)) for name, (write, _) in parts.items()}

    def load_parts(value: dict[str, Any]) -> Value:
        for name, load in loads:
            value[name] = load(value[name])
        return kind(**value)

    return dump, load_parts
