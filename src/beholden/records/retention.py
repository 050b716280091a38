"""How long each class of record is kept: a least and a most, never "for ever", and the day it falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.records.rules import Rules


@dataclass(frozen=True, slots=True)
class Kept:
    """Part of every record but checkpoints and log items: who made it when, under which policy, and until when it is kept."""

    retention_class: str
    created_at: datetime
    created_by: str  # person id, or "system"
    policy: str  # name@digest of the pack in force
    keep_until: datetime  # not before, unless the person concerned consents or a court orders
    dispose_after: datetime  # not longer, unless on hold
    legal_hold: bool


def keep(retention_class: str, by: str, now: datetime, policy: str, rules: Rules) -> Kept:
    """Raises KeyError for a class without a term: a record that nobody said how long to keep cannot be made."""
    least, most = rules.retention_days[retention_class]
    return Kept(
        retention_class=retention_class,
        created_at=now,
        created_by=by,
        policy=policy,
        keep_until=now + timedelta(days=least),
        dispose_after=now + timedelta(days=most),
        legal_hold=False,
    )
