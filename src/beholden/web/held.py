"""What an act returned to one session, in memory for minutes: the chips of a page, the files of a packet. Never on a disk.

Of what a page shows veiled the clear chips are kept apart, and leave in answer to one act at a time (REQ 143): a face, or a
pair of somebody who compares, whose two sides are looked at together.
It is given only while all that it hangs on stands: the session, the role, the case, the exhibits, references and sources.
"""

from __future__ import annotations

import base64
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from beholden.actions import desk, unveil
from beholden.actions.sessions import digest_of
from beholden.actions.standing import Named, Standing, stands
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.forms import Form
from beholden.web.of_process import the_one
from beholden.web.page import download, render
from beholden.web.who import Seat

CHIPS_FOR = timedelta(minutes=5)  # a browser asks for them as it reads the page
FACES_FOR = timedelta(minutes=30)  # somebody works through them
SEEN_FOR = timedelta(minutes=1)  # a revealed pair, to a browser without scripts, which asks for each file once
PACKET_FOR = timedelta(minutes=30)  # somebody saves its files one after another
MOST_OF_SESSION = 64 * 1024 * 1024  # bytes; of what a session holds, the oldest goes first
MOST_BYTES = 256 * 1024 * 1024  # of all sessions; beyond it, the oldest of the person who holds most goes first

GONE = "these files are no longer held for you; load the page again"

T = TypeVar("T")

STRIP = "strip.jpg"
A_ROW = 10  # faces of a strip, as the port has it

_KINDS = {".jpg": "image/jpeg"}

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


@dataclass(frozen=True, slots=True)
class Pair:
    """What somebody compares: photographs of who is sought beside one of who is held; b"" or () where a side is not shown yet.

    `of` is pair or examination, as `chip.revealed` has it, and `id` its handle. `under` as of a `Chip`. `back` is the page that
    it is on, for who has no scripts.
    """

    of: str
    id: str
    probes: tuple[bytes, ...]
    reference: bytes
    under: str = ""
    back: str = "/"


@dataclass(frozen=True, slots=True)
class PairAddress:
    """Where a page finds the two sides veiled, and where it asks for both of them clear at once."""

    probes: tuple[Address, ...]
    reference: Address | None
    reveal: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> PairAddress:
        """From what `dataclasses.asdict` made of one."""
        there = told["reference"]
        return cls(tuple(Address(**one) for one in told["probes"]), Address(**there) if there else None, told["reveal"])


C = TypeVar("C", Chip, Pair)


class Veiled(dict[str, bytes]):
    """The files that may be asked for at any time, and beside them what is given clear one by one: chips, or pairs."""

    def __init__(
        self, files: Mapping[str, bytes], chips: Sequence[Chip], pairs: Sequence[Pair], standing: Standing
    ) -> None:
        super().__init__(files)
        self.chips, self.pairs, self.standing = tuple(chips), tuple(pairs), standing


class Once(dict[str, bytes]):
    """Clear files under a token of their own, which is over with the first answer."""


class Held(Holding[Mapping[str, bytes]]):
    """Files, by their names."""

    def put(self, standing: Standing, files: Mapping[str, bytes], *, now: datetime, lasts: timedelta) -> str:
        size = sum(len(content) for content in files.values())
        return self.hold(standing, dict(files), size=size, now=now, lasts=lasts)


def held(request: Request) -> Held:
    """The one of this process."""
    return the_one(request.app.state, "held", Held)


def hold_chips(request: Request, system: System, standing: Standing, chips: list[bytes]) -> list[str]:
    """The address of each chip, in the same order. The addresses are random and tell nothing of what is shown."""
    files = {f"{place}.jpg": chip for place, chip in enumerate(chips, 1)}
    token = held(request).put(standing, files, now=system.clock.now(), lasts=CHIPS_FOR)
    return [f"/held/{token}/{name}" for name in files]


def hold_faces(request: Request, system: System, standing: Standing, chips: Sequence[Chip]) -> list[Address]:
    """Where each face is found, in the same order. No clear byte has an address: it is the answer to a reveal."""
    return _hold_veiled(request, system, standing, [one.clear for one in chips], chips=chips)


def hold_pairs(request: Request, system: System, standing: Standing, pairs: Sequence[Pair]) -> list[PairAddress]:
    """Where each pair is found, in the same order. A photograph that is in every pair is held and veiled once."""
    both = [one for pair in pairs for one in (*pair.probes, pair.reference) if one]
    every = list(dict.fromkeys(both))
    if not every:
        return []
    addresses = _hold_veiled(request, system, standing, every, pairs=pairs)
    found = dict(zip(every, addresses, strict=True))
    token = addresses[0].reveal.split("/")[2]

    def at(chip: bytes, reveal: str) -> Address:
        return replace(found[chip], reveal=reveal)

    shown = []
    for place, pair in enumerate(pairs, 1):
        reveal = f"/held/{token}/pairs/{place}/reveal"
        probes = tuple(at(one, reveal) for one in pair.probes)
        shown.append(PairAddress(probes, at(pair.reference, reveal) if pair.reference else None, reveal))
    return shown


def _hold_veiled(
    request: Request,
    system: System,
    standing: Standing,
    clear: Sequence[bytes],
    *,
    chips: Sequence[Chip] = (),
    pairs: Sequence[Pair] = (),
) -> list[Address]:
    veiled = [system.media.veiled(one) for one in clear]
    files = {f"{place}.veiled.jpg": one for place, one in enumerate(veiled, 1)}
    files |= {f"{place}.blurred.jpg": system.media.blurred(one) for place, one in enumerate(clear, 1)}
    files[STRIP] = system.media.strip(veiled)
    size = sum(len(one) for one in (*files.values(), *clear))
    now = system.clock.now()
    kept = Veiled(files, chips, pairs, standing)
    token = held(request).hold(standing, kept, size=size, now=now, lasts=FACES_FOR)
    start = f"/held/{token}"
    return [
        Address(
            veiled=f"{start}/{place}.veiled.jpg",
            blurred=f"{start}/{place}.blurred.jpg",
            reveal=f"{start}/{place}/reveal",
            strip=f"{start}/{STRIP}",
            place=place - 1,
            faces=len(clear),
        )
        for place in range(1, len(clear) + 1)
    ]


def _unveiled(
    request: Request, seat: Seat, token: str, place: str, of: Callable[[Veiled], Sequence[C]]
) -> tuple[Veiled, C]:
    """What was asked for clear at this place, once that is on record. Raises `Missing` where there is none."""
    system, officer = seat
    kept = held(request).get(system, officer, token)
    there = of(kept) if isinstance(kept, Veiled) else ()
    asked = next((one for number, one in enumerate(there, 1) if place == str(number)), None)
    if asked is None or not isinstance(kept, Veiled):
        raise Missing(GONE)
    unveil.reveal_chip(system, officer, of=asked.of, id=asked.id, under=asked.under or asked.id)
    held(request).get(system, officer, token)  # something may have been erased or ended while that was written
    return kept, asked


@router.post("/held/{token}/{place}/reveal")
def reveal(request: Request, seat: Seat, _form: Form, token: str, place: str) -> Response:
    """One face clear, as the answer itself: to a page that shows it while a button is held, or without scripts in its place."""
    _kept, chip = _unveiled(request, seat, token, place, lambda veiled: veiled.chips)
    return Response(chip.clear, media_type="image/jpeg")


@router.post("/held/{token}/pairs/{place}/reveal")
def reveal_pair(request: Request, seat: Seat, _form: Form, token: str, place: str) -> Response:
    """Both sides of one pair clear, by one act: as data to the page's own script, else on a page of their own."""
    kept, pair = _unveiled(request, seat, token, place, lambda veiled: veiled.pairs)
    if "application/json" in request.headers.get("accept", ""):
        told: dict[str, object] = {"probes": [base64.b64encode(one).decode() for one in pair.probes]}
        if pair.reference:
            told["reference"] = base64.b64encode(pair.reference).decode()
        return JSONResponse(told)

    def once(chip: bytes) -> str:
        files, now = Once({"clear.jpg": chip}), seat[0].clock.now()
        return f"/held/{held(request).hold(kept.standing, files, size=len(chip), now=now, lasts=SEEN_FOR)}/clear.jpg"

    return render(
        request,
        "pair_clear.html.jinja",
        probes=[once(one) for one in pair.probes],
        reference=once(pair.reference) if pair.reference else "",
        back=pair.back,
    )


@router.get("/held/{token}/{name}")
def one_file(request: Request, seat: Seat, token: str, name: str) -> Response:
    system, officer = seat
    desk.oneself(system, officer)  # a session that was ended gets nothing more
    files = held(request).get(system, officer, token)
    if name not in files:
        raise Missing(GONE)
    if isinstance(files, Once):
        files = held(request).take(system, officer, token)
    for ending, kind in _KINDS.items():
        if name.endswith(ending):
            return Response(files[name], media_type=kind)
    return download(files[name], name=name)
