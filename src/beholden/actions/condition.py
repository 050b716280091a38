"""How the system is, for whoever keeps it running: numbers and dates, nobody by name, no picture and no value of the log."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import readiness, version
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.index import Sized, size_of_index
from beholden.actions.model_in_force import upgrade_under_way
from beholden.actions.training import COURSES, without_training
from beholden.actions.vital import Vital, vital
from beholden.errors import Missing
from beholden.ports.database import Look, Saying
from beholden.ports.system import System
from beholden.records.audit import Checkpoint, Entry
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.training import WARNED_BEFORE, Certificate, current

LOOKED_BACK = 20  # entries of one event: so many that were refused or failed do not follow each other


@dataclass(frozen=True, slots=True)
class Condition:
    vital: Vital
    sized: Sized  # the index, in rows and bytes
    ready: readiness.Readiness
    waiting_since: datetime | None  # the oldest face without a template
    sealed_at: datetime | None  # the last signed checkpoint
    backed_up_at: datetime | None  # by the log: the last backup that was made
    checked_at: datetime | None  # by the log: the last look at every part
    least_room: int  # bytes; below them nothing more is taken in
    model: str
    two_models: bool  # an upgrade is under way, and templates of both are made
    pack: str  # the policy in force, as name@digest
    follows: version.Waiting | None  # a looser pack that waits for its day
    untrained: int  # roles of people for which no certificate counts: their acts are refused
    ending: int  # certificates that end within thirty days


def condition(system: System, officer: Officer) -> Condition:
    """For administrators and auditors; else `Missing`. As little of it is on record as of what a server tells of itself.

    Raises `Fault` and its kin when the records cannot be read.
    """
    now = system.clock.now()
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.ADMINISTRATOR, Role.AUDITOR):
            raise Missing(
                "there is nothing about the machine for you; an administrator or an auditor is told how it is"
            )
        waits = look.find(Face, state=FaceState.WAITING, order="created_at", limit=1)
        sealed = look.find(Checkpoint, order="-size", limit=1)
        two_models = upgrade_under_way(look) is not None
        people = look.find(Person, state=PersonState.ACTIVE)
        ending = _ending(people, look.find(Certificate), now)
        untrained = len(without_training(look, now))
        ready = readiness.look_whether(system, look)
        backed_up_at, checked_at = last_done(look, "backup.made"), last_done(look, "system.checked")
    policy = system.policy.pack
    return Condition(
        vital=vital(system),
        sized=size_of_index(system, officer),
        ready=ready,
        waiting_since=waits[0].kept.created_at if waits else None,
        sealed_at=sealed[0].at if sealed else None,
        backed_up_at=backed_up_at,
        checked_at=checked_at,
        least_room=system.rules.min_room_bytes,
        model=system.model.card.name,
        two_models=two_models,
        pack=f"{policy.name}@{policy.digest}",
        follows=version.waiting(system),
        untrained=untrained,
        ending=ending,
    )


def _ending(people: Iterable[Person], there: Iterable[Certificate], now: datetime) -> int:
    """Of all people at once: there may be hundreds, and each page has a tenth of a second."""
    kept: dict[str, list[Certificate]] = defaultdict(list)
    for one in there:
        kept[one.person_id].append(one)
    counting = (current(kept[person.id], role, now) for person in people for role in person.roles if role in COURSES)
    return sum(one is not None and one.ends_at - now <= WARNED_BEFORE for one in counting)


def last_done(look: Look, event: str) -> datetime | None:
    """When this was done last, by the log; None where it was not, or not among its last entries."""
    for entry in look.find(Entry, order="-n", limit=LOOKED_BACK, leaf=Saying("event", event)):
        if json.loads(entry.leaf)["outcome"] == "done":
            return entry.kept.created_at
    return None
