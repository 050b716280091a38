"""How many persons are sought out of one photograph: counted over every case, and by its pixels rather than its file."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import pytest
from PIL import Image as Pictures

from beholden.actions import draw as drawing
from beholden.actions import exhibits, sought
from beholden.errors import BadInput
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Box
from beholden.records.sought import Sought
from beholden.testing.drawn import DrawnModel
from tests.agency import Agency, draw, rules_of

CROWD = draw(1, 2, 3, 4)


class Overtaken(DrawnModel):
    """The real model; while it looks for faces, somebody else does something."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:
        self.meanwhile()
        return super().find(pixels, thorough=thorough)


class Sightless(DrawnModel):
    """The real model, but that no first look finds anybody."""

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:
        return []


def add(agency: Agency, case: Case, content: bytes = CROWD) -> tuple[ExhibitFace, ...]:
    return exhibits.add_exhibit(
        agency.system, agency["ines"], content, case_id=case.id, file="crowd.png", origin="synthetic", why="seized"
    )[1]


def declare(agency: Agency, case: Case, *faces: ExhibitFace) -> Sought:
    return sought.declare_sought(
        agency.system,
        agency["ines"],
        case_id=case.id,
        face_ids=[face.id for face in faces],
        subject_role="victim",
        why="same mole",
    )


def written_anew(content: bytes) -> bytes:
    """Other bytes, the same pixels."""
    with Pictures.open(io.BytesIO(content)) as picture:
        kept = io.BytesIO()
        picture.convert("RGB").save(kept, "BMP")
    return kept.getvalue()


def test_req_13_taking_back_removing_and_adding_again_does_not_begin_the_count_anew(agency: Agency) -> None:
    case = agency.case()
    faces = add(agency, case)
    for face in faces[:2]:
        declared = declare(agency, case, face)
        sought.withdraw_sought(agency.system, agency["ines"], sought_id=declared.id, reason="not her")
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=faces[0].exhibit_id, reason="wrong")
    again = add(agency, case)
    assert rules_of(agency, declare, agency, case, again[2]) == ["subjects-of-image-are-few"]
    assert declare(agency, case, again[1]).face_ids == (again[1].id,)  # no third person: she was counted before


def test_req_13_another_case_does_not_begin_the_count_anew(agency: Agency) -> None:
    case, other = agency.case(), agency.case()
    for face in add(agency, case)[:2]:
        declare(agency, case, face)
    elsewhere = add(agency, other)
    assert rules_of(agency, declare, agency, other, elsewhere[3]) == ["subjects-of-image-are-few"]
    assert declare(agency, other, elsewhere[0]).case_id == other.id


@pytest.mark.parametrize("changed", [CROWD + b"\0", written_anew(CROWD)], ids=["a byte more", "another format"])
def test_req_13_another_file_of_the_same_pixels_is_the_same_photograph(agency: Agency, changed: bytes) -> None:
    case = agency.case()
    for face in add(agency, case)[:2]:
        declare(agency, case, face)
    others = add(agency, case, changed)
    marks = {(exhibit.mark, exhibit.pixel_mark) for exhibit in agency.find(Exhibit)}
    assert (len({mark for mark, _ in marks}), len({pixels for _, pixels in marks})) == (2, 1)
    assert rules_of(agency, declare, agency, case, others[2]) == ["subjects-of-image-are-few"]


def test_req_13_a_copy_saved_anew_or_made_smaller_is_the_same_photograph_in_every_case(agency: Agency) -> None:
    case = agency.case()
    for face in add(agency, case)[:2]:
        declare(agency, case, face)
    with Pictures.open(io.BytesIO(CROWD)) as picture:
        whole = picture.convert("RGB")
    for number, copied in enumerate((whole, whole.resize((whole.width * 3 // 4, whole.height * 3 // 4)))):
        content = io.BytesIO()
        copied.save(content, "JPEG", quality=92 - number)
        other = agency.case()
        faces = add(agency, other, content.getvalue())
        assert rules_of(agency, declare, agency, other, faces[2]) == ["subjects-of-image-are-few"]
        assert declare(agency, other, faces[1]).face_ids == (faces[1].id,)
    exhibits_there = agency.find(Exhibit)
    assert (len({one.pixel_mark for one in exhibits_there}), len({one.copy_of_id for one in exhibits_there})) == (3, 1)


def test_what_one_sought_shows_in_several_copies_counts_once(agency: Agency) -> None:
    case = agency.case()
    content = io.BytesIO()
    with Pictures.open(io.BytesIO(CROWD)) as picture:
        picture.convert("RGB").save(content, "JPEG", quality=92)
    first, second = add(agency, case), add(agency, case, content.getvalue())
    assert declare(agency, case, first[0], second[0])
    assert declare(agency, case, first[1])
    assert rules_of(agency, declare, agency, case, second[2]) == ["subjects-of-image-are-few"]


def test_req_13_people_who_share_a_drawn_box_are_counted_by_their_eyes(agency: Agency) -> None:
    """Each in a file of its own with the same pixels, so that no box is drawn twice in one."""
    case = agency.case()
    box = Box(0.32, 0.22, 0.36, 0.3)
    drawn = []
    for number, left in enumerate((0.33, 0.44, 0.55)):
        blind = agency.with_parts(model=Sightless())
        exhibit, _ = exhibits.add_exhibit(
            blind.system,
            agency["ines"],
            draw(width=640) + bytes(number),
            case_id=case.id,
            file="crowd.png",
            origin="synthetic",
            why="seized",
            even_without_faces=True,
            also=[Box(0.42, 0.3, 0.14, 0.14)],
        )
        told = {"exhibit_id": exhibit.id, "box": box, "why": "in the crowd"}
        with pytest.raises(BadInput, match="draw it close around the one face"):
            drawing.draw_face(agency.system, agency["ines"], eyes=((left, 0.3), (left + 0.02, 0.3)), **told)
        eyes = ((left, 0.3), (left + 0.11, 0.3))
        drawn.append(drawing.draw_face(agency.system, agency["ines"], eyes=eyes, **told))
    assert len({face.box for face in drawn}) == 1
    declare(agency, case, drawn[0])
    declare(agency, case, drawn[1])
    assert rules_of(agency, declare, agency, case, drawn[2]) == ["subjects-of-image-are-few"]


def test_req_13_other_photographs_of_the_same_people_are_counted_apart(agency: Agency) -> None:
    case = agency.case()
    for seed in (0, 1):
        for face in add(agency, case, draw(1, 2, 3, seed=seed))[:2]:
            declare(agency, case, face)
    assert len({exhibit.pixel_mark for exhibit in agency.find(Exhibit)}) == 2
    assert len(agency.find(Sought)) == 4


def test_a_photograph_turned_on_its_side_has_another_mark_than_one_of_the_same_bytes(agency: Agency) -> None:
    pixels = agency.system.media.decode(draw(1)).pixels
    height, width = pixels.shape[:2]
    other = pixels.reshape((height * 2, width // 2, 3))
    marks = {exhibits.pixel_mark_of(agency.system, one) for one in (pixels, other, pixels[:, ::-1])}
    assert len(marks) == 3


def test_two_files_of_one_photograph_show_one_person_once(agency: Agency) -> None:
    case = agency.case()
    one, other = add(agency, case), add(agency, case, CROWD + b"\0")
    for faces in ((one[0], other[0]), (one[0], other[1])):
        with pytest.raises(BadInput, match="two of the faces are in one photograph"):
            declare(agency, case, *faces)


def test_a_file_that_somebody_else_adds_while_its_faces_are_looked_for_is_added_once(agency: Agency) -> None:
    case = agency.case()
    twice = partial(add, agency, case, draw(1))
    busy = agency.with_parts(model=Overtaken(twice))
    with pytest.raises(BadInput, match="an exhibit of the case already"):
        add(busy, case, draw(1))
    assert len(agency.find(Exhibit)) == 1
