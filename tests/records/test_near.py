"""Which pictures are one picture: by bits that differ, by how much there is to tell by, and by what a person said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.records.candidates import Stack, rank
from beholden.records.faces import Box, Face
from beholden.records.near import (
    NEAR,
    NOTHING_TO_TELL,
    SURE,
    Alike,
    Fingerprint,
    ToldApart,
    alike,
    are_near,
    distance,
    packed,
    unpacked,
)
from beholden.testing.examples import KEPT, a_face

PLAIN = bytes(32)


def turned(bits: int) -> bytes:
    """The first bits are ones, all others zeros."""
    return ((1 << bits) - 1).to_bytes(32, "little")


def of(bits: int, quality: int = 100) -> Fingerprint:
    return Fingerprint(turned(bits), quality)


def told_apart(one: str, other: str) -> ToldApart:
    return ToldApart("t", 0, KEPT, *sorted((one, other)), told_by="p")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_distance_is_the_number_of_bits_that_differ(one: bytes, other: bytes) -> None:
    counted = sum(f"{a ^ b:b}".count("1") for a, b in zip(one, other, strict=True))
    assert distance(one, other) == distance(other, one) == counted


def test_near_is_31_bits_and_no_more() -> None:
    assert NEAR == 31
    assert are_near(of(0), of(31))
    assert not are_near(of(0), of(32))


def test_nothing_is_claimed_of_a_picture_too_plain_to_tell() -> None:
    assert SURE == 50
    assert are_near(of(3, 50), of(3, 50))
    assert not are_near(of(3, 49), of(3, 100))
    assert not are_near(NOTHING_TO_TELL, NOTHING_TO_TELL)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 100))
def test_a_fingerprint_is_packed_and_unpacked(bits: bytes, quality: int) -> None:
    assert unpacked(packed(Fingerprint(bits, quality))) == Fingerprint(bits, quality)


@pytest.mark.parametrize("length", [0, 32, 34])
def test_what_is_no_packed_fingerprint_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="33 bytes"):
        unpacked(bytes(length))


def test_a_list_knows_who_looks_like_whom_but_for_those_told_apart() -> None:
    prints = {"a": of(0), "b": of(20), "c": of(40), "d": of(0, 20)}
    assert alike(prints, []) == Alike({"a": frozenset({"b"}), "b": frozenset({"a", "c"}), "c": frozenset({"b"})})
    assert alike(prints, [told_apart("b", "a")]) == Alike({"b": frozenset({"c"}), "c": frozenset({"b"})})
    assert alike({}, []) == Alike()


def face(number: int, image: str, person: str = "", left: float = 0.2) -> Face:
    return a_face(number, person_mark=person, image_id=image, box=Box(left, 0.2, 0.2, 0.3))


TWO = Alike({"a": frozenset({"b"}), "b": frozenset({"a"})})


def test_req_31_one_picture_in_two_files_takes_one_place_whatever_the_source_calls_it() -> None:
    faces = {1: face(1, "a", "p"), 2: face(2, "b", "q"), 3: face(3, "c", "q")}
    scores = [(1, 0.61), (2, 0.60), (3, 0.4)]
    assert rank(scores, faces, 20, TWO) == [
        Stack(faces[1], 0.61, 2, copies=(faces[2],)),
        Stack(faces[3], 0.4, 1),  # another photograph of q keeps its place: a wrong name in a source hides nobody
    ]
    assert [stack.references for stack in rank(scores, faces, 20)] == [1, 2]


def test_two_faces_of_one_photograph_and_of_its_copy_stay_two_people() -> None:
    faces = {1: face(1, "a"), 2: face(2, "a", left=0.6), 3: face(3, "b"), 4: face(4, "b", left=0.61)}
    listed = rank([(1, 0.6), (3, 0.59), (2, 0.55), (4, 0.54)], faces, 20, TWO)
    assert listed == [Stack(faces[1], 0.6, 2, copies=(faces[3],)), Stack(faces[2], 0.55, 2, copies=(faces[4],))]


def test_one_framed_like_another_is_not_hidden_behind_them_where_the_scores_say_two_people() -> None:
    faces = {1: face(1, "a"), 2: face(2, "b")}
    assert len(rank([(1, 0.6), (2, 0.44)], faces, 20, TWO)) == 2
    assert len(rank([(1, 0.6), (2, 0.46)], faces, 20, TWO)) == 1


def test_a_copy_whose_person_is_listed_before_counts_with_that_person() -> None:
    faces = {1: face(1, "c", "q"), 2: face(2, "a", "p"), 3: face(3, "b", "q")}
    listed = rank([(1, 0.62), (2, 0.61), (3, 0.60)], faces, 20, TWO)
    assert listed == [Stack(faces[1], 0.62, 2), Stack(faces[2], 0.61, 1)]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abcd"), st.integers(0, 2)), max_size=30), st.booleans())
def test_no_reference_is_lost_to_a_stack(drawn: list[tuple[int, str, int]], near: bool) -> None:
    every = frozenset("abcd")
    pairs = Alike({image: every - {image} for image in every} if near else {})
    faces = {
        n: face(n, image, f"p{person}" if person else "", left=place / 3)
        for n, (person, image, place) in enumerate(drawn)
    }
    listed = rank([(n, 1 - n / 100) for n in faces], faces, 100, pairs)
    assert sum(stack.references for stack in listed) == len(faces)
    assert len({stack.face.id for stack in listed}) == len(listed)
