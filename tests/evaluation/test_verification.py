"""Lists of pairs: accuracy, misses at the thresholds of the whole set, and who is whom where nobody says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from beholden.evaluation.faces import Faces
from beholden.evaluation.images import Pairs
from beholden.evaluation.people import INSUFFICIENT
from beholden.evaluation.verification import people_of, verification
from tests.evaluation.simulated import simulated_faces


def listed(faces: Faces, mated: int, non_mated: int, seed: int = 1) -> Pairs:
    random = np.random.default_rng(seed)
    first, second = np.triu_indices(len(faces.names), 1)
    same = faces.people[first] == faces.people[second]
    rows = np.concatenate(
        [random.permutation(np.flatnonzero(same))[:mated], random.choice(np.flatnonzero(~same), non_mated)]
    )
    return Pairs(first[rows], second[rows], same[rows])


def _told(faces: Faces, pairs: Pairs, **thresholds: float) -> dict[str, Any]:
    told = verification(faces, {"pairs.csv": pairs}, thresholds)
    assert list(told) == ["pairs.csv"]
    return told["pairs.csv"]  # type: ignore[return-value]


@pytest.fixture(scope="module")
def faces() -> Faces:
    return simulated_faces(120, 4, noise=1.2, seed=2, not_found=0.01)


def test_accuracy_is_the_share_of_pairs_told_rightly(faces: Faces) -> None:
    pairs = listed(faces, 400, 600)
    scores = faces.scores(pairs.a, pairs.b)
    told = _told(faces, pairs)
    assert (told["pairs"], told["mated"], told["non_mated"]) == (1000, 400, 600)
    assert told["people"] == len(np.unique(faces.people[np.concatenate([pairs.a, pairs.b])]))
    assert told["default_threshold"] == 0.363
    assert told["accuracy_at_default"] == round(float(((scores >= 0.363) == pairs.mated).mean()), 6)
    best = max(float(((scores >= cut) == pairs.mated).mean()) for cut in scores)
    assert told["accuracy_at_best_threshold"] == round(best, 6)
    at_best = [cut for cut in np.sort(scores) if ((scores >= cut) == pairs.mated).mean() == best]
    assert told["best_threshold"] == round(float(at_best[0]), 4), "the lowest of those equally good"
    assert told["rates"]["accuracy_at_default"]["errors"] == ((scores >= 0.363) != pairs.mated).sum()
    assert set(told["rates"]) == {"accuracy_at_default", "accuracy_at_best_threshold"}


def test_misses_are_told_at_the_thresholds_of_the_whole_set(faces: Faces) -> None:
    pairs = listed(faces, 400, 600)
    told = _told(faces, pairs, **{"1e-03": 0.4, "1e-04": 0.5})["fnmr_at_fmr"]
    scores = faces.scores(pairs.a, pairs.b)[pairs.mated]
    assert {level: cell["threshold"] for level, cell in told.items()} == {"1e-03": 0.4, "1e-04": 0.5}
    assert told["1e-04"]["fnmr"] == round(float((scores < 0.5).mean()), 6)
    assert told["1e-04"]["rates"]["fnmr"]["trials"] == 400


def test_the_ratio_of_no_pair_is_told_and_its_cost_is(faces: Faces) -> None:
    told = _told(faces, listed(faces, 400, 600))
    assert 0 < told["cllr_min"] <= told["cllr"] < 1
    assert set(told["tippett"]) == {"llr", "mated", "non_mated"}


def test_of_a_folder_of_one_pair_nothing_is_told() -> None:
    faces = simulated_faces(2, 2)
    told = _told(faces, Pairs(np.array([0]), np.array([1]), np.array([True])), **{"1e-03": 0.4})
    numbers = ("accuracy_at_best_threshold", "best_threshold", "accuracy_at_default", "cllr", "cllr_min")
    assert {told[name] for name in numbers} == {INSUFFICIENT}
    assert told["fnmr_at_fmr"]["1e-03"]["fnmr"] == INSUFFICIENT
    assert told["tippett"] is None
    assert told["rates"]["accuracy_at_default"] == {"people": 1, "value": INSUFFICIENT}


@pytest.mark.parametrize("mated", [True, False])
def test_pairs_of_one_kind_have_no_best_threshold(faces: Faces, mated: bool) -> None:
    pairs = listed(faces, 300, 0) if mated else listed(faces, 0, 300)
    told = _told(faces, pairs, **{"1e-03": 0.4})
    assert told["best_threshold"] == told["accuracy_at_best_threshold"] == INSUFFICIENT
    assert isinstance(told["accuracy_at_default"], float)


def test_photographs_without_a_name_are_each_somebody_unless_a_mated_pair_says_otherwise() -> None:
    faces = simulated_faces(2, 2, without_person=4)
    nameless, named = np.flatnonzero(faces.people < 0), np.flatnonzero(faces.people >= 0)
    pairs = Pairs(
        np.array([nameless[0], nameless[1], nameless[2], named[0]]),
        np.array([nameless[1], named[0], nameless[3], named[3]]),
        np.array([True, True, False, True]),
    )
    whose = people_of(faces, pairs)
    assert whose[nameless[0]] == whose[nameless[1]] == whose[named[0]] == whose[named[1]]
    assert len({whose[nameless[2]], whose[nameless[3]], whose[named[0]], whose[named[3]]}) == 4, (
        "a mated pair of two names is an error of a label and makes nobody one person"
    )


def test_a_list_of_photographs_without_names_is_measured_all_the_same(faces: Faces) -> None:
    pairs = listed(faces, 400, 600)
    nameless = Faces(faces.names, (), np.full(len(faces.names), -1), faces.templates, faces.found, faces.quality)
    with_names, without = _told(faces, pairs), _told(nameless, pairs)
    for name in ("accuracy_at_best_threshold", "best_threshold", "accuracy_at_default"):
        assert with_names[name] == without[name]


def test_every_list_is_told_by_name(faces: Faces) -> None:
    told = verification(faces, {"pairs-b.csv": listed(faces, 100, 100), "pairs-a.csv": listed(faces, 50, 50)}, {})
    assert list(told) == ["pairs-a.csv", "pairs-b.csv"]
