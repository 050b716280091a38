"""An auditor is given one picture at a time, for a reason in writing, and the log keeps both; everything else is redacted."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from beholden.actions import exhibits, log, people, review
from beholden.actions.reveal import reveal_picture
from beholden.errors import BadInput, Missing, Refused
from beholden.records.candidates import Candidate
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from beholden.records.faces import Face
from beholden.records.people import Person, Role
from tests.actions.test_sessions import stale
from tests.agency import Agency, Ready, last, rules_of

WHY = "the exhibit is said to show somebody else than the list"


def look_at(agency: Agency, of: str, id: str, reason: str = WHY, name: str = "aude") -> bytes:
    return reveal_picture(agency.system, agency[name], of=of, id=id, reason=reason)


def exhibit_face(agency: Agency) -> str:
    return agency.find(ExhibitFace)[0].id


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def test_req_90_an_auditor_is_given_a_picture_for_a_reason_and_both_are_on_record(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    lead = agency.unsealed(found, 1)[0].candidate
    face = agency.find(ExhibitFace)[0]
    for number, (of, id, named) in enumerate(
        (
            ("exhibit-face", face.id, {"case": [ready.case.id], "exhibit": [face.exhibit_id], "shown": [face.id]}),
            ("lead", lead.id, {"case": [ready.case.id], "search": [found.id], "shown": [lead.face_id]}),
            ("reference", lead.face_id, {"shown": [lead.face_id]}),
        )
    ):
        why = f"{WHY}, place {number}"
        with Image.open(BytesIO(look_at(agency, of, id, f"  {why} "))) as chip:
            assert (chip.format, chip.size) == ("JPEG", (exhibits.CHIP_SIDE, exhibits.CHIP_SIDE))
            assert dict(chip.getexif()) == {}
            assert set(chip.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        leaf = agency.leaves()[-1]
        assert (leaf["event"], leaf["operation"], leaf["role"], leaf["outcome"]) == (
            "picture.revealed",
            "consultation",
            "auditor",
            "done",
        )
        assert leaf["purpose"] == ("" if of == "reference" else ready.case.purpose)
        told = agency.told(leaf["n"])
        assert told["person"] == [agency.ids["aude"]]
        assert (told["of"], told["reason"]) == ([of], [why])
        assert {name: told[name] for name in named} == named


def test_req_90_the_privacy_officer_reads_the_reason_in_the_log(agency: Agency, ready: Ready) -> None:
    look_at(agency, "exhibit-face", exhibit_face(agency))
    shown = log.read_entries(agency.system, agency["pia"], event="picture.revealed").shown
    assert ("reason", WHY) in shown[0].values


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        ("", "reveal-has-reason"),
        ("x" * 19, "reveal-has-reason"),
        (" " * 40, "reveal-has-reason"),
        ("a b. " * 9 + "a" + "\u200b" * 40 + "\u3164" * 40, "reveal-has-reason"),
    ],
)
def test_req_90_no_picture_without_a_reason(agency: Agency, ready: Ready, reason: str, rule: str) -> None:
    assert rules_of(agency, look_at, agency, "exhibit-face", exhibit_face(agency), reason) == [rule]


def test_req_90_each_picture_needs_a_reason_of_its_own(agency: Agency, ready: Ready) -> None:
    id = exhibit_face(agency)
    look_at(agency, "exhibit-face", id)
    another = "the second examiner noted a scar that is to be seen here"
    for again in (
        WHY,
        f"  {WHY.upper()} ",
        WHY.replace(" ", "   "),
        WHY.replace(" ", ""),
        f"{WHY}.",
        f"{WHY}\u200b",
        f"\u3164{WHY}\u2800",
        WHY.replace("e", "\u00e9"),
        WHY.replace("a", "a\u034f"),
        WHY.translate({ord(one): ord(one) + 0xFEE0 for one in "exhibt"}),
    ):
        assert rules_of(agency, look_at, agency, "exhibit-face", id, again) == ["reveal-reason-is-new"]
    look_at(agency, "exhibit-face", id, another)
    for again in (WHY, another):
        assert rules_of(agency, look_at, agency, "exhibit-face", id, again) == ["reveal-reason-is-new"]


def test_req_90_the_last_reason_is_no_new_one_the_next_day_and_those_before_it_are(
    agency: Agency, ready: Ready
) -> None:
    id, another = exhibit_face(agency), "the second examiner noted a scar that is to be seen here"
    look_at(agency, "exhibit-face", id)
    look_at(agency, "exhibit-face", id, another)
    agency.clock.pass_by(days=1)
    agency.officers["aude"] = people.sign_in_as(agency.system, name="aude")
    assert rules_of(agency, look_at, agency, "exhibit-face", id, another) == ["reveal-reason-is-new"]
    assert look_at(agency, "exhibit-face", id)


def test_a_reason_that_was_refused_may_be_given_again(agency: Agency, ready: Ready) -> None:
    stale(agency, "aude")
    id = exhibit_face(agency)
    assert rules_of(agency, look_at, agency, "exhibit-face", id) == ["session-is-fresh-for-pictures"]
    agency.officers["aude"] = people.sign_in_as(agency.system, name="aude")
    assert look_at(agency, "exhibit-face", id)


def test_the_last_reason_is_found_behind_many_that_were_refused(agency: Agency, ready: Ready) -> None:
    id = exhibit_face(agency)
    look_at(agency, "exhibit-face", id)
    for _ in range(51):
        with pytest.raises(Refused):
            look_at(agency, "exhibit-face", id, "short")
    assert rules_of(agency, look_at, agency, "exhibit-face", id) == ["reveal-reason-is-new"]


@pytest.mark.parametrize("name", ["stella", "pia", "ines", "sven", "rosa", "ada"])
def test_req_90_nobody_but_an_auditor_is_given_a_picture_so_and_none_learns_what_is_there(
    agency: Agency, ready: Ready, name: str
) -> None:
    for of, id in (("exhibit-face", exhibit_face(agency)), ("reference", agency.find(Face)[0].id), ("lead", "0" * 32)):
        expected = ["role-auditor-reveals-pictures"]
        assert rules_of(agency, look_at, agency, of, id, WHY, name) == expected
        assert rules_of(agency, look_at, agency, of, "0" * 32, WHY, name) == expected


def test_req_35_a_candidate_is_shown_to_no_auditor_before_the_last_opinion_is_locked(
    agency: Agency, ready: Ready
) -> None:
    agency.search(ready.authority)
    sealed = agency.find(Candidate)[0].id
    words = []
    for id in (sealed, "0" * 32):
        with pytest.raises(Missing) as caught:
            look_at(agency, "lead", id)
        words.append(str(caught.value))
    assert words[0] == words[1]


def test_req_35_who_is_on_a_sealed_list_is_shown_to_no_auditor_as_a_reference_either(
    agency: Agency, ready: Ready
) -> None:
    other = agency.enrol(ready.source, ready.gallery, 1, seed=4).faces[0].id
    stranger = agency.enrol(ready.source, ready.gallery, 5).faces[0].id
    found = agency.search(ready.authority, limit=3)
    listed = {one.face_id for one in agency.find(Candidate)}
    held = [one.id for one in agency.find(Face)]
    assert stranger in held
    by_person = {one.id: one.person_mark for one in agency.find(Face)}
    marks = {by_person[id] for id in listed}
    sealed = [id for id in held if by_person[id] in marks]
    assert (len(sealed) > len(listed)) is (by_person[other] in marks)
    for id in sealed:
        with pytest.raises(Missing):
            look_at(agency, "reference", id)
    free = [id for id in held if id not in sealed]
    for number, id in enumerate(free):
        assert look_at(agency, "reference", id, f"{WHY}, place {number}")
    agency.review(found)
    for number, id in enumerate(sealed):
        assert look_at(agency, "reference", id, f"{WHY}, unsealed {number}")


def test_what_was_removed_or_erased_is_missing(agency: Agency, ready: Ready) -> None:
    agency.change(agency.find(Exhibit)[0], state=ExhibitState.REMOVED)
    face = agency.find(Face)[0].id
    agency.erase(face)
    for of, id in (("exhibit-face", exhibit_face(agency)), ("reference", face)):
        with pytest.raises(Missing):
            look_at(agency, of, id)
        assert last(agency)[:2] == ("picture.revealed", "failed")


def test_there_is_no_other_kind_of_picture(agency: Agency) -> None:
    with pytest.raises(BadInput, match="exhibit-face, lead, reference"):
        look_at(agency, "case", "0" * 32)


def test_req_35_who_owes_a_blind_opinion_is_given_no_picture_whatever_they_are(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    [rosa] = agency.find(Person, name="rosa")
    agency.change(rosa, roles=(Role.AUDITOR,))
    with pytest.raises(Missing, match="lock the opinion"):
        look_at(agency, "exhibit-face", exhibit_face(agency), name="rosa")
    agency.change(agency.get(Person, rosa.id), roles=(Role.AUDITOR, Role.EXAMINER))
    assert rules_of(agency, look_at, agency, "exhibit-face", exhibit_face(agency), WHY, "rosa") == [
        "auditor-acts-as-nothing-else"
    ]
