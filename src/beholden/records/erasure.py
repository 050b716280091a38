"""An erasure: what goes, how far it has come, and the receipt that says it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from beholden.records.retention import Kept
from beholden.records.sealed import Sealed

HEAD = 32  # bytes of a needle: enough that none is found by chance, few enough to look for thousands


class ErasureState(StrEnum):
    ERASING = "erasing"  # every step until the scan can be done again
    CLEAN = "clean"  # the scan found nothing; the receipt is not made yet
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Erasure:
    id: str
    version: int
    kept: Kept
    request_id: str
    face_ids: tuple[str, ...]
    whole_image_ids: tuple[str, ...]  # every live face of these is erased
    part_image_ids: tuple[str, ...]  # others live on in these: re-sealed with the erased faces blanked
    keys: tuple[str, ...]  # names of the keys to destroy
    blobs: tuple[str, ...]  # addresses to purge
    needles: tuple[str, ...]  # hex: what the byte scan looks for; emptied when done
    searches: bytes  # sealed for the auditor: the searches that had listed the person
    summary: tuple[tuple[str, str], ...]  # what the scan looked at, for the receipt; empty until clean
    already_erased: tuple[str, ...]  # of the requested records, those that an earlier erasure took
    held_until: datetime  # whoever works on it now holds it until then; others leave it alone
    started_by: str
    confirmed_by: str
    receipt: Annotated[bytes, Sealed("id")]  # signed note; empty until erased
    state: ErasureState
