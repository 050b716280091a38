"""What lies on a person's desk: the records that their roles and cases let them see. Everything else is not there for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from beholden.actions import audit
from beholden.actions.gone import check_not_taken, check_upheld_or_open
from beholden.errors import Missing
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration, Evaluation
from beholden.records.examination import Description, Examination, ExaminationState
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Person, PersonState, Role, has_part_in_requests
from beholden.records.requests import Photograph, Request
from beholden.records.review import Pair, Review, ReviewState
from beholden.records.searches import Search, SearchState, that_it_is_there, without_case
from beholden.records.sought import Sought
from beholden.records.sources import Source

R = TypeVar("R")

REGISTER = (Role.STEWARD, Role.PRIVACY_OFFICER, Role.INVESTIGATOR, Role.SUPERVISOR, Role.AUDITOR)
EVERY_CASE = (Role.SUPERVISOR, Role.AUDITOR)
REQUESTS = (Role.PRIVACY_OFFICER, Role.AUDITOR, Role.STEWARD, Role.SUPERVISOR)
NO_REQUEST = "there is no such request for you"


@dataclass(frozen=True, slots=True)
class OwnExamination:
    """What an examiner may know of their own: its part, which would say whether somebody came before, is not in it."""

    id: str
    search_id: str
    state: ExaminationState
    described: tuple[Description, ...] = ()  # what they said themselves of each side alone


def oneself(system: System, officer: Officer) -> Person:
    """Who is signed in, as the records know them now."""
    with at_desk(system, officer) as (_, person):
        return replace(person, credential="")


def sources(system: System, officer: Officer) -> list[Source]:
    """The register of sources; nothing of it to somebody who owes a blind opinion."""
    with at_desk(system, officer) as (look, person):
        return (
            look.find(Source, order="name") if is_one_of(person, *REGISTER) and not owes_opinion(look, person) else []
        )


def source(system: System, officer: Officer, *, source_id: str) -> Source:
    """One of the register. Raises `Missing` for every other, and to whom the register is not shown."""
    with at_desk(system, officer) as (look, person):
        shown = is_one_of(person, *REGISTER) and not owes_opinion(look, person)
        return _only(look.find(Source, id=source_id) if shown else [], "source")


def galleries(system: System, officer: Officer) -> list[Gallery]:
    """The galleries, to those who see the register."""
    with at_desk(system, officer) as (look, person):
        return look.find(Gallery, order="name") if is_one_of(person, *REGISTER) else []


def gallery(system: System, officer: Officer, *, gallery_id: str) -> Gallery:
    """One of them. Raises `Missing` for every other, and to whom the register is not shown."""
    with at_desk(system, officer) as (look, person):
        return _only(look.find(Gallery, id=gallery_id) if is_one_of(person, *REGISTER) else [], "gallery")


def people(system: System, officer: Officer) -> list[Person]:
    """Everybody who works with the system, with their roles."""
    with at_desk(system, officer) as (look, _):
        return [replace(one, credential="") for one in look.find(Person, order="name")]


def person(system: System, officer: Officer, *, person_id: str) -> Person:
    """One who works with the system, or did. Raises `Missing` for nobody."""
    with at_desk(system, officer) as (look, _):
        return replace(_only(look.find(Person, id=person_id), "person"), credential="")


def cases(system: System, officer: Officer) -> list[Case]:
    """One's own cases; to a supervisor and an auditor, all of them."""
    with at_desk(system, officer) as (look, person):
        return [case for case in look.find(Case, order="reference") if _sees(person, case)]


def case(system: System, officer: Officer, *, case_id: str) -> Case:
    """One of the cases that one sees. Raises `Missing` for every other."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        return look.get(Case, case_id)


def exhibits(system: System, officer: Officer, *, case_id: str) -> list[tuple[Exhibit, list[ExhibitFace]]]:
    """The case's exhibits, removed ones too, with their faces, the surest first. Raises `Missing` outside one's cases."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        return [
            (exhibit, look.find(ExhibitFace, exhibit_id=exhibit.id, order="position"))
            for exhibit in look.find(Exhibit, case_id=case_id)
        ]


def exhibit(
    system: System, officer: Officer, *, exhibit_id: str, case_id: str = ""
) -> tuple[Exhibit, list[ExhibitFace]]:
    """One of the exhibits of one's cases, or of this one. Raises `Missing` for every other."""
    with at_desk(system, officer) as (look, person):
        there = look.find(Exhibit, id=exhibit_id, **_within(case_id))
        found = _only([one for one in there if _sees(person, look.get(Case, one.case_id))], "exhibit")
        return found, look.find(ExhibitFace, exhibit_id=found.id, order="position")


def faces(
    system: System, officer: Officer, *, case_id: str, face_ids: Iterable[str]
) -> list[tuple[Exhibit, ExhibitFace]]:
    """These faces, as far as they are of the case, each with its exhibit. Raises `Missing` outside one's cases."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        found = look.find(ExhibitFace, id=OneOf(sorted(set(face_ids))), case_id=case_id)
        there = look.find(Exhibit, id=OneOf(sorted({face.exhibit_id for face in found})))
        of = {exhibit.id: exhibit for exhibit in there}
        return [(of[face.exhibit_id], face) for face in found]


def sought(system: System, officer: Officer, *, sought_id: str, case_id: str = "") -> Sought:
    """One who is or was sought in one's cases, or in this one. Raises `Missing` for every other."""
    with at_desk(system, officer) as (look, person):
        there = look.find(Sought, id=sought_id, **_within(case_id))
        return _only([one for one in there if _sees(person, look.get(Case, one.case_id))], "sought")


def soughts(system: System, officer: Officer, *, case_id: str) -> list[Sought]:
    """Who is or was sought in the case. Raises `Missing` outside one's cases."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        return look.find(Sought, case_id=case_id)


def authorities(system: System, officer: Officer) -> list[Authority]:
    """Those of the cases that one sees, the latest first."""
    with at_desk(system, officer) as (look, person):
        own = {case.id for case in look.find(Case) if _sees(person, case)}
        return [one for one in look.find(Authority, order="-created_at") if one.case_id in own]


def authorities_of(system: System, officer: Officer, *, case_id: str) -> list[Authority]:
    """Those of one case, the latest first. Raises `Missing` outside one's cases."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        return look.find(Authority, case_id=case_id, order="-created_at")


def authority(system: System, officer: Officer, *, authority_id: str) -> Authority:
    """One of the cases that one sees. Raises `Missing` for every other."""
    with at_desk(system, officer) as (look, person):
        return _authority(look, person, authority_id)


def searches(system: System, officer: Officer) -> list[Search]:
    """Those of one's cases; to an examiner, that there are some which wait for a review or an examination."""
    with at_desk(system, officer) as (look, person):
        own = {case.id for case in look.find(Case) if _sees(person, case)}
        waiting = (SearchState.LISTED, SearchState.REVIEWED) if is_one_of(person, Role.EXAMINER) else ()
        return [
            as_seen(look, person, search)
            for search in look.find(Search, order="started_at")
            if (search.case_id in own or search.state in waiting) and not owes_opinion_on(look, person, search.id)
        ]


def searches_of(system: System, officer: Officer, *, case_id: str) -> list[Search]:
    """Those of one case, the latest first, but for those on which one owes an opinion. Raises `Missing` outside one's cases."""
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        found = look.find(Search, case_id=case_id, order="-started_at")
        return [search for search in found if not owes_opinion_on(look, person, search.id)]


def requests(system: System, officer: Officer) -> list[Request]:
    """What data subjects asked for, the first one due first. Raises `Missing` to those who have no part in requests."""
    with at_desk(system, officer) as (look, person):
        check_request_desk(person)
        return look.find(Request, order="due_at")


def request(system: System, officer: Officer, *, request_id: str) -> tuple[Request, Erasure | None]:
    """One request with the erasure that carries it out. Raises `Missing` to those who see no requests."""
    with at_desk(system, officer) as (look, person):
        check_request_desk(person)
        found = _only(look.find(Request, id=request_id), "request")
        made = look.find(Erasure, request_id=found.id)
        return found, made[0] if made else None


def photographs(system: System, officer: Officer, *, request_id: str) -> list[Photograph]:
    """Those given with a request, the latest first: that they were, and that they were destroyed; never a picture.

    Raises `Missing` to all but a privacy officer and an auditor.
    """
    with at_desk(system, officer) as (look, person):
        shown = has_part_in_requests(person, (Role.PRIVACY_OFFICER, Role.AUDITOR))
        request = _only(look.find(Request, id=request_id) if shown else [], "request")
        return look.find(Photograph, request_id=request.id, order="-created_at")


def erasures(system: System, officer: Officer) -> list[Erasure]:
    """With their receipts, to those who see the requests."""
    with at_desk(system, officer) as (look, person):
        return look.find(Erasure) if has_part_in_requests(person, REQUESTS) else []


def erasure(system: System, officer: Officer, *, erasure_id: str) -> Erasure:
    """One of them. Raises `Missing` to those who see no requests."""
    with at_desk(system, officer) as (look, person):
        return _only(look.find(Erasure, id=erasure_id) if has_part_in_requests(person, REQUESTS) else [], "erasure")


def evaluations(system: System, officer: Officer) -> list[Evaluation]:
    """What was measured in this system, the latest first."""
    with at_desk(system, officer) as (look, _):
        return look.find(Evaluation, order="-started_at")


def calibrations(system: System, officer: Officer) -> list[Calibration]:
    """What lists quote, quoted once, or may come to quote, the latest first."""
    with at_desk(system, officer) as (look, _):
        return look.find(Calibration, order="-created_at")


def reviews(system: System, officer: Officer) -> list[tuple[Review, list[Pair]]]:
    """One's own reviews, each with its pairs in the order in which they were shown, blind: whose they are is left out."""
    with at_desk(system, officer) as (look, person):
        own = look.find(Review, reviewer=person.id)
        return [
            (
                review,
                [replace(pair, candidate_id="") for pair in look.find(Pair, review_id=review.id, order="position")],
            )
            for review in own
        ]


def review(
    system: System, officer: Officer, *, search_id: str = "", review_id: str = "", handle: str = ""
) -> tuple[Review, list[Pair]] | None:
    """One's own review of this search, with this id or of the pair of this handle, as `reviews` shows it; None without one."""
    with at_desk(system, officer) as (look, person):
        if handle:
            pairs = look.find(Pair, handle=handle)
            review_id = pairs[0].review_id if pairs else ""
        named: dict[str, Any] = {"search_id": search_id} if search_id else {"id": review_id}
        for own in look.find(Review, reviewer=person.id, **named):
            there = look.find(Pair, review_id=own.id, order="position")
            return own, [replace(pair, candidate_id="") for pair in there]
        check_not_taken(look, search_id, review_id, handle)
        return None


def had_part(system: System, officer: Officer, *, search_id: str) -> bool:
    """Whether one gave, or owes, an opinion on this search."""
    with at_desk(system, officer) as (look, person):
        return _had_part(look, person, search_id)


def _had_part(look: Look, person: Person, search_id: str) -> bool:
    return bool(
        look.count(Review, search_id=search_id, reviewer=person.id)
        or look.count(Examination, search_id=search_id, examiner=person.id)
    )


def examination(system: System, officer: Officer, *, handle: str) -> OwnExamination:
    """One's own with this handle. Raises `Missing` for everybody else's."""
    with at_desk(system, officer) as (look, person):
        check_not_taken(look, handle)
        one = _only(look.find(Examination, id=handle, examiner=person.id), "examination")
        return OwnExamination(one.id, one.search_id, one.state, one.described)


def open_examination(system: System, officer: Officer, *, search_id: str) -> OwnExamination | None:
    """One's own of this search that lies open; None without one."""
    with at_desk(system, officer) as (look, person):
        for one in look.find(
            Examination, search_id=search_id, examiner=person.id, state=ExaminationState.OPEN, limit=1
        ):
            return OwnExamination(one.id, one.search_id, one.state, one.described)
        check_not_taken(look, search_id)
        return None


def examinations(system: System, officer: Officer) -> list[OwnExamination]:
    """One's own, open and locked."""
    with at_desk(system, officer) as (look, person):
        return [OwnExamination(one.id, one.search_id, one.state) for one in look.find(Examination, examiner=person.id)]


def search(system: System, officer: Officer, *, search_id: str) -> Search:
    """How far a search has come. To somebody who owes an opinion on it, or has no part in it, there is no such search."""
    with at_desk(system, officer) as (look, person):
        found = look.get(Search, search_id)
        case = look.get(Case, found.case_id)
        if owes_opinion_on(look, person, found.id) or not (_sees(person, case) or is_one_of(person, Role.EXAMINER)):
            raise Missing("there is no such search for you now; if you owe an opinion on one, lock it first")
        check_upheld_or_open(look, found.authority_id, system.clock.now())
        return as_seen(look, person, found)


def as_seen(look: Look, person: Person, search: Search) -> Search:
    """The search to those who see its case; to an examiner that it is there, and once unsealed what heads a list of theirs."""
    if sees_case(look, person, search.case_id):
        return search
    may_read = search.state is SearchState.UNSEALED and _had_part(look, person, search.id)
    return without_case(search) if may_read else that_it_is_there(search)


def owes_opinion_on(look: Look, person: Person, search_id: str) -> bool:
    """Whether an opinion of this person on the search is open."""
    return bool(
        look.count(Review, search_id=search_id, reviewer=person.id, state=ReviewState.OPEN)
        or look.count(Examination, search_id=search_id, examiner=person.id, state=ExaminationState.OPEN)
    )


def owed_by(look: Look, person: Person) -> tuple[str, ...]:
    """The searches on which an opinion of this person is open."""
    reviews = look.find(Review, reviewer=person.id, state=ReviewState.OPEN)
    examinations = look.find(Examination, examiner=person.id, state=ExaminationState.OPEN)
    return tuple(dict.fromkeys([*(one.search_id for one in reviews), *(one.search_id for one in examinations)]))


def owes_opinion(look: Look, person: Person) -> bool:
    """Whether any opinion of this person is open: until it is locked, scores and sources are not there for them."""
    return bool(
        look.count(Review, reviewer=person.id, state=ReviewState.OPEN)
        or look.count(Examination, examiner=person.id, state=ExaminationState.OPEN)
    )


@contextmanager
def at_desk(system: System, officer: Officer) -> Iterator[tuple[Look, Person]]:
    """The records of this moment, and who looks at them. Raises `SignInRefused`, and `Missing` for who is not active."""
    with system.database.look() as look:
        person = audit.signed_in(look, officer, system.clock.now())
        if person.state is not PersonState.ACTIVE:
            raise Missing("there is nothing for somebody who is not active")
        yield look, person


def check_request_desk(person: Person) -> None:
    """Raises `Missing` for those who have no part in what data subjects ask."""
    if not has_part_in_requests(person, REQUESTS):
        raise Missing(NO_REQUEST)


def is_one_of(person: Person, *roles: Role) -> bool:
    return not set(person.roles).isdisjoint(roles)


def _sees(person: Person, case: Case) -> bool:
    return person.id in case.assigned or is_one_of(person, *EVERY_CASE)


def sees_case(look: Look, person: Person, case_id: str) -> bool:
    return _sees(person, look.get(Case, case_id))


def _authority(look: Look, person: Person, authority_id: str) -> Authority:
    found = look.find(Authority, id=authority_id)
    if not found or not _sees(person, look.get(Case, found[0].case_id)):
        raise Missing(f"no authority {authority_id} is there for you; ask a supervisor to assign you, or check the id")
    return found[0]


def _within(case_id: str) -> dict[str, Any]:
    return {"case_id": case_id} if case_id else {}


def _only(found: list[R], what: str) -> R:
    if not found:
        raise Missing(f"there is no such {what} for you")
    return found[0]


def check_sees(look: Look, person: Person, case_id: str) -> None:
    """Raises `Missing` for somebody else's case as for one that is not there, so that neither can be told apart."""
    found = look.find(Case, id=case_id)
    if not found or not _sees(person, found[0]):
        raise Missing(f"no case {case_id} is there for you; ask a supervisor to assign you, or check the id")
