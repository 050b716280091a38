"""A data subject's request: what somebody asks of the agency about themselves, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from beholden.records.retention import Kept


class RequestKind(StrEnum):
    ERASURE = "erasure"


class RequestState(StrEnum):
    RECEIVED = "received"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True)
class Request:
    id: str
    version: int
    kept: Kept
    kind: RequestKind
    due_at: datetime
    face_ids: tuple[str, ...]  # the references it is about: "these N records"
    looked_for: str  # how they were found, in words, for the receipt
    subject: bytes  # sealed: who asks, and how to answer them
    decided_by: str  # empty until decided
    reason: str
    state: RequestState
