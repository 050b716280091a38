"""What people do about an incident: report one, contain it, say whether it is material, close it with what was learned."""

from __future__ import annotations

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.incidents import open_incident
from beholden.errors import BadInput, Missing
from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.incidents import Incident, IncidentKind, IncidentState, Materiality
from beholden.records.people import Officer, Role
from beholden.records.reveals import length_of_reason

READERS = (Role.PRIVACY_OFFICER, Role.AUDITOR)
MATERIAL = "an incident was judged material"
NO_INCIDENT = "there is no such incident for you; `beholden incident list` has them"


def incidents(system: System, officer: Officer) -> list[Incident]:
    """Every incident, the latest first, to privacy officers and auditors; to others none."""
    with at_desk(system, officer) as (look, person):
        return look.find(Incident, order="-created_at") if is_one_of(person, *READERS) else []


def incident(system: System, officer: Officer, *, incident_id: str) -> Incident:
    """One of them. Raises `Missing` for every other."""
    for one in incidents(system, officer):
        if one.id == incident_id:
            return one
    raise Missing(NO_INCIDENT)


def report_incident(system: System, officer: Officer, *, words: str, about: str = "") -> Incident:
    """Say that something happened which must not. `about`: the id of the record, where it is about one."""
    with audit.act(system, "incident.reported", officer) as act, act.begin() as tx:
        act.permit(words_chars=length_of_reason(words))
        made = open_incident(
            system, tx, IncidentKind.REPORTED, about.strip(), words.strip(), now=act.now, by=act.person.id
        )
        act.tell("incident", made.id, audit.SYSTEM)
    return made


def contain_incident(
    system: System, officer: Officer, *, incident_id: str, words: str, affected: int | None = None
) -> Incident:
    """Say how it was brought to a stop, and how many people it concerns, as far as is known."""
    if affected is not None and affected < 0:
        raise BadInput("give how many people it concerns as a number from 0 on, or leave it out while nobody knows")
    with audit.act(system, "incident.contained", officer) as act, act.begin() as tx:
        one = _told(act, tx, incident_id)
        act.permit(state=str(one.state), words_chars=length_of_reason(words))
        known = one.affected if affected is None else affected
        act.tell("affected", known, audit.SYSTEM)
        return tx.change(
            one,
            containment=words.strip(),
            affected=known,
            contained_by=act.person.id,
            state=IncidentState.CONTAINED,
        )


def judge_incident(system: System, officer: Officer, *, incident_id: str, materiality: str, words: str) -> Incident:
    """Say whether it is material, and why; anew until it closes. Of one that is, the oversight body gets a notice."""
    with audit.act(system, "incident.judged", officer) as act, act.begin() as tx:
        one = _told(act, tx, incident_id)
        act.permit(
            state=str(one.state),
            materiality=materiality,
            words_chars=length_of_reason(words),
            about=one.about,
            opened_by=one.kept.created_by,
            contained_by=one.contained_by,
        )
        act.tell("materiality", materiality, audit.SYSTEM)
        judged = Materiality(materiality)
        if judged is Materiality.MATERIAL is not one.materiality:
            tx.add(Notice(system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, one.id, MATERIAL, False))
        return tx.change(one, materiality=judged, grounds=words.strip(), decided_by=act.person.id)


def close_incident(system: System, officer: Officer, *, incident_id: str, lessons: str) -> Incident:
    """Close it with what was learned. One that is material is closed only when its notices were sent."""
    with audit.act(system, "incident.closed", officer) as act, act.begin() as tx:
        one = _told(act, tx, incident_id)
        act.permit(
            state=str(one.state),
            materiality=str(one.materiality),
            notices_waiting=tx.count(Notice, about=one.id, sent=False),
            words_chars=length_of_reason(lessons),
            about=one.about,
        )
        return tx.change(one, lessons=lessons.strip(), state=IncidentState.CLOSED)


def _told(act: Act, tx: Transaction, incident_id: str) -> Incident:
    there = tx.find(Incident, id=incident_id)
    if not there or not is_one_of(act.person, *READERS):
        raise Missing(NO_INCIDENT)
    act.tell("incident", there[0].id, audit.SYSTEM)
    return there[0]
