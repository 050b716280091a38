"""All comparisons: held against every pair worked out one by one."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from beholden.evaluation import comparisons as all_pairs
from beholden.evaluation.comparisons import Comparisons, all_pairs_document, compare_all, level_name
from beholden.evaluation.faces import Faces, Real
from beholden.evaluation.people import INSUFFICIENT
from tests.evaluation.simulated import simulated_faces


def _silent(_done: int, _of: int) -> None:
    """Nobody asked how far it is."""


def compared(faces: Faces) -> Comparisons:
    found = compare_all(faces, _silent)
    assert found is not None
    return found


def one_by_one(faces: Faces) -> tuple[Real, Real]:
    """Mated and non-mated scores of the photographs that are somebody's."""
    named = np.flatnonzero(faces.people >= 0)
    first, second = np.triu_indices(len(named), 1)
    a, b = named[first], named[second]
    scores, mated = faces.scores(a, b), faces.people[a] == faces.people[b]
    return scores[mated], scores[~mated]


@pytest.fixture(scope="module")
def faces() -> Faces:
    return simulated_faces(150, np.arange(150) % 4 + 1, noise=1.1, seed=3, not_found=0.03, without_person=20)


@pytest.fixture(scope="module", params=[37, 2048])
def whole(request: pytest.FixtureRequest, faces: Faces) -> Comparisons:
    """In blocks that cut people in two, and in one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(all_pairs, "BLOCK", request.param)
        return compared(faces)


@pytest.fixture(scope="module")
def told(faces: Faces, whole: Comparisons) -> dict[str, Any]:
    return all_pairs_document(faces, whole)


def test_every_pair_is_counted_once(faces: Faces, whole: Comparisons) -> None:
    mated, non_mated = one_by_one(faces)
    assert (len(whole.mated), whole.mated_in_all, whole.non_mated) == (len(mated), len(mated), len(non_mated))
    assert whole.non_mated_histogram.sum() == len(non_mated)
    assert sorted(whole.mated.scores) == sorted(mated)
    assert (whole.people[whole.mated.a] == whole.people[whole.mated.b]).all()
    exact, _ = np.histogram(non_mated, np.linspace(-1, 1, 201))
    coarse, _ = np.histogram(
        (all_pairs.EDGES[:-1] + all_pairs.EDGES[1:]) / 2, np.linspace(-1, 1, 201), weights=whole.non_mated_histogram
    )
    assert np.abs(coarse - exact).max() <= 10  # of thousands: those within a bin's width of an edge


def test_a_pair_with_a_missing_face_scores_below_all_others(faces: Faces, whole: Comparisons) -> None:
    mated, non_mated = one_by_one(faces)
    assert (~faces.found).any()
    assert whole.non_mated_histogram[0] == (non_mated == -1).sum() > 0
    assert (whole.mated.scores == -1).sum() == (mated == -1).sum() > 0


def test_photographs_of_nobody_are_left_out(faces: Faces, whole: Comparisons) -> None:
    assert (whole.people[whole.close.a] >= 0).all() and (whole.people[whole.close.b] >= 0).all()
    assert whole.images.sum() == (faces.people >= 0).sum() < len(faces.people)


@pytest.mark.parametrize("fmr", [1e-2, 3e-3, 1e-3])
def test_a_threshold_is_the_lowest_edge_that_so_few_reach(faces: Faces, whole: Comparisons, fmr: float) -> None:
    _, non_mated = one_by_one(faces)
    threshold = whole.threshold_at(fmr)
    assert (non_mated >= threshold).mean() <= fmr < (non_mated >= threshold - 4 / all_pairs.BINS).mean()
    assert whole.fmr_at(threshold) == pytest.approx((non_mated >= threshold).mean(), rel=1e-9)


def test_the_close_pairs_are_all_those_above_the_threshold(faces: Faces, whole: Comparisons) -> None:
    for fmr in (1e-2, 1e-3):
        above = whole.close.scores >= whole.threshold_at(fmr)
        assert above.sum() == round(whole.fmr_at(whole.threshold_at(fmr)) * whole.non_mated)
    assert whole.close_from == whole.threshold_at(1e-2)
    assert (whole.people[whole.close.a] != whole.people[whole.close.b]).all()
    assert np.allclose(faces.scores(whole.close.a, whole.close.b), whole.close.scores, atol=1e-6)


def test_only_levels_that_thirty_pairs_reach_are_told(whole: Comparisons) -> None:
    assert whole.levels == (1e-2, 1e-3)
    assert (whole.level_near(1e-3), whole.level_near(1e-4), whole.level_near(2e-2)) == (1e-3, 1e-3, None)
    assert [level_name(level) for level in whole.levels] == ["1e-02", "1e-03"]


def test_the_same_folder_gives_the_same_report(faces: Faces, told: dict[str, Any]) -> None:
    assert all_pairs_document(faces, compared(faces)) == told


def test_nothing_is_compared_where_nothing_can_be_told_apart() -> None:
    for alone in (simulated_faces(1, 5), simulated_faces(40, 1), simulated_faces(0, 0, without_person=5)):
        assert compare_all(alone, _silent) is None


def test_a_folder_without_any_face_is_compared_all_the_same() -> None:
    faces = simulated_faces(40, 3, not_found=1.0)
    whole = compared(faces)
    assert len(whole.close) == 0
    assert whole.levels == ()
    assert set(whole.mated.scores) == {-1.0}


def test_progress_ends_where_it_said() -> None:
    heard: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(all_pairs, "BLOCK", 50)
        compare_all(simulated_faces(60, 3), lambda done, of: heard.append((done, of)))
    assert [done for done, _ in heard] == list(range(1, heard[-1][1] + 1))
    assert {of for _, of in heard} == {len(heard)}


def test_a_list_that_would_grow_too_long_begins_higher(faces: Faces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(all_pairs, "MOST_CLOSE", 200)
    short = compared(faces)
    assert 100 < len(short.close) <= 200
    assert short.reaching(short.threshold_at(1e-2)) is None
    assert list(all_pairs_document(faces, short)["tmr_at_fmr"]) == ["1e-03"]  # type: ignore[call-overload]


def test_too_many_mated_pairs_are_sampled_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    faces = simulated_faces(40, 20)
    monkeypatch.setattr(all_pairs, "MOST_MATED", 1000)
    whole = compared(faces)
    assert (len(whole.mated), whole.mated_in_all) == (1000, 40 * 190)
    pairs = set(zip(whole.mated.a.tolist(), whole.mated.b.tolist(), strict=True))
    assert len(pairs) == 1000
    assert all(faces.people[a] == faces.people[b] and a < b for a, b in pairs)


def test_memory_does_not_grow_with_the_comparisons() -> None:
    peaks = []
    for people in (1000, 4000):  # 16 times the comparisons
        faces = simulated_faces(people, 2, dimension=16, noise=2.0)
        tracemalloc.start()
        compare_all(faces, _silent)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 80e6


def test_the_document_tells_tmr_and_fmr_at_every_level(faces: Faces, whole: Comparisons, told: dict[str, Any]) -> None:
    mated, _ = one_by_one(faces)
    point = told["tmr_at_fmr"]["1e-03"]
    threshold = whole.threshold_at(1e-3)
    assert point["threshold"] == round(threshold, 4)
    assert point["tmr"] == round(float((mated >= threshold).mean()), 6)
    assert point["rates"]["tmr"]["errors"] == (mated < threshold).sum()
    assert point["rates"]["fmr"]["trials"] == whole.non_mated
    assert point["rates"]["fmr"]["people"] == 150


def test_the_curve_is_the_share_of_errors_at_each_score(faces: Faces, told: dict[str, Any]) -> None:
    curve = told["curve"]
    mated, non_mated = one_by_one(faces)
    assert 50 < len(curve["score"]) <= 400
    assert curve["score"] == sorted(curve["score"])
    for score, fmr, fnmr in list(zip(curve["score"], curve["fmr"], curve["fnmr"], strict=True))[::20]:
        assert fmr == pytest.approx((non_mated >= score).mean(), abs=3e-4)
        assert fnmr == pytest.approx((mated < score).mean(), abs=0.01)
    assert min(curve["fmr"]) * len(non_mated) >= 29.9


def test_the_distribution_counts_every_comparison(whole: Comparisons, told: dict[str, Any]) -> None:
    counts = told["distribution"]
    assert len(counts["edges"]) == 81
    assert (sum(counts["mated"]), sum(counts["non_mated"])) == (len(whole.mated), whole.non_mated)


def test_of_few_people_nothing_but_counts_is_told() -> None:
    faces = simulated_faces(29, 30)
    told = all_pairs_document(faces, compared(faces))
    nothing = {"curve": None, "distribution": None, "tippett": None, "cllr": INSUFFICIENT, "cllr_min": INSUFFICIENT}
    assert told == {"mated": 29 * 435, "non_mated": 406 * 900, "tmr_at_fmr": {}} | nothing


def test_a_single_pair_does_not_show_in_a_large_folder_of_strangers() -> None:
    faces = simulated_faces(500, 1)
    two = np.flatnonzero(faces.people == 0).tolist() + np.flatnonzero(faces.people == 1).tolist()
    people = faces.people.copy()
    people[two[1]] = 0
    told = all_pairs_document(faces, compared(replace(faces, people=people)))
    assert told["curve"] is None and told["distribution"] is None
    assert {point["tmr"] for point in told["tmr_at_fmr"].values()} == {INSUFFICIENT}  # type: ignore[attr-defined]
