"""Incidents open by themselves, in the transaction that records what went wrong. What people do about them: `respond.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from beholden.actions.entries import SYSTEM, Told, kept, write
from beholden.errors import BeholdenError, LogBroken, NotProven
from beholden.ports.database import Above, Look, NoneOf, Transaction
from beholden.ports.system import System
from beholden.records.incidents import (
    KIND_OF_RULE,
    REPEATED_WITHIN,
    Incident,
    IncidentKind,
    IncidentState,
    Materiality,
    is_overdue,
)

MAX_WORDS = 2_000  # characters of what was detected


def open_incident(
    system: System,
    tx: Transaction,
    kind: IncidentKind,
    about: str,
    words: str,
    *,
    now: datetime | None = None,
    by: str = SYSTEM,
) -> Incident:
    """Open an incident with an entry of its own, or count the same one again that is open and at most a day old.

    `about` is the id of the record it is about, empty where it is about the system; `words` say what was detected. `by` is
    the id of who reports it, where somebody does: what a person reports is an incident of its own.
    """
    at = system.clock.now() if now is None else now
    since = Above(at - REPEATED_WITHIN)
    open_ones = tx.find(Incident, what=kind, about=about, created_at=since, state=NoneOf([IncidentState.CLOSED]))
    there = [one for one in open_ones if one.detection == words[:MAX_WORDS]]  # another cause hides behind none
    if there and by == SYSTEM:
        return tx.change(there[-1], times=there[-1].times + 1, last_at=at)
    id = system.clock.new_id()
    told = [Told("incident", id, SYSTEM), Told("kind", str(kind), SYSTEM)]
    if about:
        told.append(Told("about", about, SYSTEM))
    incident = Incident(
        id=id,
        version=0,
        kept=kept(system, "incident", by, at),
        what=kind,
        about=about,
        entry=write(system, tx, "incident.opened", person=None, now=at, told=told),
        times=1,
        last_at=at,
        affected=-1,
        materiality=Materiality.UNDECIDED,
        decide_by=at + timedelta(days=system.rules.incident_days),
        decided_by="",
        contained_by="",
        detection=words[:MAX_WORDS],
        containment="",
        grounds="",
        lessons="",
        state=IncidentState.OPEN,
    )
    tx.add(incident)
    return incident


def kinds_of(error: Exception) -> Iterator[tuple[IncidentKind, str]]:
    """The incidents that what stopped an act opens, with what was detected."""
    if isinstance(error, NotProven):
        kind = IncidentKind.LOG if isinstance(error, LogBroken) else IncidentKind.INTEGRITY
        yield kind, f"{type(error).__name__}: {error}"
    for reason in error.reasons if isinstance(error, BeholdenError) else ():
        if reason.rule_id in KIND_OF_RULE:
            yield KIND_OF_RULE[reason.rule_id], f"{reason.rule_id}: {reason.why}"


def unfinished(look: Look) -> list[Incident]:
    """Those that are not closed, the earliest first."""
    return look.find(Incident, state=NoneOf([IncidentState.CLOSED]), order="created_at")


def overdue(look: Look, now: datetime) -> list[Incident]:
    """Those of which nobody has said in time whether they are material."""
    return [one for one in unfinished(look) if is_overdue(one, now)]
