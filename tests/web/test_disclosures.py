"""Disclosure in pages: examined leads to named recipients, once, and the files for the session that made it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from starlette.testclient import TestClient

from beholden.actions import disclose, preview
from beholden.records.disclosures import Disclosure
from beholden.records.searches import Search
from beholden.web.csrf import COOKIE
from beholden.web.forms import new_number
from tests.agency import Agency
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, hidden

TOLD = {"recipients": "Unit 4\n\n Interpol desk \n", "basis": "s. 8(2)(f)"}


def unsealed(agency: Agency) -> Search:
    found = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(found, 1)
    return agency.get(Search, found.id)


def packet_of(agency: Agency, found: Search, told: dict[str, str]) -> Browser:
    """The page on which the files of a new packet lie."""
    ines = Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    ines.send(f"/searches/{found.id}/disclosures", {"lead": lead, "once": hidden(ines, "once"), **told})
    return ines


def test_an_examined_lead_leaves_with_a_signed_manifest_over_every_file(agency: Agency) -> None:
    found, ines = unsealed(agency), Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    told = {**TOLD, "lead": lead, "once": hidden(ines, "once")}
    ines.send(f"/searches/{found.id}/disclosures", told)
    [made] = agency.find(Disclosure)
    assert (made.recipients, made.basis) == (("Unit 4", "Interpol desk"), "s. 8(2)(f)")
    links = re.findall(r'href="(/held/[^"]+)" download="([^"]+)"', ines.page.text)
    files = {}
    for address, name in links:
        file = ines.client.get(address)
        assert file.headers["content-disposition"].startswith("attachment;")
        files[name] = file.content
    assert {"disclosure.json", "contact-sheet.png", "manifest.note"} <= set(files)
    for name, content in files.items():
        if name != "manifest.note":
            assert hashlib.sha256(content).hexdigest() in files["manifest.note"].decode()
    assert json.loads(files["disclosure.json"])["recipients"] == ["Unit 4", "Interpol desk"]
    ines.send(f"/searches/{found.id}/disclosures", told)
    assert (ines.page.status_code, len(agency.find(Disclosure))) == (409, 1)
    other = TestClient(ines.client.app, base_url="http://localhost", follow_redirects=False)
    other.cookies.set(COOKIE, agency["sven"].session)
    assert other.get(links[0][0]).status_code == 404
    agency.clock.pass_by(minutes=30)
    assert ines.open(links[0][0]).status_code == 404


def test_a_disclosure_that_is_refused_keeps_what_was_typed(agency: Agency) -> None:
    found, ines = unsealed(agency), Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    told = {"recipients": "", "basis": "s. 8(2)(f)", "lead": lead, "once": hidden(ines, "once")}
    ines.send(f"/searches/{found.id}/disclosures", told)
    assert ines.page.status_code == 403
    assert "s. 8(2)(f)" in ines.page.text
    assert f'value="{lead}" checked' in ines.page.text
    ines.send(f"/searches/{found.id}/disclosures", {**TOLD, "lead": "0" * 32, "once": hidden(ines, "once")})
    assert ines.page.status_code == 422
    assert agency.find(Disclosure) == []


def test_only_an_investigator_of_the_case_is_offered_to_disclose_and_only_what_was_examined(agency: Agency) -> None:
    found = unsealed(agency)
    for name in ("sven", "erik", "aude"):
        somebody = Browser(agency, name)
        somebody.open(f"/searches/{found.id}/leads")
        assert (somebody.page.status_code, f"{found.id}/disclosures" in somebody.page.text) == (200, False), name
        assert somebody.send(f"/searches/{found.id}/disclosures", TOLD).status_code in (403, 409), name
    assert agency.find(Disclosure) == []


def test_the_same_does_not_leave_twice_by_a_double_click_a_button_back_or_a_restart_between(agency: Agency) -> None:
    found = unsealed(agency)
    ines = Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    told = {**TOLD, "lead": lead, "once": hidden(ines, "once")}
    ines.send(f"/searches/{found.id}/disclosures", told)
    agency.clock.pass_by(minutes=4)
    for again in (ines, Browser(agency, "ines")):  # the second is a server that was started again
        again.send(f"/searches/{found.id}/disclosures", told)
        assert again.page.status_code == 409
        again.send(f"/searches/{found.id}/disclosures", {**told, "once": new_number()})
        assert again.page.status_code == 409, "a form that was loaded anew, with the same in it"
    assert len(agency.find(Disclosure)) == 1
    agency.clock.pass_by(minutes=6)
    ines.send(f"/searches/{found.id}/disclosures", told)
    assert ines.page.status_code in (403, 409), "its number is known for a day"
    assert len(agency.find(Disclosure)) == 1


def test_what_left_is_listed_by_case_to_those_who_see_it_and_to_nobody_else(agency: Agency) -> None:
    found = unsealed(agency)
    packet_of(agency, found, TOLD)
    [made] = agency.find(Disclosure)
    for name in ("ines", "sven", "aude"):
        somebody = Browser(agency, name)
        for path in ("/disclosures", f"/disclosures?case={found.case_id}", "/disclosures?filter=2026-117"):
            somebody.open(path)
            assert "Unit 4; Interpol desk" in somebody.text, (name, path)
        assert somebody.open("/disclosures?filter=2027").text.count(made.id) == 0
        somebody.open(f"/disclosures/{made.id}")
        assert "s. 8(2)(f)" in somebody.text
        assert (f"/disclosures/{made.id}/files" in somebody.page.text) == (name == "ines")
    for name in ("ivo", "pia", "rosa", "ada"):
        somebody = Browser(agency, name)
        assert made.id not in somebody.open("/disclosures").text
        unknown = but_for_the_entry(somebody.open("/disclosures/" + "0" * 32).text).replace("0" * 32, "")
        assert somebody.open(f"/disclosures/{made.id}").status_code == 404
        assert but_for_the_entry(somebody.page.text).replace(made.id, "") == unknown
        assert somebody.open(f"/disclosures?case={found.case_id}").status_code == 404
        assert somebody.send(f"/disclosures/{made.id}/files").status_code == 404


def test_the_files_are_read_again_as_they_left_and_that_is_on_record(agency: Agency) -> None:
    found = unsealed(agency)
    ines = packet_of(agency, found, TOLD)
    before = files_of(ines)
    [made] = agency.find(Disclosure)
    agency.clock.pass_by(minutes=40)
    later = Browser(agency, "ines")
    later.send(f"/disclosures/{made.id}/files")
    assert files_of(later) == before
    leaf = agency.leaves()[-1]
    assert (leaf["event"], leaf["operation"], leaf["outcome"]) == ("disclosure.read", "consultation", "done")
    assert len(agency.find(Disclosure)) == 1


def files_of(browser: Browser) -> dict[str, bytes]:
    links = re.findall(r'href="(/held/[^"]+)" download="([^"]+)"', browser.page.text)
    return {name: browser.client.get(address).content for address, name in links}


def test_req_40_what_would_leave_is_shown_before_and_nothing_leaves_by_it(agency: Agency) -> None:
    found, ines = unsealed(agency), Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    ines.send(f"/searches/{found.id}/disclosures/preview", {**TOLD, "lead": lead})
    assert ines.page.status_code == 200
    assert "Nothing has left yet." in ines.text
    for words in ("Unit 4 Interpol desk", "s. 8(2)(f)", "1 of 3 people on the list", "80 of 100", *found.statements):
        assert words in ines.text, words
    assert "2 not this person" in ines.text
    assert "<img" not in ines.page.text, "faces are looked at on the page of the lead"
    assert agency.find(Disclosure) == []
    leaf = agency.leaves()[-1]
    assert (leaf["event"], leaf["operation"], leaf["outcome"]) == ("disclosure.previewed", "consultation", "done")
    kept = {name: hidden(ines, name) for name in ("lead", "basis", "once")} | {"recipients": "Unit 4\nInterpol desk"}
    assert f'value="{kept["recipients"]}"' in ines.page.text
    ines.send(f"/searches/{found.id}/disclosures/preview", {**kept, "do": "change"})
    assert f'value="{lead}" checked' in ines.page.text
    assert "Unit 4\nInterpol desk</textarea>" in ines.page.text
    ines.send(f"/searches/{found.id}/disclosures", kept)
    [made] = agency.find(Disclosure)
    assert (made.recipients, made.basis) == (("Unit 4", "Interpol desk"), "s. 8(2)(f)")
    assert "What leaves" in ines.text


def test_req_40_the_preview_says_what_the_packet_then_says_but_for_its_id(agency: Agency) -> None:
    found = unsealed(agency)
    ines = Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    given: dict[str, Any] = {
        "search_id": found.id,
        "candidate_ids": [lead],
        "recipients": ["Unit 4"],
        "basis": "s. 8(2)(f)",
    }
    shown = preview.preview_disclosure(agency.system, agency["ines"], **given)
    made = disclose.make_disclosure(agency.system, agency["ines"], **given)
    told = json.loads(made.files["disclosure.json"])
    assert {**told, "disclosure": ""} == json.loads(json.dumps(shown.said))
    assert set(shown.files) == set(made.files)


def test_req_40_the_preview_is_refused_for_every_reason_for_which_the_disclosure_is(agency: Agency) -> None:
    found = unsealed(agency)
    ines = Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    for told in ({**TOLD, "recipients": ""}, {**TOLD, "basis": " "}, {**TOLD, "lead": "0" * 32}):
        filled = {"lead": lead, **told}
        answers = [
            (ines.send(f"/searches/{found.id}/disclosures{way}", filled).status_code, rules(ines))
            for way in ("/preview", "")
        ]
        assert answers[0] == answers[1], told
        assert answers[0][0] in (403, 422)
        assert "Nothing has left yet." not in ines.text
    assert agency.find(Disclosure) == []
    for name in ("sven", "erik", "aude", "ivo"):
        somebody = Browser(agency, name)
        assert somebody.send(f"/searches/{found.id}/disclosures/preview", {**TOLD, "lead": lead}).status_code in (
            403,
            404,
        )
        assert "80 of 100" not in somebody.text


def test_each_file_of_a_disclosure_says_what_it_is_for_and_how_it_is_checked(agency: Agency) -> None:
    ines = packet_of(agency, unsealed(agency), TOLD)
    for page in (ines, Browser(agency, "sven")):
        if page is not ines:
            page.open(f"/disclosures/{agency.find(Disclosure)[0].id}")
        for words in ("PDF/UA-1", "PDF/A-3a", "for programs", "beholden_verify.py manifest"):
            assert words in page.text, words
        assert ("The signed list" in page.text) is (page is ines), "of itself the list says nothing"
        assert f'/disclosures/{agency.find(Disclosure)[0].id}/after"' in page.page.text


def rules(browser: Browser) -> list[str]:
    return re.findall(r"<code>([a-z-]+)</code>", browser.page.text.partition("<h1>")[0])
