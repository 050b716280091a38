"""The list counts people: stacks by the source's word, best first, and nothing that the records no longer allow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.records.candidates import Stack, rank
from beholden.records.faces import Face, FaceState
from beholden.testing.examples import a_face


def face(number: int, person: str = "", **changes: object) -> Face:
    return a_face(number, person_mark=person, gallery_id="g", **changes)


def test_req_31_references_of_one_person_take_one_place_with_the_best_score() -> None:
    faces = {1: face(1, "p"), 2: face(2, "q"), 3: face(3, "p"), 4: face(4)}
    assert rank([(3, 0.9), (2, 0.8), (1, 0.7), (4, 0.1)], faces, 20) == [
        Stack(faces[3], 0.9, 2),
        Stack(faces[2], 0.8, 1),
        Stack(faces[4], 0.1, 1),
    ]


def test_faces_of_which_the_source_says_nothing_stand_alone() -> None:
    faces = {n: face(n) for n in (1, 2)}
    assert [stack.references for stack in rank([(1, 0.9), (2, 0.9)], faces, 20)] == [1, 1]


def test_req_31_one_person_of_a_source_has_one_place_also_over_two_galleries() -> None:
    faces = {1: face(1, "p"), 2: a_face(2, person_mark="p", gallery_id="other")}
    assert rank([(1, 0.9), (2, 0.8)], faces, 20) == [Stack(faces[1], 0.9, 2)]


@pytest.mark.parametrize("state", [FaceState.WAITING, FaceState.ERASING, FaceState.ERASED])
def test_a_face_that_is_not_live_is_not_listed_and_does_not_lead_its_person(state: FaceState) -> None:
    faces = {1: face(1, "p", state=state), 2: face(2, "p")}
    assert rank([(1, 0.9), (2, 0.4)], faces, 20) == [Stack(faces[2], 0.4, 1)]


def test_a_number_that_the_records_do_not_have_is_not_listed() -> None:
    assert rank([(9, 0.9)], {}, 20) == []


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(FaceState)), max_size=40),
    st.integers(0, 10),
)
def test_req_31_a_list_has_each_person_once_and_never_more_than_its_limit(
    drawn: list[tuple[int, FaceState]], limit: int
) -> None:
    faces = {n: face(n, f"p{person}" if person else "", state=state) for n, (person, state) in enumerate(drawn)}
    scores = [(n, 1 - n / 100) for n in faces]
    listed = rank(scores, faces, limit)
    people = [stack.face.person_mark or stack.face.id for stack in listed]
    assert len(people) == len(set(people)) <= limit
    assert [stack.score for stack in listed] == sorted((stack.score for stack in listed), reverse=True)
    live = [one for one in faces.values() if one.state is FaceState.LIVE]
    assert all(stack.face in live for stack in listed)
    if limit >= len(live):
        assert sum(stack.references for stack in listed) == len(live)
