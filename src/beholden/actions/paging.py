"""One page of a long list: where it goes on is told by the place of its last record, so that a deep page costs as little."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from beholden.errors import BadInput
from beholden.ports.database import Containing, Place
from beholden.records.audit import instant

R = TypeVar("R")
S = TypeVar("S")

MOST = 200  # records on a page: what one person looks through
MAX_FILTER = 200  # characters
_GREATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    shown: tuple[R, ...]
    next: str  # give it as `after` for the next page; empty on the last one

    def each(self, turn: Callable[[R], S]) -> Page[S]:
        """The same page of something made of each of its records."""
        return Page(tuple(turn(one) for one in self.shown), self.next)


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is ordered, and how a record's place in it is written for whoever asks for the page after it."""

    field: str  # as `find` takes it
    value: type[str] | type[int] | type[datetime]
    key: type[str] | type[int] = str
    key_field: str = "id"

    @property
    def name(self) -> str:
        return self.field.removeprefix("-")

    def place(self, record: Any) -> Place:
        value = record.kept.created_at if self.name == "created_at" else getattr(record, self.name)
        return Place(value, getattr(record, self.key_field))

    def write(self, record: Any) -> str:
        place = self.place(record)
        value = instant(place.value) if isinstance(place.value, datetime) else place.value
        return base64.urlsafe_b64encode(json.dumps([value, place.key]).encode()).decode().rstrip("=")

    def read(self, after: str) -> Place | None:
        """The place that a page goes on from, None for the first page. Raises `BadInput` for what no page gave."""
        if not after:
            return None
        try:
            value, key = json.loads(base64.b64decode(after + "=" * (-len(after) % 4), altchars=b"-_", validate=True))
            if self.value is datetime:
                value = _instant(value)
            if type(value) is not self.value or type(key) is not self.key:
                raise TypeError
            if any(type(one) is int and not 0 <= one <= _GREATEST for one in (value, key)):
                raise ValueError
            f"{value}{key}".encode()
        except (ValueError, TypeError, binascii.Error, RecursionError):
            raise BadInput("there is no such page: begin again with the first one") from None
        return Place(value, key)


def check_limit(limit: int) -> int:
    """Raises `BadInput` for a page of no size."""
    if not 1 <= limit <= MOST:
        raise BadInput(f"a page has 1 to {MOST} records, not {limit}")
    return limit


def containing(filter: str, *columns: str) -> Containing | None:
    """What a list is narrowed by, None for nothing. Raises `BadInput` for a text that no field can hold."""
    text = filter.strip()
    if len(text) > MAX_FILTER:
        raise BadInput(f"the filter has {len(text)} characters, more than {MAX_FILTER}; give a part of the name")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("the filter has a character that is no Unicode text; type it again") from None
    return Containing(text, columns) if text else None


def page(found: Sequence[R], order: Order, limit: int) -> Page[R]:
    """Of one record more than a page has, the page and where the next one begins."""
    shown = tuple(found[:limit])
    return Page(shown, order.write(shown[-1]) if len(found) > limit else "")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.utcoffset() != timedelta(0) or at.microsecond % 1000:
        raise ValueError
    return at
