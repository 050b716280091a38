"""What an adapter of the `Database` port does for lists that are read page by page: `DatabaseContract` takes it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from beholden.ports.database import (
    Above,
    Containing,
    Database,
    Holding,
    KeyOf,
    NamedBy,
    NamedByNone,
    NoneOf,
    OnDay,
    Place,
    Saying,
)
from beholden.records.audit import Entry, canonical
from beholden.records.cases import Case, CaseState
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, SubjectRole
from beholden.records.faces import Face, FaceState
from beholden.records.sought import Sought, SoughtState
from beholden.testing.examples import KEPT, a_case, a_face, an_entry, an_examination

TITLES = ("Attic", "the ATTIC again", "École", "école 中文", "100 % \x00 _sure'; --", "", "attıc")


def titled(database: Database) -> list[Case]:
    there = [a_case(number, title=title, reference=f"R-{number % 3}") for number, title in enumerate(TITLES)]
    with database.begin() as tx:
        tx.add(*reversed(there))
    return there


def a_sought(number: int, case_id: str) -> Sought:
    return Sought(f"sought {number}", 1, KEPT, case_id, (), SubjectRole.VICTIM, "why", "me", SoughtState.DECLARED)


class PagingContract:
    def test_after_a_place_come_those_that_the_order_has_there(self, database: Database) -> None:
        faces = [a_face(number) for number in range(9)]
        with database.begin() as tx:
            tx.add(*faces)
        with database.look() as look:
            for order in ("image_id", "-image_id", "face_no", "-face_no", "created_at", "-created_at", ""):
                whole = look.find(Face, order=order)
                read: list[Face] = []
                while True:
                    last = read[-1] if read else None
                    name = order.removeprefix("-")
                    value = None if last is None or not name else getattr(last, name, last.kept.created_at)
                    part = look.find(Face, order=order, limit=2, after=Place(value, last.id) if last else None)
                    if not part:
                        break
                    read += part
                assert read == whole, order

    def test_a_place_need_not_hold_a_record(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(*(a_face(number) for number in range(0, 8, 2)))
        with database.look() as look:
            assert [face.face_no for face in look.find(Face, order="face_no", after=Place(3, "x"))] == [4, 6]
            assert [face.face_no for face in look.find(Face, order="-face_no", after=Place(3, ""))] == [2, 0]
            assert [face.face_no for face in look.find(Face, order="face_no", after=Place(4, ""))] == [4, 6]
            assert look.find(Face, order="face_no", after=Place(99, "")) == []
            assert len(look.find(Face, after=Place(None, a_face(2).id))) == 2

    def test_a_place_and_conditions_go_together(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(*(a_face(number, state=FaceState.LIVE if number % 2 else FaceState.WAITING) for number in range(9)))
        with database.look() as look:
            found = look.find(Face, order="-face_no", after=Place(7, a_face(7).id), limit=2, state=FaceState.LIVE)
            assert [face.face_no for face in found] == [5, 3]
            assert look.find(Face, order="face_no", after=Place(7, a_face(7).id), change_no=Above(8)) == []

    def test_a_place_that_is_none_in_its_order_is_an_error(self, database: Database) -> None:
        with database.look() as look:
            for wrong in (
                lambda: look.find(Face, order="face_no", after=Place("3", "x")),
                lambda: look.find(Face, order="face_no", after=Place(3, 3)),
                lambda: look.find(Face, order="face_no", after=Place(None, "x")),
                lambda: look.find(Face, after=Place(3, "x")),
                lambda: look.find(Face, order="box", after=Place("x", "x")),
                lambda: look.find(Examination, order="opinion", after=Place(1, "x")),
            ):
                with pytest.raises(TypeError):
                    wrong()

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("attic", (0, 1)),
            ("ATTIC", (0, 1)),
            ("école", (2, 3)),
            ("ÉCOLE", (2, 3)),
            ("中", (3,)),
            ("%", (4,)),
            ("_", (4,)),
            ("\x00 _SURE'; --", (4,)),
            ("attı", (6,)),
            ("", (0, 1, 2, 3, 4, 5, 6)),
            ("attic ", (1,)),
            ("nothing", ()),
            ("*", ()),
        ],
    )
    def test_what_contains_a_text_is_found_whether_its_letters_are_great_or_small(
        self, database: Database, text: str, found: tuple[int, ...]
    ) -> None:
        cases = titled(database)
        with database.look() as look:
            assert look.find(Case, containing=Containing(text, ("title",))) == [cases[number] for number in found]

    def test_any_of_the_columns_may_contain_it(self, database: Database) -> None:
        cases = titled(database)
        with database.look() as look:
            both = Containing("r-1", ("title", "reference"))
            assert look.find(Case, containing=both) == [cases[1], cases[4]]
            assert look.find(Case, containing=both, title="") == []
            assert look.find(Case, containing=Containing("r-1", ("title",))) == []
            assert look.find(Case, containing=Containing("", ())) == []
            assert len(look.find(Case, containing=Containing("open", ("state",)))) == len(cases)

    def test_what_is_no_text_contains_none(self, database: Database) -> None:
        with database.look() as look:
            for column in ("template", "face_no", "colour"):
                with pytest.raises(TypeError):
                    look.find(Face, containing=Containing("x", (column,)))

    def test_a_tuple_holds_a_text_or_does_not(self, database: Database) -> None:
        held = ("per-1", 'a"per-2', "per-3\\", "Zoë", "per-10", "null")
        with database.begin() as tx:
            tx.add(a_case(1, assigned=held), a_case(2, assigned=()), a_case(3, assigned=("per-2",)))
        with database.look() as look:
            for one in held:
                assert [case.id for case in look.find(Case, assigned=Holding(one))] == ["case 1"], one
            assert [case.id for case in look.find(Case, assigned=Holding("per-2"))] == ["case 3"]
            for none in ("per", "", 'per-1","', "[]", 'per-2"', "zoë"):
                assert look.find(Case, assigned=Holding(none)) == [], none
            with pytest.raises(TypeError):
                look.find(Case, title=Holding("x"))

    def test_none_of_these(self, database: Database) -> None:
        faces = [a_face(number) for number in range(4)]
        with database.begin() as tx:
            tx.add(*faces, an_examination("a", None), an_examination("b", 3), an_examination("c", 2))
        with database.look() as look:
            assert look.find(Face, face_no=NoneOf([1, 2, 99])) == [faces[0], faces[3]]
            assert look.find(Face, face_no=NoneOf([])) == faces
            assert look.find(Face, template=NoneOf([faces[0].template])) == faces[1:]
            assert [one.opinion for one in look.find(Examination, opinion=NoneOf([3]))] == [2]
            assert look.find(Face, id=NoneOf([f"{number:032x}" for number in range(3, 50_003)])) == faces[:3]

    def test_the_key_of_a_record_of_another_kind(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(
                a_case(1, assigned=("me",), title="Attic"),
                a_case(2, assigned=("other",), title="Attic"),
                a_case(3, assigned=("me",), state=CaseState.CLOSED),
                *(a_sought(number, f"case {number}") for number in range(1, 5)),
            )
        with database.look() as look:
            mine = KeyOf(Case, {"assigned": Holding("me")})
            assert [one.case_id for one in look.find(Sought, case_id=mine)] == ["case 1", "case 3"]
            attic = KeyOf(Case, {"assigned": Holding("me")}, Containing("attic", ("title",)))
            assert [one.case_id for one in look.find(Sought, case_id=attic, limit=5)] == ["case 1"]
            assert [one.case_id for one in look.find(Sought, case_id=KeyOf(Case))] == ["case 1", "case 2", "case 3"]
            assert look.find(Exhibit, case_id=KeyOf(Case)) == []

    def test_what_another_record_has_in_some_field(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(
                *(a_case(number) for number in range(1, 5)),
                *(a_sought(number, f"case {number}") for number in (1, 2)),
                replace(a_sought(3, "case 3"), state=SoughtState.WITHDRAWN),
            )
        declared = {"state": SoughtState.DECLARED}
        with database.look() as look:
            for limit in (None, 3):
                found = look.find(Case, id=NamedBy(Sought, "case_id"), limit=limit)
                assert [case.id for case in found] == ["case 1", "case 2", "case 3"]
                found = look.find(Case, id=KeyOf(Sought, by="case_id"), limit=limit)
                assert [case.id for case in found] == ["case 1", "case 2", "case 3"]
            found = look.find(Case, id=NamedBy(Sought, "case_id", declared), order="-id", limit=1)
            assert [case.id for case in found] == ["case 2"]
            assert [case.id for case in look.find(Case, id=NamedByNone(Sought, "case_id"))] == ["case 4"]
            found = look.find(Case, id=NamedByNone(Sought, "case_id", declared))
            assert [case.id for case in found] == ["case 3", "case 4"]
            within = NamedBy(Case, "id", {"id": NamedByNone(Sought, "case_id", declared)})
            assert [one.id for one in look.find(Sought, case_id=within)] == ["sought 3"]
            for wrong in (NamedBy(Sought, "no_such"), NamedByNone(Sought, "no_such"), KeyOf(Sought, by="no_such")):
                with pytest.raises(TypeError):
                    look.find(Case, id=wrong)

    def test_what_is_none_is_named_by_nobody_and_not_found(self, database: Database) -> None:
        opinions = (None, 0, 3)
        with database.begin() as tx:
            tx.add(*(an_examination(str(number), opinion) for number, opinion in enumerate(opinions)))
        with database.look() as look:
            assert [one.opinion for one in look.find(Examination, opinion=NamedByNone(Face, "face_no"))] == [0, 3]

    def test_a_time_is_on_a_day_of_utc(self, database: Database) -> None:
        midnight = datetime(2026, 11, 22, tzinfo=UTC)
        times = [midnight - timedelta(milliseconds=1), midnight, midnight + timedelta(hours=23, minutes=59)]
        with database.begin() as tx:
            for number, at in enumerate([*times, midnight + timedelta(days=1)]):
                tx.add(replace(an_entry(number), kept=replace(KEPT, created_at=at)))
        with database.look() as look:
            assert [one.n for one in look.find(Entry, created_at=OnDay(date(2026, 11, 22)), order="-n")] == [2, 1]
            assert look.find(Entry, created_at=OnDay(date(2025, 11, 22))) == []
            with pytest.raises(TypeError):
                look.find(Entry, leaf=OnDay(date(2026, 11, 22)))

    def test_a_text_is_found_in_one_column_and_not_over_the_border_of_two(self, database: Database) -> None:
        with database.begin() as tx:
            tx.add(
                a_case(1, reference="R-1 \x1f", title="\x1fKelvin \u212a İ"), a_case(2, reference="sept", title="été k")
            )
        with database.look() as look:
            for text, found in (
                *(("r-1", ["case 1"]), ("sept\x1fété", []), ("\x1f", ["case 1"]), ("septété", []), ("pté", [])),
                *(("été K", ["case 2"]), ("\u212a i̇", ["case 1"]), ("été", ["case 2"]), ("é", ["case 2"])),
            ):
                wanted = Containing(text, ("reference", "title"))
                assert [case.id for case in look.find(Case, containing=wanted)] == found, text

    def test_json_in_bytes_says_something_under_a_name(self, database: Database) -> None:
        told = [replace(an_entry(n), leaf=canonical({"n": n, "event": f"case.{n % 2}"})) for n in range(4)]
        altered = replace(an_entry(4), leaf=b'{"event": "case.1"')
        with database.begin() as tx:
            tx.add(*told, altered, replace(an_entry(5), leaf=b"\xff"))
        with database.look() as look:
            assert look.find(Entry, leaf=Saying("event", "case.1")) == [told[1], told[3]]
            found = look.find(Entry, order="-n", after=Place(3, 3), leaf=Saying("event", "case.1"))
            assert found == [told[1]]
            assert look.find(Entry, leaf=Saying("event", "case")) == []
            assert look.find(Entry, leaf=Saying("operation", "case.1")) == []
            for wrong in (
                lambda: look.find(Entry, leaf=Saying("event' OR 1", "x")),
                lambda: look.find(Case, title=Saying("event", "x")),
            ):
                with pytest.raises(TypeError):
                    wrong()

    def test_times_are_places_too(self, database: Database) -> None:
        cases = [
            a_case(number, kept=replace(KEPT, created_at=KEPT.created_at + timedelta(hours=number // 2)))
            for number in range(6)
        ]
        with database.begin() as tx:
            tx.add(*cases)
        with database.look() as look:
            last = look.find(Case, order="-created_at", limit=3)[-1]
            rest = look.find(Case, order="-created_at", after=Place(last.kept.created_at, last.id))
        assert [case.id for case in rest] == ["case 3", "case 0", "case 1"]
