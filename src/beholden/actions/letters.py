"""Letters to who asked about themselves: what was asked, what was decided and why, made of the record and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from beholden.actions import audit
from beholden.actions.desk import NO_REQUEST, at_desk
from beholden.actions.hidden import there_only_for
from beholden.actions.request import IDENTITY, SUBJECT
from beholden.errors import BadInput, Missing
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.faces import Face
from beholden.records.images import Image
from beholden.records.people import Officer, Role, has_part_in_requests
from beholden.records.requests import Request, RequestState, Restriction, RestrictionState
from beholden.records.sources import Source


class Letter(StrEnum):
    RECEIVED = "received"  # that it came in, its number, and until when it is answered
    PROOF = "proof"  # asks for what shows who they are
    GRANTED = "granted"
    REFUSED = "refused"
    RESTRICTED = "restricted"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"


# What can be written of a request in each state: no letter says what is so no more.
OF_STATE: Mapping[RequestState, tuple[Letter, ...]] = MappingProxyType(
    {
        RequestState.RECEIVED: (Letter.RECEIVED, Letter.PROOF),
        RequestState.GRANTED: (Letter.GRANTED,),
        RequestState.REFUSED: (Letter.REFUSED,),
        RequestState.RESTRICTED: (Letter.RESTRICTED,),
        RequestState.FULFILLED: (Letter.ERASED,),
        RequestState.WITHDRAWN: (Letter.WITHDRAWN,),
    }
)
# Whose entry in the log bears a letter out.
ENTRIES: Mapping[Letter, tuple[str, ...]] = MappingProxyType(
    {
        Letter.RECEIVED: ("request.received",),
        Letter.PROOF: ("request.received",),
        Letter.GRANTED: ("request.granted",),
        Letter.REFUSED: ("request.refused",),
        Letter.RESTRICTED: ("request.restricted", "restriction.kept"),
        Letter.ERASED: ("erasure.finished",),
        Letter.WITHDRAWN: ("request.withdrawn",),
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter is made of."""

    letter: Letter
    request: Request
    subject: str  # who asks, and how to answer them
    identity_how: str  # empty where nobody has checked it
    entry: int  # of the log, that bears it out
    at: datetime  # when that was done
    reason: str  # of the decision that the letter tells of; empty where there is none
    photographs: int  # that the records are in
    sources: tuple[Source, ...]  # those that the records came from; none where they are not to be named
    review_by: datetime | None  # of records that are restricted


def letters_for(request: Request) -> tuple[Letter, ...]:
    """Those that can be written of it now; nobody who showed who they are is asked again."""
    asks = not request.identity_checked_by
    return tuple(one for one in OF_STATE[request.state] if asks or one is not Letter.PROOF)


def request_to_answer(system: System, officer: Officer, *, request_id: str) -> Request:
    """What is asked, sealed as it is. Raises `Missing` to everybody but a privacy officer with a part in requests."""
    with at_desk(system, officer) as (look, person):
        found = look.find(Request, id=request_id) if has_part_in_requests(person, (Role.PRIVACY_OFFICER,)) else []
        if not found:
            raise Missing(NO_REQUEST)
        return found[0]


@there_only_for(Role.PRIVACY_OFFICER)
def write_letter(
    system: System, officer: Officer, *, request_id: str, letter: str, name_sources: bool = False
) -> Facts:
    """Open what a letter says: as reading who asks, and on record as that, with which letter it was for.

    Raises `BadInput` for a letter that would not be true of the request as it is now.
    """
    with audit.act(system, "request.read", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        act.permit()
        possible = letters_for(request)
        if letter not in possible:
            raise BadInput(f"no letter {letter[:40]!r} can be written of it now: choose one of {', '.join(possible)}")
        wanted = Letter(letter)
        act.tell("letter", str(wanted), request.id)
        how = json.loads(system.keys.open(request.id, request.identity_how, IDENTITY)) if request.identity_how else ""
        entry = _entry(tx, request, wanted)
        faces = tx.find(Face, id=OneOf(request.face_ids))
        held = _restriction(tx, request) if wanted is Letter.RESTRICTED else None
        from_them = sorted({face.source_id for face in faces}) if name_sources else []
        return Facts(
            letter=wanted,
            request=request,
            subject=str(json.loads(system.keys.open(request.id, request.subject, SUBJECT))),
            identity_how=str(how),
            entry=entry.n,
            at=entry.kept.created_at,
            reason=held.reason if held else request.reason,
            photographs=tx.count(Image, id=OneOf(sorted({face.image_id for face in faces}))),
            sources=tuple(tx.find(Source, id=OneOf(from_them), order="name")),
            review_by=held.review_by if held else None,
        )


def _entry(look: Look, request: Request, letter: Letter) -> Entry:
    """The latest that tells of what the letter tells of."""
    of, name = request.id, "request"
    if letter is Letter.ERASED:
        [erasure] = look.find(Erasure, request_id=request.id, state=ErasureState.ERASED)
        of, name = erasure.id, "erasure"
    numbers = [item.n for item in look.find(Item, record_id=of, name=name)]
    entries = look.find(Entry, n=OneOf(numbers), order="-n")
    leaves = ((entry, json.loads(entry.leaf)) for entry in entries)
    return next(entry for entry, leaf in leaves if leaf["event"] in ENTRIES[letter] and leaf["outcome"] == "done")


def _restriction(look: Look, request: Request) -> Restriction:
    return look.find(Restriction, request_id=request.id, state=RestrictionState.IN_FORCE, order="-created_at")[0]
