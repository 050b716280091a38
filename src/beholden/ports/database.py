"""The records, and the only truth: everything else can be rebuilt from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar

from beholden.ports.keys import Keys

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Above:
    """In `find`: the column is greater than this."""

    value: Any


@dataclass(frozen=True, slots=True)
class Below:
    """In `find`: the column is less than this."""

    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """In `find`: the column is one of these (none of them finds nothing)."""

    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """In `find`: the column is none of these, and not None."""

    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Holding:
    """In `find`: the column is a tuple of texts, and this is one of them."""

    value: str


@dataclass(frozen=True, slots=True)
class Saying:
    """In `find`: the column is JSON in bytes, an object that has this text under this name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Containing:
    """In `find`: one of these columns of text has `text` in it, whether its letters are great or small."""

    text: str
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class KeyOf:
    """In `find`: the column is the key of a record of this kind that `find` would find with these conditions.

    With `by`, it is what such a record has in that field instead.
    """

    kind: type[Any]
    where: Mapping[str, Any] = field(default_factory=dict)
    containing: Containing | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class NamedBy:
    """In `find`: some record of this kind with these conditions has the column's value in `by`.

    As `KeyOf` with `by`, but looked up for one record after another: for what holds of most of those that come first.
    """

    kind: type[Any]
    by: str
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NamedByNone:
    """In `find`: the column is not None, and no record of this kind with these conditions has its value in `by`."""

    kind: type[Any]
    by: str
    where: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnDay:
    """In `find`: the column is a time on this day in UTC."""

    day: date


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an order: what the record there has in the field that orders (None without `order`), and its key."""

    value: Any
    key: Any


class Look(Protocol):
    """One moment of the records: everything read through it agrees."""

    def get(self, kind: type[R], key: object) -> R:
        """The record whose first field is `key`. Raises `Missing` if there is none."""

    def find(
        self,
        kind: type[R],
        *,
        order: str = "",
        limit: int | None = None,
        after: Place | None = None,
        containing: Containing | None = None,
        **where: Any,
    ) -> list[R]:
        """All records whose fields equal `where` (or are `Above`, `Below`, `OneOf`, …), by `order` and then by key.

        `order` is a field's name, with `-` before it for the greatest first. Without `limit`, all of them. With `after`,
        those that come after that place, whether or not a record is there; the field that orders is then never None.
        """

    def again(self, records: Sequence[R]) -> list[R]:
        """Records of one kind, with a version, that were read before, as they are now: in their order, without those gone.

        Where the version is still the same, the record is given that was given here.
        """

    def count(self, kind: type[Any], **where: Any) -> int: ...

    def ids(self, kind: type[Any]) -> list[str]:
        """The keys of all records of a kind, without reading the records."""

    def values(
        self, kind: type[Any], names: Sequence[str], *, order: str = "", limit: int | None = None, **where: Any
    ) -> list[tuple[Any, ...]]:
        """What the records that `find` would find have in these fields, without making records of them: for millions.

        In no order unless by `order`. Raises TypeError for a sealed field.
        """

    def distinct(self, kind: type[Any], names: Sequence[str], **where: Any) -> list[tuple[Any, ...]]:
        """The same, each combination once."""

    def miscounted(self, kind: type[Any]) -> list[tuple[tuple[Any, ...], int, int]]:
        """Where the counts that the store keeps differ from the records: in which fields they agree, counted, and there.

        All records of the kind are read. Raises TypeError for a kind whose counts are not kept.
        """


class Transaction(Look, Protocol):
    """A write: all of it or nothing. Only one at a time, in the order in which they were begun."""

    def add(self, *records: object) -> None: ...

    def change(self, record: R, **changes: Any) -> R:
        """The record with `changes` and the next `version`. Raises `Changed` if it is no longer the one that was read."""

    def remove(self, *records: object) -> None:
        """Take rows away, overwritten with zeros in the file. Rows that are not there are ignored."""

    def count_anew(self, kind: type[Any]) -> None:
        """Make the counts that the store keeps again, from the records. Raises TypeError where it keeps none."""

    def next(self, counter: str, count: int = 1) -> int:
        """The first of `count` numbers, one after another from 0, never given twice (a rollback gives them back)."""


class Database(Protocol):
    def look(self) -> AbstractContextManager[Look]:
        """A read snapshot. It never waits for a writer."""

    def begin(self, *, together: bool = False) -> AbstractContextManager[Transaction]:
        """A write transaction, durable when the block ends. An exception rolls all of it back.

        With `together` it may be made durable in one step with others that were waiting: it may then have read what one
        of them wrote, and all of them are kept, or none. For what does nothing beside the records before it has ended.
        """

    def seal_under(self, keys: Keys) -> None:
        """From now on seal the marked fields of records (`records.sealed`), and give them in clear to who reads."""

    def seal_left(self, limit: int) -> int:
        """Seal what lies in clear from before in up to `limit` rows, in a transaction; how many it were, 0 at the end."""

    def purge(self) -> None:
        """Make the store forget what was removed (write-ahead log cut and verified). Raises `StoreNotClean` if it cannot."""

    def close(self) -> None: ...
