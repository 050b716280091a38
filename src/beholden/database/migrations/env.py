"""What Alembic runs to upgrade: every step on the one connection, in the one transaction, that `upgrade.py` gives."""

from __future__ import annotations

from alembic import context

from beholden.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # Alembic believes that SQLite cannot; with a BEGIN of our own it can
    transaction_per_migration=False,
    render_as_batch=True,  # SQLite changes a column by making the table anew
)
context.run_migrations()
