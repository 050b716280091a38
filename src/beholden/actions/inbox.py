"""What a supervisor decides, one request after another: first the one that is to begin first."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.database import Holding, Look, NamedByNone, NoneOf, OneOf
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState
from beholden.records.cases import Case
from beholden.records.exigent import MAY_FREEZE, Exigent
from beholden.records.people import Officer, Person, Role

MOST = 200  # looked through at a time; what is decided makes room for the rest


@dataclass(frozen=True, slots=True)
class Inbox:
    """Nothing is shown that the lists do not show; whether somebody may decide is asked when they do."""

    waiting: tuple[str, ...]  # requests for authority, by their ids, in the order in which they are shown
    exigents: tuple[Exigent, ...]  # searches before approval without a review, the first one due first

    def after(self, authority_id: str) -> str:
        """Which comes after this one; from the last on to the first. Empty where there is no other."""
        others = [id for id in self.waiting if id != authority_id]
        if authority_id not in self.waiting:
            return others[0] if others else ""
        place = self.waiting.index(authority_id)
        return others[place % len(others)] if others else ""


def inbox(system: System, officer: Officer) -> Inbox:
    """Raises `Missing` to everybody but supervisors."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.SUPERVISOR):
            raise Missing("there is no inbox for you: supervisors decide about requests")
        return Inbox(_asked(look, person), to_review(look, person, MOST))


def _asked(look: Look, person: Person) -> tuple[str, ...]:
    there: list[Authority] = look.find(
        Authority,
        state=AuthorityState.REQUESTED,
        order="starts_at",
        limit=MOST,
        requested_by=NoneOf((person.id,)),
        case_id=_of_others(person),
    )
    return tuple(one.id for one in there)


def to_review(look: Look, person: Person, limit: int) -> tuple[Exigent, ...]:
    """Searches before approval that wait for a review by this person, the first one due first."""
    there: list[Exigent] = look.find(
        Exigent,
        state=OneOf(MAY_FREEZE),
        reviewed_by="",
        order="review_due",
        limit=limit,
        begun_by=NoneOf((person.id,)),
        case_id=_of_others(person),
    )
    return tuple(there)


def _of_others(person: Person) -> NamedByNone:
    return NamedByNone(Case, "id", {"assigned": Holding(person.id)})
