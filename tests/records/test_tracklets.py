"""Who of one frame is who of the next: told by where they stand, and left open wherever two could be meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from beholden.records.exhibits import ExhibitFace, SubjectRole, at_once
from beholden.records.faces import Box, Frame, Quality, boxes_of, overlap, seconds_of
from beholden.records.retention import Kept
from beholden.records.tracklets import LEAST_OVERLAP, Link, links, worth

HERE = Box(0.2, 0.2, 0.2, 0.2)
FINE = Quality(unified=None, detector=0.95, eyes_px=80.0, sharpness=400.0, luminance=120.0, frontality=1.0)
START = datetime(2026, 1, 1, tzinfo=UTC)
KEPT = Kept("exhibit", START, "", "", START, START, legal_hold=False)
BOXES = some.builds(
    Box,
    some.floats(-0.2, 1.0),
    some.floats(-0.2, 1.0),
    some.floats(0.0, 0.6),
    some.floats(0.0, 0.6),
)


def moved(box: Box, right: float, down: float = 0.0, grown: float = 1.0) -> Box:
    return Box(box.left + right, box.top + down, box.width * grown, box.height * grown)


def test_a_face_that_moves_a_little_is_the_same() -> None:
    assert links([HERE], [moved(HERE, 0.05)]) == [Link(0, 0)]
    assert links([moved(HERE, 0.7), HERE], [moved(HERE, 0.02, 0.02, 1.2)]) == [Link(1, 0)]


def test_a_face_elsewhere_or_much_larger_is_another() -> None:
    assert links([HERE], [moved(HERE, 0.15)]) == []
    assert links([HERE], [moved(HERE, -0.1, -0.1, 2.1)]) == []


def test_where_two_could_be_meant_nobody_is_followed() -> None:
    between = moved(HERE, 0.05)
    assert links([HERE, moved(HERE, 0.1)], [between]) == []
    assert links([between], [HERE, moved(HERE, 0.1)]) == []


def test_beside_somebody_else_a_face_must_stay_in_its_place_and_is_doubted() -> None:
    beside = moved(HERE, 0.25)
    assert links([HERE, beside], [moved(HERE, 0.01), beside]) == [Link(0, 0, True), Link(1, 1, True)]
    assert links([HERE, beside], [moved(HERE, 0.08), beside]) == []


def test_where_somebody_near_came_or_went_nobody_is_followed() -> None:
    beside = moved(HERE, 0.25)
    assert links([HERE, beside], [moved(HERE, 0.01)]) == []
    assert links([HERE], [moved(HERE, 0.01), beside]) == []
    assert links([HERE, moved(HERE, 0.6)], [moved(HERE, 0.01)]) == [Link(0, 0)]


@given(some.lists(BOXES, max_size=6), some.lists(BOXES, max_size=6))
def test_a_face_is_followed_by_one_at_most_and_only_where_it_lies_over_it(before: list[Box], faces: list[Box]) -> None:
    linked = links(before, faces)
    assert len({link.before for link in linked}) == len({link.face for link in linked}) == len(linked)
    for link in linked:
        assert overlap(before[link.before], faces[link.face]) >= LEAST_OVERLAP


@given(BOXES, BOXES)
def test_overlap_is_a_share_and_the_same_both_ways(one: Box, other: Box) -> None:
    assert 0.0 <= overlap(one, other) <= 1.0 + 1e-9
    assert overlap(one, other) == overlap(other, one)


def test_each_part_of_its_quality_makes_a_sight_worth_more() -> None:
    assert 0 < worth(FINE) <= 1
    for worse in (
        replace(FINE, detector=0.7),
        replace(FINE, eyes_px=20.0),
        replace(FINE, sharpness=20.0),
        replace(FINE, frontality=0.2),
    ):
        assert 0 < worth(worse) < worth(FINE)
    assert worth(replace(FINE, eyes_px=300.0)) == worth(FINE)


def test_two_faces_of_a_photograph_are_there_at_once_and_of_a_film_only_in_the_same_time() -> None:
    plain = ExhibitFace("", 0, KEPT, "", "", 1, HERE, (), FINE, SubjectRole.UNDECLARED)
    early, late, later = (
        replace(plain, frames=tuple(Frame(at, HERE, (), FINE) for at in moments))
        for moments in ((3.0, 1.0), (5.0, 2.0), (6.0,))
    )
    assert seconds_of(plain) is None
    assert seconds_of(early) == (1.0, 3.0)
    assert boxes_of(plain) == [HERE]
    assert boxes_of(early) == [HERE, HERE]
    assert at_once(plain, plain)
    assert at_once(early, late)
    assert at_once(plain, late)
    assert not at_once(late, later)
