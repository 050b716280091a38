"""The SQL adapter keeps the contract of the `Database` port, in a file and in memory; a file forgets what was removed."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pysqlite3.dbapi2
import pytest

from beholden.database.files import make_file
from beholden.database.sql import SqlDatabase
from beholden.database.upgrade import upgrade
from beholden.errors import BadInput, Changed, Fault, Locked, Missing, StoreNotClean
from beholden.keys.memory import MemoryKeys
from beholden.ports.database import Database
from beholden.records.audit import Entry
from beholden.records.faces import Face, FaceState
from beholden.testing.database_contract import DatabaseContract
from beholden.testing.examples import a_case, a_face, an_entry


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with every table: making it takes a hundred times as long as writing it."""
    path = tmp_path_factory.mktemp("made") / "records.db"
    upgrade(f"sqlite:///{path}")
    return path.read_bytes()


@pytest.fixture
def file(tmp_path: Path, made: bytes) -> Path:
    path = tmp_path / "records.db"
    make_file(path)
    path.write_bytes(made)
    return path


def opened(file: Path, patience: float = 5.0) -> SqlDatabase:
    return SqlDatabase(f"sqlite:///{file}", patience=patience)


class TestInMemory(DatabaseContract):
    @pytest.fixture
    def database(self) -> Iterator[Database]:
        database = SqlDatabase("sqlite://", patience=5.0)
        yield database
        database.close()

    def test_two_in_memory_share_nothing(self, database: Database) -> None:
        other = SqlDatabase("sqlite://")
        with database.begin() as tx:
            tx.add(a_case(1))
        with other.look() as look:
            assert look.ids(type(a_case(1))) == []
        other.close()


class TestSealed(DatabaseContract):
    """The same, with the words that people wrote sealed: a list is narrowed and ordered by them all the same."""

    @pytest.fixture
    def database(self) -> Iterator[Database]:
        database = SqlDatabase("sqlite://", patience=5.0)
        database.seal_under(MemoryKeys())
        yield database
        database.close()


class TestInAFile(DatabaseContract):
    @pytest.fixture
    def database(self, file: Path) -> Iterator[Database]:
        database = opened(file)
        yield database
        database.close()

    def test_what_was_kept_is_there_when_it_is_opened_again(self, database: Database, file: Path) -> None:
        with database.begin() as tx:
            tx.add(a_face(1))
            tx.next("faces")
        database.close()
        again = opened(file)
        with again.begin() as tx:
            assert tx.find(Face) == [a_face(1)]
            assert tx.next("faces") == 1
        again.close()
        assert [path.name for path in file.parent.iterdir()] == ["records.db"]

    def test_only_the_owner_may_read_the_files(self, database: Database, file: Path) -> None:
        with database.begin() as tx:
            tx.add(a_face(1))
            files = sorted(file.parent.iterdir())
            assert [path.name for path in files] == ["records.db", "records.db-shm", "records.db-wal"]
            assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 3

    def test_a_killed_writer_leaves_all_or_nothing(self, database: Database, file: Path) -> None:
        script = (
            "import os, signal\n"
            "from beholden.database.sql import SqlDatabase\n"
            "from beholden.testing.examples import an_entry\n"
            f"database = SqlDatabase('sqlite:///{file}')\n"
            "for n in range(9):\n"
            "    with database.begin() as tx:\n"
            "        tx.add(an_entry(2 * n), an_entry(2 * n + 1))\n"
            "        if n == 5: os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
        with database.begin() as tx:
            assert [entry.n for entry in tx.find(Entry)] == list(range(10))


class TestTwoProcesses:
    """Two openings of one file know nothing of each other, as two processes do."""

    def test_each_sees_what_the_other_has_kept(self, file: Path) -> None:
        one, two = opened(file), opened(file)
        with one.begin() as tx:
            tx.add(a_face(1))
        with two.begin() as tx:
            changed = tx.change(tx.get(Face, a_face(1).id), state=FaceState.ERASING)
        with one.begin() as tx, pytest.raises(Changed):
            tx.change(a_face(1), state=FaceState.WAITING)
        with one.look() as look:
            assert look.find(Face) == [changed]
        one.close()
        two.close()

    def test_a_look_does_not_wait_for_the_other_and_a_write_is_locked_out_after_a_while(self, file: Path) -> None:
        one, two = opened(file), opened(file, patience=0.1)
        with one.begin() as tx:
            tx.add(a_face(1))
            with two.look() as look:
                assert look.count(Face) == 0
            with pytest.raises(Locked, match=r"records\.db.*try again"), two.begin():
                pass
        with two.begin() as tx:
            assert tx.count(Face) == 1
        one.close()
        two.close()

    def test_a_patient_write_waits_for_the_other(self, file: Path) -> None:
        script = (
            "import sys\n"
            "from beholden.database.sql import SqlDatabase\n"
            "from beholden.testing.examples import an_entry\n"
            f"database = SqlDatabase('sqlite:///{file}')\n"
            "for _ in range(15):\n"
            "    with database.begin() as tx:\n"
            "        tx.add(an_entry(tx.next('entries')))\n"
        )
        running = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
        assert [process.wait(60) for process in running] == [0, 0]
        database = opened(file)
        with database.look() as look:
            assert [entry.n for entry in look.find(Entry)] == list(range(30))
        database.close()


def test_a_task_that_waits_too_long_for_its_own_process_is_locked_out(file: Path) -> None:
    database = opened(file, patience=0.1)

    def write() -> None:
        with database.begin() as tx:
            tx.next("turns")

    with ThreadPoolExecutor(1) as thread:
        with database.begin(), pytest.raises(Locked, match="another task"):
            thread.submit(write).result()
        thread.submit(write).result()  # the one that gave up is no longer in the queue
    database.close()


class TestForgetting:
    def everything_on_disk(self, file: Path) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(file.parent.iterdir()))

    def test_what_was_removed_is_in_no_byte_after_a_purge(self, file: Path) -> None:
        database = opened(file)
        secret = random.Random(1).randbytes(9_000)  # several pages
        with database.begin() as tx:
            tx.add(a_face(1, template=secret), a_face(2), a_face(3, template=secret[:500]))
        with database.begin() as tx:
            tx.remove(a_face(1))
            tx.change(tx.get(Face, a_face(3).id), template=b"")
        assert secret[4_000:4_030] in self.everything_on_disk(file)
        assert secret[:30] in self.everything_on_disk(file)
        database.purge()
        left = self.everything_on_disk(file)
        assert [start for start in range(0, 9_000, 30) if secret[start : start + 30] in left] == []
        assert a_face(2).template in left
        database.close()

    def test_with_a_reader_open_the_purge_says_that_it_is_not_clean(self, file: Path) -> None:
        database = opened(file, patience=0.1)
        secret = b"what is to be forgotten"
        with database.begin() as tx:
            tx.add(a_face(1, template=secret))
        with database.look():
            with database.begin() as tx:
                tx.remove(a_face(1))
            with pytest.raises(StoreNotClean, match=r"records\.db-wal.*reader"):
                database.purge()
            assert secret in self.everything_on_disk(file)
        database.purge()
        assert secret not in self.everything_on_disk(file)
        database.close()

    def test_with_another_process_writing_the_purge_says_that_it_is_not_clean(self, file: Path) -> None:
        database, other = opened(file, patience=0.1), opened(file)
        with other.begin() as tx:
            tx.next("faces")
            with pytest.raises(StoreNotClean, match=r"records\.db may still hold.*another process"):
                database.purge()
        database.purge()
        database.close()
        other.close()

    @pytest.mark.parametrize("seed", [11, 15])
    def test_rows_that_moved_between_pages_leave_nothing_behind(self, file: Path, seed: int) -> None:
        # With `secure_delete` and the checkpoint alone these seeds leave rows behind, in pages that were balanced.
        drawn = random.Random(seed)
        database = opened(file)
        live: dict[str, Face] = {}
        gone: list[bytes] = []
        number = 0
        for _ in range(150):
            with database.begin() as tx:
                for _ in range(drawn.randint(1, 12)):
                    template = drawn.randbytes(drawn.choice([200, 540, 900]))
                    face = a_face(number, id=drawn.randbytes(16).hex(), template=template)
                    number += 1
                    live[face.id] = face
                    tx.add(face)
                for _ in range(drawn.randint(0, 10)):
                    face = live.pop(drawn.choice(sorted(live)))
                    gone += [face.template[:24]] if face.template else []
                    if drawn.random() < 0.5:
                        tx.remove(face)
                        gone.append(face.id.encode())
                    else:
                        template = drawn.randbytes(drawn.choice([0, 200, 540, 900]))
                        live[face.id] = tx.change(face, template=template)
                    if not live:
                        break
        database.purge()
        left = self.everything_on_disk(file)
        assert len(gone) > 300
        assert [template for template in gone if template in left] == []
        with database.look() as look:
            assert look.find(Face) == sorted(live.values(), key=lambda face: face.id)
        database.close()


def test_a_transaction_that_sqlite_gave_up_keeps_nothing_of_what_comes_after(file: Path) -> None:
    database = opened(file)

    def write() -> None:
        with database.begin() as tx:
            tx.add(a_face(1))
            tx._connection.exec_driver_sql("ROLLBACK")  # type: ignore[attr-defined]  # as SQLite does after some errors
            with pytest.raises(Fault, match="gave the transaction up"):
                tx.add(a_face(2))

    with pytest.raises(Fault, match="gave the transaction up"):
        write()
    with database.look() as look:
        assert look.find(Face) == []
    database.close()


class TestWhatCannotBeOpened:
    @pytest.mark.parametrize("address", ["", "/records.db", "sqlite:", "sqlite://records.db", "postgresql://host/db"])
    def test_another_kind_of_address_is_refused(self, address: str) -> None:
        with pytest.raises(BadInput, match="sqlite:///"):
            SqlDatabase(address)

    def test_a_file_that_is_not_there_is_missing_and_is_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(Missing, match="beholden init"):
            opened(tmp_path / "none.db")
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_no_database_is_a_fault(self, tmp_path: Path) -> None:
        (tmp_path / "notes.db").write_bytes(b"these are notes, and nothing like a database\n" * 200)
        with pytest.raises(Fault, match="restore the last backup"):
            opened(tmp_path / "notes.db")

    def test_a_row_that_does_not_fit_its_record_is_a_fault(self, file: Path) -> None:
        database = opened(file)
        with database.begin() as tx:
            tx.add(a_case(1), an_entry(0))
        by_hand = pysqlite3.dbapi2.connect(str(file))
        by_hand.execute("UPDATE cases SET state = 'invented'")
        by_hand.commit()
        by_hand.close()
        with database.look() as look:
            with pytest.raises(Fault, match="stored Case cannot be read"):
                look.find(type(a_case(1)))
            assert look.get(Entry, 0) == an_entry(0)
        database.close()
