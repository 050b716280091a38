"""Which policy pack and which tables the log was told of: where an opening finds others, an entry says so, in nobody's name."""

from __future__ import annotations

from beholden.actions import audit, log
from beholden.ports.database import Look, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry, Value

FIRST_TABLES = "0001"  # of a system whose log entry 0 does not tell them


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
