"""Bringing a database to the tables of this Beholden: all steps in one transaction, or none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from beholden.database.failures import in_our_words
from beholden.database.files import begin_immediate, make_file, open_engine, use_wal
from beholden.database.revisions import HEAD, check_known, revision_in
from beholden.database.rows import layout_of
from beholden.database.sql import MEMORY, PATIENCE, path_of
from beholden.database.tables import RECORDS
from beholden.errors import Fault, Locked, NoRoom, StoreNotClean
from beholden.ports.database import Database
from beholden.ports.keys import Keys

MIGRATIONS = Path(__file__).parent / "migrations"
STEPS = (MIGRATIONS / "versions",)
AT_ONCE = 1000  # rows that are sealed in one transaction
SEALED = "sealed"  # what the keys note it under


def upgrade(address: str, *, steps: Sequence[Path] = STEPS, patience: float = PATIENCE) -> tuple[str, str]:
    """Make the tables, or change them; the revisions before and after. A file that is not there is made.

    Raises `WrongVersion` for a database of a newer Beholden, `Locked` while another process writes, and `Fault` when a
    step fails: the database is then as it was before.
    """
    if address == MEMORY:
        return HEAD, HEAD
    path = path_of(address)
    scripts = scripts_in(steps)
    known = known_revisions(scripts)
    with in_our_words(str(path)):
        make_file(path)
        engine = open_engine(path, min(patience, 1.0))
        try:
            use_wal(engine, str(path))
            with begin_immediate(engine, patience) as connection:  # its end rolls back what was not committed
                before = revision_in(connection)
                check_known(before, known, str(path))
                _run(connection, steps, path)
                after = revision_in(connection)
                connection.commit()
        finally:
            engine.dispose()
    return before, after


def revision_of(address: str) -> str:
    """The revision of a database; empty if there is none, or it has no tables."""
    if address == MEMORY:
        return HEAD
    path = path_of(address)
    if not path.is_file():
        return ""
    engine = open_engine(path, 1.0)
    try:
        with in_our_words(str(path)), engine.connect() as connection:
            return revision_in(connection)
    finally:
        engine.dispose()


def seal_fields(database: Database, keys: Keys) -> None:
    """Seal what an older version left in clear, then make the file forget it. The keys note of which fields that was done.

    To be done before anything is swept up, while each record has its key. What a crash or a reader of the file stops goes
    on at the next opening.
    """
    fields = "\n".join(sealed_fields()).encode()
    if keys.noted(SEALED) == fields:
        return
    while database.seal_left(AT_ONCE):
        pass
    with suppress(StoreNotClean):
        database.purge()
        keys.note(SEALED, fields)


def sealed_fields() -> list[str]:
    """`table.column` of everything that lies sealed in a field of its own (`records.sealed`)."""
    return [f"{name}.{column.name}" for kind, name in RECORDS.items() for column in layout_of(kind).sealed]


def scripts_in(steps: Sequence[Path]) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(steps))


def known_revisions(scripts: ScriptDirectory) -> tuple[str, ...]:
    """The oldest first."""
    return tuple(script.revision for script in reversed(list(scripts.walk_revisions())))


def _config(steps: Sequence[Path]) -> Config:
    config = Config()
    for name, value in (
        ("script_location", str(MIGRATIONS)),
        ("path_separator", "newline"),
        ("version_locations", "\n".join(map(str, steps))),
    ):
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def _run(connection: Connection, steps: Sequence[Path], path: Path) -> None:
    config = _config(steps)
    config.attributes["connection"] = connection
    try:
        with in_our_words(str(path)):
            command.upgrade(config, "head")
    except (Locked, NoRoom):
        raise
    except Exception as error:  # a step is a program, and may fail in any way
        raise Fault(f"the upgrade of {path} failed and was undone ({error}): go on with the Beholden before") from error
