"""Exact search at the speed of memory: the shelves of faces are read from an index alone, and counted as they change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
    _faces_held()
    _face_counts()
    _restrictions()


def _faces_held() -> None:
    op.execute("CREATE INDEX ix_faces_held ON faces (space_id, gallery_id, source_id, state, change_no, face_no)")
    op.drop_index("ix_faces_space_id", "faces")


def _face_counts() -> None:
    names = ("gallery_id", "source_id", "space_id", "state")
    op.create_table(
        "face_counts",
        *(sa.Column(name, sa.TEXT(), primary_key=True, nullable=False) for name in names),
        sa.Column("faces", sa.INTEGER(), nullable=False),
        sqlite_strict=True,
    )
    op.execute(
        "INSERT INTO face_counts SELECT gallery_id, source_id, space_id, state, count(*) FROM faces "
        "GROUP BY gallery_id, source_id, space_id, state"
    )
    more = (
        "INSERT INTO face_counts (gallery_id, source_id, space_id, state, faces) "
        "VALUES (NEW.gallery_id, NEW.source_id, NEW.space_id, NEW.state, 1) "
        "ON CONFLICT (gallery_id, source_id, space_id, state) DO UPDATE SET faces = faces + 1;"
    )
    less = (
        "UPDATE face_counts SET faces = faces - 1 WHERE (gallery_id, source_id, space_id, state) = "
        "(OLD.gallery_id, OLD.source_id, OLD.space_id, OLD.state);"
    )
    op.execute(f"CREATE TRIGGER faces_added AFTER INSERT ON faces BEGIN {more} END")
    op.execute(f"CREATE TRIGGER faces_removed AFTER DELETE ON faces BEGIN {less} END")
    op.execute(
        "CREATE TRIGGER faces_changed AFTER UPDATE ON faces WHEN (NEW.gallery_id, NEW.source_id, NEW.space_id, NEW.state) "
        f"IS NOT (OLD.gallery_id, OLD.source_id, OLD.space_id, OLD.state) BEGIN {less} {more} END"
    )


def _restrictions() -> None:
    op.create_table(
        "restrictions",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("request_id", "face_ids", "reason", "review_by", "restricted_by", "confirmed_by", "reviewed_by"),
        sa.Column("receipt", sa.BLOB(), nullable=False),
        *_texts("state"),
        sqlite_strict=True,
    )
    for name in ("request_id", "state"):
        op.create_index(f"ix_restrictions_{name}", "restrictions", [name])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
