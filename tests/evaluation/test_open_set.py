"""Thresholds hold the FPIR that was asked for, misses are counted as a plain loop counts them, and no photograph has two parts."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from beholden.evaluation import identification, open_set
from beholden.evaluation.faces import Faces
from beholden.evaluation.people import INSUFFICIENT
from tests.evaluation.simulated import simulated_faces

MANY = np.repeat([1, 4], [900, 60])  # of 900 people one photograph, of 60 four


def told(faces: Faces, **asked: Any) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", open_set.open_set(faces, **asked))


@pytest.mark.parametrize("target", [0.0, 0.1, 0.25, 0.5, 0.99, 1.0])
def test_the_threshold_is_the_least_that_holds_the_target(target: float) -> None:
    best = np.round(np.random.default_rng(1).normal(0.3, 0.1, 400), 2)  # rounded: many are equal
    threshold = open_set.threshold_for(best, target)
    assert (best >= threshold).mean() <= target
    assert threshold == -1.0 if target == 1.0 else (best >= round(threshold - 1e-4, 4)).mean() > target
    assert threshold == round(threshold, 4)


def test_the_sets_are_those_of_the_definition_and_share_nobody() -> None:
    faces = simulated_faces(960, MANY)
    split = open_set._split(faces, None, np.random.default_rng(1))
    assert split is not None
    held, probes, away = (
        set(faces.people[rows].tolist()) for rows in (split.gallery.references, split.gallery.probes, split.strangers)
    )
    assert (len(held), len(probes), len(away)) == (450 + 60, 60, 450)
    assert probes <= held
    assert not held & away
    assert (faces.people[split.gallery.references][split.mated.owners] == faces.people[split.gallery.probes]).all()
    assert len(split.gallery.probes) == 180


@pytest.mark.parametrize("dimension", [4, 48])  # in four dimensions many references score high: the list of 20 is full
def test_rates_of_the_whole_gallery_are_those_of_a_plain_loop(dimension: int) -> None:
    faces = simulated_faces(960, MANY, noise=0.9, dimension=dimension, not_found=0.03)
    split = open_set._split(faces, None, np.random.default_rng(open_set.SEED))
    assert split is not None
    references = split.gallery.references
    by_person = {int(faces.people[row]): row for row in references}
    for found in told(faces)[:2]:
        threshold, missed, reached, above = found["threshold"], 0, 0, 0
        for row in split.gallery.probes:
            scores = faces.scores(np.full(len(references), row), references)
            own = faces.scores(np.array([row]), np.array([by_person[int(faces.people[row])]]))[0]
            missed += not (own >= threshold and (scores >= own - 1e-6).sum() <= open_set.LISTED)
        for row in split.strangers:
            scores = faces.scores(np.full(len(references), row), references)
            reached += bool((scores >= threshold).any())
            above += int((scores >= threshold).sum())
        assert (found["rates"]["fnir"]["errors"], found["rates"]["fnir"]["trials"]) == (missed, 180)
        assert found["fnir"] == pytest.approx(missed / 180, abs=1e-6)
        assert (found["rates"]["fpir"]["errors"], found["rates"]["fpir"]["trials"]) == (reached, 450)
        assert found["selectivity"] == pytest.approx(above / 450, abs=1e-6)
        assert missed > 0


def test_every_size_has_the_same_people_and_holds_its_target() -> None:
    found = told(simulated_faces(960, MANY, noise=0.9, dimension=24))
    assert [each["references"] for each in found] == [510, 510, 255, 255, 128, 128]
    assert [each["target_fpir"] for each in found] == [0.1, 0.03] * 3  # 0.01 of 450 would be 4.5 errors
    for each in found:
        parts = round(510 / each["references"])
        assert each["rates"]["fpir"]["trials"] == 450 * parts
        assert each["rates"]["fpir"]["errors"] <= each["target_fpir"] * 450 * parts
        assert each["rates"]["fpir"]["people"] == 450
        assert (each["rates"]["fnir"]["trials"], each["rates"]["fnir"]["people"]) == (180, 60)
        assert (each["non_mated_probes"], each["mated_probes"]) == (450, 180)
        assert each["selectivity"] >= each["rates"]["fpir"]["errors"] / (450 * parts) - 1e-6
    at_ten, at_three = found[::2], found[1::2]
    assert [each["threshold"] for each in at_ten] == sorted((each["threshold"] for each in at_ten), reverse=True)
    assert [each["fnir"] for each in at_ten] == sorted((each["fnir"] for each in at_ten), reverse=True)
    assert all(low["fnir"] <= high["fnir"] for low, high in zip(at_ten, at_three, strict=True))


def test_the_same_folder_gives_the_same_figures_and_another_seed_others() -> None:
    faces = simulated_faces(960, MANY, noise=1.2)
    assert told(faces) == told(faces)
    assert told(faces, seed=2) != told(faces)


def test_the_size_of_the_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    faces = simulated_faces(500, np.repeat([1, 3], [440, 60]), noise=1.0, dimension=16)
    whole = told(faces)
    monkeypatch.setattr(identification, "CELLS", 3_000)
    assert told(faces) == whole != []


def test_where_all_have_several_photographs_a_third_of_the_people_is_held_out() -> None:
    faces = simulated_faces(330, 3, noise=0.8)
    found = told(faces)
    assert {(each["references"], each["non_mated_probes"], each["mated_probes"]) for each in found} == {
        (220, 110, 440),
        (110, 110, 440),
    }
    assert {each["target_fpir"] for each in found} == {0.1}


def test_too_few_people_carry_no_target() -> None:
    assert told(simulated_faces(290, 3)) == []
    assert told(simulated_faces(290, 1)) == []
    assert told(simulated_faces(0, 1)) == []
    assert told(simulated_faces(960, MANY), within=np.arange(150)) == []


def test_too_few_mated_people_give_words_beside_a_measured_fpir() -> None:
    found = told(simulated_faces(420, np.repeat([1, 9], [400, 20])))
    assert found[0]["fnir"] == INSUFFICIENT
    assert found[0]["rates"]["fnir"] == {"people": 20, "value": INSUFFICIENT}
    assert found[0]["rates"]["fpir"]["trials"] == 200


def test_missing_faces_are_missed_and_reach_nothing() -> None:
    faces = simulated_faces(960, MANY, noise=0.2)
    faces.found[:] &= np.arange(len(faces.found)) % 10 > 0
    faces.templates[~faces.found] = 0
    found = told(faces)[0]
    split = open_set._split(faces, None, np.random.default_rng(open_set.SEED))
    assert split is not None
    missing = ~faces.found[split.gallery.probes] | ~faces.found[split.gallery.references][split.mated.owners]
    assert missing.sum() >= 20
    assert found["rates"]["fnir"]["errors"] == missing.sum()
