"""Exhibits and who is sought, in pages: a look at faces is on record, and its chips are for the session that looked."""

from __future__ import annotations

import re
import tempfile
from io import BytesIO
from typing import Any, NoReturn

import pytest
from PIL import Image as Picture
from PIL.PngImagePlugin import PngInfo
from starlette.testclient import TestClient

from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, SubjectRole
from beholden.records.sought import Sought, SoughtState
from beholden.testing.drawn import draw
from beholden.web.csrf import COOKIE
from tests.agency import Agency, last
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, reveals

WHY = {"origin": "synthetic", "why": "found on the seized disk"}


def test_a_photograph_becomes_an_exhibit_and_its_faces_can_be_declared_to_be_one_person(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    for seed in (7, 8):
        ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": (f"C:\\x\\{seed}.png", draw(3, seed=seed))})
        assert ines.page.status_code == 200
    held = agency.find(Exhibit)
    ines.open(f"/cases/{case.id}/faces")
    faces = re.findall(r'name="face" value="([^"]+)"', ines.page.text)
    assert sorted(faces) == sorted(face.id for face in agency.find(ExhibitFace))
    assert len(reveals(ines)) == len(faces) == len(held) == 2
    for address in reveals(ines):
        chip = ines.send(address)
        assert (chip.status_code, chip.headers["content-type"], chip.content[:3]) == (
            200,
            "image/jpeg",
            b"\xff\xd8\xff",
        )
    told = {"face": faces, "subject_role": "victim", "why": "the same mole"}
    ines.send(f"/cases/{case.id}/soughts", told | {"shown": [one.id for one in held]})
    [sought] = agency.find(Sought)
    assert (sorted(sought.face_ids), sought.subject_role) == (sorted(faces), SubjectRole.VICTIM)
    assert "the same mole" in ines.text
    ines.send(f"/cases/{case.id}/exhibits/{held[0].id}/remove", {"reason": "of another case"})
    assert (ines.page.status_code, "exhibit-is-not-in-use" in ines.text) == (403, True)
    ines.send(f"/cases/{case.id}/soughts/{sought.id}/withdraw", {"reason": "another child"})
    assert agency.get(Sought, sought.id).state is SoughtState.WITHDRAWN
    ines.send(f"/cases/{case.id}/exhibits/{held[0].id}/remove", {"reason": "of another case"})
    assert agency.get(Exhibit, held[0].id).state is ExhibitState.REMOVED


def test_each_look_at_an_exhibits_faces_is_on_record_and_the_case_page_alone_is_none(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, seed=7), draw(3, seed=8))
    ines = Browser(agency, "ines")
    before = len(agency.leaves())
    ines.open(f"/cases/{case.id}")
    assert len(agency.leaves()) == before
    ines.open(f"/cases/{case.id}/faces")
    assert [leaf["event"] for leaf in agency.leaves()[before:]] == ["exhibit.shown"] * 2
    told = agency.told(before)
    assert (told["person"], told["case"], told["faces"]) == ([agency.ids["ines"]], [case.id], [1])
    one = agency.find(Exhibit)[0]
    ines.open(f"/cases/{case.id}/exhibits/{one.id}")
    assert (len(reveals(ines)), last(agency)) == (1, ("exhibit.shown", "done", []))
    sven = Browser(agency, "sven")
    assert sven.open(f"/cases/{case.id}/faces").status_code == 403
    assert last(agency)[2] == ["investigator-is-assigned", "role-investigator-works-on-the-case"]


def test_faces_are_for_the_session_that_looked_and_for_half_an_hour(agency: Agency) -> None:
    case = agency.case()
    agency.sought(case, draw(3, seed=7))
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{case.id}/faces")
    [strip] = set(re.findall(r'href="(/held/[^"]+strip[^"]*)"', ines.page.text))
    other = TestClient(ines.client.app, base_url="http://localhost", follow_redirects=False)
    other.cookies.set(COOKIE, agency["ivo"].session)
    foreign, never = other.get(strip), other.get("/held/" + "0" * 32 + "/strip.jpg")
    assert foreign.status_code == never.status_code == 404
    assert but_for_the_entry(foreign.text) == but_for_the_entry(never.text)
    assert ines.client.get(strip.replace("strip.jpg", "1.jpg")).status_code == 404, "no clear byte has an address"
    assert ines.client.get(strip).status_code == 200
    agency.clock.pass_by(minutes=30)
    assert ines.client.get(strip).status_code == 404


def test_a_sought_that_is_refused_shows_the_faces_again_as_they_were_ticked(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": ("3.png", draw(3, seed=7))})
    [exhibit], [face] = agency.find(Exhibit), agency.find(ExhibitFace)
    told = {"face": face.id, "subject_role": "other", "why": "the same mole", "shown": exhibit.id}
    ines.send(f"/cases/{case.id}/soughts", told)
    assert (ines.page.status_code, "subject-role-is-permitted" in ines.text) == (403, True)
    assert f'value="{face.id}" checked' in ines.page.text
    assert "the same mole" in ines.text
    ines.send(f"/cases/{case.id}/soughts", {"subject_role": "victim", "why": "x"})
    assert (ines.page.status_code, "sought-has-a-face" in ines.text) == (403, True)


def test_what_belongs_to_another_case_is_missing_here(agency: Agency) -> None:
    first = agency.case()
    sought = agency.sought(first, draw(3, seed=7))
    [exhibit] = agency.find(Exhibit)
    other = agency.case("ivo")
    ivo = Browser(agency, "ivo")
    for path in (f"exhibits/{exhibit.id}/remove", f"soughts/{sought.id}/withdraw"):
        assert ivo.send(f"/cases/{other.id}/{path}", {"reason": "x"}).status_code == 404
    assert ivo.open(f"/cases/{other.id}/exhibits/{exhibit.id}").status_code == 404
    told = {"face": list(sought.face_ids), "subject_role": "victim", "why": "x", "shown": exhibit.id}
    assert ivo.send(f"/cases/{other.id}/soughts", told).status_code == 404
    assert agency.get(Sought, sought.id).state is SoughtState.DECLARED


@pytest.mark.parametrize(("content", "status"), [(b"", 422), (b"no picture at all", 422), (draw(), 422)])
def test_what_is_no_photograph_of_a_face_is_refused_in_words(agency: Agency, content: bytes, status: int) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": ("x.png", content)})
    assert ines.page.status_code == status
    assert "found on the seized disk" in ines.text
    ines.send(f"/cases/{case.id}/exhibits", WHY)
    assert (ines.page.status_code, "choose one" in ines.text) == (422, True)
    assert agency.find(Exhibit) == []


def test_a_large_photograph_is_never_in_a_temporary_file(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    def rolled(*_given: Any, **_named: Any) -> NoReturn:
        raise AssertionError("a photograph was written to a disk before it was sealed")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rolled)
    told = PngInfo()
    told.add_text("comment", "x" * 1_500_000)
    file = BytesIO()
    Picture.open(BytesIO(draw(3, seed=7))).save(file, "PNG", pnginfo=told)
    case, ines = agency.case(), Browser(agency, "ines")
    ines.send(f"/cases/{case.id}/exhibits", WHY, files={"file": ("large.png", file.getvalue())})
    assert len(file.getvalue()) > 1_048_576
    assert (ines.page.status_code, len(agency.find(Exhibit))) == (200, 1)


def test_a_face_that_was_not_found_is_drawn_on_the_page_of_the_faces_and_said_to_be_drawn(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    drawn, also = "0.7,0.4,0.1,0.3", "0.73,0.49,0.04,0.12"  # with its margin this holds the other
    ines.send(f"/cases/{case.id}/exhibits", WHY | {"also": also}, files={"file": ("a.png", draw(3))})
    [exhibit] = agency.find(Exhibit)
    ines.open(f"/cases/{case.id}/exhibits/{exhibit.id}")
    assert "drawn by hand" not in ines.text
    address = f"/cases/{case.id}/exhibits/{exhibit.id}/faces"
    ines.send(address, {"drawn": exhibit.id, "box": "left of the door", "why": "behind the door"})
    assert (ines.page.status_code, "is no region" in ines.text) == (422, True)
    typed = re.findall(r"<textarea[^>]*>\s*(.*?)</textarea>", ines.page.text)
    assert [one for one in typed if one] == ["behind the door"], "what was typed stays in its own form alone"
    ines.send(address, {"drawn": exhibit.id, "box": drawn, "eyes": "0.72,0.5", "why": "behind the door"})
    assert (ines.page.status_code, "are no two eyes" in ines.text) == (422, True)
    ines.send(address, {"drawn": exhibit.id, "box": drawn, "eyes": "0.72,0.5,0.78,0.5", "why": "behind the door"})
    assert ines.page.status_code == 200
    _, face = sorted(agency.find(ExhibitFace), key=lambda one: one.position)
    assert (face.position, face.drawn_by, face.landmarks_from) == (2, agency.ids["ines"], "eyes")
    assert "drawn by hand" in ines.text
    assert "eyes, nose and mouth are placed, not seen" in ines.text
    assert "the face is dark" in ines.text
    assert len(reveals(ines)) == 2
    ivo = Browser(agency, "ivo")
    ivo.send(address, {"box": drawn, "why": "curious"})
    assert ivo.page.status_code == 404


def test_a_photograph_without_a_found_face_is_added_to_draw_in_if_that_is_ticked(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    told = WHY | {"also": "0.73,0.49,0.04,0.12"}
    ines.send(f"/cases/{case.id}/exhibits", told, files={"file": ("a.png", draw())})
    assert (agency.find(Exhibit), "draw the face by hand" in ines.text) == ([], True)
    ines.send(f"/cases/{case.id}/exhibits", told | {"even_without_faces": "yes"}, files={"file": ("a.png", draw())})
    [exhibit] = agency.find(Exhibit)
    ines.open(f"/cases/{case.id}")
    assert "of at least 8 pixels" in ines.text
    ines.open(f"/cases/{case.id}/exhibits/{exhibit.id}")
    assert "Draw a face that was not found" in ines.text
