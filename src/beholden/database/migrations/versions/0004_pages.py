"""Lists are read page by page: an index for each order, one for the events of the log, and two for whose opinion is owed."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

PAGED = {
    "people": "name, id",
    "sources": "name, id, controller, citation, jurisdiction",
    "galleries": "name, id",
    "cases": "reference, id, title, assigned",
    "exhibits": "case_id, created_at DESC, id, origin, state",
    "authorities": "created_at DESC, id, case_id",
    "searches": "started_at DESC, id, case_id, state",
    "requests": "due_at, id, looked_for, state",
}


def upgrade() -> None:
    for name, columns in PAGED.items():
        op.execute(f"CREATE INDEX ix_{name}_paged ON {name} ({columns})")
    event = "CASE WHEN (json_valid(CAST(leaf AS TEXT)) = 1) THEN json_extract(CAST(leaf AS TEXT), '$.event') END"
    op.execute(f"CREATE INDEX ix_entries_event ON entries ({event})")
    op.create_index("ix_reviews_reviewer", "reviews", ["reviewer"])
    op.create_index("ix_examinations_examiner", "examinations", ["examiner"])
