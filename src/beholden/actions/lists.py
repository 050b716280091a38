"""The desk's long lists page by page, and narrowed by a text. Who may not see a record is kept from it by the question itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from beholden.actions import paging
from beholden.actions.desk import (
    EVERY_CASE,
    REGISTER,
    OwnExamination,
    as_seen,
    at_desk,
    check_request_desk,
    check_sees,
    is_one_of,
    owed_by,
    owes_opinion,
)
from beholden.actions.disclosed import Disclosed, told
from beholden.actions.paging import Order, Page
from beholden.ports.database import Containing, Holding, KeyOf, Look, NoneOf, OneOf
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.disclosures import Disclosure
from beholden.records.erasure import Erasure
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, Origin
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.requests import Request
from beholden.records.review import Pair, Review
from beholden.records.searches import Search, SearchState
from beholden.records.sources import Source

R = TypeVar("R")

BY_NAME, BY_REFERENCE = Order("name", str), Order("reference", str)
LATEST, LATEST_STARTED = Order("-created_at", datetime), Order("-started_at", datetime)
FIRST_DUE = Order("due_at", datetime)
NOTHING: Page[Any] = Page((), "")


def cases(system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50) -> Page[Case]:
    """One's own cases by reference, narrowed by reference and title; to a supervisor and an auditor, all of them."""
    with at_desk(system, officer) as (look, person):
        wanted = paging.containing(filter, "reference", "title")
        own = {} if is_one_of(person, *EVERY_CASE) else {"assigned": Holding(person.id)}
        return _page(look, Case, BY_REFERENCE, after, limit, wanted, **own)


def exhibits(
    system: System, officer: Officer, *, case_id: str, filter: str = "", after: str = "", limit: int = 50
) -> Page[tuple[Exhibit, list[ExhibitFace]]]:
    """The case's exhibits, the latest first, narrowed by origin and state, each with its faces.

    Raises `Missing` outside one's cases. File names are sealed, and so nothing that a list could be narrowed by.
    """
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        wanted = paging.containing(filter, "origin", "state")
        if wanted and not any(wanted.text.lower() in one for one in (*Origin, *ExhibitState)):
            return NOTHING  # there are so few words to be found that nothing need be looked through
        found = _page(look, Exhibit, LATEST, after, limit, wanted, case_id=case_id)
        faces: dict[str, list[ExhibitFace]] = defaultdict(list)
        ids = [exhibit.id for exhibit in found.shown]
        for face in look.find(ExhibitFace, exhibit_id=OneOf(ids), order="position"):
            faces[face.exhibit_id].append(face)
        return found.each(lambda exhibit: (exhibit, faces[exhibit.id]))


def sources(system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50) -> Page[Source]:
    """The register by name, narrowed by name, controller, citation and place; nothing to somebody who owes a blind opinion."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, *REGISTER) or owes_opinion(look, person):
            return NOTHING
        wanted = paging.containing(filter, "name", "controller", "citation", "jurisdiction")
        return _page(look, Source, BY_NAME, after, limit, wanted)


def galleries(system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50) -> Page[Gallery]:
    """The galleries by name, to those who see the register."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, *REGISTER):
            return NOTHING
        return _page(look, Gallery, BY_NAME, after, limit, paging.containing(filter, "name"))


def galleries_for(
    system: System, officer: Officer, *, purpose: str, filter: str = "", after: str = "", limit: int = 50
) -> Page[Gallery]:
    """Those that are open and held for this purpose, by name, to those who see the register."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, *REGISTER):
            return NOTHING
        fit: dict[str, Any] = {"state": GalleryState.OPEN, "purposes": Holding(purpose)}
        return _page(look, Gallery, BY_NAME, after, limit, paging.containing(filter, "name"), **fit)


def investigators(
    system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50
) -> Page[Person]:
    """Those who can be assigned to a case, by name."""
    with at_desk(system, officer) as (look, _):
        fit: dict[str, Any] = {"state": PersonState.ACTIVE, "roles": Holding(Role.INVESTIGATOR)}
        found = _page(look, Person, BY_NAME, after, limit, paging.containing(filter, "name"), **fit)
        return found.each(lambda person: replace(person, credential=""))


def people(system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50) -> Page[Person]:
    """Everybody who works with the system, by name."""
    with at_desk(system, officer) as (look, _):
        found = _page(look, Person, BY_NAME, after, limit, paging.containing(filter, "name"))
        return found.each(lambda person: replace(person, credential=""))


def authorities(
    system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50
) -> Page[Authority]:
    """Those of the cases that one sees, the latest first, narrowed by the reference and title of the case."""
    with at_desk(system, officer) as (look, person):
        return _page(look, Authority, LATEST, after, limit, None, **_of_own_cases(person, filter))


def searches(system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50) -> Page[Search]:
    """Those of one's cases, the latest first, narrowed by the case; to an examiner, those that wait for an opinion too.

    Those on which one owes an opinion are not there. What waits in the case of others is narrowed by its own id alone:
    a filter must not tell an examiner the reference of a case.
    """
    with at_desk(system, officer) as (look, person):
        paging.check_limit(limit)
        place = LATEST_STARTED.read(after)
        given: dict[str, Any] = {"order": LATEST_STARTED.field, "limit": limit + 1, "after": place}
        given["id"] = NoneOf(owed_by(look, person))
        found = look.find(Search, **given, **_of_own_cases(person, filter))
        if is_one_of(person, Role.EXAMINER):
            for waiting in (SearchState.LISTED, SearchState.REVIEWED):  # each in the order of its own index
                there = look.find(Search, **given, state=waiting, containing=paging.containing(filter, "id"))
                found = _together(found, there)
        return paging.page(found, LATEST_STARTED, limit).each(lambda one: as_seen(look, person, one))


def requests(system: System, officer: Officer, *, filter: str = "", after: str = "", limit: int = 50) -> Page[Request]:
    """What data subjects asked for, the first one due first, narrowed by how the records were looked for, and state."""
    with at_desk(system, officer) as (look, person):
        check_request_desk(person)
        return _page(look, Request, FIRST_DUE, after, limit, paging.containing(filter, "looked_for", "state"))


def erasures(system: System, officer: Officer, *, after: str = "", limit: int = 50) -> Page[Erasure]:
    """With their receipts, the latest first. Raises `Missing` to those who have no part in requests."""
    with at_desk(system, officer) as (look, person):
        check_request_desk(person)
        return _page(look, Erasure, LATEST, after, limit, None)


def reviews(
    system: System, officer: Officer, *, after: str = "", limit: int = 50
) -> Page[tuple[Review, tuple[Pair, ...]]]:
    """One's own, the latest first, each with its pairs in the order in which they were shown, blind: whose they are is left out."""
    with at_desk(system, officer) as (look, person):
        found = _page(look, Review, LATEST, after, limit, None, reviewer=person.id)
        pairs: dict[str, list[Pair]] = defaultdict(list)
        for pair in look.find(Pair, review_id=OneOf([review.id for review in found.shown]), order="position"):
            pairs[pair.review_id].append(replace(pair, candidate_id=""))
        return found.each(lambda review: (review, tuple(pairs[review.id])))


def examinations(system: System, officer: Officer, *, after: str = "", limit: int = 50) -> Page[OwnExamination]:
    """One's own, open and locked, the latest first."""
    with at_desk(system, officer) as (look, person):
        found = _page(look, Examination, LATEST, after, limit, None, examiner=person.id)
        return found.each(lambda one: OwnExamination(one.id, one.search_id, one.state))


def disclosures(
    system: System, officer: Officer, *, filter: str = "", case_id: str = "", after: str = "", limit: int = 50
) -> Page[Disclosed]:
    """What left of one's cases, the latest first, narrowed by the case; nothing to somebody who owes a blind opinion.

    Raises `Missing` for a case that is not there for this person.
    """
    with at_desk(system, officer) as (look, person):
        if case_id:
            check_sees(look, person, case_id)
        if owes_opinion(look, person):
            return NOTHING
        narrowed = {"case_id": case_id} if case_id else _of_own_cases(person, filter)
        found = _page(look, Disclosure, LATEST, after, limit, None, **narrowed)
        return found.each(lambda one: told(system, look, one))


def _page(
    look: Look, kind: type[R], order: Order, after: str, limit: int, wanted: Containing | None, **where: Any
) -> Page[R]:
    paging.check_limit(limit)
    found = look.find(kind, order=order.field, limit=limit + 1, after=order.read(after), containing=wanted, **where)
    return paging.page(found, order, limit)


def _of_own_cases(person: Person, filter: str) -> dict[str, Any]:
    wanted = paging.containing(filter, "reference", "title")
    if is_one_of(person, *EVERY_CASE):
        return {"case_id": KeyOf(Case, containing=wanted)} if wanted else {}
    return {"case_id": KeyOf(Case, {"assigned": Holding(person.id)}, wanted)}


def _together(one: list[Search], other: list[Search]) -> list[Search]:
    """Two beginnings of the same order as one."""
    every = {search.id: search for search in (*one, *other)}
    by_key = sorted(every.values(), key=lambda search: search.id)
    return sorted(by_key, key=lambda search: search.started_at, reverse=True)
