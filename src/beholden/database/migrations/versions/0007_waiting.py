"""What waits is asked for page by page, and the log by person, day and record: an index for each question."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

WAITING = {
    "people": "state, name, id, roles",
    "sources": "state, created_at, id, proposed_by",
    "galleries": "state, name, id, purposes",
    "cases": "state, reference, id, assigned",
    "authorities": "state, created_at, id, requested_by, case_id",
    "searches": "state, started_at, id, searched_by, case_id",
    "requests": "state, due_at, id, decided_by",
}
OWN = {"reviews": "reviewer", "examinations": "examiner"}
EVENT = "CASE WHEN (json_valid(CAST(leaf AS TEXT)) = 1) THEN json_extract(CAST(leaf AS TEXT), '$.event') END"
DAY = "substr(created_at, 1, 10)"


def upgrade() -> None:
    for name, columns in WAITING.items():
        op.execute(f"DROP INDEX ix_{name}_state")  # the new one begins with it
        op.execute(f"CREATE INDEX ix_{name}_waiting ON {name} ({columns})")
    for name, person in OWN.items():
        op.execute(f"DROP INDEX ix_{name}_{person}")
        op.execute(f"CREATE INDEX ix_{name}_open ON {name} ({person}, state, search_id)")
        op.execute(f"CREATE INDEX ix_{name}_paged ON {name} ({person}, created_at DESC, id)")
        op.execute(f"DROP INDEX ix_{name}_search_id")
        op.execute(f"CREATE INDEX ix_{name}_search ON {name} (search_id, state, {person})")
    op.execute("DROP INDEX ix_examinations_candidate_id")
    op.execute("CREATE INDEX ix_examinations_candidate ON examinations (candidate_id, examiner)")
    op.execute("DROP INDEX ix_pairs_review_id")
    op.execute("CREATE INDEX ix_pairs_review ON pairs (review_id, outcome, candidate_id)")
    op.execute("CREATE INDEX ix_erasures_paged ON erasures (created_at DESC, id)")
    op.execute("DROP INDEX ix_exhibits_case_id")  # the one for its pages begins with it
    op.execute("DROP INDEX ix_faces_gallery_id")
    op.execute("CREATE INDEX ix_faces_shelf ON faces (gallery_id, source_id, id, state)")
    op.execute("DROP INDEX ix_items_record_id")
    op.execute("CREATE INDEX ix_items_of ON items (record_id, n)")
    op.execute("DROP INDEX ix_entries_event")
    op.execute(f"CREATE INDEX ix_entries_event ON entries ({EVENT}, n, created_by, created_at)")
    op.execute(f"CREATE INDEX ix_entries_person ON entries (created_by, n, created_at, {EVENT})")
    op.execute(f"CREATE INDEX ix_entries_day ON entries ({DAY}, n, created_by, {EVENT})")
