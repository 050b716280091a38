"""Evaluations, calibrations, and on each search which calibration its statements quote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEPT = ("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after")


def upgrade() -> None:
    op.add_column("searches", sa.Column("calibration_id", sa.TEXT(), nullable=False, server_default=""))
    op.create_index("ix_searches_calibration_id", "searches", ["calibration_id"])
    _table(
        "evaluations",
        sa.Column("started_by", sa.TEXT(), nullable=False),
        sa.Column("started_at", sa.TEXT(), nullable=False),
        sa.Column("ended_at", sa.TEXT()),
        sa.Column("images", sa.INTEGER(), nullable=False),
        sa.Column("people", sa.INTEGER(), nullable=False),
        *_texts("folder_mark", "space_id", "model", "cache_key", "report_sha256", "state"),
    )
    _table(
        "calibrations",
        *_texts("evaluation_id", "space_id", "model", "measured_on", "proposed_by", "decided_by", "reason"),
        sa.Column("valid_until", sa.TEXT(), nullable=False),
        sa.Column("note", sa.BLOB(), nullable=False),
        sa.Column("decision", sa.BLOB(), nullable=False),
        *_texts("state"),
    )
    for name, columns in (
        ("evaluations", ("space_id", "state", "folder_mark")),
        ("calibrations", ("evaluation_id", "space_id", "state")),
    ):
        for column in columns:
            op.create_index(f"ix_{name}_{column}", name, [column])


def _table(name: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[bytes]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts(*KEPT),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *columns,
        sqlite_strict=True,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
