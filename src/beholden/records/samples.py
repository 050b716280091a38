"""A sample of the uses of authority, drawn so that nobody could have known which it takes, and what an auditor found of each."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.retention import Kept
from beholden.records.sealed import Noted

SURE = 0.95  # of an upper bound


class Verdict(StrEnum):
    PENDING = "pending"
    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Sample:
    """Drawn by a seed that was made after the log was signed: whoever searched before that could not know what it takes."""

    id: str
    version: int
    kept: Kept
    drawn_by: str
    begins_at: datetime
    ends_at: datetime
    share: int  # of a hundred uses that are taken by lot
    size: int  # entries of the log that were signed before the seed was made
    root: str  # of these, hex
    seed: str  # 32 random bytes, hex; told in the entry of the drawing
    uses: int  # that were drawn from


@dataclass(frozen=True, slots=True)
class Sampled:
    """One use that a sample took: what the auditor says of it."""

    id: str
    version: int
    kept: Kept
    sample_id: str
    entry: int  # the log's entry of the use
    use_id: str  # the search or the comparison
    case_id: str
    verdict: Verdict
    words: Noted
    judged_by: str  # empty until judged
    by_lot: bool = True  # else it is taken always: a use before approval


def drawn(entries: Iterable[int], seed: str, share: int) -> list[int]:
    """Of the entries `share` in a hundred, rounded up, whose SHA-256(seed ‖ "/" ‖ number) is least; by number.

    `seed` in hex as it is published, the number in decimal: anybody who has the log and the seed draws the same.
    """
    every = sorted(entries, key=lambda n: hashlib.sha256(f"{seed}/{n}".encode()).digest())
    return sorted(every[: math.ceil(len(every) * share / 100)])


def at_most(found: int, of: int) -> float:
    """The share that it is at most, with confidence `SURE`, when `found` of `of` by lot were (Clopper–Pearson, one-sided).

    0–1; 1 where none was looked at. The uses that are drawn from are taken to be many more than those that were.
    """
    if found >= of:
        return 1.0
    low, high = found / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        chance = sum(math.comb(of, k) * middle**k * (1 - middle) ** (of - k) for k in range(found + 1))
        low, high = (middle, high) if chance > 1 - SURE else (low, middle)
    return high
