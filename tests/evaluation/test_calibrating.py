"""Curves are the counts themselves, the tail is found again, and a list's chance is what happens when lists are made."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from functools import cache

import numpy as np
import pytest

from beholden.evaluation import calibrating, identification
from beholden.evaluation.comparisons import BINS, compare_all
from beholden.evaluation.faces import Faces
from beholden.formats import calibrations
from beholden.records import calibration
from beholden.records.calibration import ALL_QUALITIES, QUALITY_BANDS, Measured
from tests.evaluation.simulated import simulated_faces

MANY = np.repeat([1, 2, 8], [200, 100, 100])


@cache
def faces() -> Faces:
    """Poor photographs are further from their person: the score falls with the quality, as it does on real ones."""
    made = simulated_faces(400, MANY, noise=1.0, dimension=48, not_found=0.01, seed=3)
    random = np.random.default_rng(4)
    noise = random.standard_normal(made.templates.shape) / np.sqrt(48)
    unified = np.rint(made.quality["unified"])
    mixed = made.templates + noise * (1.2 - np.nan_to_num(unified) / 100)[:, None]
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    mixed[~made.found] = 0
    return dataclasses.replace(made, templates=mixed.astype(np.float32), quality={**made.quality, "unified": unified})


def measure(these: Faces) -> Measured | None:
    compared = compare_all(these, lambda done, of: None)
    assert compared is not None
    return calibrating.measured_of(
        these, compared, model="drawn", space_id="0" * 32, measured_on="1,200 drawn templates", at=date(2026, 11, 22)
    )


@cache
def measured() -> Measured:
    found = measure(faces())
    assert found is not None
    return found


def test_it_says_what_it_was_measured_on_and_has_no_fault() -> None:
    found = measured()
    assert (found.people, found.images, found.references) == (400, 1200, 400)
    assert (found.model, found.space_id, found.measured_on, found.measured_at) == (
        "drawn",
        "0" * 32,
        "1,200 drawn templates",
        "2026-11-22",
    )
    assert calibration.faults(found) == ()
    assert [curve.faces for curve in found.curves] == [1, 2, 3]


@pytest.mark.parametrize("photographs", [1, 2, 3])
def test_the_curve_is_the_share_of_non_mated_comparisons_at_or_above_each_score(photographs: int) -> None:
    these = faces()
    gallery = identification.gallery_of(these)
    curve = measured().curves[photographs - 1]
    if photographs == 1:
        a, b = np.triu_indices(len(these.names), 1)
        scores = these.scores(a, b)[these.people[a] != these.people[b]]
    else:
        probes = identification.fused(these, gallery, photographs)
        table = np.where(probes.found[:, None] & these.found, probes.templates @ these.templates.T, -1.0)
        scores = table[gallery.people[probes.owners][:, None] != these.people]
    assert curve.least_fmr == pytest.approx(30 / len(scores), abs=1e-12)
    assert len(curve.scores) == len(curve.fmr) <= calibrating.POINTS
    assert (scores >= curve.scores[-1]).sum() == pytest.approx(30, abs=8)
    for score, fmr in list(zip(curve.scores, curve.fmr, strict=True))[:: len(curve.scores) // 15]:
        assert (scores >= score + 3.1e-5).sum() <= fmr * len(scores) + 0.5
        assert (scores >= score - 3.1e-5).sum() >= fmr * len(scores) - 0.5


def test_a_fused_probe_is_never_compared_with_its_own_person() -> None:
    these = simulated_faces(30, 5, noise=0.05)
    gallery = identification.gallery_of(these)
    probes = identification.fused(these, gallery, 2)
    histogram = calibrating.non_mated_histogram(these, gallery, probes)
    assert histogram.sum() == 60 * 29 * 5
    assert histogram[calibrating._bin(0.9) :].sum() == 0


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.15])
def test_the_tail_is_found_again(shape: float) -> None:
    """Scores of which all above 0.2 are Pareto; the fit sees those above the score of FMR 1e-3 only."""
    from scipy.stats import genpareto

    random = np.random.default_rng(5)
    drawn = 0.2 + genpareto.rvs(shape, scale=0.012, size=2_000_000, random_state=random)
    histogram = np.bincount(((np.minimum(drawn, 0.9999) + 1) * (BINS // 2)).astype(int), minlength=BINS)
    curve = calibrating._curve(1, histogram)
    assert curve is not None
    assert curve.tail.rate == pytest.approx(1e-3, rel=0.02)
    assert curve.tail.shape == pytest.approx(shape, abs=0.1)
    whole = dataclasses.replace(measured(), curves=(curve,))
    beyond = 0.2 + float(genpareto.isf(1e-6, shape, scale=0.012))  # where two of the two million lie
    assert calibration.fmr_at(whole, 1, beyond).extrapolated
    assert 2e-7 < calibration.fmr_at(whole, 1, beyond).number < 5e-6


def test_cells_hold_the_percentiles_of_the_mated_scores_of_their_kind() -> None:
    these, found = faces(), measured()
    gallery = identification.gallery_of(these)
    rows, owners = gallery.probes, gallery.owners
    scores = these.scores(rows, gallery.references[owners])
    cells = {(cell.faces, cell.least_quality, cell.most_quality): cell for cell in found.cells}
    for least, most in (ALL_QUALITIES, *QUALITY_BANDS):
        quality = these.quality["unified"][rows]
        inside = (
            np.ones(len(rows), dtype=bool) if (least, most) == ALL_QUALITIES else (quality >= least) & (quality <= most)
        )
        cell = cells[1, least, most]
        assert (cell.trials, cell.people) == (inside.sum(), len(set(owners[inside].tolist())))
        assert cell.scores == pytest.approx(np.quantile(scores[inside], np.linspace(0, 1, 101)), abs=1e-4)
    assert cells[1, 0, 100].trials == 800
    assert cells[1, 0, 100].scores[0] == -1
    assert cells[2, 0, 100].trials == 300
    assert cells[3, 0, 100].trials == 200
    assert cells[1, 0, 24].scores[50] < cells[1, 75, 100].scores[50]
    assert cells[1, 0, 100].scores[50] < cells[2, 0, 100].scores[50] < cells[3, 0, 100].scores[50]


def test_the_quality_of_a_fused_probe_is_the_mean_of_its_found_faces() -> None:
    these = simulated_faces(2, 3)
    these.quality["unified"][:] = [0, 20, 41, 0, 90, 70]
    these.found[4] = False
    these.templates[4] = 0
    these.quality["unified"][4] = np.nan
    gallery = identification.gallery_of(these)
    _, quality = calibrating._mated(these, gallery, identification.fused(these, gallery, 2))
    assert quality.tolist() == [30.5, 70]


def test_cells_of_too_few_people_or_trials_are_left_out() -> None:
    found = measured()
    assert all(cell.people >= 30 and cell.trials >= 100 for cell in found.cells)
    few = measure(simulated_faces(150, np.repeat([1, 4], [121, 29]), noise=0.8))
    assert few is not None
    assert few.cells == ()
    assert [curve.faces for curve in few.curves] == [1]


def test_too_few_people_or_comparisons_leave_nothing() -> None:
    assert measure(simulated_faces(29, 30)) is None
    assert measure(simulated_faces(45, 3)) is None  # 8,910 comparisons
    assert measure(simulated_faces(55, 3)) is not None


def test_what_a_list_is_told_is_what_happens_when_lists_are_made() -> None:
    """Other people of the same kind: the share whose reference is not among the first k of 400, and how many score so high."""
    others = dataclasses.replace(
        simulated_faces(400, MANY, noise=1.0, dimension=48, not_found=0.0, seed=8), quality=faces().quality
    )
    found = measure(others)
    assert found is not None
    again = simulated_faces(400, MANY, noise=1.0, dimension=48, seed=9)
    gallery = identification.gallery_of(again)
    places, _ = identification.ranks(again, gallery, identification.single(again, gallery))
    for limit in (1, 5, 20):
        chance = calibration.not_shown(found, quality=50, faces=1, references=399, limit=limit)
        assert chance is not None
        assert chance.extrapolated == (limit == 1)  # one unrelated reference may lie beyond the last point
        assert chance.number == pytest.approx((places > limit).mean(), abs=0.03)
    a, b = np.triu_indices(len(again.names), 1)
    scores = again.scores(a, b)[again.people[a] != again.people[b]]
    for number in (10, 1, 0.1):
        score = calibration.score_at(found, faces=1, references=400, unrelated=number)
        assert 400 * (scores >= score.number).mean() == pytest.approx(number, rel=0.15)


def test_it_goes_through_the_report_and_the_note_unchanged_and_twice_alike() -> None:
    block = json.loads(json.dumps(calibrations.document_of(measured()), allow_nan=False))
    assert calibrations.measured_from(block) == measured()
    content = calibrations.content_of(measured(), evaluation="0" * 64)
    assert calibrations.measured_in(content) == measured()
    assert len(content) < 40_000
    assert measure(faces()) == measured()
