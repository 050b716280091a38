"""A case: an investigation with one stated purpose and the investigators assigned to it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Written


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Ending(StrEnum):
    """What a case came to, in the one word on which something hangs; `NOT_SAID` while it is open."""

    NOT_SAID = ""
    FOUND = "found"
    NOT_FOUND = "not-found"
    OTHER = "other"


class KeptDecision(StrEnum):
    """What is kept once the person is found (REQ 146); `NONE` where nobody had to decide."""

    NONE = ""
    KEEP = "keep-to-term"
    LOOK_AGAIN = "review-by-date"
    ERASE = "erase-what-may-go"


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
    ended_as: Ending = Ending.NOT_SAID
    kept_decision: KeptDecision = KeptDecision.NONE
    why_kept: Written = ""
    look_again_on: str = ""  # YYYY-MM-DD, of what is to be looked at again
