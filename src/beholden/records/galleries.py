"""A gallery: references that are searched together for stated purposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.records.retention import Kept


class GalleryState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Gallery:
    id: str
    version: int
    kept: Kept
    name: str
    purposes: tuple[str, ...]
    secret: bytes  # sealed: turns the gallery's templates in memory, so that two galleries do not compare
    state: GalleryState
    certified_at: datetime | None = None  # None: not since it was opened
    certified_by: str = ""


def is_fit(gallery: Gallery, purpose: str) -> bool:
    return gallery.state is GalleryState.OPEN and purpose in gallery.purposes


def certify_by(gallery: Gallery, days: int) -> datetime:
    """Until when somebody must have looked through it again, this many days after the last time or after it was opened."""
    return (gallery.certified_at or gallery.kept.created_at) + timedelta(days=days)
