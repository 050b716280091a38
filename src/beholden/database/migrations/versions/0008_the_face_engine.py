"""The face engine: what videos, web archives, cropped exhibits, faces drawn by hand and near-duplicates need beside what was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
    _web_archives()
    _comparisons()
    _videos()
    _near_duplicates()
    _cropped_exhibits()
    _looked_thoroughly()
    _drawn_faces()
    _edits()
    _quality_floor()
    _copies_of_exhibits()
    _reviews_that_knew()


def _cropped_exhibits() -> None:
    op.add_column("exhibits", sa.Column("frames_in_file", sa.INTEGER(), nullable=False, server_default="1"))
    op.add_column("exhibits", sa.Column("kept_boxes", sa.TEXT(), nullable=False, server_default="[]"))


def _looked_thoroughly() -> None:
    for name in ("thorough", "smallest_face"):
        op.add_column("exhibits", sa.Column(name, sa.INTEGER(), nullable=False, server_default="0"))


def _drawn_faces() -> None:
    for name, usual in (("drawn_by", ""), ("landmarks_from", "detector")):
        op.add_column("exhibit_faces", sa.Column(name, sa.TEXT(), nullable=False, server_default=usual))


def _videos() -> None:
    for table in ("faces", "exhibit_faces"):
        op.add_column(table, sa.Column("frames", sa.TEXT(), nullable=False, server_default="[]"))
    op.add_column("exhibits", sa.Column("left_out", sa.INTEGER(), nullable=False, server_default="0"))


def _web_archives() -> None:
    for name, usual in (("places", "[]"), ("visitors", "[]"), ("control", "")):
        op.add_column("sources", sa.Column(name, sa.TEXT(), nullable=False, server_default=usual))
    op.add_column("sources", sa.Column("most_a_day", sa.INTEGER(), nullable=False, server_default="0"))
    op.create_table(
        "archive_counts",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("source_id", "mark", "host", "day"),
        sa.Column("taken", sa.INTEGER(), nullable=False),
        sqlite_strict=True,
    )
    for name in ("source_id", "mark"):
        op.create_index(f"ix_archive_counts_{name}", "archive_counts", [name])


def _near_duplicates() -> None:
    for table in ("images", "blocks", "exhibits"):
        op.add_column(table, sa.Column("fingerprint", sa.BLOB(), nullable=False, server_default=sa.text("x''")))
    op.add_column("blocks", sa.Column("print_key", sa.TEXT(), nullable=False, server_default=""))
    op.add_column("exhibits", sa.Column("stack", sa.TEXT(), nullable=False, server_default=""))
    for table in ("images", "blocks", "exhibits"):
        op.add_column(table, sa.Column("print_no", sa.INTEGER(), nullable=False, server_default="-1"))
        op.create_index(f"ix_{table}_print_no", table, ["print_no"])
    op.create_table(
        "told_apart",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("image_id", "other_image_id", "told_by"),
        sqlite_strict=True,
    )
    for name in ("image_id", "other_image_id"):
        op.create_index(f"ix_told_apart_{name}", "told_apart", [name])


def _comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("case_id", "authority_id", "sought_id", "face_id", "compared_by"),
        *_texts("space_id", "model", "model_files", "probe_quality", "calibration_id"),
        sa.Column("result", sa.BLOB(), nullable=False),
        sqlite_strict=True,
    )
    for name in ("case_id", "authority_id", "sought_id", "face_id", "space_id", "calibration_id"):
        op.create_index(f"ix_comparisons_{name}", "comparisons", [name])


def _edits() -> None:
    nowhere = '{"left":0.0,"top":0.0,"width":0.0,"height":0.0}'
    for name, usual in (("edited_from", ""), ("edited_around", nowhere), ("edits", "[]")):
        op.add_column("exhibit_faces", sa.Column(name, sa.TEXT(), nullable=False, server_default=usual))


def _quality_floor() -> None:
    for table in ("searches", "comparisons"):
        op.add_column(table, sa.Column("quality_override", sa.TEXT(), nullable=False, server_default=""))


def _copies_of_exhibits() -> None:
    """Those that are there are known by their pixels."""
    op.add_column("exhibits", sa.Column("copy_of_id", sa.TEXT(), nullable=False, server_default=""))
    op.execute(
        "UPDATE exhibits SET copy_of_id = (SELECT other.id FROM exhibits AS other "
        "WHERE other.pixel_mark = exhibits.pixel_mark ORDER BY other.created_at, other.id LIMIT 1)"
    )
    op.create_index("ix_exhibits_copy_of_id", "exhibits", ["copy_of_id"])


def _reviews_that_knew() -> None:
    op.add_column("reviews", sa.Column("score_revealed", sa.INTEGER(), nullable=False, server_default="0"))


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
