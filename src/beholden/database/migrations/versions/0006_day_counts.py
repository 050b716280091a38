"""How often each person did something on a day: what the limits of a day are counted in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEPT = ("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after")


def upgrade() -> None:
    op.create_table(
        "day_counts",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts(*KEPT),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("person_id", "event", "day"),
        sa.Column("done", sa.INTEGER(), nullable=False),
        sa.Column("stopped", sa.INTEGER(), nullable=False),
        *_texts("state"),
        sqlite_strict=True,
    )
    for name in ("person_id", "state"):
        op.create_index(f"ix_day_counts_{name}", "day_counts", [name])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
