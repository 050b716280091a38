"""Faces in pages: veiled at first, clear only in answer to one act, counted for who looks; and how cases ended."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image

from beholden.actions import cases, exhibits, people
from beholden.records.exhibits import Exhibit
from tests.agency import Agency, Ready, last
from tests.web.browser import Browser
from tests.web.test_held import exhibit_removed, there

REVEAL = re.compile(r'data-reveal="(/held/[^"]+)"')


def faces_of(agency: Agency) -> tuple[Ready, Browser, list[str]]:
    """The page of an exhibit's faces, and where each is asked for clear."""
    ready = agency.ready(1, 2)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}/exhibits/{there(agency, ready)[0][0]}")
    assert ines.page.status_code == 200
    return ready, ines, REVEAL.findall(ines.page.text)


def held_in(browser: Browser) -> set[str]:
    """Every address of a held file in the page that a browser loads by itself."""
    return set(re.findall(r'(?:src|href)="(/held/[^"]+)"', browser.page.text))


def clear_chip(agency: Agency, ready: Ready) -> bytes:
    [exhibit] = agency.find(Exhibit, case_id=ready.case.id)
    return exhibits.show_faces(agency.system, agency["ines"], exhibit_id=exhibit.id)[0][1]


def test_req_143_what_a_page_of_faces_loads_is_small_and_grey_and_one_file(agency: Agency) -> None:
    ready, ines, reveals = faces_of(agency)
    assert len(reveals) == 1
    [strip] = held_in(ines)
    sheet = Image.open(BytesIO(ines.client.get(strip).content))
    assert (sheet.mode, sheet.size) == ("L", (112, 112))
    assert sheet.info.get("exif") is None
    clear = clear_chip(agency, ready)
    assert clear not in (ines.client.get(strip).content, ines.page.content)


def test_req_143_nothing_clear_is_sent_before_somebody_asks_whatever_is_tried(agency: Agency) -> None:
    _, ines, [reveal] = faces_of(agency)
    token = reveal.split("/")[2]
    for name in ("1.jpg", "1.clear.jpg", "1", "clear", "0.jpg", "2.jpg"):
        assert ines.client.get(f"/held/{token}/{name}").status_code == 404, name
    assert ines.client.get(reveal).status_code == 303, "an address that only takes forms leads back to a page"
    for name in ("1.veiled.jpg", "1.blurred.jpg"):
        there_is = Image.open(BytesIO(ines.client.get(f"/held/{token}/{name}").content))
        assert there_is.mode == "L"
        assert max(there_is.size) <= 112
    ines.send(reveal)
    assert ines.client.get(f"/held/{token}/1.jpg").status_code == 404, "nor after it"


def test_req_143_each_reveal_is_one_entry_and_gives_the_chip_itself(agency: Agency) -> None:
    ready, ines, [reveal] = faces_of(agency)
    before = len(agency.leaves())
    answer = ines.send(reveal)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert "no-store" in answer.headers["cache-control"]
    assert [leaf["event"] for leaf in agency.leaves()[before:]] == ["chip.revealed"]
    assert answer.content == clear_chip(agency, ready)
    assert np.asarray(Image.open(BytesIO(answer.content))).shape == (224, 224, 3)
    before = len(agency.leaves())
    ines.send(reveal)
    assert len(agency.leaves()) == before + 1


def test_req_143_a_reveal_that_is_refused_or_too_late_gives_no_picture(agency: Agency) -> None:
    ready, ines, [reveal] = faces_of(agency)
    ivo = Browser(agency, "ivo")
    assert ivo.send(reveal).status_code == 404
    assert ines.client.post(reveal, data={"csrf": "none"}, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403
    assert ines.send(reveal.replace("/1/", "/2/")).status_code == 404
    exhibit_removed(agency, ready, None)  # type: ignore[arg-type]  # it needs no search
    assert ines.send(reveal).status_code == 404
    assert "chip.revealed" not in [leaf["event"] for leaf in agency.leaves()]


def test_req_143_beyond_the_days_most_the_page_says_why_and_sends_no_picture(agency: Agency) -> None:
    few = replace(agency, system=replace(agency.system, rules=replace(agency.system.rules, max_chips_revealed_a_day=1)))
    _, ines, [reveal] = faces_of(few)
    assert ines.send(reveal).status_code == 200
    refused = ines.send(reveal)
    assert (refused.status_code, refused.headers["content-type"].partition(";")[0]) == (403, "text/html")
    assert 'class="reasons' in refused.text
    assert last(agency) == ("chip.revealed", "refused", ["day-limit"])


def test_req_143_without_scripts_a_button_asks_for_the_same(agency: Agency) -> None:
    _, ines, [reveal] = faces_of(agency)
    page = ines.page.text
    assert f'form="holding" formaction="{reveal}"' in page
    assert page.count('<form id="holding" method="post">') == 1


def test_req_144_the_page_says_how_many_faces_one_looked_at_and_asks_again_after_each(agency: Agency) -> None:
    _, ines, [reveal] = faces_of(agency)
    ines.open("/")
    assert "1 look at faces today" in ines.text
    ines.send(reveal)
    line = ines.open("/exposure/line")
    assert "2 looks at faces today" in ines.text
    assert "<html" not in line.text
    assert 'hx-get="/exposure/line"' in line.text
    ines.open("/exposure")
    assert "a face seen clear" in ines.text
    assert "All together" not in ines.text
    ivo = Browser(agency, "ivo")
    ivo.open("/")
    assert "at faces today" not in ivo.text


def test_req_144_a_pause_is_proposed_on_every_page(agency: Agency) -> None:
    few = replace(agency, system=replace(agency.system, rules=replace(agency.system.rules, break_after_reveals=2)))
    _, ines, [reveal] = faces_of(few)
    ines.send(reveal)
    ines.open("/cases")
    assert "without a pause" not in ines.text
    ines.send(reveal)
    ines.open("/cases")
    assert "That was 2 without a pause. Take 10 minutes away from the screen." in ines.text


def test_req_144_a_supervisors_page_has_no_name_and_no_number_of_one_person(agency: Agency) -> None:
    _, ines, [reveal] = faces_of(agency)
    for _ in range(7):
        ines.send(reveal)
    agency.clock.pass_by(hours=24)
    again = replace(agency, officers={"sven": people.sign_in_as(agency.system, name="sven")})
    sven = Browser(again, "sven")
    sven.open("/exposure")
    assert "All together" in sven.text
    assert "On no day of the last two weeks were there five." in sven.text
    main = sven.page.text.partition("<main")[2]
    assert "ines" not in main
    assert agency.ids["ines"] not in main


def test_req_146_closing_a_case_in_pages_asks_what_is_kept_once_the_person_is_found(agency: Agency) -> None:
    ready = agency.ready(1)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}")
    assert "what is kept of the case" in ines.text
    path = f"/cases/{ready.case.id}/close"
    ines.send(path, {"outcome": "the child is safe", "ended_as": "found"})
    assert ines.page.status_code == 403
    assert "nobody has decided what is kept of the case" in ines.text
    assert "the child is safe" in ines.page.text, "and what was typed is not lost"
    ines.send(
        path,
        {"outcome": "the child is safe", "ended_as": "found", "kept_decision": "keep-to-term", "why_kept": "the trial"},
    )
    assert ines.page.status_code == 200
    assert "are kept to their term Why the trial" in ines.text


def test_req_145_how_it_ended_waits_for_each_who_worked_on_it_until_they_have_read_it(agency: Agency) -> None:
    ready = agency.ready(1)
    cases.close_case(agency.system, agency["sven"], case_id=ready.case.id, outcome="she is safe", ended_as="not-found")
    ines = Browser(agency, "ines")
    ines.open("/outcomes")
    assert "she is safe" in ines.text
    [read] = [form for form in ines.forms() if form.startswith("/outcomes/")]
    ines.send(read)
    assert "You have read it." in ines.text
    assert last(agency) == ("outcome.read", "done", [])
    assert Browser(agency, "ivo").send(read).status_code == 403
    ivo = Browser(agency, "ivo")
    ivo.open("/outcomes")
    assert "she is safe" not in ivo.text
    assert "No case that you worked on has been closed yet." in ivo.text
