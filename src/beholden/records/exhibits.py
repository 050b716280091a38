"""Photographs of a case, and the faces in them. They never enter a gallery, and their faces have no stored template."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from beholden.records.faces import Box, Landmarks, Quality
from beholden.records.retention import Kept


class Origin(StrEnum):
    """How the agency came to hold an exhibit."""

    SEIZED_DEVICE = "seized-device"
    PROVIDER_REPORT = "provider-report"
    PARTNER_AGENCY = "partner-agency"
    VICTIM_OR_FAMILY = "victim-or-family"
    SYNTHETIC = "synthetic"


class SubjectRole(StrEnum):
    UNDECLARED = "undeclared"
    VICTIM = "victim"
    OTHER = "other"


class ExhibitState(StrEnum):
    HELD = "held"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Exhibit:
    id: str
    version: int
    kept: Kept
    case_id: str
    mark: str  # HMAC of the file's digest
    details: bytes  # sealed: file name, SHA-256 of the file, why it is in the case
    origin: Origin
    blob: str
    blob_key: str
    kind: str
    width: int
    height: int
    added_by: str
    state: ExhibitState


@dataclass(frozen=True, slots=True)
class ExhibitDetails:
    file: str
    sha256: str
    why: str


@dataclass(frozen=True, slots=True)
class ExhibitFace:
    id: str
    version: int
    kept: Kept
    exhibit_id: str
    case_id: str
    position: int  # 1 is the surest; how a person names it: "face 2 of this exhibit"
    box: Box
    landmarks: Landmarks
    quality: Quality
    subject_role: SubjectRole
