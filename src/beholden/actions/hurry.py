"""How far somebody has come who searched before approval and goes on alone, up to a warning to those who can protect.

It tells no more than they may know while an opinion of theirs is open: when it began, until when it is reviewed, and what
they do next. Nothing here acts: the search, the review, the examination and the warning are the acts of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.exigent import NO_EXIGENT
from beholden.actions.gone import check_not_taken, check_upheld_or_open
from beholden.errors import Missing
from beholden.ports.database import Look
from beholden.ports.system import System
from beholden.records.disclosures import Disclosure
from beholden.records.examination import Description, Examination, ExaminationState, Opinion, Stage, in_force, stage_of
from beholden.records.exigent import Exigent, heading
from beholden.records.people import Officer, Person, Role
from beholden.records.review import Outcome, Pair, Review, ReviewState
from beholden.records.searches import Search, SearchState


class Next(StrEnum):
    """What this person does next, in this order; or why nothing is left for them alone."""

    SEARCH = "search"
    REVIEW = "review"
    EXAMINE = "examine"
    WARN = "warn"
    OTHERS = "others"  # the list is somebody else's to review, or they are no examiner
    NOBODY = "nobody"  # the list was reviewed, and nobody on it is potential
    OPEN = "open"  # every opinion was given: the list can be read


STEPS = (Next.SEARCH, Next.REVIEW, Next.EXAMINE, Next.WARN)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A pair of one's own review."""

    handle: str
    position: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Hurried:
    exigent_id: str
    authority_id: str
    search_id: str  # the latest; empty before the first
    begun_at: datetime
    review_due: datetime
    second_due: datetime
    heads: tuple[str, ...]  # what stands above everything that was found
    people: int  # on the list
    next: Next
    pairs: tuple[Undecided, ...]  # while one's own review is open
    open_examination: str  # the handle of one's own that lies open; empty without one
    stage: Stage | None  # how far it has come
    described: tuple[Description, ...]  # what one said of its sides so far
    to_examine: int  # potential candidates without an opinion of one's own that is locked
    examined: tuple[tuple[str, Opinion], ...]  # one's own locked ones: handle and opinion
    left: tuple[str, ...]  # disclosures that left of it, by their ids; none while an opinion is open


def hurried(system: System, officer: Officer, *, exigent_id: str) -> Hurried:
    """Raises `Missing` to everybody but who began it, and `Sequestered` once it was refused or lapsed."""
    with at_desk(system, officer) as (look, person):
        check_not_taken(look, exigent_id)
        found = look.find(Exigent, id=exigent_id, begun_by=person.id)
        if not found or not is_one_of(person, Role.INVESTIGATOR):
            raise Missing(NO_EXIGENT)
        check_upheld_or_open(look, found[0].authority_id, system.clock.now())
        return _hurried(look, person, found[0], system.clock.now())


def _hurried(look: Look, person: Person, exigent: Exigent, now: datetime) -> Hurried:
    searches = look.find(Search, authority_id=exigent.authority_id, searched_by=person.id, order="-started_at", limit=1)
    search = searches[0] if searches else None
    reviews = look.find(Review, search_id=search.id) if search else []
    own = next((one for one in reviews if one.reviewer == person.id), None)
    pairs = look.find(Pair, review_id=own.id, order="position") if own else []
    examined = look.find(Examination, search_id=search.id, examiner=person.id) if search else []
    locked = [one for one in in_force(examined) if one.opinion is not None]
    opened = next((one for one in examined if one.state is ExaminationState.OPEN), None)
    potential = [pair.candidate_id for review in reviews for pair in _potential(look, review)]
    to_examine = len(set(potential) - {one.candidate_id for one in examined if one.state is not ExaminationState.OPEN})
    blind = opened is not None or (own is not None and own.state is ReviewState.OPEN)
    left = look.find(Disclosure, search_id=search.id, order="created_at") if search and not blind else []
    return Hurried(
        exigent_id=exigent.id,
        authority_id=exigent.authority_id,
        search_id=search.id if search else "",
        begun_at=exigent.kept.created_at,
        review_due=exigent.review_due,
        second_due=exigent.second_due,
        heads=heading(exigent, now),
        people=search.people if search else 0,
        next=_next(person, search, reviews, potential=len(potential), to_examine=to_examine, locked=len(locked)),
        pairs=tuple(Undecided(one.handle, one.position, one.outcome) for one in pairs)
        if own and own.state is ReviewState.OPEN
        else (),
        open_examination=opened.id if opened else "",
        stage=stage_of(opened) if opened else None,
        described=opened.described if opened else (),
        to_examine=to_examine,
        examined=tuple((one.id, Opinion(one.opinion or 0)) for one in locked),
        left=tuple(one.id for one in left),
    )


def _potential(look: Look, review: Review) -> list[Pair]:
    """None of a review that goes on: its outcomes are its reviewer's."""
    if review.state is not ReviewState.FINISHED:
        return []
    return look.find(Pair, review_id=review.id, outcome=Outcome.POTENTIAL)


def _next(
    person: Person, search: Search | None, reviews: list[Review], *, potential: int, to_examine: int, locked: int
) -> Next:
    examiner = is_one_of(person, Role.EXAMINER)
    if search is None or search.state in (SearchState.STARTED, SearchState.FAILED):
        return Next.SEARCH
    if search.state is SearchState.UNSEALED:
        return Next.OPEN if potential else Next.NOBODY
    if search.state is SearchState.LISTED:
        taken = any(one.reviewer != person.id for one in reviews)
        return Next.REVIEW if examiner and not taken else Next.OTHERS
    if to_examine and examiner:
        return Next.EXAMINE
    return Next.WARN if locked else Next.OTHERS
