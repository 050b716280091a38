"""What an act returned to one session, in memory for minutes: the chips of a page, the files of a packet. Never on a disk.

Of a face that a page shows veiled the clear chip is kept apart, and leaves in answer to one act at a time (REQ 143).
It is given only while all that it hangs on stands: the session, the role, the case, the exhibits, references and sources.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, unveil
from beholden.actions.sessions import digest_of
from beholden.actions.standing import Named, Standing, stands
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.forms import Form
from beholden.web.page import download
from beholden.web.who import Seat

CHIPS_FOR = timedelta(minutes=5)  # a browser asks for them as it reads the page
FACES_FOR = timedelta(minutes=30)  # somebody works through them
PACKET_FOR = timedelta(minutes=30)  # somebody saves its files one after another
MOST_OF_SESSION = 64 * 1024 * 1024  # bytes; of what a session holds, the oldest goes first
MOST_BYTES = 256 * 1024 * 1024  # of all sessions; beyond it, the oldest of the person who holds most goes first

GONE = "these files are no longer held for you; load the page again"

T = TypeVar("T")

STRIP = "strip.jpg"
A_ROW = 10  # faces of a strip, as the port has it

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


@dataclass(frozen=True, slots=True)
class Chip:
    """A face for a page. `clear` is its chip (JPEG).

    `of` says what page it is on, as `chip.revealed` has it, and `id` which it is: of a pair whose reader is blind its handle,
    never the face. `under` is the record whose key seals the entry, where that is not `id`.
    """

    clear: bytes
    of: str
    id: str
    under: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a page finds one face: veiled, alone or in the strip of all; blurred; and where to ask for it clear."""

    veiled: str
    blurred: str
    reveal: str
    strip: str
    place: int  # in the strip, from 0
    faces: int  # in the strip

    @property
    def column(self) -> int:
        return self.place % A_ROW

    @property
    def row(self) -> int:
        return self.place // A_ROW

    @property
    def columns(self) -> int:
        return min(A_ROW, self.faces)

    @property
    def rows(self) -> int:
        return -(-self.faces // A_ROW)


class Veiled(dict[str, bytes]):
    """The files that may be asked for at any time, and beside them the chips that are given one by one."""

    def __init__(self, files: Mapping[str, bytes], chips: Sequence[Chip]) -> None:
        super().__init__(files)
        self.chips = tuple(chips)


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


def hold_faces(request: Request, system: System, standing: Standing, chips: Sequence[Chip]) -> list[Address]:
    """Where each face is found, in the same order. No clear byte has an address: it is the answer to a reveal."""
    veiled = [system.media.veiled(chip.clear) for chip in chips]
    files = {f"{place}.veiled.jpg": one for place, one in enumerate(veiled, 1)}
    files |= {f"{place}.blurred.jpg": system.media.blurred(chip.clear) for place, chip in enumerate(chips, 1)}
    files[STRIP] = system.media.strip(veiled)
    size = sum(len(one) for one in files.values()) + sum(len(chip.clear) for chip in chips)
    now = system.clock.now()
    token = held(request).hold(standing, Veiled(files, chips), size=size, now=now, lasts=FACES_FOR)
    start = f"/held/{token}"
    return [
        Address(
            veiled=f"{start}/{place}.veiled.jpg",
            blurred=f"{start}/{place}.blurred.jpg",
            reveal=f"{start}/{place}/reveal",
            strip=f"{start}/{STRIP}",
            place=place - 1,
            faces=len(chips),
        )
        for place in range(1, len(chips) + 1)
    ]


@router.post("/held/{token}/{place}/reveal")
def reveal(request: Request, seat: Seat, _form: Form, token: str, place: str) -> Response:
    """One face clear, as the answer itself: to a page that shows it while a button is held, or without scripts in its place."""
    system, officer = seat
    kept = held(request).get(system, officer, token)
    chips = kept.chips if isinstance(kept, Veiled) else ()
    chip = next((one for number, one in enumerate(chips, 1) if place == str(number)), None)
    if chip is None:
        raise Missing(GONE)
    unveil.reveal_chip(system, officer, of=chip.of, id=chip.id, under=chip.under or chip.id)
    held(request).get(system, officer, token)  # something may have been erased or ended while that was written
    return Response(chip.clear, media_type="image/jpeg")


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
