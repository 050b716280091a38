"""Cllr: right where the answer is known, and blind to pairs that the calibrator has seen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from beholden.evaluation.faces import Real, Whole, Yes
from beholden.evaluation.likelihood import cost_of
from beholden.evaluation.people import INSUFFICIENT


def _pairs(count: int, apart: float, seed: int = 1) -> tuple[Whole, Whole, Yes, Real]:
    """Two normal distributions, so that the true log likelihood ratio is a straight line."""
    random = np.random.default_rng(seed)
    mated = np.arange(count) < count // 2
    a = random.integers(0, 200, count)
    b = np.where(mated, a, (a + random.integers(1, 199, count)) % 200)
    return a, b, mated, 0.1 * random.standard_normal(count) + np.where(mated, 0.1 * apart, 0)


def test_the_cost_is_that_of_the_true_likelihood_ratios() -> None:
    a, b, mated, scores = _pairs(6000, 2.0)
    true = (scores - 0.1) * 0.2 / 0.01  # natural log: two normals of one spread
    expected = (np.log2(1 + np.exp(-true[mated])).mean() + np.log2(1 + np.exp(true[~mated])).mean()) / 2
    told = cost_of(a, b, mated, scores).document()
    assert told["cllr"] == pytest.approx(expected, abs=0.01)
    assert 0 < told["cllr_min"] < told["cllr"]  # type: ignore[operator]


def test_the_least_cost_is_that_of_the_best_monotone_calibration_of_the_scores() -> None:
    a, b, mated, scores = _pairs(2000, 2.0)
    each = np.where(mated, 0.5 / mated.sum(), 0.5 / (~mated).sum())
    share = IsotonicRegression().fit_transform(scores, mated.astype(float), sample_weight=each)
    least = -np.log2(share[mated]).mean() / 2 - np.log2(1 - share[~mated]).mean() / 2
    assert cost_of(a, b, mated, scores).document()["cllr_min"] == pytest.approx(least, abs=6e-5)


def test_scores_that_say_nothing_cost_one_bit() -> None:
    told = cost_of(*_pairs(6000, 0.0)).document()
    assert told["cllr"] == pytest.approx(1, abs=0.01)


def test_scores_that_never_overlap_cost_next_to_nothing_and_are_no_fault() -> None:
    told = cost_of(*_pairs(1000, 60.0)).document()
    assert told["cllr"] == pytest.approx(0, abs=0.01)
    assert told["cllr_min"] == 0


def test_tippett_falls_from_one_and_its_curves_lie_apart() -> None:
    told = cost_of(*_pairs(6000, 3.0)).document()["tippett"]
    assert isinstance(told, dict)
    assert len(told["llr"]) == len(told["mated"]) == len(told["non_mated"]) == 101
    assert told["mated"] == sorted(told["mated"], reverse=True)
    assert all(same >= other for same, other in zip(told["mated"], told["non_mated"], strict=True))
    assert float(told["llr"][0]).is_integer(), "the grid would tell the ratio of the first pair"


@pytest.mark.parametrize(("people", "mated", "non_mated"), [(29, 500, 500), (200, 99, 500), (200, 500, 99)])
def test_of_too_little_data_nothing_is_told(people: int, mated: int, non_mated: int) -> None:
    a = np.arange(mated + non_mated) % people
    same = np.arange(mated + non_mated) < mated
    told = cost_of(a, np.where(same, a, (a + 1) % people), same, np.linspace(0, 1, len(a))).document()
    assert told == {"cllr": INSUFFICIENT, "cllr_min": INSUFFICIENT, "tippett": None}


def test_a_pair_is_tried_with_the_calibrator_of_other_people() -> None:
    """One person's scores are moved: what is said of their pairs moves along the line that was there before, and no other."""
    a, b, mated, scores = _pairs(4000, 4.0)
    before = cost_of(a, b, mated, scores).llrs
    theirs = (a == a[0]) | (b == a[0])
    after = cost_of(a, b, mated, np.where(theirs, scores + 0.1, scores)).llrs
    further = cost_of(a, b, mated, np.where(theirs, scores + 0.2, scores)).llrs
    assert (before[theirs] < after[theirs]).all()
    assert np.allclose(after[theirs] - before[theirs], further[theirs] - after[theirs], atol=1e-6), (
        "they taught nothing"
    )
    assert not np.allclose(before[~theirs], after[~theirs], atol=1e-6), "others did learn from them"
