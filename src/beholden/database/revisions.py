"""Which revisions of the tables this Beholden knows, and which a database is at, without loading Alembic (0.2 s)."""

from __future__ import annotations

from sqlalchemy import Connection

from beholden.errors import WrongVersion

REVISIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
)  # the oldest first; a test compares them with the scripts in migrations/versions
HEAD = REVISIONS[-1]


def revision_in(connection: Connection) -> str:
    """Empty for a database without tables."""
    if connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").first() is None:
        return ""
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(row[0]) if row else ""


def check_known(revision: str, known: tuple[str, ...], place: str) -> None:
    """Raises `WrongVersion` for a database that a newer Beholden has changed."""
    if revision and revision not in known:
        raise WrongVersion(
            f"{place} is at revision {revision}, which this Beholden (up to {known[-1]}) does not know: "
            "use the newer Beholden that made it, or restore a backup from before"
        )


def check_current(revision: str, place: str) -> None:
    """Raises `WrongVersion` unless the database is at the revision of this Beholden."""
    check_known(revision, REVISIONS, place)
    if revision != HEAD:
        raise WrongVersion(
            f"{place} is at revision {revision or 'none'}, and this Beholden needs {HEAD}: "
            "make a backup, then run `beholden check --upgrade`"
        )
