"""Numbers that any correct implementation gives on known photographs, which BEHOLDEN_EVAL_DIR names."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from beholden.media.pillow import PillowMedia
from beholden.model import yunet
from beholden.model.alignment import chip
from beholden.model.catalogue import manifest_of
from beholden.model.recogniser import Recogniser
from beholden.model.weights import read_pinned
from tests.photographs import photographs


@cache
def raw(person: str, number: int) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """Box, score and raw template as the reference run had them: one pass without a border."""
    pixels = PillowMedia().decode((photographs("lfw") / person / f"{person}_{number:04}.jpg").read_bytes()).pixels
    manifest = manifest_of("yunet-sface")
    found = yunet.look(yunet.load(read_pinned(manifest.detector)), pixels, 0.6, side=1280, border=0.0)
    raw, _ = Recogniser(manifest).raw_templates([chip(pixels, found.landmarks[0])])
    return found.boxes[0], float(found.scores[0]), raw[0].astype(np.float64)


def cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_boxes_lengths_and_cosines_are_those_of_the_reference_run() -> None:
    box, score, first = raw("Aaron_Peirsol", 1)
    assert box == pytest.approx([75.3, 65.9, 95.7, 124.6], abs=0.1)
    assert score == pytest.approx(0.9409, abs=1e-3)
    assert first[:4] == pytest.approx([0.2530, -0.0584, 0.1855, -0.5843], abs=0.005)
    _, _, second = raw("Aaron_Peirsol", 2)
    assert second[:4] == pytest.approx([0.2234, -0.3309, 0.1280, -0.6821], abs=0.005)
    _, _, third = raw("Aaron_Eckhart", 1)
    assert third[:4] == pytest.approx([2.0621, 0.7100, 1.2058, -0.1358], abs=0.005)
    lengths = [float(np.linalg.norm(each)) for each in (first, second, third)]
    assert lengths == pytest.approx([11.7767, 12.4731, 12.6690], abs=0.01)
    assert cosine(first, second) == pytest.approx(0.8207, abs=0.002)
    assert cosine(first, third) == pytest.approx(0.1793, abs=0.002)
