"""What every adapter of the `Database` port must do. Subclass `DatabaseContract` and give it a fixture `database`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from beholden.errors import BadInput, Changed, Fault, Missing
from beholden.ports.database import Above, Below, Database, OneOf
from beholden.records.audit import Entry, Item
from beholden.records.cases import Case
from beholden.records.examination import Examination
from beholden.records.faces import Box, Face, FaceState
from beholden.testing.examples import KEPT, NOON, a_case, a_face, an_entry, an_examination
from beholden.testing.paging_contract import PagingContract


def numbers(faces: Sequence[Face]) -> list[int]:
    return [face.face_no for face in faces]


class DatabaseContract(PagingContract):
    @pytest.fixture
    def held(self, database: Database) -> list[Face]:
        """Nine faces that are in the database, not added in the order of their numbers."""
        faces = [a_face(number) for number in range(9)]
        with database.begin() as tx:
            tx.add(*reversed(faces))
        return faces

    def test_what_is_added_is_read_as_the_same_record(self, database: Database) -> None:
        records = [a_face(1), a_case(1), an_examination("open", None), an_examination("locked", -3), an_entry(0)]
        with database.begin() as tx:
            tx.add(*records)
            assert [tx.get(Face, a_face(1).id), tx.get(Case, "case 1")] == records[:2]
        with database.look() as look:
            assert [*look.find(Face), *look.find(Case)] == records[:2]
            assert [look.get(Examination, "open"), look.get(Examination, "locked"), look.get(Entry, 0)] == records[2:]

    def test_adding_nothing_does_nothing(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add()
            tx.remove()
            assert tx.find(Face) == []

    def test_a_record_is_got_by_its_first_field_and_missing_otherwise(
        self, database: Database, held: list[Face]
    ) -> None:
        with database.look() as look:
            assert look.get(Face, held[4].id) == held[4]
            with pytest.raises(Missing, match="there is no Face 'nobody'"):
                look.get(Face, "nobody")
            with pytest.raises(Missing):
                look.get(Entry, 7)

    def test_find_gives_those_whose_fields_equal(self, database: Database, held: list[Face]) -> None:
        with database.look() as look:
            assert look.find(Face, image_id="image 1") == [held[1], held[4], held[7]]
            assert look.find(Face, image_id="image 1", face_no=4) == [held[4]]
            assert look.find(Face, state=FaceState.WAITING) == []
            assert look.find(Face, box=held[0].box) == held
            assert look.find(Face, template=held[3].template) == [held[3]]
            assert look.find(Face, created_at=NOON, legal_hold=False) == held

    def test_find_gives_those_above_and_below(self, database: Database, held: list[Face]) -> None:
        with database.look() as look:
            assert look.find(Face, change_no=Above(6)) == held[7:]
            assert look.find(Face, change_no=Below(2)) == held[:2]
            assert look.find(Face, dispose_after=Below(NOON)) == []
            assert look.find(Face, dispose_after=Above(NOON)) == held

    def test_find_gives_those_that_are_one_of(self, database: Database, held: list[Face]) -> None:
        with database.look() as look:
            assert look.find(Face, face_no=OneOf([2, 5, 5, 99])) == [held[2], held[5]]
            assert look.find(Face, state=OneOf((FaceState.LIVE, FaceState.WAITING))) == held
            assert look.find(Face, template=OneOf([held[1].template, b""])) == [held[1]]
            assert look.find(Face, created_at=OneOf([NOON])) == held

    @pytest.mark.usefixtures("held")
    def test_one_of_none_finds_nothing(self, database: Database) -> None:
        with database.look() as look:
            assert look.find(Face, face_no=OneOf([])) == []
            assert look.find(Face, id=OneOf(())) == []
            assert look.find(Face, template=OneOf([])) == []
            assert look.count(Face, id=OneOf([])) == 0

    def test_one_of_fifty_thousand(self, database: Database, held: list[Face]) -> None:
        with database.look() as look:
            assert look.find(Face, face_no=OneOf(range(3, 50_003))) == held[3:]
            assert look.find(Face, id=OneOf([f"{number:032x}" for number in range(5, 50_005)])) == held[5:]

    def test_absence_can_be_looked_for(self, database: Database) -> None:
        waiting, given = an_examination("a", None), an_examination("b", 3)
        with database.begin() as tx:
            tx.add(waiting, given)
        with database.look() as look:
            assert look.find(Examination, opinion=None) == [waiting]
            assert look.find(Examination, opinion=OneOf([None, 3])) == [waiting, given]
            assert look.find(Examination, opinion=OneOf([3])) == [given]
            assert look.find(Examination, opinion=Above(-9)) == [given]

    @pytest.mark.usefixtures("held")
    def test_find_orders_by_a_field_and_then_by_key(self, database: Database) -> None:
        with database.look() as look:
            assert numbers(look.find(Face)) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
            assert numbers(look.find(Face, order="image_id")) == [0, 3, 6, 1, 4, 7, 2, 5, 8]
            assert numbers(look.find(Face, order="-image_id")) == [2, 5, 8, 1, 4, 7, 0, 3, 6]
            assert numbers(look.find(Face, order="-face_no", limit=3)) == [8, 7, 6]
            assert numbers(look.find(Face, limit=0)) == []

    def test_without_limit_all_are_found(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(*(an_entry(n) for n in range(2_500)))
        with database.look() as look:
            assert [entry.n for entry in look.find(Entry)] == list(range(2_500))

    @pytest.mark.usefixtures("held")
    def test_count_counts_what_find_would_find(self, database: Database) -> None:
        with database.look() as look:
            assert look.count(Face) == 9
            assert look.count(Face, image_id="image 2") == 3
            assert look.count(Face, face_no=Above(2), state=OneOf([FaceState.LIVE])) == 6
            assert look.count(Case) == 0

    def test_ids_are_the_keys_of_all_records_of_a_kind(self, database: Database, held: list[Face]) -> None:
        with database.look() as look:
            assert look.ids(Face) == [face.id for face in held]
            assert look.ids(Case) == []

    def test_values_are_those_of_the_records_that_find_would_find(self, database: Database, held: list[Face]) -> None:
        names = ["face_no", "image_id", "state", "template", "landmarks"]
        with database.look() as look:
            found = look.values(Face, names, order="-face_no", limit=4, face_no=Above(2))
            assert found == [tuple(getattr(face, name) for name in names) for face in held[:4:-1]]
            assert sorted(look.values(Face, ["face_no"])) == [(face.face_no,) for face in held]
            assert look.values(Face, ["face_no"], face_no=OneOf([])) == []
            assert sorted(look.distinct(Face, ["image_id", "state"])) == sorted(
                {(face.image_id, face.state) for face in held}
            )
            assert look.distinct(Face, ["state"], face_no=Below(0)) == []
            with pytest.raises(TypeError):
                look.values(Face, ["age"])

    def test_a_name_that_is_no_field_is_an_error(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            for wrong in (
                lambda: tx.find(Face, sate=FaceState.LIVE),
                lambda: tx.count(Face, face_number=1),
                lambda: tx.find(Face, order="age"),
                lambda: tx.find(Face, order="box"),
                lambda: tx.find(Face, box=Above(held[0].box)),
                lambda: tx.change(held[0], age=40),
                lambda: tx.find(datetime),
                lambda: tx.add("a face"),
            ):
                with pytest.raises(TypeError):
                    wrong()
            assert tx.find(Face) == held

    def test_a_value_that_a_field_cannot_hold_is_an_error(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            for wrong in (
                lambda: tx.find(Face, face_no="1"),
                lambda: tx.find(Face, state="live"),
                lambda: tx.find(Face, face_no=Above(None)),
                lambda: tx.get(Face, 1),
                lambda: tx.change(held[0], state="live"),
                lambda: tx.change(held[0], template=None),
                lambda: tx.change(held[0], face_no=True),
            ):
                with pytest.raises(TypeError):
                    wrong()
            for impossible in (
                lambda: tx.find(Face, limit=-1),
                lambda: tx.change(held[0], kept=replace(KEPT, created_at=NOON.replace(tzinfo=None))),
                lambda: tx.change(held[0], kept=replace(KEPT, created_at=NOON.replace(microsecond=1))),
                lambda: tx.change(held[0], box=Box(0.0, 0.0, float("nan"), 1.0)),
                lambda: tx.change(held[0], face_no=2**63),
            ):
                with pytest.raises(ValueError):
                    impossible()
            with pytest.raises(BadInput, match="no Unicode text"):
                tx.add(a_case(1, title="\udc80.jpg"))
            assert tx.find(Face) == held

    def test_a_change_gives_the_record_with_the_next_version(self, database: Database, held: list[Face]) -> None:
        held_long = replace(KEPT, legal_hold=True)
        with database.begin() as tx:
            changed = tx.change(held[0], state=FaceState.ERASED, template=b"", kept=held_long)
            again = tx.change(changed, change_no=77)
        assert changed == replace(held[0], version=2, state=FaceState.ERASED, template=b"", kept=held_long)
        assert again == replace(changed, version=3, change_no=77)
        with database.look() as look:
            assert look.find(Face) == [again, *held[1:]]

    def test_who_comes_second_is_told(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            first = tx.change(held[0], change_no=50)
        with database.begin() as tx:
            with pytest.raises(Changed, match="read it again"):
                tx.change(held[0], change_no=60)
            tx.change(held[1], change_no=61)  # the transaction goes on
        with database.look() as look:
            assert numbers(look.find(Face, change_no=Above(49))) == [0, 1]
            assert look.get(Face, held[0].id) == first

    def test_a_removed_record_cannot_be_changed(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            tx.remove(held[0])
            with pytest.raises(Changed):
                tx.change(held[0], change_no=60)
            assert tx.find(Face) == held[1:]

    def test_records_without_a_version_are_never_changed(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(an_entry(0))
            with pytest.raises(TypeError, match="no version"):
                tx.change(an_entry(0), leaf=b"another")
            assert tx.get(Entry, 0) == an_entry(0)

    def test_version_and_key_are_not_for_changing(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            for wrong in ({"version": 7}, {"id": "another"}):
                with pytest.raises(TypeError, match="cannot be changed"):
                    tx.change(held[0], **wrong)
            assert tx.find(Face) == held

    def test_who_adds_the_same_key_second_is_told(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            with pytest.raises(Changed):
                tx.add(a_face(0, face_no=100))
            tx.add(a_face(9))
        with database.look() as look:
            assert look.find(Face) == [*held, a_face(9)]

    @pytest.mark.usefixtures("held")
    def test_two_faces_never_have_one_number(self, database: Database) -> None:
        with database.begin() as tx, pytest.raises(Changed):
            tx.add(a_face(0, id="another"))

    def test_removed_records_are_gone_and_those_not_there_are_ignored(
        self, database: Database, held: list[Face]
    ) -> None:
        with database.begin() as tx:
            tx.remove(held[0], a_face(500), held[2], an_entry(3))
            tx.remove(held[0])
        with database.look() as look:
            assert look.find(Face) == [held[1], *held[3:]]

    def test_numbers_come_one_after_another_from_0(self, database: Database) -> None:
        with database.begin() as tx:
            assert [tx.next("faces"), tx.next("faces", 5), tx.next("faces"), tx.next("entries")] == [0, 1, 6, 0]
            for count in (0, -1):
                with pytest.raises(ValueError):
                    tx.next("faces", count)
        with database.begin() as tx:
            assert [tx.next("faces"), tx.next("entries")] == [7, 1]

    def test_a_rollback_gives_numbers_back(self, database: Database) -> None:
        def take_and_fail() -> None:
            with database.begin() as tx:
                assert tx.next("faces", 10) == 0
                raise KeyError

        with pytest.raises(KeyError):
            take_and_fail()
        with database.begin() as tx:
            assert tx.next("faces") == 0

    def test_an_exception_rolls_all_of_it_back(self, database: Database, held: list[Face]) -> None:
        class Stop(BaseException):
            pass

        def write_and_stop() -> None:
            with database.begin() as tx:
                tx.add(a_case(1))
                tx.change(held[0], change_no=50)
                tx.remove(held[1])
                assert len(tx.find(Face)) == 8
                raise Stop

        with pytest.raises(Stop):
            write_and_stop()
        with database.look() as look:
            assert look.find(Face) == held
            assert look.find(Case) == []

    def test_a_look_is_one_moment(self, database: Database, held: list[Face]) -> None:
        with database.look() as look:
            with database.begin() as tx:
                tx.remove(held[0])
            assert look.find(Face) == held
            with database.look() as later:
                assert later.find(Face) == held[1:]
            assert look.count(Face) == 9

    def test_a_look_never_waits_for_a_writer_and_does_not_see_what_is_not_kept(
        self, database: Database, held: list[Face]
    ) -> None:
        with database.begin() as tx:
            tx.remove(held[0])
            with database.look() as look:
                assert look.find(Face) == held

            def elsewhere() -> int:
                with database.look() as look:
                    return look.count(Face)

            with ThreadPoolExecutor(1) as thread:
                assert thread.submit(elsewhere).result(timeout=5) == 9
            assert tx.find(Face) == held[1:]

    def test_a_transaction_within_a_transaction_is_an_error_and_the_outer_one_goes_on(self, database: Database) -> None:
        with database.begin() as tx:
            with pytest.raises(RuntimeError, match="already"), database.begin():
                pass
            with pytest.raises(RuntimeError, match="already"):
                database.purge()
            tx.add(a_case(1))
        with database.begin() as tx:
            assert tx.find(Case) == [a_case(1)]

    def test_writers_take_turns_in_the_order_in_which_they_came(self, database: Database) -> None:
        order: list[int] = []
        threads: list[threading.Thread] = []

        def write(own: int) -> None:
            with database.begin() as tx:
                order.append(own)
                tx.next("turns")

        with database.begin():
            for own in range(6):
                thread = threading.Thread(target=write, args=(own,))
                thread.start()
                threads.append(thread)
                thread.join(0.05)  # it now waits
            assert order == []
        for thread in threads:
            thread.join(10)
        assert order == [0, 1, 2, 3, 4, 5]

    def test_many_threads_never_get_the_same_number(self, database: Database) -> None:
        def take(_: int) -> int:
            with database.begin() as tx:
                number = tx.next("entries")
                tx.add(an_entry(number))
                return number

        with ThreadPoolExecutor(6) as threads:
            taken = list(threads.map(take, range(60)))
        assert sorted(taken) == list(range(60))
        with database.look() as look:
            assert [entry.n for entry in look.find(Entry)] == list(range(60))

    def test_nothing_works_outside_its_block(self, database: Database) -> None:
        with database.look() as look:
            pass
        with database.begin() as tx:
            pass
        with pytest.raises(RuntimeError, match="has ended"):
            look.find(Face)
        with pytest.raises(RuntimeError, match="has ended"):
            tx.add(a_face(1))
        with database.look() as look:
            assert look.count(Face) == 0

    def test_purging_keeps_what_was_not_removed(self, database: Database, held: list[Face]) -> None:
        with database.begin() as tx:
            tx.remove(held[0])
        database.purge()
        database.purge()
        with database.look() as look:
            assert look.find(Face) == held[1:]

    def test_a_closed_database_says_so_and_may_be_closed_again(self, database: Database) -> None:
        database.close()
        database.close()
        for closed in (database.look, database.begin):
            with pytest.raises(Fault, match="closed"), closed():
                pass
        with pytest.raises(Fault, match="closed"):
            database.purge()

    def test_items_are_kept_beside_their_entry(self, database: Database) -> None:
        items = [Item(f"{n}/{position}", n, "person", "p", b"sealed") for n in range(3) for position in range(2)]
        with database.begin() as tx:
            tx.add(an_entry(0), *items[:2], an_entry(1), *items[2:], an_entry(2))
        with database.look() as look:
            assert look.find(Item, n=1) == items[2:4]
            assert look.find(Item, record_id=OneOf(["p"])) == items
