"""Bringing back a lost last administrator: the keys of custodians, and how many of them ask for it together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.records.retention import Kept

LIFE = timedelta(days=7)  # of a request: custodians may have to travel to where their keys lie
SKEW = timedelta(minutes=5)  # of the clock of whoever wrote it


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The public half of a custodian's own key. The private half is nowhere in the system."""

    id: str
    version: int
    kept: Kept
    person_id: str  # one key a person
    vkey: str  # as signed notes have it


@dataclass(frozen=True, slots=True)
class Recovery:
    """What custodians sign: that this system is to invite this person as an administrator, once."""

    origin: str
    administrator: str
    nonce: str
    at: datetime


def wrong_in(recovery: Recovery, origin: str, now: datetime) -> str:
    """Why the request counts for nothing here and now; empty if it may."""
    if recovery.origin != origin:
        return f"the request is for the system {recovery.origin}, and this is {origin}"
    if recovery.at > now + SKEW:
        return "the request was written in the future; check the clocks of both machines"
    if now >= recovery.at + LIFE:
        return f"the request is older than {LIFE.days} days; write a new one and let it be signed"
    return ""
