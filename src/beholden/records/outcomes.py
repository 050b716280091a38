"""How a case ended, told to each who worked on it (REQ 145). The words are the case's own, read from it."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.records.people import Role
from beholden.records.retention import Kept

# Who may be told: those whose work a case has. An auditor looks over the work and an administrator over the machine.
TOLD = frozenset({Role.STEWARD, Role.PRIVACY_OFFICER, Role.INVESTIGATOR, Role.SUPERVISOR, Role.EXAMINER})


@dataclass(frozen=True, slots=True)
class OutcomeNotice:
    """One for each person and closing: a case that is opened again and closed is told of again."""

    id: str
    version: int
    kept: Kept
    person_id: str
    case_id: str
    read: bool
