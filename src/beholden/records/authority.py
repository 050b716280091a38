"""Authority to search: asked for by one officer, given by another, for stated galleries, hours and a number of searches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.retention import Kept


class AuthorityState(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


class Urgency(StrEnum):
    """Whether approval comes before the search. Independent of what the search is for."""

    PRIOR = "prior"


@dataclass(frozen=True, slots=True)
class Necessity:
    less_intrusive: str  # what was tried that intrudes less, and why it did not do
    why_person: str
    why_now: str

    def parts(self) -> tuple[str, str, str]:
        return (self.less_intrusive, self.why_person, self.why_now)


@dataclass(frozen=True, slots=True)
class Authority:
    id: str
    version: int
    kept: Kept
    case_id: str
    sought_id: str
    purpose: str
    urgency: Urgency
    necessity: Necessity
    gallery_ids: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    searches: int
    used: int
    requested_by: str
    decided_by: str  # empty until decided
    reason: str
    follows: str  # the authority this one replaces; empty if none: an authority is never widened
    state: AuthorityState


def shortest_part(necessity: Necessity) -> int:
    """Characters in the shortest of the three parts, spaces at the ends apart."""
    return min(len(part.strip()) for part in necessity.parts())


def repeats(necessity: Necessity, earlier: tuple[Necessity, ...]) -> bool:
    """Whether a part was copied from an earlier request, or from another part of this one (case and spaces apart)."""
    own = [" ".join(part.lower().split()) for part in necessity.parts()]
    before = {" ".join(part.lower().split()) for other in earlier for part in other.parts()}
    return len(set(own)) < len(own) or not before.isdisjoint(own)
