"""Whether whoever acts has the training that an act asks for: facts for the policy, read at each act."""

from __future__ import annotations

from datetime import datetime

from beholden.ports.database import Look
from beholden.ports.policy import Fact
from beholden.records.audit import NEEDS_CERTIFICATE
from beholden.records.people import Person
from beholden.records.training import Certificate, days_lapsed


def lapsed_days(look: Look, person: Person, event: str, now: datetime) -> int | None:
    """Days begun since the person's last certificate for this act ended: 0 while one counts; None where none is asked for."""
    role = NEEDS_CERTIFICATE.get(event)
    return None if role is None else days_lapsed(look.find(Certificate, person_id=person.id), role, now)


def facts_of_training(look: Look, person: Person, event: str, now: datetime) -> dict[str, Fact]:
    """What the policy is told of an act that asks for training; nothing of another."""
    days = lapsed_days(look, person, event, now)
    return {} if days is None else {"certified": days == 0, "lapsed_days": days}
