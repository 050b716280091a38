"""A disclosure: the only way a lead leaves. What it must carry is listed here, and nothing can be left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Sealed, Written

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
LEAD_FIELDS = (
    *("lead", "opinions", "disagreement", "rank", "score", "unrelated_expected", "quality", "reference"),
    *("sides_alone", "marks"),
)

LEAD_ONLY = (
    "This is an investigative lead. It names nobody and says of nobody that they are the person sought. It must not be "
    "the only ground for any measure against anyone, nor for a line-up; it must be corroborated by other means."
)


PROVISIONAL_ONLY = (
    "PROVISIONAL. UNREVIEWED EXIGENT: searched before approval, and examined by the searcher alone. For protective action by "
    "the named recipients only; it is confirmed or recalled, and every recipient is told."
)


class DisclosureState(StrEnum):
    MADE = "made"
    PROVISIONAL = "provisional"  # out of a search before approval, on one opinion, for protective action only
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
    recipients: Annotated[tuple[str, ...], Sealed("id")]
    basis: Written
    packet: bytes  # canonical JSON, sealed under the disclosure's key, each lead's `reference` apart
    manifest: bytes  # signed note over the digests of what left
    state: DisclosureState
    refuted: tuple[int, ...] = ()  # numbers of its leads that turned out to be of somebody else


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
    recipient: Noted
    about: str  # id of the record it is about
    words: Noted
    sent: bool


def statement_of(disclosure: Disclosure) -> str:
    """What stands above it, however it is shown."""
    if disclosure.state is DisclosureState.PROVISIONAL:
        return f"{PROVISIONAL_ONLY} {LEAD_ONLY}"
    return f"RECALLED: it must not be used. {LEAD_ONLY}" if disclosure.state is DisclosureState.RECALLED else LEAD_ONLY


def lacks(packet: Mapping[str, object]) -> tuple[str, ...]:
    """The fields that a packet must carry and does not."""
    leads = packet.get("leads")
    listed = leads if isinstance(leads, list) else None
    return (
        *(name for name in PACKET_FIELDS if name not in packet or (name == "leads" and listed is None)),
        *(f"leads[{i}].{name}" for i, lead in enumerate(listed or ()) for name in LEAD_FIELDS if name not in lead),
    )
