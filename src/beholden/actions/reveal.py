"""Reveal: an auditor is given one picture, for a reason in writing that the log keeps. Everything else they read redacted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.desk import at_desk, owes_opinion
from beholden.actions.exhibits import CHIP_SIDE, exhibit_chips
from beholden.actions.gone import check_upheld_or_open
from beholden.actions.limits import facts_of_day
from beholden.actions.log import opened_items
from beholden.actions.review import reference_chip
from beholden.errors import BadInput, Missing
from beholden.ports.database import KeyOf, Look, OneOf, Place, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, unedited
from beholden.records.faces import Face, FaceState
from beholden.records.limits import day_of
from beholden.records.people import Officer, Person
from beholden.records.reveals import Pictured, is_same_reason, length_of_reason
from beholden.records.searches import Search, SearchState

EVENT = "picture.revealed"
LEAF = 50  # entries that are looked through at a time for earlier reasons
SEALED = OneOf([SearchState.STARTED, SearchState.LISTED, SearchState.REVIEWED])


@dataclass(frozen=True, slots=True)
class _Found:
    """What was asked for, and whether it may be looked at by anybody now."""

    record_id: str  # under whose key the entry's words are sealed, so that an erasure takes them along
    purpose: str
    told: tuple[tuple[str, str], ...]  # the records that the entry names, by what they are
    exhibit: tuple[Exhibit, ExhibitFace] | None
    face: Face | None
    open: bool


def reveal_picture(system: System, officer: Officer, *, of: str, id: str, reason: str) -> bytes:
    """One face as a JPEG of its own, without metadata and with nothing around it, to an auditor.

    `of` says what `id` names: a `Pictured`. Raises `Refused` without a fresh sign-in or a reason of its own, and `Missing`
    for what is not there, what was removed or erased, a candidate of a list that is still sealed, and to whoever owes a
    blind opinion: all of them alike.
    """
    with audit.act(system, EVENT, officer) as act:
        if of not in set(Pictured):
            raise BadInput(f"there is no picture {of[:50]!r} to look at; it is one of: {', '.join(Pictured)}")
        with act.look() as look:
            found = _find(look, Pictured(of), id, act.now)
            if found is not None:
                act.purpose = found.purpose
                for name, record_id in found.told:
                    act.tell(name, record_id, record_id)
                act.tell("of", of, found.record_id)
                act.tell("reason", reason.strip(), found.record_id)
            _permit(act, look, reason)
            there = _check_open(act, look, found)
            chip = _chip(system, look, there)
        with act.begin() as tx:
            _permit(act, tx, reason)
            _check_open(act, tx, _find(tx, Pictured(of), id, act.now))  # it may have been erased while its chip was cut
    return chip


def pictures_left(system: System, officer: Officer) -> int:
    """How many more this person may be given today, had they the right."""
    with at_desk(system, officer) as (look, person):
        facts = facts_of_day(system, look, person, EVENT, system.clock.now())
        return max(0, int(str(facts["most_today"])) - int(str(facts["done_today"])))


def _permit(act: Act, look: Look, reason: str) -> None:
    """The policy is told nothing of the picture: a refusal must not say whether it is there."""
    earlier = _earlier_reasons(act.system, look, act.person, act.now)
    act.permit(
        reason_chars=length_of_reason(reason),
        min_reason_chars=act.system.rules.min_reveal_chars,
        reason_repeats=any(is_same_reason(reason, one) for one in earlier),
    )


def _check_open(act: Act, look: Look, found: _Found | None) -> _Found:
    if owes_opinion(look, act.person):
        raise Missing("there are no pictures for you now: lock the opinion that you owe first")
    if found is None or not found.open:
        raise Missing("there is no such picture, or none that anybody may look at now")
    return found


def _find(look: Look, of: Pictured, id: str, now: datetime) -> _Found | None:
    if of is Pictured.EXHIBIT_FACE:
        return _exhibit_face(look, id)
    return _lead(look, id, now) if of is Pictured.LEAD else _reference(look, id)


def _exhibit_face(look: Look, id: str) -> _Found | None:
    for face in look.find(ExhibitFace, id=id):
        exhibit, case = look.get(Exhibit, face.exhibit_id), look.get(Case, face.case_id)
        told = (("case", case.id), ("exhibit", exhibit.id), ("shown", face.id))
        held = exhibit.state is ExhibitState.HELD
        return _Found(exhibit.id, case.purpose, told, exhibit=(exhibit, face), face=None, open=held)
    return None


def _lead(look: Look, id: str, now: datetime) -> _Found | None:
    """Who is on a list is told to nobody before its last opinion is locked, and so not to an auditor either."""
    for candidate in look.find(Candidate, id=id):
        search = look.get(Search, candidate.search_id)
        check_upheld_or_open(look, search.authority_id, now)
        face = look.get(Face, candidate.face_id)
        purpose = look.get(Authority, search.authority_id).purpose
        told = (("case", search.case_id), ("search", search.id), ("shown", face.id))
        unsealed = search.state is SearchState.UNSEALED and face.state is FaceState.LIVE
        return _Found(face.id, purpose, told, exhibit=None, face=face, open=unsealed)
    return None


def _reference(look: Look, id: str) -> _Found | None:
    """An image serves several purposes, so that the entry names none. Not of who is on a list that is still sealed."""
    for face in look.find(Face, id=id):
        is_open = face.state in (FaceState.WAITING, FaceState.LIVE) and not _is_on_sealed_list(look, face)
        return _Found(face.id, "", (("shown", face.id),), exhibit=None, face=face, open=is_open)
    return None


def _is_on_sealed_list(look: Look, face: Face) -> bool:
    """By any reference that the source says is of the same person: the log, which auditors read, names who is listed."""
    person = KeyOf(Face, {"person_mark": face.person_mark}) if face.person_mark else face.id
    return look.count(Candidate, face_id=person, search_id=KeyOf(Search, {"state": SEALED})) > 0


def _chip(system: System, look: Look, found: _Found) -> bytes:
    if found.exhibit is not None:
        exhibit, face = found.exhibit
        return exhibit_chips(system, exhibit, (unedited(face),), CHIP_SIDE)[0]
    if found.face is None:
        raise Missing("there is no such picture")
    return reference_chip(system, look, found.face)[0]


def _earlier_reasons(system: System, look: Look, person: Person, now: datetime) -> Iterator[str]:
    """For which they were given pictures today, the latest first, and last before; empty where the picture was erased since."""
    after: Place | None = None
    while True:
        there = look.find(Entry, order="-n", limit=LEAF, after=after, created_by=person.id, leaf=Saying("event", EVENT))
        for entry in there:
            leaf = json.loads(entry.leaf)
            if leaf["outcome"] == "done":
                told = {one.name: one.value for one in opened_items(system, look, entry.n)}
                yield str(told.get("reason", ""))
                if day_of(entry.kept.created_at) != day_of(now):
                    return
        if len(there) < LEAF:
            return
        after = Place(there[-1].n, there[-1].n)
