"""Years between photographs and ages of children: each band from its own pairs, and an empty one is missing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.evaluation.ages import ages
from beholden.evaluation.comparisons import Comparisons, compare_all
from beholden.evaluation.faces import Faces, Real
from beholden.evaluation.images import LabelledImages
from beholden.evaluation.people import INSUFFICIENT
from tests.evaluation.simulated import simulated_faces

PEOPLE = 200


@pytest.fixture(scope="module")
def faces() -> Faces:
    return simulated_faces(PEOPLE, 3, noise=1.0, seed=8)


@pytest.fixture(scope="module")
def whole(faces: Faces) -> Comparisons:
    found = compare_all(faces, lambda _done, _of: None)
    assert found is not None
    return found


def _labelled(faces: Faces, captured: dict[str, date], old: dict[str, float]) -> LabelledImages:
    return LabelledImages(Path(), faces.names, faces.identities, faces.people, {}, {}, captured, old)


def _ages_of(faces: Faces) -> Real:
    """Person by person 2, 6, 10, 15, 30 years at first, and 0.5 more with each photograph."""
    first = np.array([2.0, 6.0, 10.0, 15.0, 30.0])[faces.people % 5]
    return first + 0.5 * (np.arange(len(faces.names)) % 3)


def _told(faces: Faces, images: LabelledImages, whole: Comparisons) -> tuple[dict[str, Any], tuple[str, ...]]:
    block, missing = ages(faces, images, whole)
    assert block is not None
    return block, missing


def test_each_age_band_is_measured_on_its_own_pairs(faces: Faces, whole: Comparisons) -> None:
    old = _ages_of(faces)
    told, missing = _told(faces, _labelled(faces, {}, dict(zip(faces.names, old.tolist(), strict=True))), whole)
    assert [cell["band"] for cell in told["bands"]] == ["0-3", "4-8", "9-12", "13-17", "adult"]
    assert [cell["people"] for cell in told["bands"]] == [PEOPLE // 5] * 5
    inside = np.flatnonzero((old >= 4) & (old < 9))
    first, second = np.triu_indices(len(inside), 1)
    a, b = inside[first], inside[second]
    scores, mated = faces.scores(a, b), faces.people[a] == faces.people[b]
    threshold = whole.threshold_at(1e-3)  # 1e-4 is not carried
    assert (told["at_fmr"], told["threshold"]) == ("1e-03", round(threshold, 4))
    assert told["bands"][1]["fmr"] == round(float((scores[~mated] >= threshold).mean()), 6)
    assert told["bands"][1]["fnmr"] == round(float((scores[mated] < threshold).mean()), 6)
    assert told["bands"][1]["rates"]["fnmr"]["trials"] == mated.sum() == 120
    assert not [words for words in missing if "age band" in words]


def test_a_pair_across_two_bands_belongs_to_neither(faces: Faces, whole: Comparisons) -> None:
    old = np.where(np.arange(len(faces.names)) % 3 == 0, 3.9, 4.0)
    told, _ = _told(faces, _labelled(faces, {}, dict(zip(faces.names, old.tolist(), strict=True))), whole)
    young, older = told["bands"][0], told["bands"][1]
    assert (young["images"], older["images"]) == (PEOPLE, 2 * PEOPLE)
    assert young["fnmr"] == INSUFFICIENT, "no two of one person are in it"
    assert older["rates"]["fnmr"]["trials"] == PEOPLE


def test_the_gap_is_between_the_dates(faces: Faces, whole: Comparisons) -> None:
    start = date(2000, 1, 1)
    captured = {name: start + timedelta(days=round(i % 3 * 4 * 365.25)) for i, name in enumerate(faces.names)}
    told, missing = _told(faces, _labelled(faces, captured, {}), whole)
    assert {(gap["from_years"], gap["to_years"]): gap["mated"] for gap in told["gaps"]} == {
        (0, 1): 0,
        (1, 3): 0,
        (3, 5): 2 * PEOPLE,
        (5, 10): PEOPLE,
        (10, 20): 0,
        (20, None): 0,
    }
    assert isinstance(told["gaps"][2]["fnmr"], float)
    assert told["gaps"][0]["fnmr"] == INSUFFICIENT
    assert "FNMR over 20 years or more between the photographs: insufficient data" in missing
    assert "FNMR over 0 to 1 years between the photographs: insufficient data" in missing
    assert "FMR within the age band 0-3: insufficient data" in missing, "no age was given at all"


def test_where_a_date_is_missing_the_ages_say_how_far_apart(faces: Faces, whole: Comparisons) -> None:
    captured = {name: date(2000, 1, 1) for i, name in enumerate(faces.names) if i % 3 != 2}
    old = {name: 20.0 + 6 * (i % 3) for i, name in enumerate(faces.names)}
    told, _ = _told(faces, _labelled(faces, captured, old), whole)
    assert [gap["mated"] for gap in told["gaps"]] == [PEOPLE, 0, 0, PEOPLE, PEOPLE, 0]


def test_without_ages_the_evaluation_says_what_is_missing(faces: Faces, whole: Comparisons) -> None:
    block, missing = ages(faces, _labelled(faces, {}, {}), whole)
    assert block is None
    assert missing == (
        "error rates by age gap and by age band: no ages.csv says how old anybody is in which photograph",
    )


def test_without_a_threshold_nothing_is_told(faces: Faces) -> None:
    images = _labelled(faces, {}, {faces.names[0]: 3.0})
    few = simulated_faces(10, 3)
    for comparisons in (None, compare_all(few, lambda _done, _of: None)):
        block, missing = ages(faces, images, comparisons)
        assert block is None
        assert missing == ("error rates by age gap and by age band: too few non-mated pairs for a threshold",)
