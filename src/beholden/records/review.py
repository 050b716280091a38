"""Review: one person goes blind through the whole list, one pair after another, in an order that tells nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from beholden.records.retention import Kept


class ReviewState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"


class Outcome(StrEnum):
    """Exactly three outcomes (INTERPOL IFRS), and none yet."""

    PENDING = "pending"
    POTENTIAL = "potential"
    NO = "no"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Review:
    id: str
    version: int
    kept: Kept
    search_id: str
    reviewer: str
    seed: str
    state: ReviewState
    score_revealed: bool = False  # whether its reviewer may have known scores of the list when they took or finished it
    own: bool = False  # whether its reviewer is who searched, before approval and alone


@dataclass(frozen=True, slots=True)
class Pair:
    """The probe beside one candidate, under a handle that means nothing to anybody else."""

    handle: str
    version: int
    kept: Kept
    review_id: str
    candidate_id: str
    position: int
    outcome: Outcome


def shuffled(ids: Sequence[str], seed: str) -> list[str]:
    """An order that only the seed gives: by SHA-256 of seed and id, so that it is the same in every Python."""
    return sorted(ids, key=lambda id: hashlib.sha256(f"{seed}/{id}".encode()).digest())
