"""What an act returned to one session, in memory for minutes: the chips of a page, the files of a packet. Never on a disk."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, Request, Response

from beholden.actions import desk
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.page import download
from beholden.web.who import Seat

CHIPS_FOR = timedelta(minutes=5)  # a browser asks for them as it reads the page
PACKET_FOR = timedelta(minutes=30)  # somebody saves its files one after another
FORM_FOR = timedelta(hours=8)  # a form lies open on a desk for a day
MOST_BYTES = 256 * 1024 * 1024  # of all sessions; the oldest goes first

_KINDS = {".jpg": "image/jpeg"}
_making = Lock()

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    session: str
    files: Mapping[str, bytes]
    ends_at: datetime

    @property
    def size(self) -> int:
        return sum(len(content) for content in self.files.values())


class Held:
    """Files by a random token, each for the one session that they were put there for."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}  # the oldest first
        self._lock = Lock()

    def put(self, officer: Officer, files: Mapping[str, bytes], *, now: datetime, lasts: timedelta) -> str:
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._sweep(now)
            self._kept[token] = _Kept(officer.session, dict(files), now + lasts)
            size = sum(kept.size for kept in self._kept.values())
            for oldest in list(self._kept):
                if size <= MOST_BYTES or oldest == token:
                    break
                size -= self._kept.pop(oldest).size
        return token

    def get(self, officer: Officer, token: str, *, now: datetime) -> Mapping[str, bytes]:
        """Raises `Missing` for another session's token as for one that never was, or whose time is over."""
        with self._lock:
            self._sweep(now)
            kept = self._kept.get(token)
        if kept is None or not secrets.compare_digest(kept.session.encode(), officer.session.encode()):
            raise Missing("these files are no longer held for you; load the page again")
        return kept.files

    def take(self, officer: Officer, token: str, *, now: datetime) -> bool:
        """Whether the token was there; it is gone afterwards. Of two who press at once, one is told so."""
        with self._lock:
            self._sweep(now)
            kept = self._kept.get(token)
            if kept is None or not secrets.compare_digest(kept.session.encode(), officer.session.encode()):
                return False
            del self._kept[token]
            return True

    def _sweep(self, now: datetime) -> None:
        for token in [token for token, kept in self._kept.items() if now >= kept.ends_at]:
            del self._kept[token]


def held(request: Request) -> Held:
    """The one of this process."""
    state = request.app.state
    with _making:
        if not hasattr(state, "held"):
            state.held = Held()
    found: Held = state.held
    return found


def hold_chips(request: Request, system: System, officer: Officer, chips: list[bytes]) -> list[str]:
    """The address of each chip, in the same order. The addresses are random and tell nothing of what is shown."""
    files = {f"{place}.jpg": chip for place, chip in enumerate(chips, 1)}
    token = held(request).put(officer, files, now=system.clock.now(), lasts=CHIPS_FOR)
    return [f"/held/{token}/{name}" for name in files]


def once(request: Request, system: System, officer: Officer) -> str:
    """A token for a form that is to be obeyed once, however often its button is pressed."""
    return held(request).put(officer, {}, now=system.clock.now(), lasts=FORM_FOR)


@router.get("/held/{token}/{name}")
def one_file(request: Request, seat: Seat, token: str, name: str) -> Response:
    system, officer = seat
    desk.oneself(system, officer)  # a session that was ended gets nothing more
    files = held(request).get(officer, token, now=system.clock.now())
    if name not in files:
        raise Missing("these files are no longer held for you; load the page again")
    for ending, kind in _KINDS.items():
        if name.endswith(ending):
            return Response(files[name], media_type=kind)
    return download(files[name], name=name)
