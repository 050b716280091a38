"""Connections that stay open between: each look sees its own moment, and nothing goes over from one use to the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from beholden.database import files
from beholden.database.sql import SqlDatabase
from beholden.database.upgrade import upgrade
from beholden.errors import Fault
from beholden.ports.database import Above, OneOf
from beholden.records.cases import Case
from beholden.records.faces import Face, FaceState
from beholden.testing.examples import a_case, a_face


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    upgrade(address)
    database = SqlDatabase(address, patience=5.0)
    yield database
    database.close()


def idle(database: SqlDatabase) -> list[object]:
    assert isinstance(database._store, files.FileStore)
    return list(database._store._readers._idle)


def test_the_next_look_takes_the_same_connection_and_sees_a_later_moment(database: SqlDatabase) -> None:
    with database.look() as look:
        assert look.find(Case) == []
    [first] = idle(database)
    with database.begin() as tx:
        tx.add(a_case(1))
    with database.look() as look:
        assert idle(database) == []
        assert look.find(Case) == [a_case(1)]
        with database.begin() as tx:
            tx.add(a_case(2))
        assert look.find(Case, order="id") == look.find(Case) == [a_case(1)]  # of the moment at which it began
    assert idle(database) == [first]


def test_what_stopped_a_reader_half_way_holds_nothing_for_the_next(database: SqlDatabase) -> None:
    def read() -> None:
        with database.look() as look:
            look._run(text("SELECT 1"))  # type: ignore[attr-defined]  # as SQLAlchemy asks
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read()
    with database.begin() as tx:
        tx.add(a_case(1))
    with database.look() as look:
        assert look.find(Case) == [a_case(1)]
    database.purge()  # which fails where any connection still reads an older moment


def test_a_write_that_was_stopped_leaves_nothing_on_the_connection_of_the_next(database: SqlDatabase) -> None:
    def write() -> None:
        with database.begin() as tx:
            tx.add(a_case(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    with database.begin() as tx:
        assert tx.find(Case) == []
        tx.add(a_case(2))
    with database.look() as look:
        assert look.find(Case) == [a_case(2)]


def test_a_look_or_transaction_that_has_ended_reads_nothing_from_the_connection_of_the_next(
    database: SqlDatabase,
) -> None:
    with database.look() as old:
        assert old.find(Case) == []
    with database.begin() as written:
        written.add(a_case(1))
    with database.look(), database.begin():
        for one in (old, written):
            with pytest.raises(RuntimeError, match="has ended"):
                one.get(Case, a_case(1).id)
            with pytest.raises(RuntimeError, match="has ended"):
                one.find(Case)
            with pytest.raises(RuntimeError, match="has ended"):
                one.ids(Case)
        with pytest.raises(RuntimeError, match="has ended"):
            written.add(a_case(2))


def test_many_who_read_at_once_have_a_connection_each_and_few_are_kept(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "KEPT", 2)
    here = threading.Barrier(6, timeout=30)

    def read(_: int) -> int:
        with database.look() as look:
            here.wait()
            return id(look._connection)  # type: ignore[attr-defined]

    with ThreadPoolExecutor(6) as many:
        assert len(set(many.map(read, range(6)))) == 6
    assert len(idle(database)) == 2


def test_a_connection_that_cannot_end_what_it_read_is_lent_to_nobody(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.look() as look:
        look._driver.close()  # type: ignore[attr-defined]
    assert idle(database) == []
    with database.look() as look:
        assert look.find(Case) == []


def test_who_still_reads_when_it_is_closed_closes_behind_them(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    upgrade(address)
    database = SqlDatabase(address)
    with database.look() as look:
        database.close()
        assert look.find(Case) == []
    assert idle(database) == []
    with pytest.raises(Fault, match="was closed"), database.look():
        pass


def test_what_was_asked_is_known_again_until_that_kind_is_written(database: SqlDatabase) -> None:
    with database.begin() as tx:
        tx.add(a_case(1), a_face(1))
    with database.begin() as tx:
        asked: list[str] = []
        tx._driver.set_trace_callback(asked.append)  # type: ignore[attr-defined]
        for _ in range(3):
            assert tx.find(Face, gallery_id="nowhere") == []
        assert len(asked) == 1
        tx.add(a_case(2))  # another kind: it is known still
        assert tx.find(Face, gallery_id="nowhere") == []
        assert len([one for one in asked if one.startswith("SELECT")]) == 1
        [face] = tx.find(Face)
        tx.change(face, person_mark="other")
        assert [one.person_mark for one in tx.find(Face)] == ["other"]
        tx.remove(*tx.find(Face))
        assert tx.find(Face) == []
        tx.add(a_face(2))
        assert [one.id for one in tx.find(Face)] == [a_face(2).id]
        tx._driver.set_trace_callback(None)  # type: ignore[attr-defined]


def test_one_of_none_finds_nothing_and_counts_nothing(database: SqlDatabase) -> None:
    with database.begin() as tx:
        tx.add(a_case(1), a_face(1))
        assert tx.find(Case, id=OneOf(())) == []
        assert tx.find(Case, id=OneOf(()), reference=a_case(1).reference) == []
        assert tx.count(Case, id=OneOf(())) == tx.count(Face, gallery_id=OneOf(())) == 0
        assert tx.values(Face, ["id"], state=OneOf(())) == []


def test_values_are_the_records_own_in_the_order_and_number_that_is_asked_for(database: SqlDatabase) -> None:
    faces = [a_face(n, change_no=10 - n) for n in range(5)]
    with database.begin() as tx:
        tx.add(*faces)
    with database.look() as look:
        for limit in (None, 0, 2, 9):
            there = look.values(Face, ["id", "state", "created_at"], order="change_no", limit=limit, change_no=Above(6))
            wanted = sorted((one for one in faces if one.change_no > 6), key=lambda one: one.change_no)
            assert there == [(one.id, one.state, one.kept.created_at) for one in wanted[:limit]]
            assert all(isinstance(state, FaceState) for _, state, _ in there)
        with pytest.raises(TypeError, match="has no column"):
            look.values(Face, ["nothing"])
        with pytest.raises(TypeError, match="has no column"):
            look.values(Face, ["id"], order="nothing")
