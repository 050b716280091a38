"""A case: an investigation with one stated purpose and the investigators assigned to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Written


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    version: int
    kept: Kept
    reference: str  # the agency's own file number
    title: Noted  # lists are narrowed by it
    purpose: str
    assigned: tuple[str, ...]  # person ids
    state: CaseState
    outcome: Written  # empty while open
