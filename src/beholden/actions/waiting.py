"""What waits for a person: of each kind of record those on which they, by role and part, can go on. The page they begin with."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions.desk import at_desk, is_one_of, owes_opinion, owes_opinion_on
from beholden.ports.database import Holding, Look, OneOf
from beholden.ports.system import System
from beholden.records import waiting
from beholden.records.authority import Authority, AuthorityState
from beholden.records.cases import Case, CaseState
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.examination import Examination, ExaminationState
from beholden.records.exhibits import Exhibit
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.requests import Request, RequestState
from beholden.records.review import Outcome, Pair, Review, ReviewState
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.sources import Source, SourceState
from beholden.records.waiting import Step, Waiting

MOST = 20  # of each kind: what somebody can look through at the beginning of a day; the lists have the rest
ERASERS = (Role.STEWARD, Role.PRIVACY_OFFICER, Role.SUPERVISOR)
THEIR_OWN_TURN = (  # of a case, what its own investigators go on with
    *(Step.EXHIBIT, Step.SOUGHT, Step.AUTHORITY, Step.AUTHORITY_USABLE, Step.AUTHORITY_USED, Step.AUTHORITY_ENDED),
    Step.LEADS,
)


@dataclass(frozen=True, slots=True)
class Waits:
    """Each the oldest first, and no more than `MOST` of a kind."""

    owed: tuple[str, ...]  # searches on which an opinion of one's own lies open
    to_review: tuple[str, ...]  # searches: nothing else of them is told to who may review them blind
    to_examine: tuple[str, ...]
    cases: tuple[tuple[Case, tuple[Waiting, ...]], ...]
    authorities: tuple[tuple[Authority, Case], ...]
    sources: tuple[Source, ...]
    requests: tuple[Request, ...]
    erasures: tuple[Request, ...]  # granted, by somebody else
    calibrations: tuple[Calibration, ...]
    invited: tuple[Person, ...]


def waits_for(system: System, officer: Officer) -> Waits:
    """Shows no more than the lists do; whether an act is allowed is decided when it is tried."""
    with at_desk(system, officer) as (look, person):
        blind = owes_opinion(look, person)
        privacy = is_one_of(person, Role.PRIVACY_OFFICER)
        examiner = is_one_of(person, Role.EXAMINER)
        return Waits(
            owed=_owed(look, person),
            to_review=_to_review(look, person) if examiner else (),
            to_examine=_to_examine(look, person) if examiner else (),
            cases=_cases(system, look, person) if is_one_of(person, Role.INVESTIGATOR) else (),
            authorities=_to_approve(look, person) if is_one_of(person, Role.SUPERVISOR) else (),
            sources=_sources(look, person) if privacy and not blind else (),
            requests=tuple(
                look.find(Request, state=RequestState.RECEIVED, order="due_at", limit=MOST) if privacy else ()
            ),
            erasures=_to_erase(look, person) if is_one_of(person, *ERASERS) else (),
            calibrations=_calibrations(look, person) if privacy else (),
            invited=_invited(look) if is_one_of(person, Role.ADMINISTRATOR) else (),
        )


def _owed(look: Look, person: Person) -> tuple[str, ...]:
    reviews = [one.search_id for one in look.find(Review, reviewer=person.id, state=ReviewState.OPEN)]
    there = look.find(Examination, examiner=person.id, state=ExaminationState.OPEN)
    return tuple(dict.fromkeys([*reviews, *(one.search_id for one in there)]))


def _to_review(look: Look, person: Person) -> tuple[str, ...]:
    there = [
        search.id
        for search in look.find(Search, state=SearchState.LISTED, order="started_at")
        if not look.count(Review, search_id=search.id) and not _has_part(look, person, search)
    ]
    return tuple(there[:MOST])


def _to_examine(look: Look, person: Person) -> tuple[str, ...]:
    there = [
        search.id
        for search in look.find(Search, state=SearchState.REVIEWED, order="started_at")
        if not owes_opinion_on(look, person, search.id)
        and not _has_part(look, person, search)
        and look.count(Examination, search_id=search.id, examiner=person.id) < _potential(look, search)
    ]
    return tuple(there[:MOST])


def _potential(look: Look, search: Search) -> int:
    reviews = [one.id for one in look.find(Review, search_id=search.id, state=ReviewState.FINISHED)]
    return look.count(Pair, review_id=OneOf(reviews), outcome=Outcome.POTENTIAL)


def _has_part(look: Look, person: Person, search: Search) -> bool:
    """Whether they searched, or work on the case: they cannot be blind to it."""
    return person.id == search.searched_by or person.id in look.get(Case, search.case_id).assigned


def _cases(system: System, look: Look, person: Person) -> tuple[tuple[Case, tuple[Waiting, ...]], ...]:
    now = system.clock.now()
    there = []
    for case in look.find(Case, assigned=Holding(person.id), state=CaseState.OPEN, order="reference"):
        waits = waiting.of_case(
            case,
            look.count(Exhibit, case_id=case.id),
            look.find(Sought, case_id=case.id),
            look.find(Authority, case_id=case.id),
            [one for one in look.find(Search, case_id=case.id) if not owes_opinion_on(look, person, one.id)],
            now,
        )
        if own := tuple(one for one in waits if one.step in THEIR_OWN_TURN):
            there.append((case, own))
        if len(there) == MOST:
            break
    return tuple(there)


def _to_approve(look: Look, person: Person) -> tuple[tuple[Authority, Case], ...]:
    asked = look.find(Authority, state=AuthorityState.REQUESTED, order="created_at")
    there = [(one, look.get(Case, one.case_id)) for one in asked if one.requested_by != person.id]
    return tuple((one, case) for one, case in there if person.id not in case.assigned)[:MOST]


def _sources(look: Look, person: Person) -> tuple[Source, ...]:
    there = look.find(Source, state=SourceState.PROPOSED, order="created_at")
    return tuple(one for one in there if one.proposed_by != person.id)[:MOST]


def _to_erase(look: Look, person: Person) -> tuple[Request, ...]:
    there = look.find(Request, state=RequestState.GRANTED, order="due_at")
    return tuple(one for one in there if one.decided_by != person.id)[:MOST]


def _calibrations(look: Look, person: Person) -> tuple[Calibration, ...]:
    there = look.find(Calibration, state=CalibrationState.PROPOSED, order="created_at")
    return tuple(one for one in there if one.proposed_by != person.id)[:MOST]


def _invited(look: Look) -> tuple[Person, ...]:
    return tuple(look.find(Person, state=PersonState.INVITED, order="name", limit=MOST))
