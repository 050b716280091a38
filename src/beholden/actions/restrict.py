"""Restrict instead of erasing: records that must stay as evidence leave every search, and somebody looks at them again in time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

from beholden.actions import audit, log
from beholden.actions.audit import Act
from beholden.actions.beside import take_out_of_use
from beholden.actions.block import block
from beholden.actions.desk import REQUESTS, at_desk, check_request_desk
from beholden.actions.examine import unseal_finished
from beholden.actions.hidden import there_only_for
from beholden.actions.sent import forget_sent
from beholden.errors import BadInput, Changed
from beholden.formats import receipts
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.audit import Entry, Item, instant
from beholden.records.candidates import Candidate
from beholden.records.examination import Examination, ExaminationState
from beholden.records.faces import HELD, Face, FaceState
from beholden.records.images import Image
from beholden.records.people import Officer
from beholden.records.requests import Request, RequestState, Restriction, RestrictionState
from beholden.records.reveals import length_of_reason

STATEMENT = "restricted, not erased"
EVENTS = ("request.restricted", "restriction.kept")  # whose entry a receipt proves


def latest_restriction(system: System, officer: Officer, *, request_id: str) -> Restriction | None:
    """The latest restriction of a request, with its receipt; None where there is none. Raises `Missing` to who sees no requests."""
    with at_desk(system, officer) as (look, person):
        check_request_desk(person)
        request = look.get(Request, request_id)
        made = look.find(Restriction, request_id=request.id, order="-created_at", limit=1)
        return made[0] if made else None


@there_only_for(*REQUESTS)
def restrict_records(
    system: System, officer: Officer, *, request_id: str, reason: str, days: int | None = None
) -> Restriction:
    """Answer a granted request, as the second person, by taking its records out of use as evidence instead of erasing them.

    They stay sealed and are compared and shown to nobody any more; their pictures are not taken in again. `reason` is told to
    the person who asks. Within `days` (as many as the rules allow, if not said) a privacy officer looks at it again. Returns
    with a signed receipt that says "restricted, not erased". Raises `Changed` while some of the records are being erased.
    """
    most = system.rules.max_restriction_days
    with audit.act(system, "request.restricted", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        within = most if days is None else days
        act.permit(
            state=str(request.state),
            granted_by=request.decided_by,
            reason_chars=length_of_reason(reason),
            days=within,
            max_days=most,
        )
        faces = tx.find(Face, id=OneOf(request.face_ids), order="face_no")
        if any(face.state is FaceState.ERASING for face in faces):
            raise Changed("some of these records are being erased at this moment; see `beholden request list`")
        there = [face for face in faces if face.state in HELD]
        if not there:
            raise BadInput("none of these records is held any more: there is nothing to restrict")
        id = act.new_id()
        _take_out_of_use(act, tx, there, id)
        made = Restriction(
            id=id,
            version=0,
            kept=act.keep("erasure"),
            request_id=request.id,
            face_ids=tuple(face.id for face in there),
            reason=reason.strip(),
            review_by=act.now + timedelta(days=within),
            restricted_by=act.person.id,
            confirmed_by=request.decided_by,
            reviewed_by="",
            receipt=b"",
            state=RestrictionState.IN_FORCE,
        )
        tx.add(made)
        tx.change(request, state=RequestState.RESTRICTED)
        _tell(act, made, reason)
        for face in there:
            act.tell("face", face.id, id)
    return _give_receipt(system, made)


@there_only_for(*REQUESTS)
def keep_restricted(
    system: System, officer: Officer, *, request_id: str, reason: str, days: int | None = None
) -> Restriction:
    """Having looked again, hold the records as evidence for so many days more; the receipt is made anew."""
    most = system.rules.max_restriction_days
    with audit.act(system, "restriction.kept", officer) as act, act.begin() as tx:
        held = restriction_of(tx, request_id)
        within = most if days is None else days
        _permit_review(act, held, reason, days=within, max_days=most)
        kept = tx.change(
            held,
            reason=reason.strip(),
            review_by=act.now + timedelta(days=within),
            reviewed_by=act.person.id,
            receipt=b"",
        )
    return _give_receipt(system, kept)


@there_only_for(*REQUESTS)
def end_restriction(system: System, officer: Officer, *, request_id: str, reason: str) -> Restriction:
    """Having looked again, find that the records are evidence no more: the request is as it was granted, and can be carried out.

    Until it is, they stay out of use. Nothing brings them back into a search.
    """
    with audit.act(system, "restriction.ended", officer) as act, act.begin() as tx:
        held = restriction_of(tx, request_id)
        _permit_review(act, held, reason)
        tx.change(tx.get(Request, request_id), state=RequestState.GRANTED)
        return tx.change(held, reason=reason.strip(), reviewed_by=act.person.id, state=RestrictionState.ENDED)


def finish_restrictions(system: System) -> int:
    """Give the receipts that a crash kept from being made; how many."""
    with system.database.look() as look:
        lacking = [one for one in look.find(Restriction, state=RestrictionState.IN_FORCE) if not one.receipt]
    for one in lacking:
        _give_receipt(system, one)
    return len(lacking)


def restriction_of(look: Look, request_id: str) -> Restriction:
    """The latest restriction of a request. Raises `BadInput` where it was never answered so."""
    made = look.find(Restriction, request_id=look.get(Request, request_id).id, order="-created_at")
    if not made:
        raise BadInput("the records of this request were not restricted; see its state with `beholden request list`")
    return made[0]


def _permit_review(act: Act, held: Restriction, reason: str, **more: int) -> None:
    act.tell("request", held.request_id, held.request_id)
    act.permit(state=str(held.state), restricted_by=held.restricted_by, reason_chars=length_of_reason(reason), **more)
    _tell(act, held, reason)


def _tell(act: Act, restriction: Restriction, reason: str) -> None:
    act.tell("restriction", restriction.id, restriction.id)
    act.tell("records", len(restriction.face_ids), restriction.id)
    act.tell("reason", reason.strip(), restriction.id)


def _take_out_of_use(act: Act, tx: Transaction, faces: Sequence[Face], id: str) -> None:
    """From the next search on; opinions that are locked stay as they are, for what was found is evidence too."""
    ids = [face.id for face in faces]
    new = [face for face in faces if face.state is not FaceState.RESTRICTED]
    change_no = tx.next("changes", len(new)) if new else 0
    for i, face in enumerate(new):
        tx.change(face, state=FaceState.RESTRICTED, change_no=change_no + i)
    take_out_of_use(tx, [face.id for face in new], FaceState.RESTRICTED)
    for image in tx.find(Image, id=OneOf(sorted({face.image_id for face in faces}))):
        if all(face.state is FaceState.RESTRICTED for face in tx.find(Face, image_id=image.id)):
            block(act, tx, image, id)  # a copy that looks the same would bring them back into a search
    candidates = tx.find(Candidate, face_id=OneOf(ids))
    forget_sent(act.system, tx, ids, act.now)
    for one in tx.find(Examination, candidate_id=OneOf([candidate.id for candidate in candidates])):
        if one.state is ExaminationState.OPEN:
            tx.change(one, state=ExaminationState.VOID)
    unseal_finished(act, tx, sorted({candidate.search_id for candidate in candidates}))


def _give_receipt(system: System, held: Restriction) -> Restriction:
    """Seal the log, and sign what was decided with the proof that it is in there."""
    checkpoint = log.seal(system)
    with system.database.look() as look:
        n = _entry_of(look, held)
        request = look.get(Request, held.request_id)
    payload = {
        "restriction": held.id,
        "request": held.request_id,
        "state": STATEMENT,
        "statement": f"These {len(held.face_ids)} records were {STATEMENT}: they are held as evidence, sealed, and compared "
        "and shown to nobody any more.",
        "records": list(held.face_ids),
        "looked_for": request.looked_for,
        "reason": held.reason,
        "review_by": instant(held.review_by),
        "restricted_by": held.restricted_by,
        "confirmed_by": held.confirmed_by,
        "reviewed_by": held.reviewed_by or None,
        "restricted_at": instant(held.kept.created_at),
    }
    proof = receipts.prove(system.witness.read, n, checkpoint)
    receipt = receipts.make_receipt(payload, proof, *log.receipt_key(system))
    with system.database.begin() as tx:
        as_it_is = tx.get(Restriction, held.id)
        if as_it_is.version != held.version:
            return as_it_is  # decided again meanwhile, by whoever makes the receipt of that
        return tx.change(as_it_is, receipt=receipt)


def _entry_of(look: Look, held: Restriction) -> int:
    """The number of the entry of the latest decision to hold them."""
    numbers = [item.n for item in look.find(Item, record_id=held.id, name="restriction")]
    leaves = {entry.n: json.loads(entry.leaf) for entry in look.find(Entry, n=OneOf(numbers))}
    return max(n for n, leaf in leaves.items() if leaf["event"] in EVENTS and leaf["outcome"] == "done")
