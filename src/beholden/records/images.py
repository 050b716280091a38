"""An image of a gallery, its provenance, and what happens to a file that is not taken in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

from beholden.records.metadata import Metadata
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
    # Of a web archive. When it was captured from the web is no date of the photograph: `captured_at`, which blind readers see.
    archived_at: str = ""
    alt: str = ""
    http_date: str = ""
    headers: tuple[str, ...] = ()  # of the server's answer, "Name: value"
    record_id: str = ""
    checked: tuple[str, ...] = ()  # recorded digests, and whether they could be checked
    opt_outs: tuple[str, ...] = ()  # what the archive recorded against its use
    # What the file says of itself, as in `Metadata`. Its own date is no `captured_at`, which blind readers see.
    taken_at: str = ""
    camera: str = ""
    software: str = ""
    place: str = ""
    digital_source: str = ""
    frames_in_file: int = 1  # of an animation or pages; the image is the first


def said_of_itself(provenance: Provenance) -> dict[str, str]:
    """What the file says, by the names of `Metadata`, without what it does not say. Anybody can change it."""
    told = {name: str(getattr(provenance, name)) for name in (field.name for field in fields(Metadata))}
    if provenance.frames_in_file > 1:
        told["frames_in_file"] = str(provenance.frames_in_file)
    return {name: words for name, words in told.items() if words}


def provenance_of(content: bytes) -> Provenance:
    """As it was sealed, in JSON; what was not yet told when it was sealed is empty."""
    told = json.loads(content)
    for name in ("headers", "checked", "opt_outs"):
        told[name] = tuple(told.get(name, ()))
    return Provenance(**told)


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
    fingerprint: bytes = (
        b""  # what it looks like (`near.py`), sealed under `blob_key`; empty once erased, or not made yet
    )
    print_no: int = -1  # of the last change of `fingerprint`: what follows fingerprints must have applied


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
    """An erased image's mark and fingerprint: neither the file nor a copy that looks the same is taken in again."""

    mark: str
    kept: Kept
    erasure_id: str
    fingerprint: bytes = b""  # sealed under `print_key`; empty where the picture was too plain to tell by
    print_key: str = ""  # a key of its own: the image's is destroyed
    print_no: int = -1  # counted with those of images


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
