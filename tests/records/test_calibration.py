"""What follows for a list from what was measured: rates between and beyond the points, people not listed, and the words."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.records import calibration
from beholden.records.calibration import Cell, Curve, Expected, Measured, Tail

# From 1e-1 on the FMR falls tenfold with every 0.1; measured down to 1e-5, which the tail, exponential, continues.
TAIL = Tail(start=0.3, rate=1e-3, shape=0.0, scale=0.1 / math.log(10))
ONE = Curve(1, (-1.0, 0.0, 0.1, 0.3, 0.5), (1.0, 1.0, 0.1, 1e-3, 1e-5), 1e-5, TAIL)
TWO = dataclasses.replace(
    ONE, faces=2, scores=(-1.0, 0.05, 0.15, 0.35, 0.55), tail=dataclasses.replace(TAIL, start=0.35)
)


def cell(scores: list[float], quality: tuple[int, int] = (0, 100), faces: int = 1, people: int = 100_000) -> Cell:
    """With these scores in equal shares, ascending."""
    points = tuple(scores[min(len(scores) - 1, point * len(scores) // 101)] for point in range(101))
    return Cell(quality[0], quality[1], faces, people, 10 * people, points)


MEASURED = Measured(
    model="drawn",
    space_id="0" * 32,
    measured_on="5,000 drawn photographs of 1,000 people",
    measured_at="2026-11-22",
    people=1_000,
    images=5_000,
    references=1_000,
    curves=(ONE, TWO),
    cells=(cell([0.4]), cell([0.1, 0.9], (0, 24)), cell([0.9], (75, 100)), cell([0.45], faces=2)),
)


@pytest.mark.parametrize(
    ("faces", "score", "expected"),
    [
        (1, -1.0, Expected(1.0, False)),
        (1, -0.4, Expected(1.0, False)),
        (1, 0.1, Expected(0.1, False)),
        (1, 0.2, Expected(1e-2, False)),
        (1, 0.25, Expected(10**-2.5, False)),
        (1, 0.5, Expected(1e-5, False)),
        (1, 0.6, Expected(1e-6, True)),
        (1, 0.9, Expected(1e-9, True)),
        (2, 0.25, Expected(1e-2, False)),
        (2, 0.65, Expected(1e-6, True)),
        (3, 0.25, Expected(1e-2, True)),  # no curve of three: that of two stands in, and says so
        (9, 0.25, Expected(1e-2, True)),
    ],
)
def test_the_rate_between_and_beyond_the_measured_points(faces: int, score: float, expected: Expected) -> None:
    found = calibration.fmr_at(MEASURED, faces, score)
    assert (found.number, found.extrapolated) == (pytest.approx(expected.number, rel=1e-9), expected.extrapolated)
    several = calibration.unrelated(MEASURED, faces=faces, score=score, references=5_000)
    assert several == Expected(pytest.approx(5_000 * expected.number, rel=1e-9), expected.extrapolated)


@pytest.mark.parametrize(
    ("shape", "rate"), [(0.0, 1e-3 * math.exp(-3)), (0.5, 1e-3 * 2.5**-2), (-0.25, 1e-3 * 0.25**4), (-0.5, 0.0)]
)
def test_the_tail_is_the_generalised_pareto_distribution(shape: float, rate: float) -> None:
    tail = Tail(start=0.3, rate=1e-3, shape=shape, scale=0.1)
    curve = dataclasses.replace(ONE, scores=(-1.0, 0.1, 0.3), fmr=(1.0, 0.1, 1e-3), tail=tail)
    measured = dataclasses.replace(MEASURED, curves=(curve,))
    assert calibration.fmr_at(measured, 1, 0.6) == Expected(pytest.approx(rate, rel=1e-9, abs=1e-15), True)


def test_a_tail_above_the_last_point_is_held_down_to_it() -> None:
    measured = dataclasses.replace(
        MEASURED, curves=(dataclasses.replace(ONE, tail=dataclasses.replace(TAIL, rate=1.0)),)
    )
    assert calibration.fmr_at(measured, 1, 0.6) == Expected(1e-5, True)


SCORES = st.floats(-1, 1, allow_nan=False)


@given(SCORES, SCORES, st.sampled_from([1, 2, 3]), st.floats(-0.9, 0.9))
def test_the_rate_never_rises_with_the_score(first: float, second: float, faces: int, shape: float) -> None:
    curves = tuple(dataclasses.replace(c, tail=dataclasses.replace(c.tail, shape=shape)) for c in MEASURED.curves)
    measured = dataclasses.replace(MEASURED, curves=curves)
    low, high = (calibration.fmr_at(measured, faces, score).number for score in sorted([first, second]))
    assert 0 <= high <= low <= 1


@given(st.integers(1, 10**9), st.floats(1e-3, 1e3), st.sampled_from([1, 2, 3]))
def test_a_score_and_its_unrelated_references_lead_back_to_each_other(count: int, number: float, faces: int) -> None:
    score = calibration.score_at(MEASURED, faces=faces, references=count, unrelated=number)
    back = calibration.unrelated(MEASURED, faces=faces, score=score.number, references=count)
    if score.number == calibration.MOST_SCORE:
        assert back.number >= number * 0.999
    elif score.number == calibration.LEAST_SCORE:
        assert number >= count
    elif number <= count * 0.999:
        assert back == Expected(pytest.approx(number, rel=1e-6), score.extrapolated)


def test_the_score_of_a_number_is_found_between_points_and_beyond() -> None:
    asked = [
        calibration.score_at(MEASURED, faces=1, references=1_000, unrelated=number) for number in (10, 1, 0.1, 1e-3)
    ]
    assert [found.number for found in asked] == pytest.approx([0.2, 0.3, 0.4, 0.6])
    assert [found.extrapolated for found in asked] == [False, False, False, True]
    assert calibration.score_at(MEASURED, faces=1, references=0, unrelated=1).number == -1
    assert calibration.score_at(MEASURED, faces=1, references=10, unrelated=0).number == 1
    assert calibration.score_at(MEASURED, faces=1, references=10, unrelated=10).number == -1


def poisson(limit: int, mean: float) -> float:
    """P(N ≥ limit), summed upwards from the limit rather than from 0."""
    term = math.exp(limit * math.log(mean) - mean - math.lgamma(limit + 1))
    total = 0.0
    for n in range(limit, limit + 5_000):
        total += term
        term *= mean / (n + 1)
    return total


@pytest.mark.parametrize(
    ("references", "limit"), [(300_000, 20), (100_000, 20), (250_000, 1), (10**7, 1_000), (21, 20)]
)
def test_who_is_held_is_not_listed_when_enough_unrelated_references_stand_before(references: int, limit: int) -> None:
    found = calibration.not_shown(MEASURED, quality=50, faces=1, references=references, limit=limit)
    assert found is not None
    assert found.number == pytest.approx(poisson(limit, references * 1e-4), rel=1e-9, abs=1e-12)
    assert found.extrapolated == (references > 1_000)


def test_the_chance_is_the_mean_over_the_scores_of_the_cell() -> None:
    """Half of the poor photographs score 0.1, where a hundred of a thousand references stand before; half score 0.9."""
    found = calibration.not_shown(MEASURED, quality=10, faces=1, references=1_000, limit=20)
    assert found == Expected(pytest.approx(0.505, abs=0.006), False)


def test_the_nearest_cell_is_taken_then_that_of_all_qualities_then_none() -> None:
    def chance(quality: float, faces: int) -> Expected | None:
        return calibration.not_shown(MEASURED, quality=quality, faces=faces, references=1_000, limit=20)

    def number(quality: float) -> float:
        found = chance(quality, 1)
        assert found is not None
        return found.number

    assert number(24.4) == pytest.approx(0.505, abs=0.006)
    assert number(24.5) == number(74.4) < 1e-9
    assert number(74.5) == number(100) < 1e-9
    assert chance(50, 2) is not None
    assert chance(50, 3) is None
    assert chance(50, 7) is None


def test_a_list_with_room_for_all_leaves_nobody_off() -> None:
    for references in (0, 1, 19, 20):
        for faces in (1, 7):
            found = calibration.not_shown(MEASURED, quality=50, faces=faces, references=references, limit=20)
            assert found == Expected(0.0, False)


def test_an_fmr_below_the_least_counts_as_extrapolated_only_where_it_has_a_part() -> None:
    large = dataclasses.replace(MEASURED, references=10**9)
    few = calibration.not_shown(large, quality=80, faces=1, references=100_000, limit=20)
    many = calibration.not_shown(large, quality=80, faces=1, references=10_000_000, limit=20)
    assert few is not None
    assert many is not None
    assert (few.extrapolated, many.extrapolated) == (False, True)  # 1 and 100 unrelated ones at the last point


@given(st.integers(1, 10**8), st.integers(1, 10**8), st.integers(1, 200), st.floats(0, 100))
def test_more_references_never_make_it_likelier_to_be_listed(
    first: int, second: int, limit: int, quality: float
) -> None:
    chances = [
        calibration.not_shown(MEASURED, quality=quality, faces=1, references=count, limit=limit)
        for count in sorted([first, second])
    ]
    assert chances[0] is not None
    assert chances[1] is not None
    assert 0 <= chances[0].number <= chances[1].number + 1e-12 <= 1 + 1e-9


def said(references: int, quality: tuple[int, ...] = (50,), limit: int = 20, own: bool = False) -> tuple[str, ...]:
    return calibration.words(MEASURED, quality=quality, references=references, limit=limit, own=own)


def test_a_list_says_what_was_measured_what_is_expected_and_what_may_be_missing() -> None:
    assert said(1_000, (80,), own=True) == (
        "Measured on 5,000 drawn photographs of 1,000 people, 2026-11-22.",
        "Among 1,000 references, about 10 unrelated ones are expected at a score of 0.20 or more, 1 at a score of 0.30 or "
        "more, 0.1 at a score of 0.40 or more.",
        "If the person is held, the chance that they are not among the 20 people listed is less than 0.01 % for probes of "
        "this quality and number.",
    )


def test_req_32_figures_of_other_photographs_are_headed_so() -> None:
    assert said(1_000)[0] == (
        "Not measured on your data: these figures are of 5,000 drawn photographs of 1,000 people, 2026-11-22."
    )
    assert said(0)[0] == said(1_000)[0]


def test_what_goes_beyond_the_measurement_is_marked_where_it_does() -> None:
    _, expected, missing = said(200_000, (10, 20), limit=1)
    assert expected == (
        "Among 200,000 references, about 10 unrelated ones are expected at a score of 0.48 or more, 1 at a score of 0.58 or "
        "more (extrapolated), 0.1 at a score of 0.68 or more (extrapolated)."
    ), expected
    assert re.fullmatch(
        r"If the person is held, the chance that they are not the one person listed is more than 98 % "
        r"\(extrapolated\) for probes of this number and any quality; too few of this quality were measured\.",
        missing,
    )


def test_small_and_empty_galleries_have_words_of_their_own() -> None:
    room = "The list has room for every reference that was compared: none is left off it."
    assert said(0)[1:] == ("No reference was compared, so no unrelated one is expected on the list.", room)
    assert said(1)[1:] == (
        "Among 1 reference, about 0.1 unrelated ones are expected at a score of 0.10 or more.",
        room,
    )
    assert said(5)[1].startswith(
        "Among 5 references, about 1 unrelated one is expected at a score of 0.07 or more, 0.1 at"
    )


def test_what_was_not_measured_is_not_known() -> None:
    assert said(1_000, (50, 60, 70))[2] == (
        "If the person is held, the chance that they are not among the 20 people listed is not known: too few such "
        "photographs were measured."
    )


@pytest.mark.parametrize(
    ("share", "people", "words"),
    [
        (0.0, 10**6, "less than 0.01 %"),
        (0.00009, 10**6, "less than 0.01 %"),
        (0.00012, 10**6, "about 0.012 %"),
        (0.01234, 10**6, "about 1.2 %"),
        (0.345, 10**6, "about 34 %"),
        (0.0, 83, "less than 3.6 %"),  # nobody of 83 was missed: the rate may still be 3.6 %
        (0.05, 83, "about 5 %"),
        (0.984, 83, "about 98 %"),
        (0.99, 83, "more than 98 %"),
    ],
)
def test_no_more_digits_are_told_than_the_people_measured_can_show(share: float, people: int, words: str) -> None:
    assert calibration._percent(share, people) == words


@given(st.integers(0, 10**9), st.lists(st.integers(0, 100), min_size=0, max_size=5), st.integers(1, 500), st.booleans())
def test_the_words_are_of_the_list_and_never_claim_more_than_a_score_can(
    references: int, quality: list[int], limit: int, own: bool
) -> None:
    whole = " ".join(said(references, tuple(quality), limit, own))
    assert not re.search(r"\b(match\w*|hits?|identit\w*|likelihood|ratio|probably|nan|inf)\b|e[-+]\d", whole)
    assert len(said(references, tuple(quality), limit, own)) == 3


def test_what_is_whole_has_no_fault() -> None:
    assert calibration.faults(MEASURED) == ()


@pytest.mark.parametrize(
    ("curve", "fault"),
    [
        ({"scores": (-1.0, 0.1, 0.1, 0.3, 0.5)}, "do not rise"),
        ({"scores": (-1.5, 0.0, 0.1, 0.3, 0.5)}, "from −1 to 1"),
        ({"scores": (-1.0, 0.0, 0.1, 0.3, math.nan)}, "from −1 to 1"),
        ({"fmr": (1.0, 1.0, 0.1, 0.2, 1e-5)}, "do not fall"),
        ({"fmr": (1.0, 1.0, 0.1, 1e-3, 0.0)}, "none above 0"),
        ({"fmr": (1.0, 0.1)}, "one FMR for each score"),
        ({"least_fmr": 0.0}, "no least FMR"),
        ({"tail": Tail(0.3, 1e-3, 0.0, 0.0)}, "tail"),
        ({"tail": Tail(0.3, 1e-3, 9.0, 0.1)}, "tail"),
        ({"tail": Tail(0.3, math.inf, 0.0, 0.1)}, "tail"),
        ({"faces": 4}, "number of faces"),
    ],
)
def test_a_curve_that_cannot_be_is_named(curve: dict[str, object], fault: str) -> None:
    wrong = dataclasses.replace(ONE, **curve)  # type: ignore[arg-type]
    found = calibration.faults(dataclasses.replace(MEASURED, curves=(wrong,)))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"curves": ()}, "no curve for one face"),
        ({"curves": (TWO,)}, "no curve for one face"),
        ({"curves": (ONE, ONE)}, "by their number"),
        ({"references": 0}, "counts no people"),
        ({"cells": (cell([0.4]), cell([0.5]))}, "two cells are of one kind"),
        ({"cells": (dataclasses.replace(cell([0.4]), scores=(0.4,) * 100),)}, "cell 1 has not 101 scores"),
        ({"cells": (dataclasses.replace(cell([0.4]), scores=(*(0.4,) * 100, 0.3)),)}, "cell 1 has not 101 scores"),
        ({"cells": (dataclasses.replace(cell([0.4]), least_quality=60, most_quality=50),)}, "quality from 0 to 100"),
        ({"cells": (dataclasses.replace(cell([0.4]), trials=1),)}, "fewer trials than people"),
        ({"cells": (dataclasses.replace(cell([0.4]), faces=0),)}, "number of faces"),
    ],
)
def test_a_measurement_that_cannot_be_is_named(changes: dict[str, object], fault: str) -> None:
    found = calibration.faults(dataclasses.replace(MEASURED, **changes))  # type: ignore[arg-type]
    assert any(fault in each for each in found), found
