"""The photograph that somebody gives with a request: kept apart under a key of its own, destroyed at its end, with a receipt."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

from beholden.actions import audit, log
from beholden.actions.audit import Act
from beholden.actions.each import finish_each
from beholden.actions.exhibits import CHIP_SIDE
from beholden.actions.hidden import there_only_for
from beholden.actions.unmade import Sealed, taken_back
from beholden.errors import BadInput, NotProven, NoUsableFace, StoreNotClean
from beholden.formats import receipts
from beholden.ports.database import Above, Holding, Look, OneOf, Transaction
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import Entry, Item, instant
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.erasure import HEAD
from beholden.records.examination import Examination
from beholden.records.people import Officer, Person, Role
from beholden.records.requests import Photograph, PhotographState, Request
from beholden.records.review import Review
from beholden.records.searches import Search

PICTURE = "photograph/picture"

NEVER = (
    "It was enrolled in no gallery, put into no case, and no template of it was kept. The file itself was never kept: what "
    "was sealed is its picture without metadata."
)


@there_only_for(Role.PRIVACY_OFFICER)
def give_photograph(system: System, officer: Officer, content: bytes, *, request_id: str) -> Photograph:
    """Keep the picture that the person gives, for as long as the request is open. One at a time.

    Raises `NoUsableFace` where no face is found, `BadInput` for a file that cannot be read or is too large.
    """
    made = Sealed()
    with audit.act(system, "photograph.given", officer) as act, taken_back(system, made):
        with act.look() as look:
            _permit(act, look, request_id)
        audit.check_room(system)
        picture = system.media.decode(content)
        found = system.model.find(picture.pixels)
        if not found:
            raise NoUsableFace(
                "no face was found; ask for a photograph in which the face is larger, sharper or upright"
            )
        plain = system.media.blank(picture.pixels, [])  # anew, so that where and when it was taken is not kept
        if len(plain) > system.media.max_bytes:
            raise BadInput("the picture is too large to be kept without its metadata; export it at half its width")
        id, blob_key = act.new_ids(2, made)
        sealed = system.keys.seal(blob_key, plain, PICTURE)
        made.blob = system.blobs.put(sealed)
        with act.begin(made) as tx:
            request = _permit(act, tx, request_id)  # it may have been decided while the faces were looked for
            given = Photograph(
                id=id,
                version=0,
                kept=act.keep("photograph"),
                request_id=request.id,
                blob=made.blob,
                blob_key=blob_key,
                faces=len(found),
                compared_face=0,
                needles=(sealed[:HEAD].hex(), *_needle_of(plain)),
                ended_by="",
                summary=(),
                entry=None,
                receipt=b"",
                state=PhotographState.HELD,
            )
            tx.add(given)
            act.tell("photograph", given.id, given.id)
            act.tell("faces", given.faces, given.id)
    return given


@there_only_for(Role.PRIVACY_OFFICER)
def show_photograph(system: System, officer: Officer, *, request_id: str) -> list[bytes]:
    """A chip (JPEG) of each face in it, the surest first: the person who asks is one of them, by their place from 1."""
    with audit.act(system, "photograph.shown", officer) as act:
        with act.look() as look:
            given = held(look, _permit(act, look, request_id).id, act.now)
        pixels, found = open_picture(system, given)
        chips = [system.media.chip(pixels, face.box, CHIP_SIDE) for face in found]
        with act.begin() as tx:
            _permit(act, tx, request_id)
            act.tell("photograph", given.id, given.id)
    return chips


@there_only_for(Role.PRIVACY_OFFICER)
def take_back_photograph(system: System, officer: Officer, *, request_id: str) -> Photograph:
    """Destroy it before the request ends: it was the wrong one, or is needed no more."""
    with audit.act(system, "photograph.taken_back", officer) as act, act.begin() as tx:
        request = tx.get(Request, request_id)
        act.tell("request", request.id, request.id)
        act.permit(photographs=_count(tx, request.id, act.now))
        given = held(tx, request.id, act.now)
        act.tell("photograph", given.id, given.id)
        end_photographs(act, tx, request.id, "it was taken back by the privacy officer")
    destroy_ended(system)
    with system.database.look() as look:
        return look.get(Photograph, given.id)


def held(look: Look, request_id: str, now: datetime) -> Photograph:
    """The photograph of a request for which the policy was told that one is held."""
    [given] = look.find(Photograph, **_held(request_id, now))
    return given


def facts_of_lane(look: Look, person: Person, request: Request, now: datetime) -> dict[str, Fact]:
    """What the policy is told of every act on a photograph given."""
    return {
        "state": str(request.state),
        "photographs": _count(look, request.id, now),
        "casework": _parts_in_cases(look, person.id),
    }


def open_picture(system: System, given: Photograph) -> tuple[Pixels, list[FoundFace]]:
    """Its pixels and its faces, found anew: nothing of a face is kept. Raises `NotProven` if they are not those told of."""
    content = system.keys.open(given.blob_key, system.blobs.get(given.blob), PICTURE)
    pixels = system.media.decode(content).pixels
    found = system.model.find(pixels)
    if len(found) != given.faces:
        raise NotProven("the photograph's faces are not those that were found when it was given; give it anew")
    return pixels, found


def end_photographs(act: Act, tx: Transaction, request_id: str, why: str) -> None:
    """Take a request's photograph out of use, in the transaction that ends its reason to be here."""
    for given in tx.find(Photograph, request_id=request_id, state=PhotographState.HELD):
        tx.change(given, state=PhotographState.ENDED, ended_by=why)
        act.tell("photograph_ended", given.id, given.id)


def destroy_ended(system: System) -> int:
    """Destroy every photograph that has ended or whose term is over; how many. A start and the worker do it too.

    What could not be shown to be clean is on record and stays ended: the next call tries again.
    """
    now = system.clock.now()
    with system.database.look() as look:
        over = [
            one
            for one in look.find(Photograph, state=PhotographState.HELD)
            if one.kept.dispose_after <= now and not one.kept.legal_hold
        ]
        left = look.find(Photograph, state=OneOf([PhotographState.ENDED, PhotographState.CLEAN]))
    for given in over:
        with system.database.begin() as tx:
            as_it_is = tx.get(Photograph, given.id)
            if as_it_is.state is PhotographState.HELD:
                left.append(tx.change(as_it_is, state=PhotographState.ENDED, ended_by="its term was over"))
    return finish_each(left, partial(_destroy, system))


def _destroy(system: System, given: Photograph) -> None:
    """Every step can be done again, so that it may stop at any line."""
    if given.state is PhotographState.ENDED:
        with audit.act(system, "photograph.destroyed", None) as act:
            act.tell("photograph", given.id, given.id)
            act.tell("request", given.request_id, given.request_id)
            summary = _make_clean(system, given)
            with act.begin() as tx:
                given = tx.change(
                    given, state=PhotographState.CLEAN, blob="", blob_key="", needles=(), summary=tuple(summary)
                )
    n, receipt = _receipt(system, given)
    with system.database.begin() as tx:
        tx.change(given, state=PhotographState.DESTROYED, entry=n, receipt=receipt)


def _make_clean(system: System, given: Photograph) -> list[tuple[str, str]]:
    """The key first: from then on nobody can open what may still lie somewhere."""
    wrapped = system.keys.destroy([given.blob_key])
    system.blobs.purge(given.blob)
    system.database.purge()
    system.keys.purge()
    scan = system.stores.scan([*wrapped, *(bytes.fromhex(needle) for needle in given.needles)])
    if scan.found:
        raise StoreNotClean(
            f"the byte scan found something of a photograph that was to be destroyed: {'; '.join(scan.found[:5])}. Its key "
            "is destroyed, and there is no receipt; close every other program that has the data folder open and run "
            "`beholden worker --once`"
        )
    return [
        ("stores", ", ".join(scan.stores)),
        ("files_scanned", str(scan.files)),
        ("bytes_scanned", str(scan.scanned_bytes)),
        ("needles", str(scan.needles)),
    ]


def _receipt(system: System, given: Photograph) -> tuple[int, bytes]:
    """Seal the log, and sign what was done with the proof that it is in there."""
    checkpoint = log.seal(system)
    with system.database.look() as look:
        n = _entry_of(look, given)
        request = look.get(Request, given.request_id)
    payload = {
        "photograph": given.id,
        "request": given.request_id,
        "statement": "The photograph that was given with this request was destroyed: its key first, then its bytes.",
        "given_at": instant(given.kept.created_at),
        "ended_by": given.ended_by,
        "destroyed_at": instant(system.clock.now()),
        "comparisons_for_the_request": request.comparisons,
        "never": NEVER,
        **dict(given.summary),
    }
    proof = receipts.prove(system.witness.read, n, checkpoint)
    return n, receipts.make_receipt(payload, proof, *log.receipt_key(system))


def _entry_of(look: Look, given: Photograph) -> int:
    """The number of the entry that tells of its destruction; tries that failed have entries too."""
    numbers = [item.n for item in look.find(Item, record_id=given.id, name="photograph")]
    leaves = {entry.n: json.loads(entry.leaf) for entry in look.find(Entry, n=OneOf(numbers))}
    return max(n for n, leaf in leaves.items() if (leaf["event"], leaf["outcome"]) == ("photograph.destroyed", "done"))


def _permit(act: Act, look: Look, request_id: str) -> Request:
    act.start_over()
    request = look.get(Request, request_id)
    act.tell("request", request.id, request.id)
    act.permit(**facts_of_lane(look, act.person, request, act.now))
    return request


def _held(request_id: str, now: datetime) -> dict[str, Any]:
    """One whose term is over is held no more, though it waits for whoever destroys it."""
    return {"request_id": request_id, "state": PhotographState.HELD, "dispose_after": Above(now)}


def _count(look: Look, request_id: str, now: datetime) -> int:
    return look.count(Photograph, **_held(request_id, now))


def _parts_in_cases(look: Look, person_id: str) -> int:
    """How often somebody had a part in cases, in whatever role they had then and however long ago that was."""
    return (
        look.count(Case, assigned=Holding(person_id))
        + look.count(Authority, requested_by=person_id)
        + look.count(Authority, decided_by=person_id)
        + look.count(Search, searched_by=person_id)
        + look.count(Review, reviewer=person_id)
        + look.count(Examination, examiner=person_id)
    )


def _needle_of(plain: bytes) -> list[str]:
    """A piece of the open picture, to show that it lies nowhere; none where the picture is so plain that chance finds it."""
    piece = plain[len(plain) // 2 :][:HEAD]
    return [piece.hex()] if len(set(piece)) > HEAD // 2 else []
