"""Two models side by side: which of them is in force, and the templates of the other one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
    _upgrades()
    _side_templates()


def _upgrades() -> None:
    op.create_table(
        "upgrades",
        *_kept(),
        _whole("n"),
        *_texts("old_space", "old_model", "new_space", "new_model", "space_in_force", "needles", "state"),
        sqlite_strict=True,
    )
    for name in ("n", "state"):
        op.create_index(f"ix_upgrades_{name}", "upgrades", [name])


def _side_templates() -> None:
    op.create_table(
        "side_templates",
        *_kept(),
        *_texts("face_id"),
        _whole("face_no"),
        *_texts("gallery_id", "source_id", "space_id"),
        _whole("unified"),
        sa.Column("template", sa.BLOB(), nullable=False),
        *_texts("state"),
        _whole("change_no"),
        sqlite_strict=True,
    )
    for name in ("face_id", "face_no", "gallery_id", "source_id", "state", "change_no"):
        op.create_index(f"ix_side_templates_{name}", "side_templates", [name])
    held = ["space_id", "gallery_id", "source_id", "state", "change_no", "face_no"]
    op.create_index("ix_side_templates_held", "side_templates", held)


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
