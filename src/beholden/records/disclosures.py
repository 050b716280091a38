"""A disclosure: the only way a lead leaves. What it must carry is listed here, and nothing can be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from beholden.records.retention import Kept

# Every packet has all of these (REQ 40). `null_results` may be an empty list; it may not be absent.
PACKET_FIELDS = (
    "format",
    "disclosure",
    "statement",
    "case_reference",
    "purpose",
    "authority",
    "search",
    "coverage",
    "model",
    "threshold",
    "calibration",
    "probe",
    "edits",
    "leads",
    "other_candidates",
    "comparisons",
    "null_results",
    "limits",
    "recipients",
    "made_at",
    "policy",
)
LEAD_FIELDS = ("lead", "opinions", "disagreement", "rank", "score", "unrelated_expected", "quality", "reference")

LEAD_ONLY = (
    "This is an investigative lead. It names nobody and says of nobody that they are the person sought. It must not be "
    "the only ground for any measure against anyone, nor for a line-up; it must be corroborated by other means."
)


class DisclosureState(StrEnum):
    MADE = "made"
    RECALLED = "recalled"


CENTRAL_OFFICE = "central office"  # the recipient of a notice of every approval (REQ 18)
OVERSIGHT = "oversight"  # the recipient of a notice that is for the body that oversees the agency


@dataclass(frozen=True, slots=True)
class Disclosure:
    id: str
    version: int
    kept: Kept
    case_id: str
    search_id: str
    recipients: tuple[str, ...]
    basis: str
    packet: bytes  # canonical JSON, sealed under the disclosure's key, each lead's `reference` apart
    manifest: bytes  # signed note over the digests of what left
    state: DisclosureState


@dataclass(frozen=True, slots=True)
class DisclosedReference:
    """What left about one reference, sealed under that reference's key, so that its erasure takes it along."""

    id: str
    version: int
    kept: Kept
    disclosure_id: str
    face_id: str
    reference: bytes  # sealed canonical JSON; empty once erased
    crop: bytes  # sealed JPEG; empty once erased


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that somebody must be told. It waits here until it is sent."""

    id: str
    version: int
    kept: Kept
    recipient: str
    about: str  # id of the record it is about
    words: str
    sent: bool


def lacks(packet: Mapping[str, object]) -> tuple[str, ...]:
    """The fields that a packet must carry and does not."""
    leads = packet.get("leads")
    listed = leads if isinstance(leads, list) else None
    return (
        *(name for name in PACKET_FIELDS if name not in packet or (name == "leads" and listed is None)),
        *(f"leads[{i}].{name}" for i, lead in enumerate(listed or ()) for name in LEAD_FIELDS if name not in lead),
    )
