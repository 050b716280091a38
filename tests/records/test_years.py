"""The years between photographs come from dates that people told. No record and no model has an age."""

from __future__ import annotations

import ast
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.database.tables import RECORDS
from beholden.ports.model import Embedded, FoundFace, ModelCard
from beholden.records.faces import Quality
from beholden.records.years import UNKNOWN, between, gap_words
from tests.docs.pages import SRC


@pytest.mark.parametrize(
    ("one", "other", "years"),
    [
        ("2019-05-04", "2019-05-04", (0, 0)),
        ("2019-05-04", "2024-05-03", (4, 4)),
        ("2019-05-04", "2024-05-04", (5, 5)),
        ("2019", "2024", (4, 5)),
        ("2019", "2019", (0, 0)),
        ("2019-12", "2020-01", (0, 0)),
        ("2018", "2020", (1, 2)),
        ("2019", "2024-05-04", (4, 5)),
        ("0001", "9999-12", (9997, 9998)),
        ("", "2019", None),
        ("2019", "", None),
    ],
)
def test_the_years_between_two_dates(one: str, other: str, years: tuple[int, int] | None) -> None:
    assert between(one, other) == between(other, one) == years


_dates = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(_dates, _dates, st.sampled_from([4, 7, 10]), st.sampled_from([4, 7, 10]))
def test_a_year_or_a_month_stands_for_each_of_its_days(one: date, other: date, cut: int, other_cut: int) -> None:
    exact, told = (
        between(one.isoformat(), other.isoformat()),
        between(one.isoformat()[:cut], other.isoformat()[:other_cut]),
    )
    assert exact is not None
    assert told is not None
    assert told[0] <= exact[0] == exact[1] <= told[1]


@pytest.mark.parametrize(
    ("probes", "reference", "words"),
    [
        ((), "2019", UNKNOWN),
        (("",), "2019", UNKNOWN),
        (("2019",), "", UNKNOWN),
        (("2019-05-04",), "2019-06-01", "Between the photographs lies less than a year."),
        (("2019-05-04",), "2020-06-01", "Between the photographs lies 1 year."),
        (("2019-05-04",), "2024-06-01", "Between the photographs lie 5 years."),
        (("2019",), "2024", "Between the photographs lie 4 to 5 years."),
        (("2019-05-04", "2012-05-04", ""), "2019-06-01", "Between the photographs lie 7 years."),
    ],
)
def test_req_142_who_compares_is_told_of_the_years_between_and_where_they_are_not_known(
    probes: tuple[str, ...], reference: str, words: str
) -> None:
    told = gap_words(probes, reference)
    assert told.startswith(words)
    gaps = [gap for probe in probes if (gap := between(probe, reference))]
    assert ("has not been measured on children" in told) is any(most for _, most in gaps)
    assert ("When others of these photographs were taken is not known." in told) is (0 < len(gaps) < len(probes))


def test_req_142_nothing_estimates_an_age_and_no_record_has_one() -> None:
    kinds = [*RECORDS, Quality, FoundFace, Embedded, ModelCard]
    named = {field.name for kind in kinds for field in fields(kind)}
    assert not [
        name for name in named if {"age", "ages", "birth", "born", "minor", "adult", "child"} & set(name.split("_"))
    ]
    looked = [SRC / "beholden" / floor for floor in ("model", "media", "index", "actions", "records")]
    words = set()
    for path in [path for floor in looked for path in floor.rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "name", None) or getattr(node, "arg", None) or getattr(node, "attr", None)
            words |= set(str(name).lower().split("_")) if name else set()
    assert not words & {"age", "ages", "birthday"}
