"""Authority to search: asked for by one officer, given by another, for stated galleries, hours and a number of searches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.retention import Kept

# One word changed in a part of 15 to 18 words leaves 0.77 to 0.81 of
# its runs, two leave about 0.57, a sentence added all; two reasons that one writer gave in their own words share none [the
# demo's and a second set].
RUN, FEWEST, NEARLY_ALL = 3, 5, 0.6
Read = tuple[tuple[str, ...], frozenset[tuple[str, ...]]]


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
    """Whether a part was copied from an earlier request, or from another part of this one (case and marks apart).

    A copy with a word changed or a sentence added is one: where `NEARLY_ALL` of the runs of `RUN` words that the shorter of
    the two parts has stand in the other. Parts that have fewer than `FEWEST` such runs are copies only word for word.
    """
    own = [_read(part) for part in necessity.parts()]
    before = [_read(part) for other in earlier for part in other.parts()]
    return len({words for words, _ in own}) < len(own) or any(_is_copy(one, other) for one in own for other in before)


def _is_copy(one: Read, other: Read) -> bool:
    (words, runs), (other_words, other_runs) = one, other
    fewer = min(len(runs), len(other_runs))
    return words == other_words or (fewer >= FEWEST and len(runs & other_runs) >= NEARLY_ALL * fewer)


def _read(part: str) -> Read:
    """Its words, and every run of them; of nothing but signs, the signs."""
    words = tuple(re.findall(r"\w+", part.lower())) or tuple(part.lower().split())
    return words, frozenset(words[at : at + RUN] for at in range(len(words) - RUN + 1))
