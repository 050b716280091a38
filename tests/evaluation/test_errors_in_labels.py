"""Wrong labels put in on purpose are found, each of its kind, and right ones are left alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from beholden.evaluation.comparisons import Comparisons, compare_all
from beholden.evaluation.errors_in_labels import Suspected, document, suspected_label_errors
from beholden.evaluation.faces import Faces
from tests.evaluation.simulated import simulated_faces

PEOPLE = 300


def _clean() -> Faces:
    return simulated_faces(PEOPLE, np.arange(PEOPLE) % 4 + 1, noise=0.7, dimension=96, seed=9)


def _suspected(faces: Faces) -> tuple[Suspected, ...]:
    comparisons: Comparisons | None = compare_all(faces, lambda _done, _of: None)
    return suspected_label_errors(faces, comparisons)


def _with(faces: Faces, changed: dict[int, np.ndarray]) -> Faces:
    templates = faces.templates.copy()
    for place, template in changed.items():
        templates[place] = template / np.linalg.norm(template)
    return replace(faces, templates=templates)


def _of(faces: Faces, person: int) -> list[int]:
    return np.flatnonzero(faces.people == person).tolist()


def _near(faces: Faces, place: int, seed: int) -> np.ndarray:
    """Another photograph of the same person."""
    return faces.templates[place] + 0.05 * np.random.default_rng(seed).standard_normal(faces.templates.shape[1])


@pytest.mark.parametrize("not_found", [0.0, 0.1])
def test_a_folder_without_an_error_has_nobody_suspected(not_found: float) -> None:
    faces = simulated_faces(PEOPLE, np.arange(PEOPLE) % 4 + 1, noise=0.7, dimension=96, seed=9, not_found=not_found)
    assert _suspected(faces) == ()


def test_one_person_under_two_names_is_told_once_by_the_best_pair() -> None:
    faces = _clean()
    one, other = _of(faces, 3), _of(faces, 7)  # four photographs each
    made = _with(faces, {place: _near(faces, one[0], place) for place in [*one, *other]})
    (found,) = _suspected(made)
    assert found.kind == "one person under two names"
    assert {found.image_a.split("/")[0], (found.image_b or "").split("/")[0]} == {
        made.identities[3],
        made.identities[7],
    }
    assert found.score == pytest.approx(
        made.scores(np.array(one)[:, None].repeat(4, 1).ravel(), np.array(other * 4)).max()
    )


def test_a_photograph_of_another_person_under_a_name_is_told_with_theirs() -> None:
    faces = _clean()
    wrong, theirs = _of(faces, 3)[1], _of(faces, 7)
    (found,) = _suspected(_with(faces, {wrong: _near(faces, theirs[0], 1)}))
    assert (found.kind, found.image_a) == ("another person under this name", faces.names[wrong])
    assert found.image_b == faces.names[theirs[0]]


def test_a_photograph_unlike_all_of_its_name_is_told_alone() -> None:
    faces = _clean()
    wrong = _of(faces, 3)[1]
    stranger = np.random.default_rng(3).standard_normal(96)  # one in ten would be somewhat like somebody here
    (found,) = _suspected(_with(faces, {wrong: stranger}))
    assert found.kind == "unlike every other photograph of this name"
    assert (found.image_a, found.image_b) == (faces.names[wrong], None)


def test_of_two_photographs_that_differ_nobody_can_say_which_is_wrong() -> None:
    faces = _clean()
    first, second = _of(faces, 1)
    (found,) = _suspected(_with(faces, {second: -faces.templates[second]}))
    assert found.kind == "unlike every other photograph of this name"
    assert (found.image_a, found.image_b) == (faces.names[first], faces.names[second])


def test_the_best_evidence_stands_first() -> None:
    faces = _clean()
    a, b, c, d = (_of(faces, person)[0] for person in (0, 4, 8, 12))  # one photograph each
    found = _suspected(_with(faces, {b: faces.templates[a], d: _near(faces, c, 3)}))
    assert [each.image_a for each in found] == [faces.names[a], faces.names[c]]
    assert found[0].score == pytest.approx(1.0, abs=1e-4)
    assert found[0].beyond > found[1].beyond


def test_a_photograph_without_a_face_is_no_error_of_a_label() -> None:
    faces = _clean()
    lost = _of(faces, 3)[0]
    found = faces.found.copy()
    found[lost] = False
    assert _suspected(replace(_with(faces, {lost: np.ones(96)}), found=found)) == ()


def test_nothing_is_suspected_where_there_is_nothing_to_go_by() -> None:
    assert suspected_label_errors(_clean(), None) == ()
    assert _suspected(simulated_faces(10, 3)) == ()


def test_no_more_than_two_hundred_are_listed() -> None:
    many = tuple(Suspected("one person under two names", f"{n}.jpg", "x.jpg", 0.98765, 1.0) for n in range(300))
    told = document(many, withheld=False)
    assert isinstance(told, list)
    assert len(told) == 200
    assert told[0] == {"kind": "one person under two names", "image_a": "0.jpg", "image_b": "x.jpg", "score": 0.9877}


def test_in_a_system_only_their_number_is_told_and_none_under_thirty() -> None:
    many = tuple(Suspected("one person under two names", f"{n}.jpg", "x.jpg", 0.9, 1.0) for n in range(30))
    assert document(many, withheld=True) == {"count": 30, "names": "withheld"}
    for few in ((), many[:1], many[:29]):
        assert document(few, withheld=True) == {"count": None, "names": "withheld"}
