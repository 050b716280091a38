"""What becomes of a disclosure after it left: confirmed, recalled, or a lead of it refuted; every recipient is told what to do."""

from __future__ import annotations

from datetime import datetime

from beholden.actions import audit
from beholden.actions.audit import SYSTEM, Told
from beholden.actions.incidents import open_incident
from beholden.actions.use import exigent_of
from beholden.errors import BadInput
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.system import System
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.disclosures import DisclosedReference, Disclosure, DisclosureState, Notice
from beholden.records.examination import Examination, Opinion, disagree, is_complete
from beholden.records.exigent import ExigentState
from beholden.records.incidents import IncidentKind
from beholden.records.people import Officer
from beholden.records.reveals import length_of_reason
from beholden.records.searches import Search

STANDING = (DisclosureState.MADE, DisclosureState.PROVISIONAL)
DIFFERENT = "the second examiner came to another opinion"
NOT_UPHELD = "the search was not upheld"
TOO_LATE = "nobody gave the second opinion in time"
RECALLED = (
    "RECALLED: the disclosure {id} of {made:%Y-%m-%d %H:%M} UTC, because {why}. Do not use it, destroy every copy, take back "
    "what was begun on its ground as far as that can be, tell whomever you passed it on to, and confirm in writing."
)
CONFIRMED = (
    "Confirmed: the provisional disclosure {id} of {made:%Y-%m-%d %H:%M} UTC. A second examiner who knew of no first opinion "
    "agrees, and the search was upheld. It is a lead, and must be corroborated by other means."
)
REVISED = (
    "OPINION CHANGED: on a lead of the disclosure {id} of {made:%Y-%m-%d %H:%M} UTC an examiner, who knew the scores by then, now "
    'says "{said}" where it said "{was}". It is a lead, and no more than that: weigh anew what rests on it, tell whomever you '
    "passed it on to, and ask the sender for a new disclosure."
)
REFUTED = (
    "WRONG LEAD: lead {lead} of the disclosure {id} of {made:%Y-%m-%d %H:%M} UTC is not of the person sought ({why}; "
    "corroborated by {source}). End every measure against whoever it shows, remedy what was done to them, tell whomever you "
    "passed it on to, and acknowledge in writing what you did."
)


def recall_disclosure(system: System, officer: Officer, *, disclosure_id: str, reason: str) -> Disclosure:
    """Take back what left, by a supervisor: it is read here no more, and every recipient is told."""
    with audit.act(system, "disclosure.recalled", officer) as act, act.begin() as tx:
        one = tx.get(Disclosure, disclosure_id)
        act.purpose = _purpose(tx, one)
        act.tell("case", one.case_id, one.case_id)
        act.tell("disclosure", one.id, one.id)
        act.permit(state=str(one.state), reason_chars=length_of_reason(reason))
        act.tell("reason", reason.strip(), one.id)
        return _recall(system, tx, one, reason.strip(), act.now)


def refute_lead(
    system: System, officer: Officer, *, disclosure_id: str, lead: int, reason: str, source: str
) -> Disclosure:
    """Put on record that a lead which left was wrong, and by what that is known: every recipient is asked for remedy.

    `lead` is its number in the packet, from 1. Raises `BadInput` for one that is not in it, or was refuted before.
    """
    with audit.act(system, "lead.refuted", officer) as act, act.begin() as tx:
        one = tx.get(Disclosure, disclosure_id)
        case = tx.get(Case, one.case_id)
        act.purpose = _purpose(tx, one)
        act.tell("case", case.id, case.id)
        act.tell("disclosure", one.id, one.id)
        act.permit(assigned=case.assigned, reason_chars=length_of_reason(reason), source_chars=len(source.strip()))
        if not 1 <= lead <= tx.count(DisclosedReference, disclosure_id=one.id) or lead in one.refuted:
            raise BadInput(
                f"lead {lead} is not one of this disclosure, or was refuted before; give its number in the packet"
            )
        one = tx.change(one, refuted=(*one.refuted, lead))
        act.tell("lead", lead, one.id)
        act.tell("reason", reason.strip(), one.id)
        act.tell("source", source.strip(), one.id)
        words = REFUTED.format(
            lead=lead, id=one.id, made=one.kept.created_at, why=reason.strip(), source=source.strip()
        )
        _tell_recipients(system, tx, one, words, act.now)
        open_incident(system, tx, IncidentKind.WRONG_LEAD, one.id, words, now=act.now)
        return one


def settle(system: System, tx: Transaction, search_id: str, now: datetime) -> None:
    """What the opinions so far make of the provisional disclosures of a search: confirmed, recalled, or left as they are."""
    for one in tx.find(Disclosure, search_id=search_id, state=DisclosureState.PROVISIONAL):
        opinions = [tx.find(Examination, candidate_id=id) for id in _candidates_of(tx, one)]
        exigent = exigent_of(tx, tx.get(Authority, tx.get(Search, search_id).authority_id))
        if any(disagree(there) for there in opinions):
            _recall_alone(system, tx, one, DIFFERENT, now)
        elif exigent and exigent.state is ExigentState.UPHELD and all(is_complete(there) for there in opinions):
            confirmed = tx.change(one, state=DisclosureState.MADE)
            _write(system, tx, "disclosure.confirmed", confirmed, now)
            _tell_recipients(system, tx, one, CONFIRMED.format(id=one.id, made=one.kept.created_at), now)


def settle_revised(system: System, tx: Transaction, old: Examination, new: Examination, now: datetime) -> None:
    """What an opinion that its author revised, which is added already, makes of whatever left on the former one.

    Of a search before approval, what two agreeing opinions let leave is recalled once they no longer agree. Whatever else
    left stands, and its recipients are told that it was said otherwise.
    """
    settle(system, tx, old.search_id, now)
    if old.opinion == new.opinion:
        return
    there = tx.find(Examination, candidate_id=old.candidate_id)
    parted = disagree(there) and not disagree([one for one in there if one.id != new.id])
    exigent = exigent_of(tx, tx.get(Authority, tx.get(Search, old.search_id).authority_id))
    for one in tx.find(Disclosure, search_id=old.search_id, state=OneOf(STANDING)):
        if old.candidate_id not in _candidates_of(tx, one):
            continue
        if exigent and parted:
            _recall_alone(system, tx, one, DIFFERENT, now)
        else:
            was, said = (Opinion(each.opinion or 0).words for each in (old, new))
            words = REVISED.format(id=one.id, made=one.kept.created_at, was=was, said=said)
            _tell_recipients(system, tx, one, words, now)


def settle_under(system: System, tx: Transaction, authority_id: str, now: datetime) -> None:
    """The same for every search of an authority."""
    for search in tx.find(Search, authority_id=authority_id):
        settle(system, tx, search.id, now)


def recall_under(system: System, tx: Transaction, authority_id: str, now: datetime) -> None:
    """Recall everything that left of the searches of an authority, because it was not upheld."""
    searches = OneOf([one.id for one in tx.find(Search, authority_id=authority_id)])
    for one in tx.find(Disclosure, search_id=searches, state=OneOf(STANDING)):
        _recall_alone(system, tx, one, NOT_UPHELD, now)


def recall_overdue(system: System) -> int:
    """Recall, in nobody's name, provisional disclosures whose second opinion did not come in time; how many."""
    now = system.clock.now()
    with system.database.look() as look:
        if not look.count(Disclosure, state=DisclosureState.PROVISIONAL):
            return 0
    recalled = 0
    with system.database.begin() as tx:
        for one in tx.find(Disclosure, state=DisclosureState.PROVISIONAL):
            exigent = exigent_of(tx, tx.get(Authority, tx.get(Search, one.search_id).authority_id))
            complete = all(is_complete(tx.find(Examination, candidate_id=id)) for id in _candidates_of(tx, one))
            if exigent and exigent.second_due <= now and not complete:
                _recall_alone(system, tx, one, TOO_LATE, now)
                recalled += 1
    return recalled


def _candidates_of(look: Look, one: Disclosure) -> list[str]:
    faces = [kept.face_id for kept in look.find(DisclosedReference, disclosure_id=one.id)]
    return [candidate.id for candidate in look.find(Candidate, search_id=one.search_id, face_id=OneOf(faces))]


def _recall_alone(system: System, tx: Transaction, one: Disclosure, why: str, now: datetime) -> None:
    """In nobody's name: the act behind it is of somebody who may not learn that anything left."""
    _recall(system, tx, one, why, now)
    _write(system, tx, "disclosure.recalled", one, now, Told("reason", why, one.id))


def _recall(system: System, tx: Transaction, one: Disclosure, why: str, now: datetime) -> Disclosure:
    _tell_recipients(system, tx, one, RECALLED.format(id=one.id, made=one.kept.created_at, why=why), now)
    return tx.change(one, state=DisclosureState.RECALLED)


def _tell_recipients(system: System, tx: Transaction, one: Disclosure, words: str, now: datetime) -> None:
    kept = audit.kept(system, "notice", SYSTEM, now)
    tx.add(*(Notice(system.clock.new_id(), 0, kept, name, one.id, words, sent=False) for name in one.recipients))


def _write(system: System, tx: Transaction, event: str, one: Disclosure, now: datetime, *more: Told) -> None:
    told = [Told("case", one.case_id, one.case_id), Told("disclosure", one.id, one.id), *more]
    audit.write(system, tx, event, person=None, now=now, told=told, purpose=_purpose(tx, one))


def _purpose(look: Look, one: Disclosure) -> str:
    return look.get(Authority, look.get(Search, one.search_id).authority_id).purpose
