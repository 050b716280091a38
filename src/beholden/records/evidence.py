"""What an exhibit register or seizure list says of a case's files. A probe of such a file is manifested, any other unmanifested."""

from __future__ import annotations

from dataclasses import dataclass

from beholden.records.exhibits import Origin
from beholden.records.retention import Kept


@dataclass(frozen=True, slots=True)
class EvidenceManifest:
    """One register that somebody imported who does not ask for authority in the case."""

    id: str
    version: int
    kept: Kept
    case_id: str
    mark: str  # HMAC of the register file's digest: the same file is not imported twice
    details: bytes  # sealed: the register's file name and its SHA-256
    imported_by: str
    rows: int  # that it has
    new: int  # of them, files that the case's registers did not have before


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file of a register, known by a mark: a stolen disk must not confirm a known file, so there is no plain digest."""

    id: str
    version: int
    kept: Kept
    case_id: str
    manifest_id: str  # its key seals the details
    mark: str  # HMAC of the file's digest, as an exhibit has it
    origin: Origin
    details: bytes  # sealed: exhibit reference, when it was seized, who holds it


@dataclass(frozen=True, slots=True)
class ProbeLook:
    """That somebody who was to decide about a request looked at a face that it asks to search with."""

    id: str
    version: int
    kept: Kept
    authority_id: str
    exhibit_id: str
    seen_by: str


def evidence_words(unmanifested: int, faces: int, *, compared: bool = False) -> tuple[str, ...]:
    """What stands on a list, or with the score of a comparison, whose probe comes from outside the case's evidence."""
    if unmanifested < 1:
        return ()
    doing, moment = ("compared", "it was compared") if compared else ("searched with", "the search began")
    which = f"The face {doing}" if faces == 1 else f"{unmanifested} of the {faces} faces {doing}"
    verb = "is" if unmanifested == 1 else "are"
    return (f"{which} {verb} of a file that stood in no imported register of the case's evidence when {moment}.",)
