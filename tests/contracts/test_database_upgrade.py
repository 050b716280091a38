"""A database is brought to the tables of this Beholden whole or not at all, and is never opened at another revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pysqlite3.dbapi2
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateIndex

from beholden.database import revisions
from beholden.database.revisions import HEAD, REVISIONS
from beholden.database.sql import SqlDatabase
from beholden.database.tables import RECORDS, metadata
from beholden.database.upgrade import STEPS, known_revisions, revision_of, scripts_in, upgrade
from beholden.errors import Fault, Locked, Missing, WrongVersion
from beholden.records.examination import FURTHEST_APART, SCALE, Examination, Stage, stage_of
from beholden.records.faces import Face
from beholden.testing.examples import a_face

BEGINNING = f'''
"""A step that is not shipped."""
import sqlalchemy as sa
from alembic import op
revision = "9001"
down_revision = "{HEAD}"

def upgrade():
    op.add_column("faces", sa.Column("note", sa.TEXT(), nullable=False, server_default="new"))
    op.create_table("notes", sa.Column("id", sa.TEXT(), primary_key=True), sqlite_strict=True)
    op.execute("INSERT INTO notes VALUES ('one')")
    op.execute("DELETE FROM faces WHERE face_no = 2")
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database at the shipped revision that holds three faces."""
    path = tmp_path / "records.db"
    upgrade(f"sqlite:///{path}")
    database = SqlDatabase(f"sqlite:///{path}")
    with database.begin() as tx:
        tx.add(a_face(1), a_face(2), a_face(3))
    database.close()
    return path


@pytest.fixture
def more(tmp_path: Path) -> Path:
    """A folder for steps that are not shipped."""
    folder = tmp_path / "more"
    folder.mkdir()
    return folder


def dumped(file: Path) -> list[object]:
    """The schema, and every row of every table."""
    schema = list(rows(file, "SELECT name, type, sql FROM sqlite_schema ORDER BY name"))
    return [schema, *(list(rows(file, f"SELECT * FROM {name}")) for name, kind, _ in schema if kind == "table")]


def rows(file: Path, query: str) -> Iterator[tuple[object, ...]]:
    with closing(pysqlite3.dbapi2.connect(str(file))) as connection:
        yield from connection.execute(query).fetchall()


class TestTheShippedSteps:
    # By their words below.
    @pytest.mark.filterwarnings("ignore:.*expression-based index '?ix_entries_(event|person|day)")
    def test_they_make_the_tables_of_the_records_and_no_other(self, file: Path) -> None:
        engine = create_engine(f"sqlite:///{file}", module=pysqlite3.dbapi2)
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
        engine.dispose()

    def test_the_tables_are_strict_so_that_sqlite_itself_refuses_a_wrong_type(self, file: Path) -> None:
        strict = {name for (name,) in rows(file, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict")}
        assert strict == set(metadata.tables)
        assert set(RECORDS.values()) | {"counters", "face_counts"} == set(metadata.tables)

    def test_every_index_is_there_and_the_number_of_a_face_is_unique(self, file: Path) -> None:
        made = list(rows(file, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"))
        assert {name for name, _ in made} == {
            index.name for table in metadata.tables.values() for index in table.indexes
        }
        assert [name for name, sql in made if "UNIQUE" in str(sql)] == ["ix_faces_face_no"]
        engine = create_engine("sqlite://", module=pysqlite3.dbapi2)
        derived = {
            index.name: str(CreateIndex(index).compile(engine))
            for table in metadata.tables.values()
            for index in table.indexes
        }
        assert {name: str(sql).replace('"', "") for name, sql in made} == {
            name: sql.replace('"', "") for name, sql in derived.items()
        }

    def test_the_counts_of_faces_are_kept_by_the_same_triggers_as_in_memory(self, file: Path, tmp_path: Path) -> None:
        engine = create_engine(f"sqlite:///{tmp_path}/made.db", module=pysqlite3.dbapi2)
        metadata.create_all(engine)
        engine.dispose()
        query = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"
        kept = list(rows(file, query))
        assert [name for name, _ in kept] == ["faces_added", "faces_changed", "faces_removed"]
        assert list(rows(tmp_path / "made.db", query)) == kept

    def test_they_are_those_that_the_database_knows_without_alembic(self) -> None:
        assert known_revisions(scripts_in(STEPS)) == REVISIONS

    def test_they_are_taken_once(self, tmp_path: Path) -> None:
        address = f"sqlite:///{tmp_path}/new.db"
        assert revision_of(address) == ""
        assert not (tmp_path / "new.db").exists()
        assert upgrade(address) == ("", HEAD)
        assert revision_of(address) == HEAD
        assert upgrade(address) == (HEAD, HEAD)
        assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600

    def test_memory_is_always_at_the_newest(self) -> None:
        assert upgrade("sqlite://") == (HEAD, HEAD)
        assert revision_of("sqlite://") == HEAD

    def test_a_folder_that_is_not_there_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(Fault, match=r"nowhere/new\.db"):
            upgrade(f"sqlite:///{tmp_path}/nowhere/new.db")


class TestExaminations:
    def test_req_37_one_that_was_locked_before_there_were_descriptions_stays_and_an_open_one_begins_at_the_probe(
        self, tmp_path: Path, more: Path
    ) -> None:
        for script in STEPS[0].glob("00*.py"):
            if script.stem < "0015":
                (more / script.name).write_text(script.read_text())
        file = tmp_path / "old.db"
        assert upgrade(f"sqlite:///{file}", steps=(more,))[1] == "0014"
        at = "2026-11-22T09:00:00.000Z"
        kept = f"1, 'opinion', '{at}', 'system', 'pack', '{at}', '{at}', 0"
        with closing(pysqlite3.dbapi2.connect(str(file))) as connection:
            for id, state, opinion in (("old", "locked", "-2"), ("new", "open", "NULL")):
                connection.execute(
                    "INSERT INTO examinations (id, version, retention_class, created_at, created_by, policy, keep_until, "
                    "dispose_after, legal_hold, search_id, candidate_id, examiner, part, components, limitations, opinion, "
                    f"supersedes, score_revealed, state, own) VALUES ('{id}', {kept}, 's', 'c', 'e', 'first', "
                    f"""'[["nose","similar"]]', 'blurred', {opinion}, '', 0, '{state}', 0)"""
                )
            connection.commit()
        upgrade(f"sqlite:///{file}")
        database = SqlDatabase(f"sqlite:///{file}")
        with database.look() as look:
            old, new = look.get(Examination, "old"), look.get(Examination, "new")
        database.close()
        assert (old.opinion, old.limitations, old.components) == (-2, "blurred", (("nose", "similar"),))
        assert (old.scale, old.described, old.marks, old.tools, old.apart) == (SCALE, (), (), (), FURTHEST_APART)
        assert (new.scale, stage_of(new), stage_of(old)) == ("", Stage.PROBE, Stage.LOCKED)


class TestALaterStep:
    def test_it_changes_the_tables_and_keeps_what_they_hold(self, file: Path, more: Path) -> None:
        (more / "9001_notes.py").write_text(BEGINNING)
        assert upgrade(f"sqlite:///{file}", steps=(*STEPS, more)) == (HEAD, "9001")
        assert revision_of(f"sqlite:///{file}") == "9001"
        assert list(rows(file, "SELECT face_no, note FROM faces ORDER BY 1")) == [(1, "new"), (3, "new")]
        assert list(rows(file, "SELECT * FROM notes")) == [("one",)]

    @pytest.mark.parametrize(
        "failure",
        [
            'raise RuntimeError("the step broke")',
            'op.execute("INSERT INTO nowhere VALUES (1)")',
            "op.execute(\"INSERT INTO notes VALUES ('one')\")",
            'op.create_table("notes", sa.Column("id", sa.TEXT()))',
        ],
    )
    def test_one_that_fails_leaves_everything_as_it_was(self, file: Path, more: Path, failure: str) -> None:
        (more / "9001_notes.py").write_text(f"{BEGINNING}    {failure}\n")
        before = dumped(file)
        with pytest.raises(Fault, match="failed and was undone"):
            upgrade(f"sqlite:///{file}", steps=(*STEPS, more))
        assert dumped(file) == before
        assert revision_of(f"sqlite:///{file}") == HEAD
        database = SqlDatabase(f"sqlite:///{file}")
        with database.look() as look:
            assert look.find(Face) == [a_face(1), a_face(2), a_face(3)]
        database.close()

    def test_when_the_second_fails_the_first_is_undone_too(self, file: Path, more: Path) -> None:
        (more / "9001_notes.py").write_text(BEGINNING)
        (more / "9002_breaks.py").write_text(
            'from alembic import op\nrevision = "9002"\ndown_revision = "9001"\n\n'
            'def upgrade():\n    op.execute("DROP TABLE notes")\n    raise KeyError("broke")\n'
        )
        before = dumped(file)
        with pytest.raises(Fault, match="failed and was undone"):
            upgrade(f"sqlite:///{file}", steps=(*STEPS, more))
        assert dumped(file) == before

    def test_a_new_database_takes_all_steps_or_has_no_table(self, tmp_path: Path, more: Path) -> None:
        (more / "9001_notes.py").write_text(f'{BEGINNING}    raise RuntimeError("broke")\n')
        with pytest.raises(Fault):
            upgrade(f"sqlite:///{tmp_path}/new.db", steps=(*STEPS, more))
        assert list(rows(tmp_path / "new.db", "SELECT name FROM sqlite_schema")) == []
        assert upgrade(f"sqlite:///{tmp_path}/new.db") == ("", HEAD)

    def test_it_waits_for_a_writer_and_then_gives_up(self, file: Path, more: Path) -> None:
        (more / "9001_notes.py").write_text(BEGINNING)
        database = SqlDatabase(f"sqlite:///{file}")
        with database.begin() as tx:
            tx.next("faces")
            with pytest.raises(Locked):
                upgrade(f"sqlite:///{file}", steps=(*STEPS, more), patience=0.1)
        database.close()
        assert upgrade(f"sqlite:///{file}", steps=(*STEPS, more)) == (HEAD, "9001")


class TestAnotherRevision:
    def test_a_newer_database_is_neither_opened_nor_upgraded(self, file: Path, more: Path) -> None:
        (more / "9001_notes.py").write_text(BEGINNING)
        upgrade(f"sqlite:///{file}", steps=(*STEPS, more))
        before = dumped(file)
        for act in (SqlDatabase, upgrade):
            with pytest.raises(WrongVersion, match=r"9001.*use the newer Beholden"):
                act(f"sqlite:///{file}")
        assert dumped(file) == before

    def test_an_older_database_is_not_opened_but_says_how_to_upgrade(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(revisions, "REVISIONS", (*REVISIONS, "9001"))
        monkeypatch.setattr(revisions, "HEAD", "9001")
        with pytest.raises(WrongVersion, match=rf"at revision {HEAD}.*needs 9001.*beholden check --upgrade"):
            SqlDatabase(f"sqlite:///{file}")

    def test_an_empty_file_is_not_opened_but_says_how_to_upgrade(self, tmp_path: Path) -> None:
        (tmp_path / "empty.db").touch()
        assert revision_of(f"sqlite:///{tmp_path}/empty.db") == ""
        with pytest.raises(WrongVersion, match=r"revision none.*beholden check --upgrade"):
            SqlDatabase(f"sqlite:///{tmp_path}/empty.db")

    def test_a_missing_file_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(Missing):
            SqlDatabase(f"sqlite:///{tmp_path}/none.db")
