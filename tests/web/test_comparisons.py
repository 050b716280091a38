"""A comparison in pages: made on the authority's page, read with everything that belongs to the score, and hidden from others."""

from __future__ import annotations

import re

from beholden.actions import exhibits
from beholden.records.authority import Authority
from beholden.records.comparisons import Comparison
from beholden.records.faces import Face
from tests.agency import Agency, draw, last
from tests.parts import PoorModel
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, hidden


def compared(agency: Agency) -> tuple[Browser, Comparison]:
    ready = agency.ready(1, 2, 3)
    ines = Browser(agency, "ines")
    ines.open(f"/authorities/{ready.authority.id}")
    told = {"once": hidden(ines, "once"), "face_id": f" {agency.find(Face, order='face_no')[2].id} "}
    ines.send(f"/authorities/{ready.authority.id}/comparisons", told)
    ines.send(f"/authorities/{ready.authority.id}/comparisons", told)
    assert (ines.page.status_code, "was sent before" in ines.text) == (409, True)
    [made] = agency.find(Comparison)
    assert agency.get(Authority, ready.authority.id).used == 1
    return ines, made


def test_a_button_that_is_pressed_twice_compares_once_and_the_page_tells_the_score_with_its_words(
    agency: Agency,
) -> None:
    ines, made = compared(agency)
    assert f'href="/comparisons/{made.id}"' in ines.open(f"/authorities/{made.authority_id}").text
    ines.open(f"/comparisons/{made.id}")
    assert re.search(r"<dt>Score</dt><dd>-?\d\.\d{4}</dd>", ines.page.text)
    for words in (
        "It says of nobody that they are the person sought",
        "Neither figure is a chance",
        "of the reference.",
    ):
        assert words in ines.text
    assert not re.search(r"\bmatch", ines.text, re.I)
    assert last(agency) == ("comparison.read", "done", [])
    assert "<img" not in ines.page.text.partition("<main")[2]
    for name in ("sven", "aude"):
        assert Browser(agency, name).open(f"/comparisons/{made.id}").status_code == 200


def test_what_is_refused_is_said_on_the_authoritys_page_with_every_reason(agency: Agency) -> None:
    ines, made = compared(agency)
    ines.open(f"/authorities/{made.authority_id}")
    agency.change(agency.get(Authority, made.authority_id), searches=1)
    ines.send(f"/authorities/{made.authority_id}/comparisons", {"once": hidden(ines, "once"), "face_id": "0" * 32})
    assert ines.page.status_code == 403
    assert "comparison-gallery-is-named" in ines.text
    assert "a-search-is-left" in ines.text


def test_a_comparison_of_others_is_missing_in_the_words_of_one_that_was_never_made(agency: Agency) -> None:
    _, made = compared(agency)
    for name in ("ivo", "rosa", "erik", "stella", "pia", "ada"):
        somebody = Browser(agency, name)
        pages = [somebody.open(f"/comparisons/{id}") for id in (made.id, "0" * 32)]
        assert [page.status_code for page in pages] == [404, 404], name
        assert len({but_for_the_entry(page.text) for page in pages}) == 1
        send = somebody.send(f"/authorities/{made.authority_id}/comparisons", {"face_id": made.face_id})
        assert send.status_code == 404
    assert len(agency.find(Comparison)) == 1


def test_req_42_a_face_is_edited_on_the_page_of_the_faces_and_said_to_be_edited(agency: Agency) -> None:
    case = agency.case()
    exhibit, _ = exhibits.add_exhibit(
        agency.system,
        agency["ines"],
        draw(3, seed=7),
        case_id=case.id,
        file="frame.png",
        origin="synthetic",
        why="found on the seized disk",
    )
    ines = Browser(agency, "ines")
    path = f"/cases/{case.id}/exhibits/{exhibit.id}"
    ines.open(path)
    told = {"edited": exhibit.id, "once": hidden(ines, "once"), "position": "1", "why": "haze"}
    ines.send(f"{path}/edits", told | {"edits": "inpaint=1 contrast=9"})
    assert ines.page.status_code == 422
    assert "is no edit" in ines.text
    assert "contrast takes a number from 0.5 to 2" in ines.text
    ines.send(f"{path}/edits", told | {"edits": "contrast=1.1 deblock=1"})
    assert ines.page.status_code == 200
    assert re.search(r"edited: contrast 1\.1, deblock 1 ?; its original is face 1", ines.text)
    assert last(agency)[0] == "exhibit.shown"
    somebody = Browser(agency, "ivo")
    assert somebody.send(f"{path}/edits", told | {"edits": "deblock=2"}).status_code == 404


def test_req_34_who_is_stopped_by_the_floor_is_asked_for_a_reason_and_the_pages_show_it(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    path = f"/authorities/{ready.authority.id}"
    ines = Browser(agency.with_parts(model=PoorModel(4)), "ines")
    assert "override_quality" not in ines.open(path).text
    face = agency.find(Face, order="face_no")[2]
    why = "No other picture of this child is known."
    for given, to in (({"face_id": face.id}, "/comparisons"), ({"limit": "20"}, "/searches")):
        ines.send(path + to, given)
        assert (ines.page.status_code, "probe-above-floor" in ines.text) == (403, True)
        assert ines.page.text.count('name="override_quality"') == 2
        assert len(set(re.findall(r'id="(f-override[^"]*)"', ines.page.text))) == 4  # each with its hint
        ines.send(path + to, given | {"override_quality": "so be it"})
        assert (ines.page.status_code, "so be it" in ines.page.text) == (403, True)
        ines.send(path + to, given | {"override_quality": why})
        assert ines.page.status_code == 200
        assert why in ines.text
    assert agency.get(Authority, ready.authority.id).used == 2
