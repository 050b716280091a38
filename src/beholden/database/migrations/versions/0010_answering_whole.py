"""What answering for a search still lacked: exigent use, orders, witnesses, incidents, sealed text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Each addition below is explained where its record is."""
    _samples()
    _incidents()
    _exigent()
    _people()
    _orders()
    _sequestrations()
    _provisional()
    _travel()
    _witnesses()


def _people() -> None:
    op.add_column("sessions", sa.Column("name", sa.TEXT(), nullable=False, server_default=""))
    op.create_table("linked", *_record(), *_texts("person_id", "issuer", "state"), sqlite_strict=True)
    op.create_index("ix_linked_person_id", "linked", ["person_id"])
    op.create_index("ix_linked_state", "linked", ["state"])
    op.create_table("recovery_keys", *_record(), *_texts("person_id", "vkey"), sqlite_strict=True)
    op.create_index("ix_recovery_keys_person_id", "recovery_keys", ["person_id"])


def _exigent() -> None:
    op.create_table(
        "exigents",
        *_record(),
        *_texts("authority_id", "case_id", "incident_id", "begun_by", "ground", "reason", "place", "time", "passed"),
        *_texts("review_due", "second_due", "state", "reviewed_by", "decision"),
        sqlite_strict=True,
    )
    for name in ("authority_id", "case_id", "incident_id", "state"):
        op.create_index(f"ix_exigents_{name}", "exigents", [name])
    op.add_column("galleries", sa.Column("certified_at", sa.TEXT(), nullable=True))
    op.add_column("galleries", sa.Column("certified_by", sa.TEXT(), nullable=False, server_default=""))


def _witnesses() -> None:
    op.create_table(
        "cosignatures",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("size", sa.INTEGER(), nullable=False),
        *_texts("name", "line"),
        sa.Column("entry", sa.INTEGER(), nullable=False),
        *_texts("at"),
        sqlite_strict=True,
    )
    op.execute("CREATE INDEX ix_cosignatures_newest ON cosignatures (name, size DESC, id)")


def _orders() -> None:
    op.create_table(
        "orders",
        *_record(),
        sa.Column("number", sa.INTEGER(), nullable=False),
        *_texts("kind", "scope", "given_at"),
        sa.Column("until", sa.TEXT(), nullable=True),
        sa.Column("note", sa.BLOB(), nullable=False),
        *_texts("state"),
        sqlite_strict=True,
    )
    op.create_index("ix_orders_state", "orders", ["state"])


def _sequestrations() -> None:
    op.create_table(
        "sequestrations",
        *_record(),
        *_texts("exigent_id", "case_id", "keys"),
        sa.Column("records", sa.INTEGER(), nullable=False),
        sa.Column("sealed", sa.BLOB(), nullable=False),
        sa.Column("packet", sa.BLOB(), nullable=False),
        *_texts("needles", "summary"),
        sa.Column("destroy", sa.INTEGER(), nullable=False),
        *_texts("ended_by"),
        sa.Column("receipt", sa.BLOB(), nullable=False),
        *_texts("state"),
        sqlite_strict=True,
    )
    for name in ("exigent_id", "case_id", "state"):
        op.create_index(f"ix_sequestrations_{name}", "sequestrations", [name])
    op.create_table(
        "sequestered",
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        *_texts("sequestration_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_sequestered_sequestration_id", "sequestered", ["sequestration_id"])


def _provisional() -> None:
    for table in ("reviews", "examinations"):
        op.add_column(table, sa.Column("own", sa.INTEGER(), nullable=False, server_default="0"))
    op.add_column("disclosures", sa.Column("refuted", sa.TEXT(), nullable=False, server_default="[]"))


def _travel() -> None:
    op.create_table("outside_examiners", *_record(), *_texts("name", "agency", "vkey", "recipient"), sqlite_strict=True)
    op.create_table(
        "sent_examinations",
        *_record(),
        *_texts(
            "search_id", "candidate_id", "examination_id", "examiner_id", "part", "nonce", "packet_sha256", "due_at"
        ),
        *_texts("note", "state"),
        sqlite_strict=True,
    )
    for name in ("search_id", "candidate_id", "examination_id", "examiner_id", "state"):
        op.create_index(f"ix_sent_examinations_{name}", "sent_examinations", [name])


def _incidents() -> None:
    op.create_table(
        "incidents",
        *_record(),
        *_texts("what", "about"),
        *(sa.Column(name, sa.INTEGER(), nullable=False) for name in ("entry", "times")),
        *_texts("last_at"),
        sa.Column("affected", sa.INTEGER(), nullable=False),
        *_texts("materiality", "decide_by", "decided_by", "contained_by"),
        *_texts("detection", "containment", "grounds", "lessons", "state"),
        sqlite_strict=True,
    )
    op.create_index("ix_incidents_state", "incidents", ["state"])


def _samples() -> None:
    op.add_column("sampled", sa.Column("by_lot", sa.INTEGER(), nullable=False, server_default="1"))


def _record() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("id", sa.TEXT(), primary_key=True, nullable=False),
        sa.Column("version", sa.INTEGER(), nullable=False),
        *_texts("retention_class", "created_at", "created_by", "policy", "keep_until", "dispose_after"),
        sa.Column("legal_hold", sa.INTEGER(), nullable=False),
    ]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT(), nullable=False) for name in names]
