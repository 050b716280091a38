"""The sought: the unknown person a search is about. One or more exhibit faces that an officer declared to be one person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beholden.records.exhibits import SubjectRole
from beholden.records.retention import Kept
from beholden.records.sealed import Written


class SoughtState(StrEnum):
    DECLARED = "declared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Sought:
    """An assertion with an author and a reason. It can be taken back, and says nothing of who the person is."""

    id: str
    version: int
    kept: Kept
    case_id: str
    face_ids: tuple[str, ...]
    subject_role: SubjectRole
    why: Written
    declared_by: str
    state: SoughtState
