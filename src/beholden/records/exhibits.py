"""Photographs of a case, and the faces in them. They never enter a gallery, and their faces have no stored template."""

from __future__ import annotations

from collections.abc import Sequence
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
    pixel_mark: str  # HMAC of the digest of the upright pixels: knows the photograph in another file
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


def places(boxes: Sequence[Box]) -> int:
    """How many persons these boxes of one photograph show: one that covers half of another's area shows the same face.

    Half by intersection over union. A detector leaves no two faces that overlap by more than 0.3, and finds the same
    face in the same pixels in the same place.
    """
    known: list[Box] = []
    for box in boxes:
        if all(_overlap(box, other) < 0.5 for other in known):
            known.append(box)
    return len(known)


def _overlap(one: Box, other: Box) -> float:
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    both = max(across, 0.0) * max(down, 0.0)
    either = one.width * one.height + other.width * other.height - both
    return both / either if either > 0 else 1.0
