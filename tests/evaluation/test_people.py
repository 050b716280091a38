"""Rates: how often their intervals and bounds hold what they should, and what is told of too little."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from beholden.evaluation import people
from beholden.evaluation.faces import Whole
from beholden.evaluation.people import INSUFFICIENT, Rate, rate, rate_between, rate_of_pairs

Drawn = tuple[Rate, int, int]  # with the errors and trials it was made of


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "DRAWS", 300)


def _own_errors(random: np.random.Generator, mean: float, spread: float, count: int = 80) -> Rate:
    """People of whom each errs at a rate of their own."""
    trials = random.integers(1, 20, count)
    return rate(random.binomial(trials, random.beta(mean / spread, (1 - mean) / spread, count)), trials)


def _between(
    random: np.random.Generator, mean: float, *, person: float, pair: float, count: int = 50, photographs: int = 3
) -> Rate:
    """Scores with a part that every person brings, a part of every two people, and a part of every two photographs."""
    threshold = norm.isf(mean) * np.sqrt(2 * person**2 + pair**2 + 1)
    whose = np.repeat(np.arange(count), photographs)
    first, second = np.triu_indices(count * photographs, 1)
    other = whose[first] != whose[second]
    a, b = whose[first[other]], whose[second[other]]
    likeness = random.normal(0, pair, (count, count)) if pair else np.zeros((count, count))
    brought = random.normal(0, person, count) if person else np.zeros(count)
    wrong = brought[a] + brought[b] + likeness[a, b] + random.standard_normal(len(a)) >= threshold
    return rate_between(a[wrong], b[wrong], np.full(count, photographs))


def _held(of: Callable[[np.random.Generator], Rate], mean: float, seed: int, times: int) -> tuple[float, float]:
    """How often the interval or bound held the true rate, and how often one over single trials would have."""
    random = np.random.default_rng(seed)
    rates = [of(random) for _ in range(times)]
    held = [found.high is not None and (found.low or 0.0) <= mean <= found.high for found in rates]
    naive = [binomtest(found.errors, found.trials).proportion_ci() for found in rates]
    return float(np.mean(held)), float(np.mean([each.low <= mean <= each.high for each in naive]))


def test_the_interval_of_a_rate_holds_it_19_times_in_20() -> None:
    held, naive = _held(lambda random: _own_errors(random, 0.1, 0.5), 0.1, seed=1, times=200)
    assert 0.91 <= held <= 0.99
    assert naive < 0.75, "single trials would have seemed enough, and were not"


def test_the_interval_of_a_rate_between_people_holds_it() -> None:
    held, naive = _held(lambda random: _between(random, 0.02, person=0.5, pair=0.5), 0.02, seed=2, times=100)
    assert held >= 0.91
    assert naive < 0.6


def test_where_errors_come_from_chance_alone_the_interval_between_people_is_wide_and_not_without_bounds() -> None:
    found = _between(np.random.default_rng(3), 0.02, person=0, pair=0)
    naive = binomtest(found.errors, found.trials).proportion_ci()
    assert found.low is not None and found.high is not None
    assert naive.high - naive.low < found.high - found.low < 2.1 * (naive.high - naive.low)


@pytest.mark.parametrize(("person", "pair"), [(0.5, 0.0), (0.3, 2.0), (0.0, 3.0)])
def test_the_bound_of_a_few_errors_between_people_holds(person: float, pair: float) -> None:
    held, _ = _held(lambda random: _between(random, 0.0005, person=person, pair=pair), 0.0005, seed=4, times=60)
    assert held >= 0.95


def test_the_bound_of_a_few_errors_holds() -> None:
    held, _ = _held(lambda random: _own_errors(random, 0.01, 0.5), 0.01, seed=5, times=100)
    assert held >= 0.95


@pytest.mark.parametrize("uneven", [False, True], ids=["even", "uneven"])
def test_the_bound_of_a_few_errors_holds_where_people_have_many_trials(uneven: bool) -> None:
    def few(random: np.random.Generator) -> Rate:
        trials = np.minimum(random.zipf(1.9, 300), 200) if uneven else np.full(300, 13)
        return rate(random.binomial(trials, random.beta(0.006, 1.994, 300)), trials)

    held, _ = _held(few, 0.003, seed=7, times=80)
    assert held >= 0.95


def test_the_bound_of_single_errors_of_many_trials_is_near_the_rate() -> None:
    found = rate(np.arange(234) < 22, np.full(234, 7))
    assert found.value == pytest.approx(0.0134, abs=1e-4)
    assert found.low is None and found.high is not None
    assert binomtest(22, 1638, alternative="less").proportion_ci(0.95).high * 0.95 < found.high < 0.025


def test_pairs_of_a_list_are_drawn_by_people_too() -> None:
    random = np.random.default_rng(6)
    held = []
    for _ in range(80):
        whose = np.repeat(np.arange(60), 10)
        clumsy = random.beta(0.4, 3.6, 60)
        found = rate_of_pairs(whose, whose, random.random(600) < clumsy[whose])
        held.append(found.low is not None and found.high is not None and found.low <= 0.1 <= found.high)
    assert np.mean(held) >= 0.91


def test_no_error_at_all_gives_the_bound_of_so_many_people() -> None:
    found = rate(np.zeros(100), np.full(100, 50))
    assert found.low is None
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 100))
    assert found.document() == {"people": 100, "trials": 5000, "errors": 0, "at_most": 0.029513}
    assert found.document(of="successes") == {"people": 100, "trials": 5000, "errors": 0, "at_least": 0.970487}


def test_the_bound_never_gets_better_with_an_error_more() -> None:
    bounds = [rate(np.arange(100) < errors, np.full(100, 5)).high for errors in range(29)]
    assert all(bound is not None for bound in bounds)
    assert bounds == sorted(bounds, key=float)  # type: ignore[arg-type]


def test_thirty_errors_give_an_interval_around_the_rate() -> None:
    told = rate(np.arange(100) < 30, np.full(100, 5))
    assert told.low is not None and told.high is not None
    assert told.low < told.value == 0.06 < told.high
    assert set(told.document()) == {"people", "trials", "errors", "interval_95"}
    low, high = told.document(of="successes")["interval_95"]  # type: ignore[misc]
    assert (low, high) == (pytest.approx(1 - told.high, abs=1e-6), pytest.approx(1 - told.low, abs=1e-6))


@pytest.mark.parametrize(("count", "trials"), [(29, 50), (40, 2), (1, 1), (0, 0)])
def test_of_too_small_a_cell_neither_errors_nor_trials_are_told(count: int, trials: int) -> None:
    found = rate(np.ones(count), np.full(count, trials))
    assert found.document() == {"people": count, "value": INSUFFICIENT}
    assert found.number() == found.number(of="successes") == INSUFFICIENT


def test_every_kind_of_rate_keeps_too_small_a_cell_to_itself() -> None:
    few: Whole = np.arange(20)
    between = rate_between(few[:5], few[5:10], np.full(20, 9))
    listed = rate_of_pairs(np.repeat(few, 10), np.repeat(few, 10), np.ones(200))
    assert between.document() == listed.document() == {"people": 20, "value": INSUFFICIENT}


def test_everybody_always_wrong_is_a_rate_of_one() -> None:
    found = rate(np.full(50, 4), np.full(50, 4))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low is not None and 0.9 < found.low < 1


def test_the_trials_between_people_are_all_pairs_of_photographs_of_two() -> None:
    images = np.array([3, 0, 2, 1] + [1] * 40)
    found = rate_between(np.array([0, 2]), np.array([2, 0]), images)
    held = int(images.sum())
    assert (found.errors, found.people) == (2, 43)
    assert found.trials == held * (held - 1) // 2 - 3 - 1


def test_two_errors_of_the_same_two_people_are_one_for_the_bound() -> None:
    images = np.full(40, 3)
    twice = rate_between(np.array([0, 1]), np.array([1, 0]), images)
    apart = rate_between(np.array([0, 5]), np.array([1, 6]), images)
    assert twice.errors == apart.errors == 2
    assert twice.high is not None and apart.high is not None
    assert apart.high > binomtest(2, 780, alternative="less").proportion_ci(0.95).high * 0.999
    assert twice.high >= binomtest(1, 780, alternative="less").proportion_ci(0.95).high * 0.999


def test_pairs_that_all_hold_one_person_give_a_bound_and_no_fault() -> None:
    hub, others = np.zeros(200, dtype=np.int64), np.arange(200) % 40 + 1
    found = rate_of_pairs(hub, others, np.arange(200) % 5 == 0)
    assert found.people == 41
    assert found.low is not None and found.high is not None
    assert found.low < 0.2 < found.high


def test_the_same_trials_give_the_same_interval() -> None:
    errors, trials = np.arange(60) % 3, np.full(60, 4)
    assert rate(errors, trials) == rate(errors, trials)
