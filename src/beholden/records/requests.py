"""A data subject's request: what somebody asks about themselves, a photograph given with it, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Sealed, Written


class RequestKind(StrEnum):
    ERASURE = "erasure"


class PhotographState(StrEnum):
    HELD = "held"
    ENDED = "ended"  # out of use; its key and its bytes are being destroyed
    CLEAN = "clean"  # destroyed, and shown to be nowhere; its receipt is not made yet
    DESTROYED = "destroyed"


class RequestState(StrEnum):
    RECEIVED = "received"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    RESTRICTED = "restricted"  # granted, and the records are kept out of every search as evidence instead of erased
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True)
class Request:
    id: str
    version: int
    kept: Kept
    kind: RequestKind
    due_at: datetime
    face_ids: tuple[str, ...]  # the references it is about: "these N records"
    looked_for: Noted  # how they were found, in words, for the receipt
    subject: bytes  # sealed: who asks, and how to answer them
    decided_by: str  # empty until decided
    reason: Written
    identity_how: bytes  # sealed: how it was checked who asks; empty until then
    identity_checked_by: str  # empty until then
    comparisons: int  # of photographs given with it; giving another one does not begin anew
    state: RequestState


class RestrictionState(StrEnum):
    IN_FORCE = "in force"
    ENDED = "lifted"  # the records are no evidence any more, and wait for their erasure


@dataclass(frozen=True, slots=True)
class Restriction:
    """Records that a granted request names and that must stay as evidence: neither erased nor ever searched again."""

    id: str
    version: int
    kept: Kept
    request_id: str
    face_ids: tuple[str, ...]
    reason: Written  # of the latest decision; the person who asks is told it
    review_by: datetime
    restricted_by: str
    confirmed_by: str  # who granted the request
    reviewed_by: str  # the latest who looked at it again; empty until then
    receipt: Annotated[bytes, Sealed("id")]  # signed: "restricted, not erased"; empty until made
    state: RestrictionState


def is_overdue(restriction: Restriction, now: datetime) -> bool:
    """Whether nobody looked again in time at whether the records must still be held."""
    return restriction.state is RestrictionState.IN_FORCE and restriction.review_by <= now


@dataclass(frozen=True, slots=True)
class Photograph:
    """Given by the person who asks, to find the records of them. Nothing of its faces is kept but how many there are."""

    id: str
    version: int
    kept: Kept
    request_id: str
    blob: str  # empty once destroyed
    blob_key: str  # the one key of it
    faces: int
    compared_face: int  # the one that is the person who asks, from 1; 0 until it was compared
    needles: tuple[str, ...]  # hex: what must lie nowhere afterwards; empty once that was shown
    ended_by: Written  # what ended it, in words; empty while it is held
    summary: tuple[tuple[str, str], ...]  # what the byte scan looked at
    entry: int | None  # of the log, that tells of its destruction; None until the receipt is made
    receipt: Annotated[bytes, Sealed("id")]  # signed; empty until made
    state: PhotographState
