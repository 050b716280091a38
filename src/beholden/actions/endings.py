"""How cases ended: each who worked on one is told (REQ 145), and what was to be looked at again is found again (REQ 146)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.desk import at_desk, is_one_of, owes_opinion
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.cases import Case, CaseState, KeptDecision
from beholden.records.limits import day_of
from beholden.records.outcomes import TOLD, OutcomeNotice
from beholden.records.people import Officer, Person, Role

MOST = 50  # that one page shows
AT_A_TIME = 500  # entries that are read at once


@dataclass(frozen=True, slots=True)
class Outcome:
    """A notice with the case as it stands now: one that was opened again says so."""

    notice: OutcomeNotice
    case: Case


def outcomes(system: System, officer: Officer) -> tuple[Outcome, ...]:
    """One's own notices, those not yet read first, each group the latest first; none while one owes a blind opinion."""
    with at_desk(system, officer) as (look, person):
        if owes_opinion(look, person):
            return ()
        own = [
            *look.find(OutcomeNotice, person_id=person.id, read=False, order="-created_at", limit=MOST),
            *look.find(OutcomeNotice, person_id=person.id, read=True, order="-created_at", limit=MOST),
        ]
        cases = {case.id: case for case in look.find(Case, id=OneOf([one.case_id for one in own]))}
        return tuple(Outcome(one, cases[one.case_id]) for one in own[:MOST])


def waits_for_opinion(system: System, officer: Officer) -> bool:
    """Whether notices are kept from somebody because they owe a blind opinion."""
    with at_desk(system, officer) as (look, person):
        return owes_opinion(look, person)


def unread(look: Look, person: Person) -> int:
    """How many wait for somebody; none while they owe a blind opinion."""
    return 0 if owes_opinion(look, person) else look.count(OutcomeNotice, person_id=person.id, read=False)


def read_outcome(system: System, officer: Officer, *, notice_id: str) -> OutcomeNotice:
    """Say that one has read how the case ended. Refused for a notice to somebody else, and while one owes an opinion."""
    with audit.act(system, "outcome.read", officer) as act, act.begin() as tx:
        notice = tx.get(OutcomeNotice, notice_id)
        act.purpose = tx.get(Case, notice.case_id).purpose
        act.tell("case", notice.case_id, notice.case_id)
        act.permit(recipient=notice.person_id, owes_opinion=owes_opinion(tx, act.person))
        return notice if notice.read else tx.change(notice, read=True)


def to_look_again(system: System, officer: Officer) -> tuple[Case, ...]:
    """Closed cases whose records were to be looked at again on a day that has come: one's own, to a supervisor all."""
    with at_desk(system, officer) as (look, person):
        if owes_opinion(look, person) or not is_one_of(person, Role.INVESTIGATOR, Role.SUPERVISOR):
            return ()
        today = day_of(system.clock.now())
        there = look.find(Case, state=CaseState.CLOSED, kept_decision=KeptDecision.LOOK_AGAIN, order="look_again_on")
        due = [case for case in there if case.look_again_on <= today]
        return tuple(case for case in due if person.id in case.assigned or is_one_of(person, Role.SUPERVISOR))[:MOST]


def who_worked_on(look: Look, case: Case) -> tuple[str, ...]:
    """Everybody assigned to it, and everybody with an entry about it that was done: what was refused is no work on it.

    Not who looks over the work, and nobody whose roles have no part in any case.
    """
    people = {*case.assigned, *_doers(look, sorted({one.n for one in look.find(Item, record_id=case.id, name="case")}))}
    known = look.find(Person, id=OneOf(sorted(people)))
    return tuple(sorted(person.id for person in known if not TOLD.isdisjoint(person.roles)))


def _doers(look: Look, numbers: list[int]) -> Iterable[str]:
    for place in range(0, len(numbers), AT_A_TIME):
        for entry in look.find(Entry, n=OneOf(numbers[place : place + AT_A_TIME])):
            if json.loads(entry.leaf)["outcome"] == "done":
                yield entry.kept.created_by
