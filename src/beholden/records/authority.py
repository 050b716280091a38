"""Authority to search: asked for by one officer, given by another, for stated galleries, hours and a number of searches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed, Written

# One word changed in a part of 15 to 18 words leaves 0.77 to 0.81 of
# its runs, two leave about 0.57, a sentence added all; two reasons that one writer gave in their own words share none [the
# demo's and a second set].
RUN, FEWEST, NEARLY_ALL = 3, 5, 0.6
Read = tuple[tuple[str, ...], frozenset[tuple[str, ...]]]


class AuthorityState(StrEnum):
    DRAFT = "draft"  # its requester's: nobody decides about it yet
    REQUESTED = "requested"
    RETURNED = "returned"  # with questions, which whoever asked answers before asking again
    ACTIVE = "active"
    EXHAUSTED = "exhausted"  # the last use is taken; a search under way still makes its list
    EXPIRED = "expired"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


class Urgency(StrEnum):
    """Whether approval comes before the search. Independent of what the search is for."""

    PRIOR = "prior"
    EXIGENT = "exigent"  # approval comes after it, or never: see records/exigent.py


@dataclass(frozen=True, slots=True)
class Necessity:
    less_intrusive: str  # what was tried that intrudes less, and why it did not do
    why_person: str
    why_now: str

    def parts(self) -> tuple[str, str, str]:
        return (self.less_intrusive, self.why_person, self.why_now)


NOT_WRITTEN = Necessity("", "", "")  # of a draft, and of what is given where a request is like another


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a policy pack may want named for a purpose, beside the necessity; each may be empty."""

    external_ref: str = ""  # of a warrant, or of what another body decided
    offence: str = ""  # its class, as the law that applies names it
    corroboration: str = ""  # how a lead is to be confirmed by other means


NO_GROUNDS = Grounds()


@dataclass(frozen=True, slots=True)
class Question:
    """What an approver asked before deciding, and what came back. The necessity as it stood when it was asked is kept."""

    asked_by: str
    asked_at: datetime
    words: str
    necessity: Necessity
    answered_at: datetime | None = None  # None until it is answered
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    id: str
    version: int
    kept: Kept
    case_id: str
    sought_id: str
    purpose: str
    urgency: Urgency
    necessity: Annotated[Necessity, Sealed("id")]
    gallery_ids: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    searches: int
    used: int
    requested_by: str
    decided_by: str  # empty until decided
    reason: Written
    follows: str  # the authority this one replaces; empty if none: an authority is never widened
    state: AuthorityState
    like: str = ""  # the approved request of the same case whose necessity this one takes over; empty if none
    differs: Written = ""  # what is other than in that one, in words
    grounds: Annotated[Grounds, Sealed("id")] = NO_GROUNDS
    questions: Annotated[tuple[Question, ...], Sealed("id")] = ()  # the oldest first; only the last may be unanswered
    unmanifested: int = (
        -1
    )  # probe faces outside the case's evidence when it was approved; -1 until then, and where not noted


# Somebody ended it: a search that is under way makes no list. One that runs out lets it come to its end.
TAKEN_BACK = frozenset({AuthorityState.REVOKED, AuthorityState.WITHDRAWN})
RAN_OUT = frozenset({AuthorityState.EXHAUSTED, AuthorityState.EXPIRED})
ONCE_APPROVED = frozenset({AuthorityState.ACTIVE, *RAN_OUT})


def state_at(authority: Authority, now: datetime) -> AuthorityState:
    """How it stands at this moment, whether or not anybody has put its end on record yet."""
    if authority.state is not AuthorityState.ACTIVE:
        return authority.state
    if authority.used >= authority.searches:
        return AuthorityState.EXHAUSTED
    return AuthorityState.EXPIRED if now >= authority.ends_at else AuthorityState.ACTIVE


def after_use(authority: Authority) -> dict[str, int | AuthorityState]:
    """What one use changes of it: the one that consumes the last search ends it."""
    used = authority.used + 1
    return {"used": used, "state": AuthorityState.EXHAUSTED if used >= authority.searches else authority.state}


def missing_of(grounds: Grounds, required: Iterable[str]) -> tuple[str, ...]:
    """The required fields that say nothing."""
    return tuple(name for name in required if not str(getattr(grounds, name)).strip())


def shortest_part(necessity: Necessity) -> int:
    """Characters in the shortest of the three parts, spaces at the ends apart."""
    return min(len(part.strip()) for part in necessity.parts())


def copies(words: str, others: Iterable[str]) -> bool:
    """Whether these words were copied from any of the others, as `repeats` has it of a part."""
    own = _read(words)
    return any(_is_copy(own, _read(other)) for other in others if other.strip())


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
