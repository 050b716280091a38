"""Writes that are kept together: each is told that it was kept once the commit of all has ended, and none where that fails."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from beholden.database import sql
from beholden.database.files import FileStore
from beholden.database.sql import SqlDatabase
from beholden.database.upgrade import upgrade
from beholden.errors import Changed, NoRoom
from beholden.ports.database import OneOf
from beholden.records.audit import Checkpoint
from beholden.records.faces import Face, FaceState
from beholden.testing.examples import a_face


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    upgrade(f"sqlite:///{tmp_path}/records.db")
    made = SqlDatabase(f"sqlite:///{tmp_path}/records.db")
    yield made
    made.close()


class Commits:
    """Counts the commits of a store; with `error`, each of them fails with it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> None:
        self.count = 0
        commit = FileStore.commit

        def counted(store: FileStore, connection: Any) -> None:
            self.count += 1
            if error is not None:
                raise error
            commit(store, connection)

        monkeypatch.setattr(FileStore, "commit", counted)


def all_at_once(database: SqlDatabase, *parts: Callable[[Any], object], together: bool = True) -> list[object]:
    """What came of each part: they all wait while a transaction is held, and go on in the order in which they came."""
    ends: list[object] = [None] * len(parts)

    def write(number: int) -> None:
        try:
            with database.begin(together=together) as tx:
                parts[number](tx)
            ends[number] = "kept"
        except Exception as error:  # noqa: BLE001 - the test looks at it
            ends[number] = error

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(parts))]
    with database.begin():
        for number, thread in enumerate(threads):
            thread.start()
            while len(database._turns._waiting) <= number:
                pass
    for thread in threads:
        thread.join(30)
    return ends


def adding(number: int) -> Callable[[Any], object]:
    return lambda tx: tx.add(a_face(number))


def held(database: SqlDatabase) -> list[int]:
    with database.look() as look:
        return [face.face_no for face in look.find(Face, order="face_no")]


def test_acts_that_wait_are_kept_by_one_commit(database: SqlDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = Commits(monkeypatch)
    assert all_at_once(database, *map(adding, range(6))) == ["kept"] * 6
    assert held(database) == list(range(6))
    assert commits.count == 2  # that of the transaction that was held, and one for all six


def test_no_more_take_part_than_another_process_should_wait_for(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch)
    assert all_at_once(database, *map(adding, range(20))) == ["kept"] * 20
    assert commits.count == 3
    assert held(database) == list(range(20))


def test_an_act_that_did_not_ask_for_it_is_kept_by_itself(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch)
    assert all_at_once(database, *map(adding, range(4)), together=False) == ["kept"] * 4
    assert commits.count == 5


def test_what_was_left_open_is_kept_before_an_act_that_did_not_ask_for_it_begins(database: SqlDatabase) -> None:
    seen: list[list[int]] = []

    def alone() -> None:
        with database.begin():
            seen.append(held(database))  # by another connection: what is committed

    with database.begin():
        joined = [threading.Thread(target=lambda: all_in(database, 1)), threading.Thread(target=alone)]
        for number, thread in enumerate(joined):
            thread.start()
            while len(database._turns._waiting) <= number:
                pass
    for thread in joined:
        thread.join(30)
    assert seen == [[1]]


def all_in(database: SqlDatabase, number: int) -> None:
    with database.begin(together=True) as tx:
        tx.add(a_face(number))


def test_a_part_that_fails_takes_nothing_of_the_others_back(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    Commits(monkeypatch)

    def failing(tx: Any) -> None:
        tx.add(a_face(7))
        raise ValueError("this act was refused")

    ends = all_at_once(database, adding(1), failing, adding(2), adding(1), adding(3))
    assert [ends[0], ends[2], ends[4]] == ["kept"] * 3
    assert isinstance(ends[1], ValueError)
    assert isinstance(ends[3], Changed)  # it read what the first of them wrote, kept or not
    assert held(database) == [1, 2, 3]


def test_a_first_part_that_fails_leaves_the_next_to_begin_anew(database: SqlDatabase) -> None:
    def failing(_: Any) -> None:
        raise ValueError("refused")

    ends = all_at_once(database, failing, adding(2))
    assert isinstance(ends[0], ValueError)
    assert ends[1] == "kept"
    assert held(database) == [2]


def test_a_commit_that_fails_fails_all_that_took_part_with_what_stopped_it(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as during:
        left = threading.Event()
        Commits(during, NoRoom("the disk is full"))
        ends: list[str] = []

        def write(number: int) -> None:
            try:
                with database.begin(together=True) as tx:
                    left.wait(30)
                    tx.add(a_face(number))
            except NoRoom as error:
                ends.append(str(error))

        threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        while len(database._turns._waiting) < 4:
            pass
        left.set()
        for thread in threads:
            thread.join(30)
        assert ends == ["the disk is full"] * 5
    assert held(database) == []
    assert all_at_once(database, adding(1)) == ["kept"]  # and it goes on afterwards
    assert held(database) == [1]


def test_a_transaction_that_sqlite_gave_up_is_told_to_all_that_took_part(database: SqlDatabase) -> None:
    def given_up(tx: Any) -> None:
        tx._driver.execute("ROLLBACK")  # as SQLite does by itself when the disk is full
        tx.add(a_face(9))

    ends = all_at_once(database, adding(1), adding(2), given_up)
    assert all("gave the transaction up" in str(end) for end in ends)
    assert held(database) == []


def test_who_was_to_go_on_and_never_came_leaves_it_to_those_who_wait(
    database: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "TAKEN_OVER_S", 0.05)
    monkeypatch.setattr(type(database._turns), "awaited", True)  # somebody who is interrupted at that moment
    with database.begin(together=True) as tx:
        tx.add(a_face(1))
    assert held(database) == [1]


def test_what_is_purged_is_not_kept_open(database: SqlDatabase) -> None:
    ends = all_at_once(database, adding(1), adding(2))
    database.purge()
    assert ends == ["kept", "kept"]
    assert held(database) == [1, 2]


def test_the_counts_of_faces_are_those_of_the_records_whatever_is_written_and_taken_back(database: SqlDatabase) -> None:
    random, states = Random(7), list(FaceState)
    shelves = [("gallery-1", "source-1"), ("gallery-1", "source-2"), ("gallery-2", "source-1")]
    for turn in range(60):
        with suppress(ZeroDivisionError), database.begin() as tx:
            there = tx.find(Face)
            for face in random.sample(there, min(3, len(there))):
                if random.random() < 0.3:
                    tx.remove(face)
                else:
                    gallery, source = random.choice(shelves)
                    tx.change(face, state=random.choice(states), gallery_id=gallery, source_id=source)
            tx.add(a_face(turn))
            if random.random() < 0.3:
                raise ZeroDivisionError
        with database.look() as look:
            faces = look.find(Face)
            assert look.count(Face) == len(faces)
            for state in states:
                alike = [one for one in faces if one.state is state]
                assert look.count(Face, state=state) == len(alike)
                for gallery, source in shelves:
                    mine = [one for one in alike if (one.gallery_id, one.source_id) == (gallery, source)]
                    assert look.count(Face, gallery_id=gallery, source_id=source, state=state) == len(mine)
            assert look.count(Face, gallery_id=OneOf(["gallery-1", "gallery-2"])) == sum(
                one.gallery_id in ("gallery-1", "gallery-2") for one in faces
            )


def test_counts_that_somebody_changed_are_told_and_made_anew(database: SqlDatabase) -> None:
    with database.begin() as tx:
        tx.add(*(replace(a_face(n), gallery_id=f"gallery-{n % 2}") for n in range(5)))
        assert tx.miscounted(Face) == []
    with connect(database) as db:
        db.execute("UPDATE face_counts SET faces = 7 WHERE gallery_id = 'gallery-0'")
        db.execute("DELETE FROM face_counts WHERE gallery_id = 'gallery-1'")
        db.execute(
            "INSERT INTO face_counts VALUES ('gallery-2', 's', 'm', 'live', 4), ('gallery-3', 's', 'm', 'live', 0)"
        )
    with database.look() as look:
        wrong = look.miscounted(Face)
        assert [(one[0], counted, there) for one, counted, there in wrong] == [
            ("gallery-0", 7, 3),
            ("gallery-1", 0, 2),
            ("gallery-2", 4, 0),
        ]
        assert look.count(Face) == 11
    with database.begin() as tx:
        tx.count_anew(Face)
    with database.look() as look:
        assert look.miscounted(Face) == []
        assert look.count(Face) == 5
        with pytest.raises(TypeError, match="no counts are kept"):
            look.miscounted(Checkpoint)
    with database.begin() as tx, pytest.raises(TypeError, match="no counts are kept"):
        tx.count_anew(Checkpoint)


def connect(database: SqlDatabase) -> closing[sqlite3.Connection]:
    """As somebody beside Beholden, who commits every line."""
    return closing(sqlite3.connect(database._store.place, isolation_level=None))


def test_what_is_asked_again_at_one_moment_is_forgotten_when_something_is_written(database: SqlDatabase) -> None:
    with database.begin() as tx:
        assert tx.find(Face, face_no=1) == []
        tx.add(a_face(1))
        (face,) = tx.find(Face, face_no=1)
        assert tx.find(Face, face_no=1) == [face]
        changed = tx.change(face, state=FaceState.ERASED)
        assert tx.find(Face, face_no=1) == [changed]
        tx.find(Face, face_no=1).clear()  # whoever is given a list may do with it as they like
        assert tx.find(Face, face_no=1) == [changed]
        tx.remove(changed)
        assert tx.find(Face, face_no=1) == []


def test_records_read_again_are_as_they_are_now_and_without_those_gone(database: SqlDatabase) -> None:
    with database.begin() as tx:
        tx.add(*map(a_face, range(4)))
        faces = tx.find(Face, order="face_no")
        changed = tx.change(faces[2], state=FaceState.ERASED)
        tx.remove(faces[1])
    with database.look() as look:
        again = look.again(faces[::-1])
        assert again == [faces[3], changed, faces[0]]
        assert again[0] is faces[3]
        assert look.again([]) == []
        with pytest.raises(TypeError, match="no version"):
            look.again([Checkpoint(1, b"", b"", faces[0].kept.created_at)])
