"""Authority, people and the log: what it takes to answer for every search, beside what was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
    _people()
    _patterns()
    _evidence()
    _life_of_authority()


def _people() -> None:
    op.create_table(
        "certificates",
        *_person_record(),
        *_texts("role", "course", "number", "bands", "issued_at", "ends_at", "state"),
        sqlite_strict=True,
    )
    for name in ("person_id", "state"):
        op.create_index(f"ix_certificates_{name}", "certificates", [name])


def _patterns() -> None:
    op.create_table("planted", *_record(), *_texts("face_id", "words", "planted_by"), sqlite_strict=True)
    op.create_index("ix_planted_face_id", "planted", ["face_id"])
    op.create_table(
        "samples",
        *_record(),
        *_texts("drawn_by", "begins_at", "ends_at", "root", "seed"),
        *(sa.Column(name, sa.INTEGER(), nullable=False) for name in ("share", "size", "uses")),
        sqlite_strict=True,
    )
    op.create_table(
        "sampled",
        *_record(),
        *_texts("sample_id", "use_id", "case_id", "verdict", "words", "judged_by"),
        sa.Column("entry", sa.INTEGER(), nullable=False),
        sqlite_strict=True,
    )
    for name in ("sample_id", "use_id", "case_id"):
        op.create_index(f"ix_sampled_{name}", "sampled", [name])


def _evidence() -> None:
    op.create_table(
        "evidence_manifests",
        *_record(),
        *_texts("case_id", "mark"),
        sa.Column("details", sa.BLOB(), nullable=False),
        *_texts("imported_by"),
        *(sa.Column(name, sa.INTEGER(), nullable=False) for name in ("rows", "new")),
        sqlite_strict=True,
    )
    op.create_table(
        "evidence",
        *_record(),
        *_texts("case_id", "manifest_id", "mark", "origin"),
        sa.Column("details", sa.BLOB(), nullable=False),
        sqlite_strict=True,
    )
    op.create_table("probe_looks", *_record(), *_texts("authority_id", "exhibit_id", "seen_by"), sqlite_strict=True)
    for table, names in (
        ("evidence_manifests", ("case_id", "mark")),
        ("evidence", ("case_id", "manifest_id", "mark")),
        ("probe_looks", ("authority_id", "exhibit_id")),
    ):
        for name in names:
            op.create_index(f"ix_{table}_{name}", table, [name])


def _life_of_authority() -> None:
    for name in ("like", "differs"):
        op.add_column("authorities", sa.Column(name, sa.TEXT(), nullable=False, server_default=""))
    none = '{"corroboration":"","external_ref":"","offence":""}'
    op.add_column("authorities", sa.Column("grounds", sa.TEXT(), nullable=False, server_default=none))
    op.add_column("authorities", sa.Column("questions", sa.TEXT(), nullable=False, server_default="[]"))
    for table in ("authorities", "searches"):
        op.add_column(table, sa.Column("unmanifested", sa.INTEGER(), nullable=False, server_default="-1"))
    op.execute("UPDATE authorities SET state = 'exhausted' WHERE state = 'active' AND used >= searches")


def _record() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
    ]


def _person_record() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
        *_texts("person_id"),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
