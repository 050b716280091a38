"""Passkeys, one-time codes and links, answered challenges, and until when a session is fresh."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEPT = ("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after")
NEVER = "1970-01-01T00:00:00.000Z"  # a session from before is not fresh: whoever has it signs in again


def upgrade() -> None:
    op.add_column("sessions", sa.Column("fresh_until", sa.TEXT(), nullable=False, server_default=NEVER))
    _table(
        "passkeys",
        sa.Column("public_key", sa.BLOB(), nullable=False),
        sa.Column("sign_count", sa.INTEGER(), nullable=False),
        *_texts("name", "state"),
    )
    _table(
        "totps",
        sa.Column("secret", sa.BLOB(), nullable=False),
        sa.Column("confirmed", sa.INTEGER(), nullable=False),
        sa.Column("last_step", sa.INTEGER(), nullable=False),
    )
    _table("links", *_texts("ends_at"), sa.Column("used", sa.INTEGER(), nullable=False))
    op.create_table(
        "spent", sa.Column("id", sa.TEXT(), primary_key=True, nullable=False), *_texts("ends_at"), sqlite_strict=True
    )
    op.create_index("ix_passkeys_state", "passkeys", ["state"])
    for name in ("passkeys", "totps", "links"):
        op.create_index(f"ix_{name}_person_id", name, ["person_id"])


def _table(name: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[bytes]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts(*KEPT),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("person_id"),
        *columns,
        sqlite_strict=True,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
