"""Error against discard: a measure that knows lowers the misses, one that knows nothing leaves them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from beholden.evaluation.comparisons import Comparisons, compare_all
from beholden.evaluation.faces import Faces
from beholden.evaluation.quality import error_against_discard
from tests.evaluation.simulated import simulated_faces


def _blurred() -> tuple[Faces, Comparisons]:
    """A tenth of the photographs lost their likeness; `sharpness` knows, `unified` does not."""
    faces = simulated_faces(150, 4, noise=0.8, seed=4, not_found=0.02)
    random = np.random.default_rng(4)
    blurred = (random.random(len(faces.names)) < 0.1) & faces.found
    templates = faces.templates + np.where(blurred[:, None], 0.35 * random.standard_normal(faces.templates.shape), 0)
    templates /= np.maximum(np.linalg.norm(templates, axis=1, keepdims=True), 1e-9)
    sharpness = np.where(faces.found, np.where(blurred, 1.0, 2.0) + 0.1 * random.random(len(blurred)), np.nan)
    made = replace(faces, templates=templates.astype(np.float32), quality={**faces.quality, "sharpness": sharpness})
    whole = compare_all(made, lambda _done, _of: None)
    assert whole is not None
    return made, whole


def _told() -> tuple[Faces, Comparisons, dict[str, Any]]:
    faces, whole = _blurred()
    told = error_against_discard(faces, whole)
    assert told is not None
    return faces, whole, told


def test_a_measure_that_knows_lowers_the_misses() -> None:
    _, _, told = _told()
    fnmr = {name: [cell["fnmr"] for cell in cells] for name, cells in told["measures"].items()}
    assert fnmr["sharpness"][4] < 0.3 * fnmr["sharpness"][0]
    assert fnmr["random"][4] > 0.7 * fnmr["random"][0]
    assert len({of[0] for of in fnmr.values()}) == 1, "with nothing put aside all measures are one"


def test_the_worst_pairs_are_put_aside_and_missing_faces_first() -> None:
    faces, whole, told = _told()
    missing = ~(faces.found[whole.mated.a] & faces.found[whole.mated.b])
    wrong = whole.mated.scores < whole.threshold_at(1e-3)
    quality = np.minimum(faces.quality["sharpness"][whole.mated.a], faces.quality["sharpness"][whole.mated.b])
    order = np.argsort(np.where(missing, -1, quality), kind="stable")
    kept = order[round(0.2 * len(order)) :]
    cell = told["measures"]["sharpness"][3]
    assert 0 < missing.sum() < round(0.2 * len(order))
    assert (cell["discarded"], cell["fnmr"]) == (0.2, round(float(wrong[kept].mean()), 6))
    assert cell["rates"]["fnmr"]["trials"] == len(kept)


def test_every_measure_and_chance_are_told() -> None:
    _, whole, told = _told()
    assert list(told["measures"]) == [
        "unified", "detector", "eyes_px", "sharpness", "luminance", "frontality", "random",
    ]  # fmt: skip
    assert all([cell["discarded"] for cell in cells] == [0, 0.05, 0.1, 0.2, 0.3] for cells in told["measures"].values())
    assert (told["at_fmr"], told["threshold"]) == ("1e-03", round(whole.threshold_at(1e-3), 4))


def test_the_same_folder_gives_the_same_figures() -> None:
    assert _told()[2] == _told()[2]


def test_without_a_threshold_there_is_nothing_to_tell() -> None:
    few = simulated_faces(10, 3)
    assert error_against_discard(few, None) is None
    assert error_against_discard(few, compare_all(few, lambda _done, _of: None)) is None
