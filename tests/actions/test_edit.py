"""An edited face stands beside its original, is made of a closed list, and says what it is wherever it is used."""

from __future__ import annotations

import json

import pytest

from beholden.actions import disclose, edit, examine, exhibits, lay, review, sought
from beholden.actions.compare import compare
from beholden.actions.leads import show_lead
from beholden.errors import BadInput, Missing, NoUsableFace
from beholden.records.edits import Edit, Operation
from beholden.records.examination import Stage
from beholden.records.exhibits import Exhibit, ExhibitFace, SubjectRole
from beholden.records.faces import Face
from tests.agency import ALIKE, Agency, Ready, draw, last, rules_of, small_agency

GENTLE = ("contrast=1.1", "deblock=1")


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def exhibit_of(agency: Agency, person: int = 3) -> tuple[Exhibit, ExhibitFace]:
    exhibit, faces = exhibits.add_exhibit(
        agency.system,
        agency["ines"],
        draw(person, seed=7),
        case_id=agency.case().id,
        file="frame.png",
        origin="synthetic",
        why="found on the seized disk",
    )
    return exhibit, faces[0]


def edited(agency: Agency, exhibit: Exhibit, *edits: str, officer: str = "ines", position: int = 1) -> ExhibitFace:
    return edit.edit_face(
        agency.system, agency[officer], exhibit_id=exhibit.id, position=position, edits=edits or GENTLE, why="haze"
    )


def searched(agency: Agency) -> tuple[Ready, ExhibitFace]:
    """The edited face of person 3 is sought among three people."""
    source, gallery = agency.source(), agency.gallery()
    for person in (1, 2, 3):
        agency.enrol(source, gallery, person)
    exhibit, _ = exhibit_of(agency)
    made = edited(agency, exhibit)
    case = agency.get(type(agency.case()), exhibit.case_id)
    declared = sought.declare_sought(
        agency.system, agency["ines"], case_id=case.id, face_ids=[made.id], subject_role="victim", why="the only face"
    )
    authority = agency.approve(agency.request(case, declared, gallery))
    return Ready(source, gallery, case, declared, authority), made


def test_req_42_an_edit_makes_a_new_face_with_its_parameters_and_changes_nothing_else(agency: Agency) -> None:
    exhibit, face = exhibit_of(agency)
    made = edited(agency, exhibit)
    assert (made.edited_from, made.edited_around, made.position) == (face.id, face.box, 2)
    assert made.edits == (Edit(Operation.CONTRAST, 1.1), Edit(Operation.DEBLOCK, 1.0))
    assert made.subject_role is SubjectRole.UNDECLARED
    assert agency.get(Exhibit, exhibit.id) == exhibit
    assert agency.get(ExhibitFace, face.id) == face
    assert last(agency) == ("exhibit.face_edited", "done", [])
    told = agency.told(agency.leaves()[-1]["n"])
    assert (told["edits"], told["edited_from"], told["why"]) == ([["contrast 1.1", "deblock 1"]], [face.id], ["haze"])
    shown = exhibits.show_faces(agency.system, agency["ines"], exhibit_id=exhibit.id)
    assert [one for one, _ in shown] == [face, made]


def test_req_42_an_edited_probe_is_never_shown_without_its_original_and_says_so_wherever_it_is_compared(
    agency: Agency,
) -> None:
    ready, made = searched(agency)
    words = "Of 1 probe faces edited: 1 (contrast 1.1, deblock 1). Each is shown with its original before it."
    found = agency.search(ready.authority)
    assert words in found.statements
    _, pairs = review.open_review(agency.system, agency["rosa"], search_id=found.id)
    with agency.system.database.look() as look:
        exhibit, original = look.get(Exhibit, made.exhibit_id), look.get(ExhibitFace, made.edited_from)
    chips = [exhibits.exhibit_chips(agency.system, exhibit, (one,), 224)[0] for one in (original, made)]
    assert chips[0] != chips[1]
    assert {pair.probes for pair in pairs} == {tuple(chips)}
    assert all(words in pair.cautions for pair in pairs)
    agency.review(found, 1)
    large = tuple(exhibits.exhibit_chips(agency.system, exhibit, (one,), lay.SIDE)[0] for one in (original, made))
    shown = examine.open_examination(agency.system, agency["erik"], search_id=found.id)
    assert (shown.stage, shown.probes, shown.cautions) == (Stage.PROBE, large, words)
    agency.describe(shown.handle, "erik")
    shown = examine.open_examination(agency.system, agency["erik"], search_id=found.id)
    assert (shown.stage, shown.probes, words in shown.cautions) == (Stage.PAIR, large, True)
    examine.lock_examination(
        agency.system, agency["erik"], handle=shown.handle, components=ALIKE, limitations="", opinion=3
    )
    agency.examine(found, "edda", 3)
    [lead] = [one for one in examine.read_leads(agency.system, agency["ines"], search_id=found.id) if one.examinations]
    seen = show_lead(agency.system, agency["ines"], search_id=found.id, candidate_id=lead.candidate.id)
    assert (seen.probes, words in seen.cautions) == (tuple(chips), True)
    packet = agency.disclose(found, lead)
    told = json.loads(packet.files[disclose.JSON])
    assert told["edits"] == [{"face": 1, "done": ["contrast 1.1", "deblock 1"]}]
    face = agency.find(Face, order="face_no")[2]
    one = compare(
        agency.system,
        agency["ines"],
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        face_id=face.id,
    )
    assert words in one.statements


def test_an_edited_face_and_its_original_are_one_person_of_one_photograph(agency: Agency) -> None:
    exhibit, face = exhibit_of(agency)
    made = edited(agency, exhibit)
    with pytest.raises(BadInput, match="two of the faces are in one photograph"):
        sought.declare_sought(
            agency.system,
            agency["ines"],
            case_id=exhibit.case_id,
            face_ids=[face.id, made.id],
            subject_role="victim",
            why="both",
        )


def test_all_that_is_wrong_with_an_edit_is_said_at_once(agency: Agency) -> None:
    exhibit, _ = exhibit_of(agency)
    with pytest.raises(BadInput) as refused:
        edit.edit_face(
            agency.system, agency["ines"], exhibit_id=exhibit.id, position=9, edits=["inpaint=1", "rotate=500"], why=" "
        )
    wrong = ("has no face 9", "is no edit", "rotate takes", "say why the face is edited")
    assert [words in str(refused.value) for words in wrong] == [True] * 4


def test_what_cannot_be_edited_is_refused_and_on_record(agency: Agency) -> None:
    exhibit, _ = exhibit_of(agency)
    for edits, words in (
        (("inpaint=1",), "is no edit"),
        (("rotate=500", "contrast=0"), "rotate takes.*contrast takes"),
    ):
        with pytest.raises(BadInput, match=words):
            edited(agency, exhibit, *edits)
        assert last(agency)[:2] == ("exhibit.face_edited", "failed")
    with pytest.raises(BadInput, match="has no face 2"):
        edited(agency, exhibit, position=2)
    with pytest.raises(NoUsableFace, match="no face shows"):
        edited(agency, exhibit, "exposure=-3")
    edited(agency, exhibit)
    with pytest.raises(BadInput, match="with these edits already"):
        edited(agency, exhibit)
    with pytest.raises(BadInput, match="is an edited one"):
        edited(agency, exhibit, "deblock=2", position=2)
    with pytest.raises(BadInput, match="say why"):
        edit.edit_face(agency.system, agency["ines"], exhibit_id=exhibit.id, position=1, edits=["deblock=2"], why="  ")
    for level in range(2, 11):
        edited(agency, exhibit, f"deblock={level}")
    with pytest.raises(BadInput, match="choose among them"):
        edited(agency, exhibit, "deblock=11")
    assert len(agency.find(ExhibitFace, exhibit_id=exhibit.id)) == 11


def test_only_an_investigator_of_an_open_case_edits_what_is_held(agency: Agency) -> None:
    exhibit, _ = exhibit_of(agency)
    named = {"exhibit_id": exhibit.id, "position": 1, "edits": GENTLE, "why": "haze"}
    assert rules_of(agency, edit.edit_face, agency.system, agency["ivo"], **named) == ["investigator-is-assigned"]
    for name in ("sven", "erik", "pia", "stella", "aude", "ada"):
        assert "role-investigator-works-on-the-case" in rules_of(
            agency, edit.edit_face, agency.system, agency[name], **named
        )
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=exhibit.id, reason="of another case")
    assert rules_of(agency, edit.edit_face, agency.system, agency["ines"], **named) == ["exhibit-is-held"]
    with pytest.raises(Missing):
        edit.edit_face(agency.system, agency["ines"], **(named | {"exhibit_id": "0" * 32}))
