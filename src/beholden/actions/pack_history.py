"""Which policy packs were in force and which were announced, by the log, with what each made looser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import log
from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.database import Look, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.people import Officer, Role

EVENTS = ("policy.adopted", "policy.announced")
MOST = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One entry: a pack came into force, or one that is looser was announced. Packs as `name@digest`."""

    n: int
    at: datetime
    event: str
    before: str
    after: str
    begins_at: datetime | None  # of one that was announced
    looser: tuple[str, ...]


def pack_history(system: System, officer: Officer) -> tuple[Change, ...]:
    """The latest first. For a privacy officer, auditor or supervisor; else `Missing`."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.PRIVACY_OFFICER, Role.AUDITOR, Role.SUPERVISOR):
            raise Missing(
                "there is no history of the policy for you; a supervisor, a privacy officer or an auditor reads it"
            )
        return tuple(sorted(_changes(system, look), key=lambda change: -change.n))


def _changes(system: System, look: Look) -> Iterator[Change]:
    for event in EVENTS:
        for entry in look.find(Entry, order="-n", limit=MOST, leaf=Saying("event", event)):
            told = {one.name: one.value for one in log.opened_items(system, look, entry.n)}
            begins_at, looser = told.get("begins_at"), told.get("looser")
            yield Change(
                n=entry.n,
                at=entry.kept.created_at,
                event=event,
                before=str(told.get("before", "")),
                after=str(told.get("after", "")),
                begins_at=datetime.fromisoformat(str(begins_at)) if begins_at else None,
                looser=tuple(map(str, looser)) if isinstance(looser, list) else (),
            )
