"""What may be searched in a case now, and how often still: what every page of the case says above all else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import desk
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState
from beholden.records.people import Officer
from beholden.records.waiting import Step
from beholden.records.waiting import of_authority as step_of
from beholden.web.waiting import in_words

SETTLED = frozenset((AuthorityState.REFUSED, AuthorityState.WITHDRAWN, AuthorityState.REVOKED))


@dataclass(frozen=True, slots=True)
class InSight:
    authority: Authority
    usable: bool
    left: int  # searches
    waits: str


def bar_of(system: System, officer: Officer, case_id: str) -> list[InSight]:
    """Of a case that this person sees."""
    return in_sight(desk.authorities_of(system, officer, case_id=case_id), system.clock.now())


def in_sight(authorities: Iterable[Authority], now: datetime) -> list[InSight]:
    """Those that can be used first, then those that wait for somebody. Those that are over are on the page of the case."""
    found = []
    for one in authorities:
        step = step_of(one, now)
        if one.state in SETTLED or step in (Step.NONE, Step.AUTHORITY_ENDED):
            continue
        found.append(InSight(one, step is Step.AUTHORITY_USABLE, one.searches - one.used, in_words(step)))
    if any(one.usable for one in found):  # one that is used up says nothing more then
        found = [one for one in found if one.authority.state is not AuthorityState.EXHAUSTED]
    return sorted(found, key=lambda one: not one.usable)
