"""Every record of every class comes back from its row as the same value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from beholden.database.rows import GREATEST_INT, LEAST_INT, Layout, layout_of
from beholden.database.sql import SqlDatabase
from beholden.database.tables import RECORDS, TABLES
from beholden.errors import Fault
from beholden.records.faces import Box, Face
from beholden.testing.examples import KEPT, NOON, a_case, a_face

TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Part:
    at: datetime | None
    colour: Colour
    raw: bytes


@dataclass(frozen=True, slots=True)
class Everything:
    """A field of every type that has a place in a row, alone, absent and nested."""

    n: int
    text: str
    flag: bool
    real: float
    raw: bytes
    at: datetime
    colour: Colour
    perhaps_flag: bool | None
    perhaps_raw: bytes | None
    perhaps_at: datetime | None
    perhaps_colour: Colour | None
    perhaps_part: Part | None
    parts: tuple[Part, ...]
    colours: tuple[Colour, ...]
    pairs: tuple[tuple[str, int | None], ...]
    triple: tuple[bool, datetime, Part]
    perhaps_names: tuple[str, ...] | None


def values_of(hint: Any) -> SearchStrategy[Any]:
    """Values of a type hint, as wide as a row must hold them."""
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        if parts[-1] is Ellipsis:
            return st.lists(values_of(parts[0]), max_size=3).map(tuple)
        return st.tuples(*map(values_of, parts))
    if NoneType in get_args(hint):
        return st.none() | values_of(next(one for one in get_args(hint) if one is not NoneType))
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{one.name: values_of(hints[one.name]) for one in fields(hint)})  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    simple: dict[Any, SearchStrategy[Any]] = {
        str: st.text(max_size=20),
        bool: st.booleans(),
        int: st.integers(LEAST_INT, GREATEST_INT),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bytes: st.binary(max_size=20),
        datetime: TIMES,
    }
    return simple[hint]


@pytest.mark.parametrize("kind", [*RECORDS, Everything], ids=lambda kind: str(kind.__name__))
def test_a_row_gives_the_same_record_again(kind: type) -> None:
    layout: Layout[Any] = layout_of(kind)

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(values_of(kind))
    def check(record: object) -> None:
        row = layout.to_row(record)
        assert list(row) == [column.name for column in layout.columns]
        assert layout.records([tuple(row.values())]) == [record]

    check()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of([values_of(kind) for kind in RECORDS]), max_size=12))
def test_sqlite_gives_the_same_records_again(drawn: list[Any]) -> None:
    records = [replace(record, face_no=i) if isinstance(record, Face) else record for i, record in enumerate(drawn)]
    keys = {(type(record), getattr(record, fields(record)[0].name)): record for record in records}
    database = SqlDatabase("sqlite://")
    with database.begin() as tx:
        tx.add(*keys.values())
    with database.look() as look:
        assert [look.get(kind, key) for kind, key in keys] == list(keys.values())
        for kind, key in keys:
            name = fields(kind)[0].name
            assert look.find(kind, **{name: key}) == [keys[kind, key]]
    database.close()


def test_a_column_is_one_field_and_kept_is_one_column_a_part() -> None:
    names = [column.name for column in TABLES[Face].columns]
    kept = [one.name for one in fields(KEPT)]
    expected = [one.name for one in fields(Face)]
    at = expected.index("kept")
    assert names == [*expected[:at], *kept, *expected[at + 1 :]]
    assert "kept" not in names
    assert [column.name for column in TABLES[Face].columns if column.nullable] == []


def test_only_what_may_be_absent_is_a_column_that_may_be_null() -> None:
    nullable = [column.name for column in layout_of(Everything).columns if column.optional]
    assert nullable == [one.name for one in fields(Everything) if one.name.startswith("perhaps")]


def test_times_are_text_that_sorts_as_time_does() -> None:
    row = layout_of(Face).to_row(a_face(1))
    assert row["created_at"] == "2026-11-22T12:00:00.123Z"
    drawn = [NOON + timedelta(milliseconds=step**5) for step in range(-9, 10)]
    written = [layout_of(Face).to_row(a_face(1, kept=replace(KEPT, created_at=at)))["created_at"] for at in drawn]
    assert written == sorted(written)


@pytest.mark.parametrize(
    "at", [datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))]  # noqa: DTZ001
)  # fmt: skip
def test_a_time_that_is_naive_or_not_utc_is_refused(at: datetime) -> None:
    with pytest.raises(ValueError, match=r"Kept\.created_at takes an aware time in UTC"):
        layout_of(Face).to_row(a_face(1, kept=replace(KEPT, created_at=at)))


def test_parts_are_canonical_json_so_that_equal_values_are_equal_text() -> None:
    row = layout_of(Face).to_row(a_face(1, box=Box(left=0.5, top=1, width=0.25, height=0.125)))
    assert row["box"] == '{"height":0.125,"left":0.5,"top":1.0,"width":0.25}'
    assert layout_of(type(a_case(1))).to_row(a_case(1, assigned=("Zoë", "b")))["assigned"] == '["Zoë","b"]'
    assert json.loads(row["landmarks"])[0] == [0.1, 0.2]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": 7}, r"Face\.id takes str, not int"),
        ({"face_no": 1.0}, r"Face\.face_no takes int, not float"),
        ({"face_no": True}, r"Face\.face_no takes int, not bool"),
        ({"state": "live"}, r"Face\.state takes a FaceState"),
        ({"template": "text"}, r"Face\.template takes bytes, not str"),
        ({"box": (0.0, 0.0, 1.0, 1.0)}, r"Face\.box takes Box, not tuple"),
        ({"box": Box("0", 0.0, 1.0, 1.0)}, r"Face\.box\.left takes float, not str"),  # type: ignore[arg-type]
        ({"landmarks": [(0.0, 0.0)]}, r"Face\.landmarks takes tuple, not list"),
        ({"template": None}, r"Face\.template takes bytes, not NoneType"),
    ],
)
def test_a_value_of_another_type_is_refused_by_the_name_of_its_field(changes: dict[str, object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        layout_of(Face).to_row(a_face(1, **changes))


def test_a_class_that_has_no_place_in_a_row_is_refused_by_the_name_of_its_field() -> None:
    @dataclass(frozen=True)
    class Odd:
        id: str
        numbers: Mapping[str, int]

    @dataclass(frozen=True)
    class Either:
        id: str
        one: int | str

    with pytest.raises(TypeError, match=r"Odd\.numbers: .* has no place in a row"):
        layout_of(Odd)
    with pytest.raises(TypeError, match=r"Either\.one: .* has no place in a row"):
        layout_of(Either)
    with pytest.raises(TypeError, match="str is no record"):
        layout_of(str)


def test_a_stored_row_that_does_not_fit_says_so() -> None:
    row = layout_of(Face).to_row(a_face(1))
    for broken in ({"state": "invented"}, {"created_at": "yesterday"}, {"box": '{"left":1}'}, {"box": "no JSON"}):
        with pytest.raises(Fault, match="a stored Face cannot be read"):
            layout_of(Face).records([tuple((row | broken).values())])
