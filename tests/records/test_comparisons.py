"""What stands beside the score of a comparison: how often two people score as high and one person lower, and nothing more."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.records.calibration import Expected, fnmr_at, pair_words
from beholden.records.comparisons import DECIDES_NOTHING, NO_CHANCE_OF_ONE_PERSON, statements
from beholden.records.years import UNKNOWN
from tests.records.test_calibration import MEASURED, cell, dataclasses

RISING = dataclasses.replace(MEASURED, cells=(cell([point / 100 for point in range(101)]),))


@pytest.mark.parametrize(
    ("score", "share"),
    [(-0.2, 0.0), (0.0, 0.0), (0.25, 0.25), (0.255, 0.255), (1.0, 1.0)],
)
def test_the_share_of_one_person_that_scores_lower_is_read_between_the_percentiles(score: float, share: float) -> None:
    assert fnmr_at(RISING, quality=50, faces=1, score=score) == Expected(pytest.approx(share, abs=1e-12), False)


def test_beyond_every_mated_score_all_score_lower_and_without_a_cell_nothing_is_known() -> None:
    assert fnmr_at(MEASURED, quality=50, faces=1, score=0.41) == Expected(1.0, False)
    assert fnmr_at(MEASURED, quality=50, faces=1, score=0.4) == Expected(0.0, False)
    assert fnmr_at(MEASURED, quality=80, faces=1, score=0.41) == Expected(0.0, False), "the cell of its quality"
    assert fnmr_at(MEASURED, quality=50, faces=3, score=0.41) is None
    assert fnmr_at(dataclasses.replace(MEASURED, cells=()), quality=50, faces=1, score=0.4) is None


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_share_never_falls_with_the_score(one: float, other: float) -> None:
    low, high = sorted((one, other))
    shares = [fnmr_at(RISING, quality=50, faces=1, score=score) for score in (low, high)]
    assert shares[0] is not None
    assert shares[1] is not None
    assert 0 <= shares[0].number <= shares[1].number <= 1


@pytest.mark.parametrize(
    ("score", "often"),
    [
        (-0.5, "about 100 % score -0.5000 or more"),
        (0.1, "about 10 % score 0.1000 or more"),
        (0.3, "about 1 in 1,000 score 0.3000 or more."),
        (0.6, "about 1 in 1,000,000 score 0.6000 or more (extrapolated)."),
        (1.0, "fewer than 1 in 1,000,000,000 score 1.0000 or more (extrapolated)."),
    ],
)
def test_how_often_two_people_score_as_high_is_told_as_one_in_so_many(score: float, often: str) -> None:
    assert often in pair_words(MEASURED, quality=(50,), score=score, own=True)[1]


def test_req_32_figures_of_other_photographs_are_headed_so_beside_a_comparison_too() -> None:
    assert pair_words(MEASURED, quality=(50,), score=0.3, own=False)[0].startswith("Not measured on your data: ")
    assert pair_words(MEASURED, quality=(50,), score=0.3, own=True)[0].startswith("Measured on ")
    assert "too few of such a number" in pair_words(MEASURED, quality=(50, 50, 50), score=0.3, own=True)[2]
    assert (
        "of this number and any quality; too few of this quality"
        in (pair_words(MEASURED, quality=(50,), score=0.3, own=True)[2])
    )


@given(
    score=st.floats(-1, 1),
    quality=st.lists(st.integers(0, 100), min_size=1, max_size=5).map(tuple),
    made_before=st.integers(0, 5000),
    measured=st.sampled_from([None, MEASURED, RISING]),
)
def test_no_statement_says_yes_or_no_or_weighs_the_one_figure_against_the_other(
    score: float, quality: tuple[int, ...], made_before: int, measured: object
) -> None:
    told = statements(
        score=score,
        probe_quality=quality,
        reference_quality=40,
        years=UNKNOWN,
        made_before=made_before,
        measured=measured,
        own=True,
    )
    assert told[0] == DECIDES_NOTHING
    assert NO_CHANCE_OF_ONE_PERSON in told
    assert UNKNOWN in told
    forbidden = (
        r"\b(match\w*|identif\w+|identity|likelihood|ratio|certain\w*|proves?|proven|same person|different person)\b"
    )
    assert not re.search(forbidden, " ".join(told), re.I)
