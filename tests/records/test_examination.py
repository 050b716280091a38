"""Opinions: what one lacks, which are in force, when two disagree, and whose turn is next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.records.examination import (
    COMPONENTS,
    Description,
    Examination,
    ExaminationState,
    Observation,
    Opinion,
    Part,
    Side,
    Stage,
    disagree,
    in_force,
    is_complete,
    missing,
    next_part,
    side,
    stage_of,
)
from beholden.records.retention import keep
from beholden.records.rules import Rules

KEPT = keep("opinion", "p", datetime(2026, 11, 22, tzinfo=UTC), "pack", Rules())
ALL = tuple((name, "similar") for name in COMPONENTS)


def exam(id: str, part: Part, opinion: int | None, *, supersedes: str = "") -> Examination:
    state = ExaminationState.OPEN if opinion is None else ExaminationState.LOCKED
    return Examination(
        id, 0, KEPT, "s", "c", f"examiner {id}", part, ALL, "", opinion, supersedes, bool(supersedes), state
    )


FIRST, SECOND, THIRD = Part.FIRST, Part.SECOND, Part.CONSULTATION


def test_the_opinions_are_seven_steps_and_none_each_with_its_words() -> None:
    assert [int(one) for one in Opinion] == [-3, -2, -1, 0, 1, 2, 3, 9]
    assert len({one.words for one in Opinion}) == 8
    assert Opinion(3).words == "strong support for the same person"
    assert Opinion(-1).words == "limited support for different persons"
    for one in Opinion:
        assert not {"match", "identity", "identified", "hit"} & set(one.words.split())


@pytest.mark.parametrize(("opinion", "expected"), [(-3, -1), (-1, -1), (0, 0), (1, 1), (3, 1), (9, 0), (None, 0)])
def test_an_opinion_falls_on_a_side(opinion: int | None, expected: int) -> None:
    assert side(opinion) == expected


def test_an_opinion_lacks_nothing_when_every_component_has_its_observation() -> None:
    for observation in Observation:
        assert missing([(name, observation) for name in COMPONENTS], 0) == ()


@given(st.sets(st.sampled_from(COMPONENTS), min_size=1))
def test_every_component_that_is_left_out_is_named(left_out: set[str]) -> None:
    given_ones = [(name, "similar") for name in COMPONENTS if name not in left_out]
    assert set(missing(given_ones, 3)) == left_out


def test_what_is_wrong_with_an_opinion_is_told_all_at_once() -> None:
    wrong = [*ALL[1:], ("eyes", "similar"), ("aura", "similar"), ("face-shape", "alike")]
    assert missing(wrong, 4) == ("each component once", "face-shape", "no such component: aura", "opinion")
    assert missing(ALL, None) == ("opinion",)


@pytest.mark.parametrize(("first", "second"), list(product(Opinion, Opinion)))
def test_req_38_two_disagree_exactly_when_they_fall_on_different_sides(first: int, second: int) -> None:
    there = [exam("a", FIRST, first), exam("b", SECOND, second)]
    apart = side(first) != side(second)
    assert disagree(there) is apart
    assert is_complete(there) is not apart
    assert next_part(there) is (THIRD if apart else None)


def test_nobody_disagrees_before_there_are_two() -> None:
    assert not disagree([])
    assert not disagree([exam("a", FIRST, 3)])
    assert not disagree([exam("a", FIRST, 3), exam("b", SECOND, None)])
    assert not is_complete([exam("a", FIRST, 3), exam("b", SECOND, None)])


def test_whose_turn_is_next() -> None:
    a, b, b_open, c = exam("a", FIRST, 3), exam("b", SECOND, -1), exam("b", SECOND, None), exam("c", THIRD, 1)
    assert next_part([]) is FIRST
    assert next_part([exam("a", FIRST, None)]) is SECOND
    assert next_part([a]) is SECOND
    assert next_part([a, b_open]) is None
    assert next_part([a, b]) is THIRD
    assert next_part([a, b, exam("c", THIRD, None)]) is None
    assert not is_complete([a, b, exam("c", THIRD, None)])
    assert next_part([a, b, c]) is None
    assert is_complete([a, b, c])


def test_req_39_a_revision_is_in_force_and_the_one_it_revises_stays_but_is_not() -> None:
    a, b = exam("a", FIRST, 3), exam("b", SECOND, 2)
    revised = exam("a2", FIRST, -1, supersedes="a")
    assert in_force([a, b, revised]) == [b, revised]
    assert disagree([a, b, revised])
    assert is_complete([a, b, revised])  # what is revised later takes back no opinion that was given blind
    again = exam("a3", FIRST, 1, supersedes="a2")
    assert in_force([a, b, revised, again]) == [b, again]
    assert is_complete([a, b, revised, again])


def test_a_void_examination_takes_nobodys_turn_and_is_in_force_nowhere() -> None:
    void = replace(exam("a", FIRST, None), state=ExaminationState.VOID)
    assert next_part([void]) is FIRST
    assert in_force([void]) == []
    assert not is_complete([void, exam("b", SECOND, 3)])


def test_a_revision_takes_nobody_elses_turn() -> None:
    assert next_part([exam("a", FIRST, 3), exam("a2", FIRST, 2, supersedes="a")]) is SECOND


def test_two_on_one_side_disagree_only_where_the_pack_of_one_of_them_said_so() -> None:
    first, second = exam("a", FIRST, 3), exam("b", SECOND, 1)
    assert not disagree([first, second])
    assert disagree([first, replace(second, apart=1)])
    assert not disagree([first, replace(second, apart=2)])
    for undecided in (Opinion.INCONCLUSIVE, Opinion.CANNOT_COMPARE):
        neither = [replace(exam("a", FIRST, 0), apart=0), replace(exam("b", SECOND, undecided), apart=0)]
        assert not disagree(neither)


def test_req_37_an_examination_goes_from_one_side_to_the_other_and_then_to_the_pair() -> None:
    one = exam("a", FIRST, None)
    probe, reference = (Description(side, True, COMPONENTS, "") for side in Side)
    assert stage_of(one) is Stage.PROBE
    assert stage_of(replace(one, described=(probe,))) is Stage.REFERENCE
    assert stage_of(replace(one, described=(probe, reference))) is Stage.PAIR
    for state in (ExaminationState.LOCKED, ExaminationState.VOID):
        assert stage_of(replace(one, state=state)) is Stage.LOCKED
