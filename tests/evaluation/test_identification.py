"""Ranks are those of a plain sort, ties and missing faces count against, and fused probes are fused as the search does."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import numpy as np
import pytest

from beholden.evaluation import identification
from beholden.evaluation.faces import Faces
from beholden.evaluation.people import INSUFFICIENT
from tests.evaluation.simulated import simulated_faces


def told(faces: Faces, within: list[int] | None = None) -> dict[str, Any]:
    found = identification.closed_set(faces, None if within is None else np.array(within))
    assert found is not None
    return cast("dict[str, Any]", found)


def changed(faces: Faces, **places: Any) -> Faces:
    """With the templates of some photographs, by name, put in place of their own; None: no face was found."""
    templates, found = faces.templates.copy(), faces.found.copy()
    for name, template in places.items():
        row = faces.names.index(f"{name[:-4]}/{name[-4:]}.jpg")
        templates[row], found[row] = (0, False) if template is None else (template, True)
    return dataclasses.replace(faces, templates=templates, found=found)


def template(faces: Faces, name: str) -> Any:
    return faces.templates[faces.names.index(name)]


def ranks(faces: Faces) -> list[int]:
    gallery = identification.gallery_of(faces)
    return [int(place) for place in identification.ranks(faces, gallery, identification.single(faces, gallery))[0]]


def plain_ranks(faces: Faces) -> list[tuple[int, int]]:
    """Person and rank of every photograph that is not the first of its person: one by one, in the order of the names."""
    first: dict[int, int] = {}
    for row, person in enumerate(faces.people.tolist()):
        first.setdefault(person, row)
    ranks = []
    for row, person in enumerate(faces.people.tolist()):
        if row == first[person]:
            continue
        own = faces.scores(np.array([row]), np.array([first[person]]))[0]
        others = [other for other in first if other != person]
        scores = faces.scores(np.full(len(others), row), np.array([first[other] for other in others]))
        missing = not (faces.found[row] and faces.found[first[person]])
        ranks.append((person, 10**6 if missing else 1 + int((scores >= own).sum())))
    return ranks


def test_ranks_and_rates_are_those_of_a_plain_sort() -> None:
    faces = simulated_faces(70, np.arange(70) % 5 + 1, noise=1.6, dimension=24, not_found=0.05)
    ranks = [rank for _, rank in plain_ranks(faces)]
    found = told(faces)
    assert (found["references"], found["probes"]) == (70, len(faces.names) - 70)
    for rank in (1, 10):
        assert found[f"rank{rank}"] == pytest.approx(np.mean(np.array(ranks) <= rank), abs=1e-6)
        assert found["rates"][f"rank{rank}"]["errors"] == sum(place > rank for place in ranks)
        assert found["rates"][f"rank{rank}"]["trials"] == len(ranks)
        assert found["rates"][f"rank{rank}"]["people"] == 56
    assert found["cmc"] == pytest.approx([np.mean(np.array(ranks) <= rank) for rank in range(1, 51)], abs=1e-6)
    assert 0 < found["rank1"] < found["rank10"] < 1


def test_the_size_of_the_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    faces = simulated_faces(60, 4, noise=1.5, dimension=16, not_found=0.02)
    whole = told(faces)
    monkeypatch.setattr(identification, "CELLS", 500)
    assert told(faces) == whole


def test_a_block_is_small_whatever_the_gallery() -> None:
    for rows, width in ((10_000, 100_000), (7, 3), (1, 10**8), (0, 5)):
        parts = identification.blocks(rows, width)
        assert [row for part in parts for row in range(part.start, part.stop)] == list(range(rows))
        assert all((part.stop - part.start) * width <= max(identification.CELLS, width) for part in parts)


def test_a_tie_counts_against_the_right_person() -> None:
    faces = simulated_faces(40, 2, noise=0.3)
    assert ranks(faces) == [1] * 40
    assert ranks(changed(faces, person_000030001=template(faces, "person_00007/0001.jpg")))[7] == 2


def test_a_missing_probe_and_a_missing_reference_are_misses_at_every_rank() -> None:
    faces = simulated_faces(40, 4, noise=0.3)
    gaps = changed(faces, person_000050002=None, person_000090001=None)
    found = told(gaps)
    assert found["rates"]["rank1"]["errors"] == found["rates"]["rank10"]["errors"] == 1 + 3
    assert found["cmc"][-1] == pytest.approx(1 - 4 / 120, abs=1e-6)


def test_strangers_without_a_folder_take_no_part() -> None:
    faces = simulated_faces(40, 3, noise=1.2)
    with_strangers = simulated_faces(40, 3, noise=1.2, without_person=25)
    assert told(with_strangers)["references"] == 40
    assert told(with_strangers)["probes"] == told(faces)["probes"] == 80


def test_within_keeps_to_these_people_on_both_sides() -> None:
    faces = simulated_faces(80, 4, noise=1.5, dimension=16)
    half = list(range(0, 80, 2))
    rows = np.isin(faces.people, half)
    alone = dataclasses.replace(
        faces,
        names=tuple(np.array(faces.names)[rows].tolist()),
        people=faces.people[rows],
        templates=faces.templates[rows],
        found=faces.found[rows],
        quality={measure: values[rows] for measure, values in faces.quality.items()},
    )
    assert told(faces, half) == told(alone)
    assert told(faces, half)["references"] == 40


def test_groups_are_disjoint_consecutive_and_of_one_person() -> None:
    faces = simulated_faces(5, np.array([1, 2, 3, 6, 8]))
    gallery = identification.gallery_of(faces)
    for photographs, groups in ((2, [0, 0, 1, 2, 3]), (3, [0, 0, 0, 1, 2])):
        fused = identification.fused(faces, gallery, photographs)
        assert np.bincount(fused.owners, minlength=5).tolist() == groups
        assert (faces.people[fused.members] == fused.owners[:, None]).all()
        assert not set(fused.members.ravel().tolist()) & set(gallery.references.tolist())
        assert len(set(fused.members.ravel().tolist())) == fused.members.size
    names = [faces.names[row] for row in identification.fused(faces, gallery, 3).members[1]]
    assert names == ["person_00004/0002.jpg", "person_00004/0003.jpg", "person_00004/0004.jpg"]


def test_a_fused_probe_is_the_mean_of_unit_templates_of_unit_length_without_the_missing() -> None:
    faces = simulated_faces(3, 4)
    gaps = changed(faces, person_000000003=None, person_000010002=None, person_000010003=None, person_000010004=None)
    fused = identification.fused(gaps, identification.gallery_of(gaps), 3)
    mean = (template(faces, "person_00000/0002.jpg") + template(faces, "person_00000/0004.jpg")) / 2
    assert fused.templates[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert fused.found.tolist() == [True, False, True]
    whole = np.mean([template(faces, f"person_00002/000{n}.jpg") for n in (2, 3, 4)], axis=0)
    assert fused.templates[2] == pytest.approx(whole / np.linalg.norm(whole), abs=1e-6)


def test_more_photographs_of_the_same_people_find_them_more_often() -> None:
    found = told(simulated_faces(200, 7, noise=1.7, dimension=64))
    two, three = found["fused"]
    assert (two["photographs"], two["probes"], three["photographs"], three["probes"]) == (2, 600, 3, 400)
    assert two["references"] == three["references"] == 200
    assert three["rank1"] > two["rank1"] > two["rank1_one_photograph"] > 0.1
    assert two["rates"]["rank1_one_photograph"]["trials"] == two["rates"]["rank1"]["trials"] == 600
    assert two["rates"]["rank1"]["interval_95"][0] < two["rank1"] < two["rates"]["rank1"]["interval_95"][1]


def test_too_few_people_give_words_and_no_number() -> None:
    found = told(simulated_faces(29, 9))
    assert [found["rank1"], found["rank10"], found["cmc"]] == [INSUFFICIENT] * 3
    assert found["rates"]["rank1"] == {"people": 29, "value": INSUFFICIENT}
    assert found["fused"][0]["rank1"] == INSUFFICIENT


def test_few_photographs_have_no_fused_probes_and_single_ones_no_identification() -> None:
    assert told(simulated_faces(40, 2))["fused"] == []
    assert identification.closed_set(simulated_faces(40, 1)) is None
    assert identification.closed_set(simulated_faces(1, 9)) is None
    assert identification.closed_set(simulated_faces(40, 3), np.array([], dtype=np.int64)) is None
    assert len(told(simulated_faces(31, 5))["cmc"]) == 31
