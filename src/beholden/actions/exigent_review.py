"""The review of a search before approval by somebody else: upheld, refused, or lapsed because nobody came."""

from __future__ import annotations

from datetime import timedelta

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.evidence import unmanifested
from beholden.actions.exigent import alternates, tell
from beholden.actions.incidents import open_incident
from beholden.actions.recall import recall_under, settle_under
from beholden.actions.review import took_part
from beholden.actions.sequester import finish_sequestrations, take
from beholden.actions.use import probes_of
from beholden.ports.database import Below, Look, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState
from beholden.records.cases import Case
from beholden.records.disclosures import CENTRAL_OFFICE, OVERSIGHT
from beholden.records.evidence import ProbeLook
from beholden.records.exigent import Exigent, ExigentState, headed, heading, state_at
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer
from beholden.records.reveals import length_of_reason
from beholden.records.searches import Search
from beholden.records.sought import Sought

AT_A_TIME = 50  # in one transaction: others wait for it no longer than for a batch
INSTANT = timedelta(milliseconds=1)  # a time that is over at this very moment is
LAPSED = "nobody reviewed it in time"


def uphold_exigent(system: System, officer: Officer, *, exigent_id: str, reason: str) -> Exigent:
    """It had to be: from now on what was found is headed like every other list, and who reviewed stands as its approver.

    As an approver, they have looked at each face that no register of the case's evidence has (`probe.show_probe`).
    """
    lapse_overdue(system)
    with audit.act(system, "exigent.upheld", officer) as act, act.begin() as tx:
        exigent = _permit(act, tx, exigent_id, reason)
        tx.change(tx.get(Authority, exigent.authority_id), decided_by=act.person.id)
        return _reviewed(act, tx, exigent, ExigentState.UPHELD, reason)


def refuse_exigent(system: System, officer: Officer, *, exigent_id: str, reason: str) -> Exigent:
    """It need not have been: its authority ends, and whatever it made is out of everybody's use."""
    lapse_overdue(system)
    with audit.act(system, "exigent.refused", officer) as act, act.begin() as tx:
        exigent = _permit(act, tx, exigent_id, reason)
        _stop(act, tx, exigent, reason.strip())
        words = "a search before approval was refused by its reviewer; what it made is out of use"
        tell(act, tx, (exigent.begun_by, OVERSIGHT), exigent, words)
        refused = _reviewed(act, tx, exigent, ExigentState.REFUSED, reason)
    finish_sequestrations(system)
    return refused


def close_lapse(system: System, officer: Officer, *, exigent_id: str, reason: str) -> Exigent:
    """Write the review that nobody wrote in time, with why it is late: what can wait goes on again.

    The search stays lapsed, and what it made out of use.
    """
    lapse_overdue(system)
    with audit.act(system, "exigent.lapse_closed", officer) as act, act.begin() as tx:
        exigent = _permit(act, tx, exigent_id, reason)
        return _reviewed(act, tx, exigent, ExigentState.LAPSED, reason)


def lapse_overdue(system: System) -> int:
    """Put on record, in nobody's name, what was not reviewed in time; how many. Searches froze when the time was over."""
    lapsed = 0
    while True:
        with system.database.look() as look:
            if not look.count(Exigent, state=ExigentState.OPEN, review_due=Below(system.clock.now() + INSTANT)):
                return lapsed
        with system.database.begin() as tx:
            now = system.clock.now()
            over = tx.find(Exigent, state=ExigentState.OPEN, review_due=Below(now + INSTANT), limit=AT_A_TIME)
            for one in over:
                act = Act(system, "exigent.lapsed", None)
                with act.within(tx):
                    _lapse(act, tx, one)
        lapsed += len(over)


def _lapse(act: Act, tx: Transaction, exigent: Exigent) -> None:
    case = tx.get(Case, exigent.case_id)
    act.purpose = case.purpose
    act.tell("case", case.id, case.id)
    act.tell("authority", exigent.authority_id, exigent.authority_id)
    act.tell("exigent", exigent.id, exigent.id)
    _stop(act, tx, exigent, LAPSED)
    words = (
        f"a search before approval in case {case.reference} was not reviewed until {exigent.review_due:%Y-%m-%d %H:%M} UTC; "
        "searches that can wait do so until a supervisor who is not on the case closes the lapse"
    )
    tell(act, tx, (*alternates(tx, case), CENTRAL_OFFICE, OVERSIGHT), exigent, words)
    _head(tx, tx.change(exigent, state=ExigentState.LAPSED), act)


def _permit(act: Act, tx: Transaction, exigent_id: str, reason: str) -> Exigent:
    exigent = tx.get(Exigent, exigent_id)
    case, authority = tx.get(Case, exigent.case_id), tx.get(Authority, exigent.authority_id)
    act.purpose = authority.purpose
    act.tell("case", case.id, case.id)
    act.tell("authority", authority.id, authority.id)
    act.tell("exigent", exigent.id, exigent.id)
    searches = tx.find(Search, authority_id=authority.id)
    facts: dict[str, Fact] = {
        "state": str(state_at(exigent, act.now)),
        "reviewed": bool(exigent.reviewed_by),
        "begun_by": exigent.begun_by,
        "assigned": case.assigned,
        "took_part": any(took_part(tx, act.person, search.id) for search in searches),
        "reason_chars": length_of_reason(reason),
        "min_reason_chars": act.system.rules.min_exigent_chars,
    }
    if act.event == "exigent.upheld":
        facts["unopened_chips"] = _unopened(act, tx, authority)
    act.permit(**facts)
    act.tell("reason", reason.strip(), exigent.id)
    return exigent


def _unopened(act: Act, look: Look, authority: Authority) -> int:
    """How many faces outside the case's evidence whoever reviews has not looked at."""
    outside = unmanifested(look, probes_of(look, look.get(Sought, authority.sought_id)), authority.requested_by)
    seen = {one.exhibit_id for one in look.find(ProbeLook, authority_id=authority.id, seen_by=act.person.id)}
    return sum(exhibit.id not in seen for exhibit, _ in outside)


def _reviewed(act: Act, tx: Transaction, exigent: Exigent, state: ExigentState, reason: str) -> Exigent:
    there = tx.get(Exigent, exigent.id)
    now = tx.change(there, state=state, reviewed_by=act.person.id, decision=reason.strip())
    if state is ExigentState.UPHELD:
        settle_under(act.system, tx, exigent.authority_id, act.now)
    _head(tx, now, act)
    return now


def _head(tx: Transaction, exigent: Exigent, act: Act) -> None:
    """The heading of its lists changes with it."""
    heads = heading(exigent, act.now)
    for search in tx.find(Search, authority_id=exigent.authority_id):
        if search.statements and (told := headed(search.statements, heads)) != search.statements:
            tx.change(search, statements=told)


def _stop(act: Act, tx: Transaction, exigent: Exigent, reason: str) -> None:
    """Nothing goes on under it, a search under way makes no list, and what it made is nobody's here from now on."""
    authority = tx.get(Authority, exigent.authority_id)
    decided_by = "" if reason == LAPSED else act.person.id
    tx.change(authority, state=AuthorityState.REVOKED, decided_by=decided_by, reason=reason)
    recall_under(act.system, tx, exigent.authority_id, act.now)
    take(act.system, tx, exigent, act.now)
    words = f"a search before approval was not upheld: {reason}"
    open_incident(act.system, tx, IncidentKind.EXIGENT, exigent.id, words, now=act.now)
