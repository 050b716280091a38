"""An evaluation that was run in this system, and the calibration made from it, which two people put in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed, Written


class EvaluationState(StrEnum):
    STARTED = "started"  # a run that was broken off goes on with it
    FINISHED = "finished"
    ABANDONED = "abandoned"  # the same person began another one instead


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Photographs of a folder were compared with each other to measure the model. Of them only the report is left."""

    id: str
    version: int
    kept: Kept
    started_by: str
    started_at: datetime
    ended_at: datetime | None  # None while it runs
    images: int
    people: int
    folder_mark: str  # HMAC over the folder's list of files: knows the same folder again and tells nothing else
    space_id: str
    model: str
    cache_key: str  # name of the key that seals the templates of this run; destroyed at its end
    report_sha256: str  # empty until it is finished
    state: EvaluationState


class CalibrationState(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    REPLACED = "replaced"  # by a later one of the same model


@dataclass(frozen=True, slots=True)
class Calibration:
    """What lists and disclosures say of unrelated and of missed people, taken from one evaluation (REQ 50, REQ 55)."""

    id: str
    version: int
    kept: Kept
    evaluation_id: str
    space_id: str
    model: str
    measured_on: Written
    proposed_by: str
    decided_by: str  # empty until somebody else decided
    reason: Written  # of a refusal
    valid_until: datetime  # a year after its evaluation at most
    note: Annotated[bytes, Sealed("id")]  # signed: see formats/calibrations.py
    decision: bytes  # signed when it was accepted, and empty until then: lists believe this rather than the state
    state: CalibrationState
