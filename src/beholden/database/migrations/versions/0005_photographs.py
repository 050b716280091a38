"""Photographs given with a request, and on the request: how it was checked who asks, and how often was compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEPT = ("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after")


def upgrade() -> None:
    op.add_column("requests", sa.Column("identity_how", sa.BLOB(), nullable=False, server_default=sa.text("x''")))
    op.add_column("requests", sa.Column("identity_checked_by", sa.TEXT(), nullable=False, server_default=""))
    op.add_column("requests", sa.Column("comparisons", sa.INTEGER(), nullable=False, server_default="0"))
    op.create_table(
        "photographs",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts(*KEPT),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("request_id", "blob", "blob_key"),
        sa.Column("faces", sa.INTEGER(), nullable=False),
        sa.Column("compared_face", sa.INTEGER(), nullable=False),
        *_texts("needles", "ended_by", "summary"),
        sa.Column("entry", sa.INTEGER(), nullable=True),
        sa.Column("receipt", sa.BLOB(), nullable=False),
        *_texts("state"),
        sqlite_strict=True,
    )
    op.create_index("ix_photographs_request_id", "photographs", ["request_id"])
    op.create_index("ix_photographs_state", "photographs", ["state"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
