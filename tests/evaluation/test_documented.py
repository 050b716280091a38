"""docs/evaluate.md names every field of a report and no other, and the sample that the pages are tested on has real fields."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.evaluation.images import LabelledImages, Pairs
from beholden.evaluation.people import MIN_PEOPLE, MIN_TRIALS
from beholden.evaluation.report import report_of
from beholden.ports.model import ModelCard
from tests.docs.pages import bare, page, rows, section
from tests.evaluation import sample_report
from tests.evaluation.simulated import simulated_faces

NAMED_BY_DATA = {"verification", "fnmr_at_fmr", "tmr_at_fmr", "thresholds", "at", "files", "measures", "rates"}
BLOCKS = (
    "verification",
    "all_pairs",
    "identification",
    "open_set",
    "cohorts",
    "age_gaps",
    "quality",
    "suspected_label_errors",
    "calibration",
)
DOCUMENT = page("evaluate.md")


def fields(part: object, name: str = "") -> set[str]:
    """Every key below a part of a report, apart from those that name what was measured (a file, a level, a cohort)."""
    found: set[str] = set()
    if isinstance(part, dict):
        for key, value in part.items():
            found |= fields(value, key) | (set() if name in NAMED_BY_DATA else {key}) if name != "rates" else set()
    elif isinstance(part, list):
        for one in part:
            found |= fields(one)
    return found


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """A report as it is made, of simulated photographs with labels of every kind, one of them wrong."""
    random = np.random.default_rng(5)
    faces = simulated_faces(280, np.repeat([4, 1], [50, 230]), noise=0.5, seed=5)
    templates = faces.templates.copy()
    templates[faces.names.index("person_00001/0001.jpg")] = templates[faces.names.index("person_00000/0001.jpg")]
    faces = type(faces)(faces.names, faces.identities, faces.people, templates, faces.found, faces.quality)
    a, b = random.integers(0, len(faces.names), (2, 800))
    a, b = np.concatenate([a[a != b], np.arange(0, 200, 2)]), np.concatenate([b[a != b], np.arange(1, 201, 2)])
    images = LabelledImages(
        root=Path(),
        names=faces.names,
        identities=faces.identities,
        people=faces.people,
        pairs={"pairs.csv": Pairs(a=a, b=b, mated=faces.people[a] == faces.people[b])},
        cohorts={who: "ab"[place % 2] for place, who in enumerate(faces.identities)},
        captured={name: date(2000 + place % 25, 1, 1) for place, name in enumerate(faces.names)},
        ages={name: float(place % 30) for place, name in enumerate(faces.names)},
    )
    card = ModelCard(
        name="simulated",
        space_id="0" * 16,
        dimension=64,
        files=(("a.onnx", "0" * 64),),
        licence="none",
        training_data="none",
        limits=(),
    )
    made_at = datetime(2026, 11, 22, tzinfo=UTC)
    report = report_of(
        images, faces, (), card=card, version="0.1.0", made_at=made_at, named=True, tell=lambda done, total: None
    )
    return report | {"seconds": 1.0}


def documented(block: str) -> set[str]:
    told = DOCUMENT.split(f"\n### `{block}`\n", 1)[1]
    return {bare(row[0]) for row in rows(re.split(r"\n##", told)[0], 2)}


def test_the_fields_of_a_report_are_those_of_the_document(real: dict[str, Any]) -> None:
    above = {bare(row[0]) for row in rows(section(DOCUMENT, "The report").split("\n### ")[0], 2)}
    assert above == set(real) | {"name", "space_id", "files"}
    assert set(BLOCKS) < above


@pytest.mark.parametrize("block", BLOCKS)
def test_every_field_of_a_block_is_documented_and_no_other(real: dict[str, Any], block: str) -> None:
    assert real[block], "the simulated folder measures every block"
    withheld = {"count", "names"} if block == "suspected_label_errors" else set()
    assert documented(block) == fields(real[block], block) | withheld


@pytest.mark.parametrize("block", BLOCKS)
def test_the_sample_that_pages_are_tested_on_has_no_field_that_a_report_has_not(
    real: dict[str, Any], block: str
) -> None:
    assert fields(sample_report.full()[block], block) <= fields(real[block], block)


def test_a_rate_is_documented(real: dict[str, Any]) -> None:
    told = {bare(row[0]) for row in rows(section(DOCUMENT, "A rate"), 2)}
    assert told == {"people", "trials", "errors", "interval_95", "at_most", "at_least", "value"}


def test_the_page_names_the_smallest_cell() -> None:
    assert f"{MIN_PEOPLE} people" in DOCUMENT
    assert f"{MIN_TRIALS} trials" in DOCUMENT
