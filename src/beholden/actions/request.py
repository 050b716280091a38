"""A data subject's request: received, checked, decided by the privacy officer, withdrawn. What is granted, `erase` carries out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from beholden.actions import audit
from beholden.actions.desk import REQUESTS, owes_opinion
from beholden.actions.hidden import there_only_for
from beholden.actions.marks import page_mark_of, person_mark_of
from beholden.actions.photograph import destroy_ended, end_photographs
from beholden.errors import BadInput, Missing
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.faces import HELD, Face
from beholden.records.images import Image, ImageState
from beholden.records.people import Officer, Role
from beholden.records.requests import Request, RequestKind, RequestState
from beholden.records.sources import Source

SUBJECT, IDENTITY = "request/subject", "request/check"


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that a request may be about."""

    face_id: str
    image_id: str
    gallery_id: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What is sealed of a request."""

    subject: str  # who asks, and how to answer them
    identity_how: str  # empty where nobody has checked it


@there_only_for(*REQUESTS)
def find_references(
    system: System,
    officer: Officer,
    *,
    person_ref: str = "",
    source_id: str = "",
    page_url: str = "",
    image_id: str = "",
) -> list[Reference]:
    """The references that a source says are this person's, or come from this page, or are in this image.

    Looks things up by what the source told; it compares no faces. Exactly one of the three must be given; `source_id`
    says whose person reference it is, and must where several sources use the same.
    """
    given = [name for name, value in (("person_ref", person_ref), ("page_url", page_url), ("image", image_id)) if value]
    with audit.act(system, "reference.found", officer) as act, act.begin() as tx:
        act.permit()
        if len(given) != 1:
            raise BadInput("look references up by one of: the source's person reference, a page's URL, an image's id")
        if owes_opinion(tx, act.person):
            raise Missing("there are no references for you now: lock the opinion that you owe first")
        if image_id:
            images = [tx.get(Image, image_id)]
        elif person_ref:
            images = _said_to_be(system, tx, person_ref, source_id)
        else:
            images = tx.find(Image, page_mark=page_mark_of(system, page_url), state=ImageState.HELD)
        faces = tx.find(Face, image_id=OneOf([image.id for image in images]), order="face_no")
        here = [face for face in faces if face.state in HELD]
        for face in here:
            act.tell("found", face.id, face.id)
        act.tell("by", given[0], audit.SYSTEM)
    return [Reference(face.id, face.image_id, face.gallery_id, face.source_id) for face in here]


def _said_to_be(system: System, look: Look, person_ref: str, source_id: str) -> list[Image]:
    """The images that one source gives this reference. Raises `BadInput` where several sources use it: of whom is meant?"""
    sources = [source_id] if source_id else look.ids(Source)
    marks = [person_mark_of(system, id, person_ref) for id in sources]
    images = look.find(Image, person_mark=OneOf(marks), state=ImageState.HELD)
    if len({image.source_id for image in images}) > 1:
        raise BadInput("several sources use this reference, each for a person of its own; say which source is meant")
    return images


@there_only_for(*REQUESTS)
def receive_request(
    system: System,
    officer: Officer,
    *,
    face_ids: Sequence[str],
    looked_for: str,
    subject: str,
    kind: str = "erasure",
    photograph: bool = False,
) -> Request:
    """Record what somebody asks about "these N records". `looked_for` says how they were found; it goes on the receipt.

    With `photograph`, the person gives one to find the records by: then none needs to be named yet.
    """
    with audit.act(system, "request.received", officer) as act, act.begin() as tx:
        wanted = tuple(dict.fromkeys(face_ids))
        act.permit(records=len(wanted), unknown_records=_unknown(tx, wanted), photograph=photograph)
        if kind not in set(RequestKind):
            raise BadInput(f"{kind!r} is no kind of request that can be carried out; it must be erasure")
        if not subject.strip() or not looked_for.strip():
            raise BadInput("say who asks and how to answer them, and how the records were looked for")
        id = act.new_id()
        request = Request(
            id=id,
            version=0,
            kept=act.keep("request"),
            kind=RequestKind(kind),
            due_at=act.now + timedelta(days=system.rules.request_days),
            face_ids=wanted,
            looked_for=looked_for.strip(),
            subject=system.keys.seal(id, canonical(subject.strip()), SUBJECT),
            decided_by="",
            reason="",
            identity_how=b"",
            identity_checked_by="",
            comparisons=0,
            state=RequestState.RECEIVED,
        )
        tx.add(request)
        act.tell("request", id, id)
        act.tell("records", len(wanted), id)
    return request


@there_only_for(Role.PRIVACY_OFFICER)
def read_request(system: System, officer: Officer, *, request_id: str) -> Opened:
    """Open what is sealed of a request: who asks, and how that was checked. Whoever reads it is on record."""
    with audit.act(system, "request.read", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        act.permit()
        subject = json.loads(system.keys.open(request.id, request.subject, SUBJECT))
        how = json.loads(system.keys.open(request.id, request.identity_how, IDENTITY)) if request.identity_how else ""
    return Opened(str(subject), str(how))


@there_only_for(*REQUESTS)
def check_identity(system: System, officer: Officer, *, request_id: str, how: str) -> Request:
    """Record that the privacy officer checked who asks, and how, in words that are sealed. No copy of a document is kept."""
    with audit.act(system, "request.identity_checked", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        act.permit(state=str(request.state), how_chars=len(how.strip()))
        if len(how) > audit.MAX_CHARS:
            raise BadInput(f"say in at most {audit.MAX_CHARS:,} characters how it was checked")
        act.tell("how", how.strip(), request.id)
        sealed = system.keys.seal(request.id, canonical(how.strip()), IDENTITY)
        return tx.change(request, identity_how=sealed, identity_checked_by=act.person.id)


@there_only_for(*REQUESTS)
def choose_records(
    system: System, officer: Officer, *, request_id: str, face_ids: Sequence[str], looked_for: str = ""
) -> Request:
    """Say which records a request is about, in place of those it named; and how they were looked for, where that changed."""
    with audit.act(system, "request.records_chosen", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        wanted = tuple(dict.fromkeys(face_ids))
        act.permit(state=str(request.state), records=len(wanted), unknown_records=_unknown(tx, wanted))
        act.tell("records", len(wanted), request.id)
        for face_id in wanted:
            act.tell("record", face_id, face_id)
        return tx.change(request, face_ids=wanted, looked_for=looked_for.strip() or request.looked_for)


@there_only_for(*REQUESTS)
def grant_request(
    system: System, officer: Officer, *, request_id: str, reason: str, identity_checked: bool = False
) -> Request:
    """The privacy officer has checked who asks, and grants. Somebody else must start the erasure.

    With `identity_checked`, the check is recorded as made now by who grants; it is needed where none was recorded before.
    """
    return _decide(system, officer, "request.granted", request_id, RequestState.GRANTED, identity_checked, reason)


@there_only_for(*REQUESTS)
def refuse_request(system: System, officer: Officer, *, request_id: str, reason: str) -> Request:
    """With the reason that the person who asks is told."""
    return _decide(system, officer, "request.refused", request_id, RequestState.REFUSED, False, reason)


@there_only_for(*REQUESTS)
def withdraw_request(system: System, officer: Officer, *, request_id: str) -> Request:
    """The person who asked takes the request back."""
    with audit.act(system, "request.withdrawn", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        act.permit(state=str(request.state))
        end_photographs(act, tx, request.id, "the request was withdrawn")
        withdrawn = tx.change(request, state=RequestState.WITHDRAWN)
    destroy_ended(system)
    return withdrawn


def _decide(
    system: System,
    officer: Officer,
    event: str,
    request_id: str,
    state: RequestState,
    identity_checked: bool,
    reason: str,
) -> Request:
    with audit.act(system, event, officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        act.permit(
            state=str(request.state),
            identity_checked=identity_checked or request.identity_checked_by != "",
            records=len(request.face_ids),
            reason_chars=len(reason.strip()),
        )
        act.tell("reason", reason.strip(), request.id)
        checked_by = request.identity_checked_by
        if identity_checked and not checked_by:
            checked_by = act.person.id
            act.tell("identity_checked", True, request.id)
        end_photographs(act, tx, request.id, f"the request was {state}")
        decided = tx.change(
            request, state=state, decided_by=act.person.id, reason=reason.strip(), identity_checked_by=checked_by
        )
    destroy_ended(system)
    return decided


def _unknown(look: Look, face_ids: Sequence[str]) -> int:
    """How many of these are no records that are held."""
    known = look.find(Face, id=OneOf(face_ids))
    return len(face_ids) - sum(face.state in HELD for face in known)
