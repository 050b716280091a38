"""Drawing a face by hand: what is checked, what is kept, and that everybody who reads of it is told that it was drawn."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from beholden.actions import cases, draw, exhibits, sought
from beholden.errors import BadInput, NoUsableFace
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace
from beholden.records.cases import Case
from beholden.records.drawn_faces import LandmarksFrom, landmarks_by, landmarks_in, words
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Box
from beholden.records.searches import Search
from beholden.testing.drawn import DrawnModel
from tests.agency import Agency, last, rules_of
from tests.agency import draw as picture_of

THERE = Box(0.1, 1 / 3, 0.1, 1 / 3)  # the one block of a picture of 640 by 192 pixels
NOBODY = Box(0.7, 0.4, 0.1, 0.3)
KEPT = (Box(0.13, 0.44, 0.04, 0.12), Box(0.73, 0.49, 0.04, 0.12))  # with their margins they hold the two


class Blind(DrawnModel):
    """The real model, but that no first look finds anybody."""

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:
        return []


def add(agency: Agency, case: Case, content: bytes = b"", **more: Any) -> tuple[Exhibit, tuple[ExhibitFace, ...]]:
    """An exhibit in which no face was found; of it two places are kept."""
    blind = agency.with_parts(model=Blind())
    told = {"even_without_faces": True, "also": KEPT, **more}
    return exhibits.add_exhibit(
        blind.system,
        agency["ines"],
        content or picture_of(7, seed=5),
        case_id=case.id,
        file="a.png",
        origin="synthetic",
        why="seized",
        **told,
    )


def by_hand(agency: Agency, exhibit: Exhibit, box: Box = THERE, who: str = "ines", **more: Any) -> ExhibitFace:
    told = {"why": "behind the door", **more}
    return draw.draw_face(agency.system, agency[who], exhibit_id=exhibit.id, box=box, **told)


def searched(agency: Agency, case: Case, face: ExhibitFace) -> Search:
    gallery = agency.gallery()
    source = agency.source()
    agency.enrol(source, gallery, 7)
    agency.enrol(source, gallery, 8)
    declared = sought.declare_sought(
        agency.system, agency["ines"], case_id=case.id, face_ids=[face.id], subject_role="victim", why="the only one"
    )
    authority = agency.request(case, declared, gallery)
    agency.approve(authority)
    return agency.search(agency.get(type(authority), authority.id))


def test_a_photograph_without_a_found_face_is_kept_only_if_that_is_said(agency: Agency) -> None:
    case = agency.case()
    with pytest.raises(NoUsableFace, match="say that it is added even without"):
        add(agency, case, even_without_faces=False)
    with pytest.raises(BadInput, match="name the region in which you see the face"):
        add(agency, case, also=())
    assert agency.find(Exhibit) == []
    exhibit, faces = add(agency, case)
    assert faces == ()
    assert (exhibit.thorough, exhibit.smallest_face) == (True, 8)
    assert not add(agency, case, picture_of(9), thorough=False)[0].thorough


def test_a_drawn_face_says_who_drew_it_and_who_told_its_landmarks(agency: Agency) -> None:
    exhibit, _ = add(agency, agency.case())
    face = by_hand(agency, exhibit)
    assert last(agency) == ("exhibit.face_drawn", "done", [])
    assert agency.get(ExhibitFace, face.id) == face
    assert (face.position, face.box, face.drawn_by) == (1, THERE, agency.ids["ines"])
    assert face.landmarks_from is LandmarksFrom.DETECTOR
    assert face.quality.detector == 0.95
    placed = by_hand(agency, exhibit, NOBODY)
    assert (placed.position, placed.landmarks_from) == (2, LandmarksFrom.BOX)
    assert placed.landmarks == landmarks_in(NOBODY)
    assert placed.quality.detector == 0
    shown = exhibits.show_faces(agency.system, agency["ines"], exhibit_id=exhibit.id)
    assert [one for one, _ in shown] == [face, placed]


def test_the_two_eyes_place_the_nose_and_the_mouth_as_tilted_as_they_are(agency: Agency) -> None:
    exhibit, _ = add(agency, agency.case())
    eyes = ((0.16, 0.4), (0.16, 0.55))  # it lies on its side
    face = by_hand(agency, exhibit, eyes=eyes)
    assert face.landmarks_from is LandmarksFrom.EYES
    assert [part for eye in face.landmarks[:2] for part in eye] == pytest.approx([0.16, 0.4, 0.16, 0.55])
    assert face.landmarks[2][0] < 0.16
    assert face.landmarks[2][1] == pytest.approx(0.475)
    assert face.quality.eyes_px == pytest.approx(0.15 * 192)


def test_upright_eyes_and_the_box_place_the_landmarks_alike() -> None:
    box = Box(0.2, 0.2, 0.3, 0.41)  # as high as the detector draws them
    by_box = landmarks_in(box)
    by_eyes = landmarks_by(by_box[:2], width=1000, height=1000)
    assert all(math.dist(one, other) < 0.03 for one, other in zip(by_box, by_eyes, strict=True))


@pytest.mark.parametrize(
    ("box", "more", "said"),
    [
        (Box(0.1, 0.3, 0.1, 0.8), {}, "must lie in the picture"),
        (Box(0.1, math.nan, 0.1, 0.1), {}, "must lie in the picture"),
        (Box(0.1, 0.4, 0.005, 0.02), {}, "smaller than 8 pixels"),
        (Box(0.4, 0.4, 0.1, 0.2), {}, "only the faces of this exhibit and what lies close around them"),
        (THERE, {"eyes": ((0.1, 0.4),)}, "two eyes in the box"),
        (THERE, {"eyes": ((0.12, 0.4), (0.5, 0.4))}, "two eyes in the box"),
        (THERE, {"eyes": ((0.12, 0.4), (0.12, 0.4))}, "in one place; show each"),
        (THERE, {"why": " "}, "say why a face is drawn"),
    ],
)
def test_what_cannot_be_a_face_there_is_refused_in_words(agency: Agency, box: Box, more: Any, said: str) -> None:
    exhibit, _ = add(agency, agency.case())
    with pytest.raises(BadInput, match=said):
        by_hand(agency, exhibit, box, **more)
    assert agency.find(ExhibitFace) == []
    assert last(agency)[:2] == ("exhibit.face_drawn", "failed")


def test_all_that_is_wrong_with_a_drawn_face_is_said_at_once(agency: Agency) -> None:
    exhibit, _ = add(agency, agency.case())
    with pytest.raises(BadInput) as refused:
        by_hand(agency, exhibit, Box(0.4, 0.4, 0.005, 0.02), eyes=((0.402, 0.41), (0.402, 0.41)), why="")
    said = str(refused.value)
    wrong = ("smaller than 8 pixels", "only the faces of this exhibit", "in one place; show each", "say why")
    assert [words in said for words in wrong] == [True] * 4
    assert said.count("; ") >= 3


def test_a_face_that_is_there_is_not_drawn_again_and_not_without_end(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhibit, _ = add(agency, agency.case())
    by_hand(agency, exhibit)
    with pytest.raises(BadInput, match="face 1 of this exhibit is there already"):
        by_hand(agency, exhibit)
    monkeypatch.setattr(draw, "MOST_DRAWN", 1)
    with pytest.raises(BadInput, match="1 faces were drawn in this exhibit already"):
        by_hand(agency, exhibit, NOBODY)


def test_only_an_investigator_of_the_open_case_draws_in_an_exhibit_that_is_held(agency: Agency) -> None:
    case = agency.case()
    exhibit, _ = add(agency, case)
    assert rules_of(agency, by_hand, agency, exhibit, who="ivo") == ["investigator-is-assigned"]
    assert "role-investigator-works-on-the-case" in rules_of(agency, by_hand, agency, exhibit, who="rosa")
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=exhibit.id, reason="of another case")
    assert rules_of(agency, by_hand, agency, exhibit) == ["exhibit-is-held"]
    cases.close_case(agency.system, agency["ines"], case_id=case.id, outcome="found")
    assert rules_of(agency, by_hand, agency, exhibit) == ["case-is-open", "exhibit-is-held"]


def test_a_drawn_face_is_searched_with_and_the_list_and_the_packet_say_that_it_was_drawn(agency: Agency) -> None:
    case = agency.case()
    exhibit, _ = add(agency, case)
    found = searched(agency, case, by_hand(agency, exhibit))
    assert agency.ranks_by_person(found)[0] == 7
    told = "1 of 1 probe faces was drawn by hand: no detector had found it."
    assert told in agency.get(Search, found.id).statements
    [lead, *_] = agency.unsealed(found, 1)
    packet = agency.disclose(found, lead)
    manifest = json.loads(packet.files["disclosure.json"])
    assert manifest["probe"]["drawn_by_hand"] == 1
    assert told in manifest["search"]["statements"]


def test_a_list_whose_faces_were_all_found_says_nothing_of_drawing(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    assert not any("drawn" in told for told in agency.get(Search, found.id).statements)


def test_a_face_placed_by_its_box_is_said_to_be_poor(agency: Agency) -> None:
    case = agency.case()
    exhibit, _ = add(agency, case)
    by_looking, by_box = by_hand(agency, exhibit), by_hand(agency, exhibit, NOBODY)
    assert words([by_looking, by_box]) == (
        "2 of 2 probe faces were drawn by hand: no detector had found them. Of 1 the eyes, nose and mouth are placed, not seen: "
        "a template of such a face is poor.",
    )
    assert words([]) == ()
    with pytest.raises(NoUsableFace):  # the drawn model's own word for a place without a face
        searched(agency, case, by_box)
