"""Authorities that ran out by the clock: their end is put on record in nobody's name."""

from __future__ import annotations

from beholden.actions import audit
from beholden.actions.audit import Told
from beholden.ports.database import Below
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState

AT_A_TIME = 50  # in one transaction: others wait for it no longer than for a batch


def expire_authorities(system: System) -> int:
    """How many ended. No use passes because this came late: see `state_at`."""
    expired = 0
    while True:
        with system.database.begin() as tx:
            now = system.clock.now()
            over = tx.find(Authority, state=AuthorityState.ACTIVE, ends_at=Below(now), limit=AT_A_TIME)
            for one in over:
                tx.change(one, state=AuthorityState.EXPIRED)
                told = [Told("case", one.case_id, one.case_id), Told("authority", one.id, one.id)]
                audit.write(system, tx, "authority.expired", person=None, now=now, told=told, purpose=one.purpose)
        expired += len(over)
        if len(over) < AT_A_TIME:
            return expired
