"""In a system copies, empty pictures and single pairs give no figure: from no part of a report is the score of one pair read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.errors import BadInput
from beholden.evaluation import figures, pages
from beholden.evaluation.crowds import with_copies_as_one, without_single_pairs
from beholden.evaluation.faces import QUALITY, Faces, Real
from beholden.evaluation.images import LabelledImages, Pairs
from beholden.evaluation.report import report_of
from beholden.testing.drawn import DrawnModel
from tests.evaluation.simulated import simulated_faces

RANDOM = np.random.default_rng(7)
A = np.eye(64)[0]
B = 0.6173 * np.eye(64)[0] + np.sqrt(1 - 0.6173**2) * np.eye(64)[1]
SECRET = 0.6173


def folder(templates: list[Real], found: list[bool]) -> Faces:
    """Two photographs a person, in the order given."""
    people = np.arange(len(templates)) // 2
    held = np.array(found)
    return Faces(
        names=tuple(f"p{person:04}/{place % 2}.jpg" for place, person in enumerate(people)),
        identities=tuple(f"p{person:04}" for person in range(len(templates) // 2)),
        people=people,
        templates=np.where(held[:, None], np.array(templates), 0).astype(np.float32),
        found=held,
        quality={name: np.where(held, 50.0, np.nan) for name in QUALITY},
    )


def report(faces: Faces, pairs: Pairs | None = None, *, named: bool = False) -> dict[str, Any]:
    lists = {} if pairs is None else {"pairs.csv": pairs}
    images = LabelledImages(Path(), faces.names, faces.identities, faces.people, lists, {}, {}, {})
    made_at = datetime(2026, 11, 22, tzinfo=UTC)
    card = DrawnModel().card
    return report_of(
        images, faces, (), card=card, version="0", made_at=made_at, named=named, tell=lambda done, total: None
    )


def numbers(part: object) -> Iterator[float]:
    if isinstance(part, float):
        yield part
    elif isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from numbers(one)


def tells(told: dict[str, Any]) -> bool:
    return any(abs(number - SECRET) < 2e-4 for number in numbers(told))


def test_a_pair_that_lies_in_a_hundred_folders_is_one_pair() -> None:
    copied = folder([A, B] * 100, [True] * 200)
    assert tells(report(copied, named=True)), "what would be told"
    with pytest.raises(BadInput, match="the folders show 1 people"):
        report(copied)
    noise = RANDOM.standard_normal((200, 64)) * 0.02
    moved = [one / np.linalg.norm(one) for one in copied.templates + noise]
    with pytest.raises(BadInput, match="the folders show 1 people"):
        report(folder(moved, [True] * 200))


def test_folders_without_a_face_are_no_crowd() -> None:
    blank = folder([A, B] * 120, [False] * 238 + [True] * 2)
    with pytest.raises(BadInput, match="119 of 120 people no face is found"):
        report(blank)


def test_of_one_pair_among_others_neither_the_lists_nor_the_curves_nor_the_calibration_tell_the_score() -> None:
    others = [one for one in np.linalg.qr(RANDOM.standard_normal((64, 64)))[0] for _ in range(2)]
    crowd = simulated_faces(300, 2, noise=0.1, seed=4)
    faces = folder([*crowd.templates, A, B, *others[:2]], [True] * 604)
    count = len(faces.names)
    mated = Pairs(np.arange(0, count, 2), np.arange(1, count, 2), np.ones(count // 2, dtype=bool))
    rest = Pairs(np.arange(0, count - 2, 2), np.arange(3, count, 2), np.zeros(count // 2 - 1, dtype=bool))
    both = Pairs(*(np.concatenate([getattr(mated, key), getattr(rest, key)]) for key in ("a", "b", "mated")))
    whole, told = report(faces, both, named=True), report(faces, both)
    assert tells(whole), "the least mated score stands in several places"
    assert not tells(told)
    assert told["verification"]["pairs.csv"]["best_threshold"] == "withheld"
    assert told["all_pairs"]["tmr_at_fmr"] == whole["all_pairs"]["tmr_at_fmr"]
    assert sum(told["all_pairs"]["distribution"]["mated"]) < sum(whole["all_pairs"]["distribution"]["mated"])
    assert min(count for count in told["all_pairs"]["distribution"]["mated"] if count) >= 30
    page = pages.html({**told, "seconds": 1.0}, figures.draw(told)).decode()
    assert "withheld" in page
    assert "Fewer than 30 suspected" in page
    assert b"Fewer than 30 suspected" in pages.markdown({**told, "seconds": 1.0})


def test_an_honest_folder_keeps_its_people_and_its_rates() -> None:
    faces = simulated_faces(200, 3, not_found=0.02, without_person=5)
    kept = with_copies_as_one(faces)
    assert (kept.people == faces.people).all()
    told, whole = report(faces), report(faces, named=True)
    for block in ("identification", "open_set", "quality", "faces_not_found"):
        assert told[block] == whole[block]
    assert told["all_pairs"]["cllr"] == whole["all_pairs"]["cllr"]
    curve, every = told["all_pairs"]["curve"], whole["all_pairs"]["curve"]
    assert set(curve["score"]) <= set(every["score"])


def test_a_photograph_under_two_names_makes_one_person_of_them() -> None:
    faces = simulated_faces(40, 3)
    templates = faces.templates.copy()
    templates[np.flatnonzero(faces.people == 7)[1]] = templates[np.flatnonzero(faces.people == 3)[0]]
    people = with_copies_as_one(replace(faces, templates=templates)).people
    assert set(people) == set(range(40)) - {7}
    assert (people[faces.people == 7] == 3).all()


def test_a_report_without_pairs_is_left_as_it_is() -> None:
    bare: dict[str, Any] = {"verification": {}, "all_pairs": None, "images": 3}
    assert without_single_pairs(bare) == bare
