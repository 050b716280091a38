"""What an auditor reads in pages is redacted; one face is shown for a reason, and the log has both."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from beholden.actions import people
from beholden.records.candidates import Candidate
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState
from tests.actions.test_sessions import fresh, stale
from tests.agency import Agency, last
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, chips

WHY = "the opinions name a scar that the list does not"


def test_req_90_a_case_shows_an_auditor_grey_boxes_and_no_picture(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    face = agency.find(ExhibitFace)[0].id
    aude = Browser(agency, "aude")
    page = aude.open(f"/cases/{ready.case.id}").text
    assert "<img" not in page
    assert f'<a href="/pictures/exhibit-face/{face}?case={ready.case.id}">Ask to see face 1</a>' in page
    assert "Faces, redacted" in aude.text
    for name in ("ines", "sven"):
        assert "redacted" not in Browser(agency, name).open(f"/cases/{ready.case.id}").text


def test_req_90_leads_show_an_auditor_grey_boxes_and_no_picture(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    leads = agency.unsealed(found, 1)
    page = Browser(agency, "aude").open(f"/searches/{found.id}/leads").text
    assert "<img" not in page
    assert re.findall(r'href="/pictures/lead/([^"?]+)\?', page) == [one.candidate.id for one in leads]
    assert "redacted" not in Browser(agency, "ines").open(f"/searches/{found.id}/leads").text


def test_req_90_a_reason_opens_one_face_and_loading_the_page_again_opens_none(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    path = f"/pictures/exhibit-face/{agency.find(ExhibitFace)[0].id}"
    aude = Browser(agency, "aude")
    assert "<img" not in aude.open(path).text
    assert "You may look at 20 more pictures today." in aude.text
    assert aude.forms()[-1] == path
    aude.send(path, {"reason": WHY})
    assert (aude.page.status_code, aude.page.request.method) == (200, "GET"), "loading it again sends no form"
    assert last(agency) == ("picture.revealed", "done", [])
    assert agency.told(agency.leaves()[-1]["n"])["reason"] == [WHY]
    assert "You may look at 19 more pictures today." in aude.text
    [address] = chips(aude)
    assert aude.page.headers["cache-control"] == "no-store"
    answer = aude.open(address)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/jpeg", "no-store")
    with Image.open(BytesIO(answer.content)) as chip:
        assert dict(chip.getexif()) == {}
    assert Browser(agency, "sven").open(address).status_code == 404, "it is shown to who asked alone"
    assert "<img" not in aude.open(path).text
    aude.send(path, {"reason": WHY + " twice"}, follow=False)
    there = aude.page.headers["location"]
    assert "<img" in aude.open(there).text
    assert aude.open(there).status_code == 200
    assert "<img" not in aude.page.text, "a page that is loaded again shows the form"
    assert WHY in Browser(agency, "pia").open("/log?event=picture.revealed").text


def test_req_90_without_a_reason_the_page_says_so_and_keeps_what_was_typed(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    path = f"/pictures/exhibit-face/{agency.find(ExhibitFace)[0].id}"
    aude = Browser(agency, "aude")
    aude.send(path, {"reason": "to look at it"})
    assert (aude.page.status_code, last(agency)[2]) == (403, ["reveal-has-reason"])
    assert "to look at it" in aude.page.text
    assert chips(aude) == []


def test_req_114_a_picture_asks_who_one_is_and_leads_back_to_its_page(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    path = f"/pictures/exhibit-face/{agency.find(ExhibitFace)[0].id}"
    stale(agency, "aude")
    aude = Browser(agency, "aude")
    aude.send(path, {"reason": WHY})
    assert (aude.page.status_code, last(agency)[2]) == (403, ["session-is-fresh-for-pictures"])
    assert f'href="/confirm?next={path}"' in aude.page.text
    fresh(agency, "aude")
    assert chips_after(aude, path)


def chips_after(somebody: Browser, path: str) -> list[str]:
    somebody.send(path, {"reason": WHY})
    return chips(somebody)


def test_what_was_removed_meanwhile_is_shown_no_more(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    aude = Browser(agency, "aude")
    [address] = chips_after(aude, f"/pictures/exhibit-face/{agency.find(ExhibitFace)[0].id}")
    agency.change(agency.find(Exhibit)[0], state=ExhibitState.REMOVED)
    assert aude.open(address).status_code == 404


def test_req_35_what_is_sealed_looks_like_what_is_not_there(agency: Agency) -> None:
    agency.search(agency.ready(1, 2, 3).authority)
    sealed = agency.find(Candidate)[0].id
    aude = Browser(agency, "aude")
    pages = []
    for id in (sealed, "0" * 32):
        aude.send(f"/pictures/lead/{id}", {"reason": WHY})
        assert aude.page.status_code == 404
        pages.append(re.sub(r'name="once" value="[^"]*"', "", but_for_the_entry(aude.page.text)).replace(id, ""))
        pages[-1] = pages[-1].replace(id[:10], "")
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", ["ines", "pia", "rosa", "stella", "sven", "ada"])
def test_req_90_nobody_else_is_given_a_picture_here(agency: Agency, name: str) -> None:
    agency.ready(1, 2, 3)
    somebody = Browser(agency, name)
    somebody.send(f"/pictures/exhibit-face/{agency.find(ExhibitFace)[0].id}", {"reason": WHY})
    assert (somebody.page.status_code, last(agency)[2]) == (403, ["role-auditor-reveals-pictures"])
    assert chips(somebody) == []
    assert 'href="/pictures"' not in somebody.open("/").text


def test_a_picture_that_is_known_from_the_log_is_named_by_its_id(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    aude = Browser(agency, "aude")
    assert 'href="/pictures"' in aude.open("/").text
    face = agency.find(ExhibitFace)[0].id
    aude.open("/pictures")
    assert aude.page.status_code == 200
    answer = aude.open(f"/pictures?of=exhibit-face&id={face}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/pictures/exhibit-face/{face}")
    for path in ("/pictures?of=else&id=1", "/pictures?of=lead&id=..%2Fx", "/pictures/else/1"):
        assert aude.open(path).status_code == 200


def test_req_114_leads_that_ask_who_one_is_lead_through_confirming_and_back(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(found, 1)
    stale(agency, "sven")
    sven = Browser(agency, "sven")
    path = f"/searches/{found.id}/leads"
    assert sven.open(path).status_code == 403
    assert last(agency)[2] == ["session-is-fresh-for-leads"]
    assert f'href="/confirm?next={path}"' in sven.page.text
    fresh(agency, "sven")
    assert sven.open(path).status_code == 200
    stale(agency, "sven")
    assert sven.open(path).status_code == 200


def test_req_114_a_supervisor_is_told_on_the_first_page_who_came_near_a_limit(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    few = replace(agency, system=replace(agency.system, rules=replace(agency.system.rules, max_pictures_shown_a_day=2)))
    ines = Browser(few, "ines")
    exhibit = agency.find(Exhibit)[0].id
    page = f"/cases/{ready.case.id}/exhibits/{exhibit}"
    assert [ines.open(page).status_code for _ in range(3)] == [200, 200, 403]
    assert last(agency)[2] == ["day-limit"]
    assert "Go on tomorrow" in ines.text
    few.officers["sven"] = people.sign_in_as(few.system, name="sven")
    sven = Browser(few, "sven")
    sven.open("/")
    assert "ines – exhibit.shown , 2026-11-22: 2 done, 1 refused or failed." in sven.text.replace("shown,", "shown ,")
    assert "Nothing waits for you" not in sven.text
    assert "refused or failed" not in ines.open("/").text


def test_after_a_picture_there_is_a_way_back_to_the_case_or_list_that_one_came_from(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    lead = agency.unsealed(found, 1)[0].candidate.id
    aude = Browser(agency, "aude")
    face = f"/pictures/exhibit-face/{agency.find(ExhibitFace)[0].id}?case={ready.case.id}"
    aude.open(face)
    assert f'action="{face}"' in aude.page.text
    for page, back, why in (
        (face, f"/cases/{ready.case.id}", WHY),
        (f"/pictures/lead/{lead}?search={found.id}", f"/searches/{found.id}/leads", WHY + ", as the list has it"),
    ):
        assert chips_for(aude, page, why)
        assert f'href="{back}"' in aude.page.text
        assert ready.case.reference in aude.text
    aude.open(f"/pictures/lead/{lead}?search={'0' * 32}&case={'0' * 32}")
    assert (aude.page.status_code, ready.case.reference in aude.text) == (200, False)


def chips_for(somebody: Browser, path: str, why: str) -> list[str]:
    somebody.send(path, {"reason": why})
    return chips(somebody)
