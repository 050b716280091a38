"""Where images may come from, and under which legal authority: a closed list, to which 'it was on the web' does not belong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Noted, Sealed, Written


class AuthorityKind(StrEnum):
    """Version 1 of the list. Consent of a platform, public availability and scraping are on no version of it."""

    STATUTE = "statute"
    WARRANT = "warrant"
    PRODUCTION_ORDER = "production-order"
    CONSENT_OF_SUBJECT = "consent-of-subject"
    AGENCY_OWN_RECORD = "agency-own-record"
    PARTNER_AGREEMENT = "partner-agreement"
    PUBLISHER_AGREEMENT = "publisher-agreement"
    SYNTHETIC = "synthetic"


class SourceState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Source:
    id: str
    version: int
    kept: Kept
    name: str
    controller: Noted  # the organisation that answers for the images
    authority_kind: AuthorityKind
    citation: Noted  # the section, the warrant's number, the agreement's clause
    document_sha256: str  # of the instrument itself
    jurisdiction: Noted
    purposes: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    state: SourceState
    proposed_by: str
    decided_by: str  # empty until decided
    reason: Written  # of a refusal or suspension
    # What web archives may bring; without places there is none (records/archives.py).
    places: Annotated[tuple[str, ...], Sealed("id")] = ()
    visitors: Annotated[tuple[str, ...], Sealed("id")] = ()
    most_a_day: int = 0
    control: Written = ""  # how it was shown that who signed controls these places


def is_searchable(source: Source, purpose: str, now: datetime) -> bool:
    """Whether references of this source may be compared at this moment, for this purpose (asked again at every search)."""
    return (
        source.state is SourceState.ACTIVE
        and source.valid_from <= now < source.valid_until
        and purpose in source.purposes
    )
