"""The face engine: what videos, web archives, cropped exhibits, faces drawn by hand and near-duplicates need beside what was."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
