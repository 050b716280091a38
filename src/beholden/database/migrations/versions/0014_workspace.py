"""Pages to work in all day: how a case ended, what is kept of it, and who is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
    _endings()
    _outcome_notices()


def _endings() -> None:
    for name in ("ended_as", "kept_decision", "why_kept", "look_again_on"):
        op.add_column("cases", sa.Column(name, sa.TEXT(), nullable=False, server_default=""))


def _outcome_notices() -> None:
    op.create_table("outcome_notices", *_kept(), *_texts("person_id", "case_id"), _whole("read"), sqlite_strict=True)
    for name in ("person_id", "case_id"):
        op.create_index(f"ix_outcome_notices_{name}", "outcome_notices", [name])


def _kept() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        _whole("version"),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        _whole("legal_hold"),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.INTEGER(), nullable=False)
