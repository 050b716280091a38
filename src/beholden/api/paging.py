"""A list in pages: a limit, and a cursor that is a place in one list for one person, who has seen what it says.

It is no secret: it holds the last row's place in clear, sealed against change. Whose it is and of which list, it only proves.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request

from beholden.actions.paging import MAX_FILTER, MOST
from beholden.actions.paging import Page as Rows
from beholden.api.who import Who, person_of
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.people import Officer

MAC_BYTES = 16

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of a list is asked for: at most `limit` of what holds `filter`, from where `after` says."""

    limit: int
    after: str
    filter: str
    seal: Callable[[str], str]

    def of(
        self, desk: Callable[..., Rows[R]], system: System, officer: Officer, **more: str
    ) -> tuple[tuple[R, ...], str | None]:
        """A page of a long list, and the cursor of the next one."""
        if self.filter:
            more["filter"] = self.filter
        found = desk(system, officer, after=self.after, limit=self.limit, **more)
        return found.shown, self.seal(found.next) if found.next else None

    def part(self, rows: Sequence[R], key: Callable[[R], str]) -> tuple[list[R], str | None]:
        """A page of a short list, which is read whole. Raises `BadInput` where the last row that was seen is gone."""
        start = 0
        if self.after:
            places = [place for place, row in enumerate(rows) if key(row) == self.after]
            if not places:
                raise BadInput("the list has changed under this cursor; begin again without one")
            start = places[0] + 1
        shown = list(rows[start : start + self.limit])
        more = start + self.limit < len(rows)
        return shown, self.seal(key(shown[-1])) if more else None


def asked(
    request: Request,
    _: Who,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 50,
    cursor: Annotated[str, Query(max_length=4_000, description="`next` of the page before.")] = "",
) -> Asked:
    return _asked(request, limit, cursor, "")


def asked_for(
    request: Request,
    _: Who,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 50,
    cursor: Annotated[str, Query(max_length=4_000, description="`next` of the page before.")] = "",
    filter: Annotated[str, Query(max_length=MAX_FILTER, description="What a name or a reference has in it.")] = "",
) -> Asked:
    try:
        filter.encode()
    except UnicodeEncodeError:
        raise BadInput("the filter has a character that is no text; type it again") from None
    return _asked(request, limit, cursor, filter)


def _asked(request: Request, limit: int, cursor: str, filter: str) -> Asked:
    secret: bytes = request.app.state.cursor_secret
    belongs = f"{person_of(request).id}\n{request.url.path}\n{filter}\n".encode()

    def mac(after: bytes) -> bytes:
        return hmac.digest(secret, belongs + after, "sha256")[:MAC_BYTES]

    def seal(after: str) -> str:
        return base64.urlsafe_b64encode(mac(after.encode()) + after.encode()).rstrip(b"=").decode()

    return Asked(limit, _opened(cursor, mac) if cursor else "", filter, seal)


def _opened(cursor: str, mac: Callable[[bytes], bytes]) -> str:
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if not hmac.compare_digest(raw[:MAC_BYTES], mac(raw[MAC_BYTES:])):
        raise BadInput("this cursor is not of this list, or the server was started again since; begin without one")
    return raw[MAC_BYTES:].decode()


Paging = Annotated[Asked, Depends(asked)]
Finding = Annotated[Asked, Depends(asked_for)]
