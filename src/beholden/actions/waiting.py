"""What waits for a person: of each kind of record those on which they, by role and part, can go on. The page they begin with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from beholden.actions.desk import at_desk, is_one_of, owed_by, owes_opinion
from beholden.actions.endings import unread
from beholden.actions.inbox import to_review
from beholden.actions.limits import unusual_lately
from beholden.ports.database import Holding, Look, NamedBy, NamedByNone, NoneOf, OneOf, Place
from beholden.ports.system import System
from beholden.records import waiting
from beholden.records.authority import Authority, AuthorityState
from beholden.records.cases import Case, CaseState
from beholden.records.disclosures import Notice
from beholden.records.evaluation import Calibration, CalibrationState
from beholden.records.examination import Examination, ExaminationState
from beholden.records.exhibits import Exhibit
from beholden.records.exigent import Exigent
from beholden.records.images import Aside, AsideState
from beholden.records.limits import DayCount
from beholden.records.people import Officer, Person, PersonState, Role, has_part_in_requests
from beholden.records.requests import Request, RequestState
from beholden.records.review import Outcome, Pair, Review, ReviewState
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought, SoughtState
from beholden.records.sources import Source, SourceState
from beholden.records.waiting import Step, Waiting

MOST = 20  # of each kind: what somebody can look through at the beginning of a day; the lists have the rest
WATCHERS = (Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR)
GIVEN = 50  # searches that an examiner had a part in
# Of one's cases: whoever has more is shown what waits in the first of them, so that no day begins with minutes of waiting.
LOOKED_AT, AT_A_TIME = 1000, 100
ERASERS = (Role.STEWARD, Role.PRIVACY_OFFICER, Role.SUPERVISOR)
THEIR_OWN_TURN = (  # of a case, what its own investigators go on with
    *(Step.DRAFT, Step.QUESTIONS),
    *(Step.EXHIBIT, Step.SOUGHT, Step.AUTHORITY, Step.AUTHORITY_USABLE, Step.AUTHORITY_USED, Step.AUTHORITY_ENDED),
    Step.LEADS,
)

C = TypeVar("C", Sought, Authority, Search)


class Owed(StrEnum):
    """The two kinds of opinion that can lie open."""

    REVIEW = "review"
    EXAMINATION = "examination"


@dataclass(frozen=True, slots=True)
class Waits:
    """Each the oldest first, and no more than `MOST` of a kind."""

    owed: tuple[tuple[Owed, str], ...]  # searches on which an opinion of one's own lies open, and of which kind
    to_review: tuple[str, ...]  # searches: nothing else of them is told to who may review them blind
    to_examine: tuple[str, ...]
    cases: tuple[tuple[Case, tuple[Waiting, ...]], ...]
    authorities: tuple[tuple[Authority, Case], ...]
    sources: tuple[Source, ...]
    requests: tuple[Request, ...]
    erasures: tuple[Request, ...]  # granted, by somebody else
    calibrations: tuple[Calibration, ...]
    asides: int  # files put aside; all of them, for each is looked at in one list
    invited: tuple[Person, ...]
    unusual: tuple[tuple[Person, DayCount], ...]  # what colleagues did nearly as often as they may in a day, or more
    exigents: tuple[tuple[Exigent, Case], ...] = ()  # searches before approval to review, and lapses to close
    outcomes: int = 0  # notices of how a case ended that one has not read
    notices: int = 0  # not sent yet; to an auditor, who sees every one of them


@dataclass(frozen=True, slots=True)
class OpinionsWaiting:
    """Searches, by their ids."""

    owed: tuple[tuple[Owed, str], ...]
    to_review: tuple[str, ...]
    to_examine: tuple[str, ...]
    given: tuple[str, ...]  # had a part in before; no more than `GIVEN`


def waits_for(system: System, officer: Officer) -> Waits:
    """Shows no more than the lists do; whether an act is allowed is decided when it is tried."""
    with at_desk(system, officer) as (look, person):
        blind = owes_opinion(look, person)
        privacy = is_one_of(person, Role.PRIVACY_OFFICER)
        answers = has_part_in_requests(person, (Role.PRIVACY_OFFICER,))
        examiner = is_one_of(person, Role.EXAMINER)
        return Waits(
            owed=_owed(look, person),
            to_review=_to_review(look, person) if examiner else (),
            to_examine=_to_examine(look, person) if examiner else (),
            cases=_cases(system, look, person) if is_one_of(person, Role.INVESTIGATOR) else (),
            authorities=_to_approve(look, person) if is_one_of(person, Role.SUPERVISOR) else (),
            sources=_sources(look, person) if privacy and not blind else (),
            requests=tuple(
                look.find(Request, state=RequestState.RECEIVED, order="due_at", limit=MOST) if answers else ()
            ),
            erasures=_to_erase(look, person) if has_part_in_requests(person, ERASERS) else (),
            calibrations=_calibrations(look, person) if privacy else (),
            asides=look.count(Aside, state=AsideState.WAITING) if privacy and not blind else 0,
            invited=_invited(look) if is_one_of(person, Role.ADMINISTRATOR) else (),
            unusual=unusual_lately(look, person, system.clock.now()) if is_one_of(person, *WATCHERS) else (),
            exigents=_exigents(look, person) if is_one_of(person, Role.SUPERVISOR) else (),
            outcomes=unread(look, person),
            notices=look.count(Notice, sent=False) if is_one_of(person, Role.AUDITOR) else 0,
        )


def opinions_waiting(system: System, officer: Officer) -> OpinionsWaiting:
    """For the list of searches: what `waits_for` says to an examiner, and what they had a part in; nothing to others."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.EXAMINER):
            return OpinionsWaiting((), (), (), ())
        owed = owed_by(look, person)
        return OpinionsWaiting(
            owed=_owed(look, person),
            to_review=_to_review(look, person),
            to_examine=_to_examine(look, person),
            given=_given(look, person, owed),
        )


def waits_for_review(system: System, officer: Officer, *, search_id: str) -> bool:
    """Whether `waits_for` counts it among the lists to review, however many there are."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.EXAMINER) or look.count(Review, search_id=search_id):
            return False
        return bool(look.find(Search, id=search_id, state=SearchState.LISTED, **_no_part(person)))


def _waits_for_examination(system: System, officer: Officer, *, search_id: str) -> bool:
    """Whether `waits_for` counts it among those to examine, however many there are."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.EXAMINER) or not look.find(
            Review, search_id=search_id, **_reviewed_with_unseen(person)
        ):
            return False
        return bool(look.find(Search, id=search_id, state=SearchState.REVIEWED, **_no_part(person)))


def next_to_examine(system: System, officer: Officer, *, after: str) -> str:
    """The search whose pair this examiner is given next: the one they come from, else the one that waits longest; empty: none."""
    if _waits_for_examination(system, officer, search_id=after):
        return after
    with at_desk(system, officer) as (look, person):
        waiting = _to_examine(look, person) if is_one_of(person, Role.EXAMINER) else ()
        return next(iter(waiting), "")


def to_approve(system: System, officer: Officer) -> tuple[tuple[Authority, Case], ...]:
    """What `waits_for` says to a supervisor; nothing to others."""
    with at_desk(system, officer) as (look, person):
        return _to_approve(look, person) if is_one_of(person, Role.SUPERVISOR) else ()


def _owed(look: Look, person: Person) -> tuple[tuple[Owed, str], ...]:
    reviews = look.find(Review, reviewer=person.id, state=ReviewState.OPEN)
    examinations = look.find(Examination, examiner=person.id, state=ExaminationState.OPEN)
    return (
        *((Owed.REVIEW, one.search_id) for one in reviews),
        *((Owed.EXAMINATION, one.search_id) for one in examinations),
    )


def _to_review(look: Look, person: Person) -> tuple[str, ...]:
    there = look.find(
        Search,
        state=SearchState.LISTED,
        order="started_at",
        limit=MOST,
        id=NamedByNone(Review, "search_id"),
        **_no_part(person),
    )
    return tuple(search.id for search in there)


def _to_examine(look: Look, person: Person) -> tuple[str, ...]:
    """Those that have a pair to be examined which they have not examined, and on which they owe no opinion."""
    owed = owed_by(look, person)
    there = look.find(
        Search,
        state=SearchState.REVIEWED,
        order="started_at",
        limit=MOST + len(owed),
        id=NamedBy(Review, "search_id", _reviewed_with_unseen(person)),
        **_no_part(person),
    )
    return tuple(search.id for search in there if search.id not in owed)[:MOST]


def _reviewed_with_unseen(person: Person) -> dict[str, Any]:
    """Of a review: that it is finished, and has a pair for examination that this person has not examined."""
    unseen = {
        "outcome": Outcome.POTENTIAL,
        "candidate_id": NamedByNone(Examination, "candidate_id", {"examiner": person.id}),
    }
    return {"state": ReviewState.FINISHED, "id": NamedBy(Pair, "review_id", unseen)}


def _no_part(person: Person) -> dict[str, Any]:
    """That they did not search, and do not work on the case: else they cannot be blind to it."""
    return {
        "searched_by": NoneOf((person.id,)),
        "case_id": NamedByNone(Case, "id", {"assigned": Holding(person.id)}),
    }


def _given(look: Look, person: Person, owed: tuple[str, ...]) -> tuple[str, ...]:
    """The searches on which they gave an opinion, the latest first; no more than a page of them."""
    reviews = look.find(Review, reviewer=person.id, order="-created_at", limit=GIVEN)
    examinations = look.find(Examination, examiner=person.id, order="-created_at", limit=GIVEN)
    every: list[Review | Examination] = [*reviews, *examinations]
    both = sorted(every, key=lambda one: one.kept.created_at, reverse=True)
    return tuple(dict.fromkeys(one.search_id for one in both if one.search_id not in owed))[:GIVEN]


def _cases(system: System, look: Look, person: Person) -> tuple[tuple[Case, tuple[Waiting, ...]], ...]:
    """Read some at a time: hardly any case of an investigator waits for nobody or for others alone."""
    now, owed = system.clock.now(), owed_by(look, person)
    there: list[tuple[Case, tuple[Waiting, ...]]] = []
    place: Place | None = None
    for _ in range(LOOKED_AT // AT_A_TIME):
        mine = look.find(
            Case,
            assigned=Holding(person.id),
            state=CaseState.OPEN,
            order="reference",
            limit=AT_A_TIME,
            after=place,
        )
        ids = OneOf([case.id for case in mine])
        soughts = _by_case(look.find(Sought, case_id=ids))
        authorities = _by_case(look.find(Authority, case_id=ids))
        searches = _by_case(look.find(Search, case_id=ids, id=NoneOf(owed)))
        for case in mine:
            declared = any(one.state is SoughtState.DECLARED for one in soughts[case.id])
            waits = waiting.of_case(
                case,
                1 if declared else len(look.find(Exhibit, case_id=case.id, limit=1)),  # who is sought is in one
                soughts[case.id],
                authorities[case.id],
                searches[case.id],
                now,
            )
            if own := tuple(one for one in waits if one.step in THEIR_OWN_TURN and _may_go_on(one, person)):
                there.append((case, own))
            if len(there) == MOST:
                return tuple(there)
        if len(mine) < AT_A_TIME:
            break
        place = Place(mine[-1].reference, mine[-1].id)
    return tuple(there)


def _may_go_on(one: Waiting, person: Person) -> bool:
    """A draft and an answer are the requester's own; everything else any investigator of the case does."""
    begun = one.step in (Step.DRAFT, Step.QUESTIONS) and isinstance(one.record, Authority)
    return not begun or one.record.requested_by == person.id  # type: ignore[union-attr]  # begun says which it is


def _by_case(there: Sequence[C]) -> dict[str, list[C]]:
    found: dict[str, list[C]] = defaultdict(list)
    for one in there:
        found[one.case_id].append(one)
    return found


def _to_approve(look: Look, person: Person) -> tuple[tuple[Authority, Case], ...]:
    asked = look.find(
        Authority,
        state=AuthorityState.REQUESTED,
        order="created_at",
        limit=MOST,
        requested_by=NoneOf((person.id,)),
        case_id=NamedByNone(Case, "id", {"assigned": Holding(person.id)}),
    )
    cases = {case.id: case for case in look.find(Case, id=OneOf([one.case_id for one in asked]))}
    return tuple((one, cases[one.case_id]) for one in asked)


def _exigents(look: Look, person: Person) -> tuple[tuple[Exigent, Case], ...]:
    there = to_review(look, person, MOST)
    cases = {case.id: case for case in look.find(Case, id=OneOf([one.case_id for one in there]))}
    return tuple((one, cases[one.case_id]) for one in there)


def _sources(look: Look, person: Person) -> tuple[Source, ...]:
    others: dict[str, Any] = {"proposed_by": NoneOf((person.id,))}
    return tuple(look.find(Source, state=SourceState.PROPOSED, order="created_at", limit=MOST, **others))


def _to_erase(look: Look, person: Person) -> tuple[Request, ...]:
    others: dict[str, Any] = {"decided_by": NoneOf((person.id,))}
    return tuple(look.find(Request, state=RequestState.GRANTED, order="due_at", limit=MOST, **others))


def _calibrations(look: Look, person: Person) -> tuple[Calibration, ...]:
    others: dict[str, Any] = {"proposed_by": NoneOf((person.id,))}
    return tuple(look.find(Calibration, state=CalibrationState.PROPOSED, order="created_at", limit=MOST, **others))


def _invited(look: Look) -> tuple[Person, ...]:
    return tuple(look.find(Person, state=PersonState.INVITED, order="name", limit=MOST))
