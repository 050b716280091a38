"""Compare a photograph that somebody gave with everything that is held, so that they learn which records are of them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from beholden.actions import audit
from beholden.actions.account import tell_calls, told_if_stopped
from beholden.actions.audit import Act
from beholden.actions.desk import owes_opinion
from beholden.actions.follow import check_whole, follow
from beholden.actions.hidden import there_only_for
from beholden.actions.model_in_force import check_model
from beholden.actions.nearest import (
    check_not_overtaken,
    compare_at_one_moment,
    faces_of,
    list_of_the_same_moment,
    nearest_people,
    people_of,
)
from beholden.actions.photograph import facts_of_lane, held, open_picture
from beholden.actions.review import reference_chip
from beholden.actions.stops import facts_of_stop, stopped_now
from beholden.errors import BadInput, IndexIncomplete, Missing
from beholden.ports.database import Look, OneOf, Saying
from beholden.ports.index import Neighbours, Shelf
from beholden.ports.model import Template
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Role
from beholden.records.requests import Photograph, Request
from beholden.records.sources import Source

MARK = 32  # hex digits of the mark in a handle: 128 bits, which nobody guesses
HANDLE = re.compile(rf"[0-9a-f]{{32}}\.[0-9a-f]{{{MARK}}}")


@dataclass(frozen=True, slots=True)
class Listed:
    """A reference that is near. What it looks like, `show_listed` tells for its handle; how near, nobody."""

    handle: str
    face_id: str
    image_id: str
    gallery_id: str
    source_id: str
    person: int  # references with the same number are one person, by the source's word


@dataclass(frozen=True, slots=True)
class Comparison:
    """The nearest references, in an order that tells nothing. Somebody is always nearest: that one is listed says nothing."""

    listed: tuple[Listed, ...]
    references: int  # how many were compared: every live one of the model in use
    waiting: int  # references that have no template of this model yet, and were not compared
    comparisons_left: int
    left_out: int = 0  # references that were not compared, for an order of the oversight body stops their source


@there_only_for(Role.PRIVACY_OFFICER)
def compare_photograph(system: System, officer: Officer, *, request_id: str, face: int = 0) -> Comparison:
    """Compare one face of the photograph with every live reference, whatever its source's state; it is counted.

    References of a source that the oversight body stopped are left out, and it is said how many: such an order stands
    above everybody's use. Where no other is held, the comparison is refused.

    `face` is its place in `show_photograph`, from 1; 0 is the only one, or the one that was compared before. Nothing of what
    is listed is kept, but that it was shown. Raises `IndexIncomplete` if not every reference can be shown to be compared:
    then nothing is listed, and nothing counted.
    """
    with audit.act(system, "photograph.compared", officer) as act:
        with act.look() as look:
            given = _permit(act, look, request_id, face)
            _place(given, face)
        entry = act.begun()
        with told_if_stopped(act, entry):
            return list_of_the_same_moment(lambda: _compare_and_list(act, given, face, entry))


def _compare_and_list(act: Act, given: Photograph, face: int, entry: int) -> Comparison:
    system, request_id = act.system, given.request_id
    nearest, waiting, left_out = _compare(system, given, _place(given, face), entry)
    with act.begin() as tx:
        given = _permit(act, tx, request_id, face)
        place = _place(given, face)
        request = tx.get(Request, request_id)
        listed = _listed(system, tx, given, nearest)
        tx.change(request, comparisons=request.comparisons + 1)
        tx.change(given, compared_face=place)
        tx.add(
            Notice(
                id=system.clock.new_id(),
                version=0,
                kept=act.keep("notice"),
                recipient=OVERSIGHT,
                about=request.id,
                words="a photograph given with a request was compared with every reference, "
                f"{request.comparisons + 1} of {system.rules.max_given_comparisons} times",
                sent=False,
            )
        )
        act.tell("photograph", given.id, given.id)
        act.tell("references", nearest.rows, given.id)
        act.tell("left_out", left_out, given.id)
        tell_calls(act, entry)
        for one in listed:
            act.tell("shown", one.face_id, one.face_id)
    left = system.rules.max_given_comparisons - request.comparisons - 1
    return Comparison(tuple(listed), nearest.rows, waiting, left, left_out)


@there_only_for(Role.PRIVACY_OFFICER)
def show_listed(system: System, officer: Officer, *, request_id: str, handles: Sequence[str]) -> list[bytes]:
    """The chip (JPEG) of each reference that a comparison listed, in the order of the handles. Each is a consultation.

    A handle opens nothing once the photograph is destroyed, and nothing for another request. Raises `Missing` for a reference
    that was erased since.
    """
    wanted = tuple(dict.fromkeys(handles))
    with audit.act(system, "reference.shown", officer) as act:
        with act.look() as look:
            faces = _permit_showing(act, look, request_id, wanted)
            chips = [reference_chip(system, look, face)[0] for face in faces]
        with act.begin() as tx:
            for face in _permit_showing(act, tx, request_id, wanted):
                act.tell("shown", face.id, face.id)
    return chips


def chosen_by_face(look: Look, request: Request) -> bool:
    """Whether a record of this request was chosen out of a comparison: listed by one, and named after it was."""
    about = OneOf(sorted({item.n for item in look.find(Item, record_id=request.id, name="request")}))
    done = {
        event: {
            entry.n
            for entry in look.find(Entry, n=about, leaf=Saying("event", event))
            if json.loads(entry.leaf)["outcome"] == "done"
        }
        for event in ("photograph.compared", "request.records_chosen")
    }
    named = look.find(Item, record_id=OneOf(request.face_ids))
    listed = [(item.n, item.record_id) for item in named if item.n in done["photograph.compared"]]
    chosen = [(item.n, item.record_id) for item in named if item.n in done["request.records_chosen"]]
    return any(of == face_id and after > n for n, face_id in listed for after, of in chosen)


def _permit(act: Act, look: Look, request_id: str, face: int) -> Photograph:
    act.start_over()
    request = look.get(Request, request_id)
    act.tell("request", request.id, request.id)
    facts = facts_of_lane(look, act.person, request, act.now)
    given = held(look, request.id, act.now) if facts["photographs"] else None
    act.permit(
        **facts,
        **facts_of_stop(act.system, look, "", look.ids(Gallery), act.now),
        identity_checked=request.identity_checked_by != "",
        received_by=request.kept.created_by,
        identity_checked_by=request.identity_checked_by,
        given_by=given.kept.created_by if given else "",
        comparisons=request.comparisons,
        max_comparisons=act.system.rules.max_given_comparisons,
        other_face=bool(given and given.compared_face and face not in (0, given.compared_face)),
    )
    _check_owes_nothing(act, look)
    return held(look, request.id, act.now)


def _permit_showing(act: Act, look: Look, request_id: str, handles: Sequence[str]) -> list[Face]:
    act.start_over()
    request = look.get(Request, request_id)
    act.tell("request", request.id, request.id)
    facts = facts_of_lane(look, act.person, request, act.now)
    given = held(look, request.id, act.now) if facts["photographs"] else None
    ids = [handle.partition(".")[0] for handle in handles]
    known = [
        given is not None
        and HANDLE.fullmatch(handle) is not None
        and secrets.compare_digest(_handle(act.system, given, id), handle)
        for id, handle in zip(ids, handles, strict=True)
    ]
    act.permit(**facts, identity_checked=request.identity_checked_by != "", unlisted=known.count(False))
    _check_owes_nothing(act, look)
    if not handles:
        raise BadInput("name a reference to be shown, by the handle that the comparison gave it")
    faces = {
        face.id: face for face in look.find(Face, id=OneOf(ids)) if face.state in (FaceState.LIVE, FaceState.WAITING)
    }
    if len(faces) < len(ids):
        raise Missing("a reference of this list is held no more; compare again")
    if {face.source_id for face in faces.values()} & stopped_now(look, act.now):
        raise Missing("the oversight body stopped the source of a reference of this list; compare again")
    return [faces[id] for id in ids]


def _check_owes_nothing(act: Act, look: Look) -> None:
    if owes_opinion(look, act.person):
        raise Missing("there are no references for you now: lock the opinion that you owe first")


def _place(given: Photograph, face: int) -> int:
    """Raises `BadInput` where it is not said which of several faces is meant, or there is no such face."""
    place = face or given.compared_face or (1 if given.faces == 1 else 0)
    if not 1 <= place <= given.faces:
        raise BadInput(f"say which of the photograph's {given.faces} faces is the person who asks, by its place from 1")
    return place


def _compare(system: System, given: Photograph, place: int, entry: int) -> tuple[Neighbours, int, int]:
    pixels, found = open_picture(system, given)
    template = system.model.embed(pixels, [found[place - 1]])[0].template
    try:
        return compare_at_one_moment(system, lambda look: _compare_now(system, look, template, entry))
    finally:
        template.fill(0)  # it lives no longer than this


def _compare_now(system: System, look: Look, template: Template, entry: int) -> tuple[Neighbours, int, int]:
    check_model(system, look)
    follow(system, look)
    space_id = system.model.card.space_id
    stopped = stopped_now(look, system.clock.now())
    sources = [id for id in look.ids(Source) if id not in stopped]
    every = [Shelf(gallery_id, source_id, space_id) for gallery_id in look.ids(Gallery) for source_id in sources]
    # The count is kept, not made now: a wrong one must not leave a shelf out in silence.
    shelves = [
        one for one in every if look.count(Face, state=FaceState.LIVE, **asdict(one)) or system.index.rows([one])
    ]
    references = check_whole(system, look, shelves)
    ask = lambda depth: system.index.nearest([template], depth, shelves, entry=entry)  # noqa: E731
    nearest = nearest_people(system, look, ask, system.rules.max_given_people).nearest
    if nearest.rows != references or not nearest.proven:
        raise IndexIncomplete("references were added or erased while they were compared; compare again")
    held = OneOf([FaceState.LIVE, FaceState.WAITING])
    here, left_out = look.count(Face, state=held), look.count(Face, state=held, source_id=OneOf(sorted(stopped)))
    return nearest, here - references - left_out, left_out


def _listed(system: System, look: Look, given: Photograph, nearest: Neighbours) -> list[Listed]:
    """The nearest people, each with every reference that the source says is of them, in the order of their random ids.

    A copy of a listed picture is listed too, whatever the source says of it: none is kept from who may want it erased.
    """
    stopped = stopped_now(look, system.clock.now())  # an order that came while it was compared counts too
    allowed = {no: face for no, face in faces_of(look, nearest).items() if face.source_id not in stopped}
    best = people_of(system, look, nearest, allowed, system.rules.max_given_people)
    check_not_overtaken(nearest, allowed, len(best), system.rules.max_given_people)
    listed = []
    named = {stack.face.person_mark for stack in best if stack.face.person_mark}
    for person, stack in enumerate(sorted(best, key=lambda one: one.face.id), 1):
        marked = look.find(Face, person_mark=stack.face.person_mark) if stack.face.person_mark else [stack.face]
        copies = [face for face in stack.copies if face.person_mark not in named]
        here = [
            face
            for face in (*marked, *copies)
            if face.state in (FaceState.LIVE, FaceState.WAITING) and face.source_id not in stopped
        ]
        listed += [
            Listed(_handle(system, given, face.id), face.id, face.image_id, face.gallery_id, face.source_id, person)
            for face in sorted(here, key=lambda one: one.id)
        ]
    return listed


def _handle(system: System, given: Photograph, face_id: str) -> str:
    """Shows that a comparison listed the reference, without anything being kept: only this system can make the mark."""
    mark = system.keys.hmac("photograph/listed", f"{given.id}/{face_id}".encode()).hex()[:MARK]
    return f"{face_id}.{mark}"
