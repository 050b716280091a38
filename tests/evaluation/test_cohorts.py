"""Cohorts: within each, at thresholds that all share; what is too little says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.evaluation.cohorts import cohorts
from beholden.evaluation.comparisons import Comparisons, compare_all
from beholden.evaluation.faces import Faces
from beholden.evaluation.images import LabelledImages
from beholden.evaluation.people import INSUFFICIENT
from tests.evaluation.simulated import simulated_faces

PEOPLE = 400


def labelled(faces: Faces, cohorts_of: dict[str, str]) -> LabelledImages:
    return LabelledImages(Path(), faces.names, faces.identities, faces.people, {}, cohorts_of, {}, {})


@pytest.fixture(scope="module")
def faces() -> Faces:
    """The second half of the people look more alike: a part of their templates is shared."""
    faces = simulated_faces(PEOPLE, np.arange(PEOPLE) % 2 * 2 + 1, noise=1.0, seed=5, not_found=0.02)
    alike = faces.templates.copy()
    alike[(faces.people >= PEOPLE // 2) & faces.found, 0] += 0.4
    alike /= np.maximum(np.linalg.norm(alike, axis=1, keepdims=True), 1e-9)
    return Faces(faces.names, faces.identities, faces.people, alike, faces.found, faces.quality)


@pytest.fixture(scope="module")
def whole(faces: Faces) -> Comparisons:
    found = compare_all(faces, lambda _done, _of: None)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def told(faces: Faces, whole: Comparisons) -> tuple[dict[str, Any], tuple[str, ...]]:
    named = {name: ("near" if i >= PEOPLE // 2 else "far") for i, name in enumerate(faces.identities)}
    for i in range(10):
        named[faces.identities[i]] = "few"
    del named[faces.identities[20]]
    named[faces.identities[21]] = ""
    block, missing = cohorts(faces, labelled(faces, named), whole)
    assert block is not None
    return block, missing


def _cell(told: tuple[dict[str, Any], tuple[str, ...]], name: str) -> Any:
    return next(cell for cell in told[0]["cells"] if cell["cohort"] == name)


def test_a_cohort_of_people_who_look_alike_is_taken_for_another_more_often(
    told: tuple[dict[str, Any], tuple[str, ...]],
) -> None:
    near, far = _cell(told, "near")["at"]["1e-03"], _cell(told, "far")["at"]["1e-03"]
    assert near["fmr"] > 2 * far["fmr"]
    assert near["rates"]["fmr"]["people"] == PEOPLE // 2


def test_rates_within_a_cohort_are_those_of_its_own_pairs(
    faces: Faces, whole: Comparisons, told: tuple[dict[str, Any], tuple[str, ...]]
) -> None:
    inside = np.flatnonzero(faces.people >= PEOPLE // 2)
    first, second = np.triu_indices(len(inside), 1)
    a, b = inside[first], inside[second]
    scores, mated = faces.scores(a, b), faces.people[a] == faces.people[b]
    cell, threshold = _cell(told, "near"), whole.threshold_at(1e-3)
    assert told[0]["thresholds"] == {level: round(whole.threshold_at(float(level)), 4) for level in ("1e-03", "1e-04")}
    assert cell["at"]["1e-03"]["fmr"] == round(float((scores[~mated] >= threshold).mean()), 6)
    assert cell["at"]["1e-03"]["fnmr"] == round(float((scores[mated] < threshold).mean()), 6)
    assert cell["images"] == len(inside)
    assert cell["not_found"] == round(float((~faces.found[inside]).mean()), 6)
    assert cell["rates"]["not_found"]["trials"] == len(inside)


def test_people_without_a_cohort_are_left_out_and_counted(told: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    assert told[0]["people_without_cohort"] == 2
    assert [cell["cohort"] for cell in told[0]["cells"]] == ["far", "few", "near"]
    assert sum(cell["people"] for cell in told[0]["cells"]) == PEOPLE - 2


def test_a_cohort_of_few_says_that_its_data_are_too_few(told: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    few = _cell(told, "few")
    assert few["at"]["1e-03"]["fmr"] == few["at"]["1e-03"]["fnmr"] == few["not_found"] == INSUFFICIENT
    assert few["single_cohort_gallery"]["rank1"] == INSUFFICIENT
    assert "FMR within the cohort few at the FMR 1e-03: insufficient data" in told[1]
    assert not [words for words in told[1] if "cohort near" in words or "cohort far" in words]


def test_a_level_that_the_data_do_not_carry_is_named() -> None:
    few = simulated_faces(70, 4)
    block, missing = cohorts(
        few, labelled(few, dict.fromkeys(few.identities, "all")), compare_all(few, lambda _d, _o: None)
    )
    assert block is not None
    assert list(block["thresholds"]) == ["1e-03"]  # type: ignore[call-overload]
    assert "error rates by cohort at the FMR 1e-04: too few non-mated pairs for a threshold" in missing


def test_a_gallery_of_one_cohort_alone_is_searched(told: tuple[dict[str, Any], tuple[str, ...]]) -> None:
    near = _cell(told, "near")["single_cohort_gallery"]
    assert (near["references"], near["probes"]) == (PEOPLE // 2, PEOPLE // 2)
    assert 0 < near["rank1"] <= 1
    assert near["target_fpir"] == 0.1
    assert set(near["rates"]) >= {"rank1"}


def test_without_labels_or_comparisons_nothing_is_told_and_the_reason_is(faces: Faces, whole: Comparisons) -> None:
    for block, missing in (
        cohorts(faces, labelled(faces, {}), whole),
        cohorts(faces, labelled(faces, {faces.identities[0]: "one"}), None),
    ):
        assert block is None
        assert len(missing) == 1 and missing[0].startswith("error rates by cohort: ")
