"""Which policy pack and which tables the log was told of: where an opening finds others, an entry says so, in nobody's name.

A looser pack is announced first and waits; what makes it due is the date that its entry says, by the clock of this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.actions import audit, log
from beholden.ports.database import Look, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry, Value
from beholden.records.disclosures import OVERSIGHT, Notice

FIRST_TABLES = "0001"  # of a system whose log entry 0 does not tell them
MOST_TOLD = 50  # things that are looser, in one entry; a leaf has a greatest size


@dataclass(frozen=True, slots=True)
class Waiting:
    """A looser policy pack that both bodies signed, and from when it is in force."""

    pack: str  # name@digest
    begins_at: datetime


def record_version(system: System, *, tables: str) -> None:
    """Put on record what came into force while nobody could sign in, were it a crash ago: another pack, other tables."""
    policy = system.policy.pack
    now = (f"{policy.name}@{policy.digest}", tables)
    with system.database.look() as look:
        if _told(system, look) == now:
            return
    with system.database.begin() as tx:
        at = system.clock.now()
        for event, before, after in zip(("policy.adopted", "system.upgraded"), _told(system, tx), now, strict=True):
            if before != after:  # another process may have said so meanwhile
                told = [audit.Told("before", before, audit.SYSTEM), audit.Told("after", after, audit.SYSTEM)]
                audit.write(system, tx, event, person=None, now=at, told=told)
    log.seal(system)


def announce(system: System, *, after: str, looser: Sequence[str], days: int) -> Waiting:
    """Put on record that a looser pack (`name@digest`) follows in so many days, and tell oversight in the same transaction.

    It takes the place of what was announced before. With the pack that is in force, what was announced is called off.
    """
    with system.database.begin() as tx:
        at = system.clock.now()
        begins_at = at + timedelta(days=days)
        before = in_force(system, tx)
        told = [
            audit.Told("before", before, audit.SYSTEM),
            audit.Told("after", after, audit.SYSTEM),
            audit.Told("begins_at", begins_at.isoformat(), audit.SYSTEM),
            audit.Told("looser", list(looser[:MOST_TOLD]), audit.SYSTEM),
        ]
        audit.write(system, tx, "policy.announced", person=None, now=at, told=told)
        words = (
            f"The policy pack {after} is looser than {before} and comes into force on {begins_at:%Y-%m-%d %H:%M} UTC: "
            f"{', '.join(looser[:MOST_TOLD])}"
            if after != before
            else f"No other policy pack follows {before}: what was announced is called off"
        )
        kept = audit.kept(system, "notice", audit.SYSTEM, at)
        tx.add(Notice(system.clock.new_id(), 0, kept, OVERSIGHT, audit.SYSTEM, words, sent=False))
    log.seal(system)
    return Waiting(after, begins_at)


def in_force(system: System, look: Look) -> str:
    """The policy pack that the log tells of last, as `name@digest`."""
    return _told(system, look)[0]


def waiting(system: System) -> Waiting | None:
    """The looser pack that was announced and is not in force yet; None where there is none, or it was called off."""
    with system.database.look() as look:
        announced = look.find(Entry, order="-n", limit=1, leaf=Saying("event", "policy.announced"))
        if not announced:
            return None
        adopted = look.find(Entry, order="-n", limit=1, leaf=Saying("event", "policy.adopted"))
        said = _values(system, look, announced[0].n)
        overtaken = adopted and adopted[0].n > announced[0].n
        if overtaken or said["after"] == in_force(system, look):
            return None
    return Waiting(str(said["after"]), datetime.fromisoformat(str(said["begins_at"])))


def due(system: System) -> str:
    """The pack whose notice period is over, as `name@digest`; empty where none is."""
    there = waiting(system)
    return there.pack if there and there.begins_at <= system.clock.now() else ""


def _told(system: System, look: Look) -> tuple[str, str]:
    """The pack and the tables that the log tells of last."""
    first = _values(system, look, 0)
    return (
        _last(system, look, "policy.adopted") or str(first.get("policy", "")),
        _last(system, look, "system.upgraded") or str(first.get("tables", FIRST_TABLES)),
    )


def _last(system: System, look: Look, event: str) -> str:
    for entry in look.find(Entry, order="-n", limit=1, leaf=Saying("event", event)):
        return str(_values(system, look, entry.n).get("after", ""))
    return ""


def _values(system: System, look: Look, n: int) -> dict[str, Value]:
    return {one.name: one.value for one in log.opened_items(system, look, n)}
