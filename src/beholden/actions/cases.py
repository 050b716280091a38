"""Cases: opened for one purpose, assigned to investigators, closed and reopened."""

from __future__ import annotations

from beholden.actions import audit
from beholden.actions.desk import owes_opinion_on
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.cases import Case, CaseState
from beholden.records.names import wrong_in_name
from beholden.records.people import Officer, Person, PersonState
from beholden.records.searches import Search, SearchState

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


def close_case(system: System, officer: Officer, *, case_id: str, outcome: str) -> Case:
    """Refused while a search of the case waits for somebody's opinion."""
    with audit.act(system, "case.closed", officer) as act, act.begin() as tx:
        case = tx.get(Case, case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        searches = tx.find(Search, case_id=case.id)
        act.permit(
            case_state=str(case.state),
            assigned=case.assigned,
            searches_under_way=sum(search.state in UNDER_WAY for search in searches),
        )
        if not outcome.strip():
            raise BadInput("say in a few words how the case ended; everyone who worked on it will want to know")
        return tx.change(case, state=CaseState.CLOSED, outcome=outcome.strip())


def reopen_case(system: System, officer: Officer, *, case_id: str) -> Case:
    with audit.act(system, "case.reopened", officer) as act, act.begin() as tx:
        case = tx.get(Case, case_id)
        act.purpose = case.purpose
        act.tell("case", case.id, case.id)
        act.permit(case_state=str(case.state))
        return tx.change(case, state=CaseState.OPEN, outcome="")
