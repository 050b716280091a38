"""A purge of the templates of a model is worked on by one process at a time."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """What is there was held by nobody."""
    op.execute("ALTER TABLE upgrades ADD COLUMN held_until TEXT NOT NULL DEFAULT '1970-01-01T00:00:00.000Z'")
