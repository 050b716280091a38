"""What an act returned to one session, in memory for minutes: the chips of a page, the files of a packet. Never on a disk.

It is given only while all that it hangs on stands: the session, the role, the case, the exhibits, references and sources.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from fastapi import APIRouter, Request, Response

from beholden.actions import desk
from beholden.actions.sessions import digest_of
from beholden.actions.standing import Named, Standing, stands
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.page import download
from beholden.web.who import Seat

CHIPS_FOR = timedelta(minutes=5)  # a browser asks for them as it reads the page
PACKET_FOR = timedelta(minutes=30)  # somebody saves its files one after another
MOST_OF_SESSION = 64 * 1024 * 1024  # bytes; of what a session holds, the oldest goes first
MOST_BYTES = 256 * 1024 * 1024  # of all sessions; beyond it, the oldest of the person who holds most goes first

GONE = "these files are no longer held for you; load the page again"

T = TypeVar("T")

_KINDS = {".jpg": "image/jpeg"}
_making = Lock()

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    standing: Standing
    given: T
    size: int
    ends_at: datetime


class Holding(Generic[T]):
    """Things by a random token, each for the one session that it was put there for, within bytes and a number of things."""

    def __init__(
        self, *, most: int = MOST_BYTES, most_of_session: int = MOST_OF_SESSION, each: int | None = None
    ) -> None:
        self._most, self._most_of_session, self._each = most, most_of_session, each
        self._kept: dict[str, _Kept[T]] = {}  # the oldest first
        self._lock = Lock()

    def hold(self, standing: Standing, given: T, *, size: int, now: datetime, lasts: timedelta) -> str:
        """`standing` was taken before the act that returned it. Nobody's things make those of a session go that holds less."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._sweep(now)
            self._kept[token] = _Kept(standing, given, size, now + lasts)
            self._make_room(token)
        return token

    def get(self, system: System, officer: Officer, token: str, *, about: Named | None = None) -> T:
        """Raises `Missing` for another session's token as for one that never was, whose time is over, which does not hang on
        the record `about`, or of which something is no longer as it was; that one is forgotten."""
        with self._lock:
            self._sweep(system.clock.now())
            kept = self._kept.get(token)
        if kept is None or kept.standing.session != digest_of(officer.session):
            raise Missing(GONE)
        if about is not None and about not in {(kind, id) for kind, id, _ in kept.standing.records}:
            raise Missing(GONE)
        if not stands(system, officer, kept.standing):
            with self._lock:
                self._kept.pop(token, None)
            raise Missing(GONE)
        return kept.given

    def take(self, system: System, officer: Officer, token: str) -> T:
        """As `get`, once. Of two who ask at the same moment, one gets it."""
        given = self.get(system, officer, token)
        with self._lock:
            if self._kept.pop(token, None) is None:
                raise Missing(GONE)
        return given

    def _make_room(self, new: str) -> None:
        """What was put there now stays, even where it is more than a session's share."""
        session = self._kept[new].standing.session
        own = [token for token, kept in self._kept.items() if kept.standing.session == session]
        size = sum(self._kept[token].size for token in own)
        for count, token in zip(range(len(own), 1, -1), own, strict=False):
            if size <= self._most_of_session and (self._each is None or count <= self._each):
                break
            size -= self._kept.pop(token).size
        while sum(kept.size for kept in self._kept.values()) > self._most and len(self._kept) > 1:
            holds: Counter[str] = Counter()
            for kept in self._kept.values():
                holds[kept.standing.person[0]] += kept.size
            others = [(token, kept.standing.person[0]) for token, kept in self._kept.items() if token != new]
            del self._kept[max(others, key=lambda one: holds[one[1]])[0]]  # of equals the first, which is the oldest

    def _sweep(self, now: datetime) -> None:
        for token in [token for token, kept in self._kept.items() if now >= kept.ends_at]:
            del self._kept[token]


class Held(Holding[Mapping[str, bytes]]):
    """Files, by their names."""

    def put(self, standing: Standing, files: Mapping[str, bytes], *, now: datetime, lasts: timedelta) -> str:
        size = sum(len(content) for content in files.values())
        return self.hold(standing, dict(files), size=size, now=now, lasts=lasts)


def held(request: Request) -> Held:
    """The one of this process."""
    state = request.app.state
    with _making:
        if not hasattr(state, "held"):
            state.held = Held()
    found: Held = state.held
    return found


def hold_chips(request: Request, system: System, standing: Standing, chips: list[bytes]) -> list[str]:
    """The address of each chip, in the same order. The addresses are random and tell nothing of what is shown."""
    files = {f"{place}.jpg": chip for place, chip in enumerate(chips, 1)}
    token = held(request).put(standing, files, now=system.clock.now(), lasts=CHIPS_FOR)
    return [f"/held/{token}/{name}" for name in files]


@router.get("/held/{token}/{name}")
def one_file(request: Request, seat: Seat, token: str, name: str) -> Response:
    system, officer = seat
    desk.oneself(system, officer)  # a session that was ended gets nothing more
    files = held(request).get(system, officer, token)
    if name not in files:
        raise Missing(GONE)
    for ending, kind in _KINDS.items():
        if name.endswith(ending):
            return Response(files[name], media_type=kind)
    return download(files[name], name=name)
