"""Authority, people and the log: what it takes to answer for every search, beside what was."""

from __future__ import annotations

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
