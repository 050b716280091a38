"""An image of a gallery, its provenance, and what happens to a file that is not taken in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from beholden.records.retention import Kept


class ImageState(StrEnum):
    HELD = "held"
    ERASING = "erasing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the source says of the image. It names people, so it is sealed under the image's key."""

    file: str
    sha256: str  # of the file as it was received
    received_from: str
    manifest_sha256: str
    person_ref: str
    captured_at: str
    image_url: str
    page_url: str
    page_title: str
    caption: str


@dataclass(frozen=True, slots=True)
class Image:
    """Belongs to one gallery and one source for good."""

    id: str
    version: int
    kept: Kept
    gallery_id: str
    source_id: str
    mark: str  # HMAC of the file's digest: knows a duplicate, confirms nothing to a thief
    person_mark: str  # HMAC of source and person_ref: two sources that use the same one speak of two people
    page_mark: str  # HMAC of page_url: lets a data subject's request be looked up
    blob: str  # address of the sealed picture; empty once erased
    blob_key: str  # name of the key that seals it; a re-sealed picture has a new one
    kind: str
    width: int
    height: int
    provenance: bytes  # sealed; empty once erased
    state: ImageState


class AsideState(StrEnum):
    WAITING = "waiting"  # for the privacy officer
    REFUSED = "refused"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Aside:
    """A file that was put aside at enrolment. Nothing of its picture is kept, and the steward is not told why."""

    id: str
    version: int
    kept: Kept
    source_id: str
    gallery_id: str
    mark: str
    state: AsideState


@dataclass(frozen=True, slots=True)
class Block:
    """An erased image's mark: the same file is not taken in again."""

    mark: str
    kept: Kept
    erasure_id: str


def is_capture_date(words: str) -> bool:
    """Whether this says when an image was taken, and nothing else: empty, or a real YYYY, YYYY-MM or YYYY-MM-DD.

    Blind readers see it: other words in its place would tell them something.
    """
    if not words:
        return True
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", words):
        return False
    year, month, day = (int(part) for part in [*words.split("-"), "1", "1"][:3])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
