"""What an act returned to one session, in memory for minutes: the chips of a page, the files of a packet. Never on a disk.

It is given only while all that it hangs on stands: the session, the role, the case, the exhibits, references and sources.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from fastapi import APIRouter, Request, Response

from beholden.actions import desk
from beholden.actions.sessions import digest_of
from beholden.actions.standing import Standing, stands
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.page import download
from beholden.web.who import Seat

CHIPS_FOR = timedelta(minutes=5)  # a browser asks for them as it reads the page
PACKET_FOR = timedelta(minutes=30)  # somebody saves its files one after another
MOST_BYTES = 256 * 1024 * 1024  # of all sessions; the oldest goes first

GONE = "these files are no longer held for you; load the page again"

_KINDS = {".jpg": "image/jpeg"}
_making = Lock()

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    standing: Standing
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

    def put(self, standing: Standing, files: Mapping[str, bytes], *, now: datetime, lasts: timedelta) -> str:
        """`standing` was taken before the act that returned the files."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._sweep(now)
            self._kept[token] = _Kept(standing, dict(files), now + lasts)
            size = sum(kept.size for kept in self._kept.values())
            for oldest in list(self._kept):
                if size <= MOST_BYTES or oldest == token:
                    break
                size -= self._kept.pop(oldest).size
        return token

    def get(self, system: System, officer: Officer, token: str) -> Mapping[str, bytes]:
        """Raises `Missing` for another session's token as for one that never was, whose time is over, or of which something
        is no longer as it was; that one is forgotten."""
        with self._lock:
            self._sweep(system.clock.now())
            kept = self._kept.get(token)
        if kept is None or kept.standing.session != digest_of(officer.session):
            raise Missing(GONE)
        if not stands(system, officer, kept.standing):
            with self._lock:
                self._kept.pop(token, None)
            raise Missing(GONE)
        return kept.files

    def take(self, system: System, officer: Officer, token: str) -> Mapping[str, bytes]:
        """As `get`, once. Of two who ask at the same moment, one gets it."""
        files = self.get(system, officer, token)
        with self._lock:
            if self._kept.pop(token, None) is None:
                raise Missing(GONE)
        return files

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
