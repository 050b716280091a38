"""What the policy is told of every act, whichever it is: how fresh the sign-in is, what was done today, the training, the walls."""

from __future__ import annotations

from datetime import datetime

from beholden.actions.certified import facts_of_training
from beholden.actions.limits import facts_of_day
from beholden.ports.database import Look
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import READS_FILES, STEPPED_UP
from beholden.records.people import Person


def facts_of_act(
    system: System, look: Look | None, person: Person, event: str, now: datetime, fresh_until: datetime | None
) -> dict[str, Fact]:
    """Of each kind where the act has it; what the records say, where they were looked at."""
    facts: dict[str, Fact] = {}
    if event in STEPPED_UP:
        facts["fresh"] = fresh_until is not None and now < fresh_until
    if event in READS_FILES:
        facts["missing_walls"] = len(system.media.missing_walls)
        facts["max_missing_walls"] = system.rules.max_missing_walls
    if look is not None:
        facts |= facts_of_day(system, look, person, event, now)
        facts |= facts_of_training(look, person, event, now)
    return facts
