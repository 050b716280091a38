"""Examinations step by step: each side described alone, what was pointed at, and what was done to the pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """What was locked before stays as it is, on the one scale that there was; what is open goes on at the probe."""
    for name, usual in (("described", "[]"), ("marks", "[]"), ("scale", ""), ("tools", "[]")):
        op.add_column("examinations", sa.Column(name, sa.TEXT(), nullable=False, server_default=usual))
    op.add_column("examinations", _whole("apart", "6"))
    op.add_column("sent_examinations", _whole("edition", "1"))
    op.execute("UPDATE examinations SET scale = 'support-7' WHERE opinion IS NOT NULL")
    op.create_table("viewed", *_kept(), *_texts("examination_id", "views"), sqlite_strict=True)
    op.create_index("ix_viewed_examination_id", "viewed", ["examination_id"])


def _kept() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        _whole("version"),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        _whole("legal_hold"),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]


def _whole(name: str, usual: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.INTEGER(), nullable=False, server_default=usual)
