"""Drawing a sample that anybody can draw again, and what its verdicts allow to say."""

from __future__ import annotations

import hashlib

import pytest
from scipy.stats import beta

from beholden.records.samples import at_most, drawn


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    every = range(100, 1100)
    first = drawn(every, "00" * 32, 10)
    assert first == drawn(reversed(every), "00" * 32, 10)
    assert len(first) == 100
    assert first == sorted(first)
    assert len(set(first) & set(drawn(every, "01" * 32, 10))) < 30


def test_it_can_be_drawn_again_by_the_formula_in_the_docs() -> None:
    by_hand = sorted(range(50), key=lambda n: hashlib.sha256(f"ab/{n}".encode()).hexdigest())[:5]
    assert drawn(range(50), "ab", 10) == sorted(by_hand)


def test_a_share_of_a_few_is_one_at_least_and_all_of_them_are_all() -> None:
    assert len(drawn(range(3), "ab", 1)) == 1
    assert drawn(range(7), "ab", 100) == list(range(7))
    assert drawn([], "ab", 10) == []


@pytest.mark.parametrize(("found", "of"), [(0, 299), (0, 30), (1, 30), (5, 100), (29, 30)])
def test_the_bound_is_the_exact_one_of_clopper_and_pearson(found: int, of: int) -> None:
    assert at_most(found, of) == pytest.approx(beta.ppf(0.95, found + 1, of - found), abs=1e-9)


def test_of_none_that_was_judged_nothing_is_known() -> None:
    assert at_most(0, 0) == at_most(3, 3) == 1.0
