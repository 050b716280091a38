"""Cases: opened for one purpose, assigned to investigators, closed with what is kept of them, and reopened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from beholden.actions import audit
from beholden.actions.desk import owes_opinion_on
from beholden.actions.endings import who_worked_on
from beholden.errors import BadInput
from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records.cases import Case, CaseState, Ending, KeptDecision
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.limits import day_of
from beholden.records.names import wrong_in_name
from beholden.records.outcomes import OutcomeNotice
from beholden.records.people import Officer, Person, PersonState
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought

UNDER_WAY = (SearchState.STARTED, SearchState.LISTED, SearchState.REVIEWED)


def open_case(system: System, officer: Officer, *, reference: str, title: str, purpose: str) -> Case:
    """The investigator who opens a case is assigned to it."""
    with audit.act(system, "case.opened", officer) as act, act.begin() as tx:
        act.purpose = purpose if purpose in system.policy.pack.purposes else ""
        act.permit(purpose=purpose, pack_purposes=system.policy.pack.purposes)
        if not reference.strip():
            raise BadInput("a case needs the agency's own file number; give it as the reference")
        if wrong := wrong_in_name(reference, "a case"):
            raise BadInput(wrong)
        case = Case(
            id=act.new_id(),
            version=0,
            kept=act.keep("case"),
            reference=reference.strip(),
            title=title.strip(),
            purpose=purpose,
            assigned=(act.person.id,),
            state=CaseState.OPEN,
            outcome="",
        )
        tx.add(case)
        act.tell("case", case.id, case.id)
    return case


def assign_case(system: System, officer: Officer, *, case_id: str, person_id: str) -> Case:
    """Refused for somebody who owes a blind opinion on one of its searches: whoever is on a case sees its records."""
    with audit.act(system, "case.assigned", officer) as act, act.begin() as tx:
        case, person = tx.get(Case, case_id), tx.get(Person, person_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.tell("assignee", person.id, person.id)
        act.permit(
            case_state=str(case.state),
            assignee_roles=tuple(str(role) for role in person.roles),
            assignee_active=person.state is PersonState.ACTIVE,
            assignee_owes_opinion=any(
                owes_opinion_on(tx, person, search.id) for search in tx.find(Search, case_id=case.id)
            ),
        )
        return tx.change(case, assigned=tuple(dict.fromkeys((*case.assigned, person.id))))


def close_case(
    system: System,
    officer: Officer,
    *,
    case_id: str,
    outcome: str,
    ended_as: str = Ending.OTHER,
    kept_decision: str = "",
    why_kept: str = "",
    look_again_on: str = "",
) -> Case:
    """Everybody who worked on it is told. Refused while a search of it waits for somebody's opinion.

    `ended_as` is an `Ending`. Of a case whose person was found it must be said what is kept (`kept_decision`, a
    `KeptDecision`, with the reason): to the term of each record; looked at again on a day (`look_again_on`, YYYY-MM-DD); or
    every record due as early as the law allows, which brings its day forward and removes nothing by itself.
    """
    with audit.act(system, "case.closed", officer) as act, act.begin() as tx:
        case = tx.get(Case, case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        searches = tx.find(Search, case_id=case.id)
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            searches_under_way=sum(search.state in UNDER_WAY for search in searches),
            ended_as=ended_as,
            kept_decision=kept_decision,
            keep_reason_chars=len(why_kept.strip()),
        )
        if not outcome.strip():
            raise BadInput("say in a few words how the case ended; everyone who worked on it will want to know")
        if ended_as not in set(Ending) - {Ending.NOT_SAID}:
            raise BadInput(f"{ended_as[:40]!r} is no ending of a case; it is one of: {', '.join(filter(None, Ending))}")
        decided = _decided(kept_decision, look_again_on, day_of(act.now))
        if decided is KeptDecision.ERASE:
            _due_early(tx, case)
            case = tx.get(Case, case.id)
        told = [one for one in who_worked_on(tx, case) if one != act.person.id]
        kept = act.keep("notice")
        tx.add(*(OutcomeNotice(system.clock.new_id(), 0, kept, one, case.id, read=False) for one in told))
        act.tell("ended_as", ended_as, case.id)
        act.tell("told", len(told), case.id)
        if decided is not KeptDecision.NONE:
            act.tell("kept_decision", str(decided), case.id)
            act.tell("why_kept", why_kept.strip(), case.id)
        return tx.change(
            case,
            state=CaseState.CLOSED,
            outcome=outcome.strip(),
            ended_as=Ending(ended_as),
            kept_decision=decided,
            why_kept=why_kept.strip(),
            look_again_on=look_again_on.strip() if decided is KeptDecision.LOOK_AGAIN else "",
        )


def reopen_case(system: System, officer: Officer, *, case_id: str) -> Case:
    """What was to go early has its whole term again; what is kept is decided anew when the case is closed."""
    with audit.act(system, "case.reopened", officer) as act, act.begin() as tx:
        case = tx.get(Case, case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.permit(case_state=str(case.state))
        if case.kept_decision is KeptDecision.ERASE:
            _due_at_term(system, tx, case)
            case = tx.get(Case, case.id)
        return tx.change(
            case,
            state=CaseState.OPEN,
            outcome="",
            ended_as=Ending.NOT_SAID,
            kept_decision=KeptDecision.NONE,
            why_kept="",
            look_again_on="",
        )


def _decided(kept_decision: str, look_again_on: str, today: str) -> KeptDecision:
    if kept_decision not in set(KeptDecision):
        raise BadInput(
            f"{kept_decision[:40]!r} is no decision about what is kept; it is one of: {', '.join(filter(None, KeptDecision))}"
        )
    decided = KeptDecision(kept_decision)
    if decided is KeptDecision.LOOK_AGAIN:
        try:
            again = date.fromisoformat(look_again_on.strip()).isoformat()
        except ValueError:
            again = ""
        if again <= today:
            raise BadInput("say on which day it is looked at again, after today, as YYYY-MM-DD")
    return decided


def _records_of(tx: Transaction, case: Case) -> list[Case | Exhibit | ExhibitFace | Sought]:
    """What a case holds of the person who was sought. What a disposal run may do with them it says itself."""
    return [
        case,
        *tx.find(Exhibit, case_id=case.id),
        *tx.find(ExhibitFace, case_id=case.id),
        *tx.find(Sought, case_id=case.id),
    ]


def _due_early(tx: Transaction, case: Case) -> None:
    for one in _records_of(tx, case):
        tx.change(one, kept=replace(one.kept, dispose_after=one.kept.keep_until))


def _due_at_term(system: System, tx: Transaction, case: Case) -> None:
    for one in _records_of(tx, case):
        _, most = system.rules.retention_days[one.kept.retention_class]
        tx.change(one, kept=replace(one.kept, dispose_after=one.kept.created_at + timedelta(days=most)))
