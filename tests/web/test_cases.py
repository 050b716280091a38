"""Cases in pages: one's own are there, everybody else's are not, and nothing that was typed is lost."""

from __future__ import annotations

import pytest

from beholden.records.cases import Case, CaseState
from tests.agency import PURPOSE, Agency, last
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry

NOBODYS = "0" * 32


def test_an_investigator_opens_a_case_and_is_assigned_to_it(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    ines.send("/cases", {"reference": "2026-118", "title": "Cellar", "purpose": PURPOSE})
    [case] = agency.find(Case)
    assert str(ines.page.url) == f"http://localhost/cases/{case.id}?done=opened"
    assert (case.reference, case.assigned) == ("2026-118", (agency.ids["ines"],))
    assert "2026-118" in ines.text
    assert "It is open, and on record." in ines.text
    assert "Cellar" in ines.open("/cases").text
    assert agency.told(len(agency.leaves()) - 1)["client"] == ["web"]


def test_a_form_that_is_refused_is_shown_again_with_what_was_typed_and_every_reason(agency: Agency) -> None:
    stella = Browser(agency, "stella")
    stella.send("/cases", {"reference": "2026-119", "title": "<b>Attic</b>", "purpose": "fraud"})
    assert stella.page.status_code == 403
    for words in (
        "Only an investigator opens a case.",
        "Ask an investigator to open the case.",
        "case-purpose-of-pack",
    ):
        assert words in stella.text
    assert f"Log entry {len(agency.leaves()) - 1}" in stella.text
    ines = Browser(agency, "ines")
    ines.send("/cases", {"reference": "", "title": "<b>Attic</b>", "purpose": PURPOSE})
    assert ines.page.status_code == 422
    assert 'value="&lt;b&gt;Attic&lt;/b&gt;"' in ines.page.text
    assert agency.find(Case) == []


@pytest.mark.parametrize("name", ["ivo", "rosa", "stella", "pia", "ada"])
def test_a_case_of_others_and_one_that_never_was_are_the_same_page_to_the_byte(agency: Agency, name: str) -> None:
    case = agency.case()
    somebody = Browser(agency, name)
    for path in ("", "/faces", "/authorities/new", f"/exhibits/{NOBODYS}"):
        foreign = somebody.open(f"/cases/{case.id}{path}")
        assert foreign.status_code == 404
        assert last(agency)[1] == "failed"
        never = somebody.open(f"/cases/{NOBODYS}{path}")
        assert but_for_the_entry(foreign.text) == but_for_the_entry(never.text)
        assert case.reference not in foreign.text
    for path in ("assign", "close", "reopen", "exhibits", "soughts", "authorities"):
        foreign = somebody.send(f"/cases/{case.id}/{path}")
        never = somebody.send(f"/cases/{NOBODYS}/{path}")
        assert (foreign.status_code, never.status_code) == (404, 404), path
        assert but_for_the_entry(foreign.text) == but_for_the_entry(never.text)


def test_a_supervisor_assigns_and_reopens_and_an_investigator_of_the_case_closes(agency: Agency) -> None:
    case = agency.case()
    sven, ines, ivo = (Browser(agency, name) for name in ("sven", "ines", "ivo"))
    sven.open(f"/cases/{case.id}")
    assert f"/cases/{case.id}/assign" in sven.forms()
    assert f"/cases/{case.id}/exhibits" not in sven.forms()
    sven.send(f"/cases/{case.id}/assign", {"person_id": agency.ids["ivo"]})
    assert "ivo" in sven.text
    assert ivo.open(f"/cases/{case.id}").status_code == 200
    ines.send(f"/cases/{case.id}/close", {"outcome": " "})
    assert ines.page.status_code == 422
    ines.send(f"/cases/{case.id}/close", {"outcome": "the child is safe"})
    assert (ines.page.status_code, agency.get(Case, case.id).state) == (200, CaseState.CLOSED)
    assert "the child is safe" in ines.text
    ines.send(f"/cases/{case.id}/reopen")
    assert ines.page.status_code == 403
    sven.send(f"/cases/{case.id}/reopen")
    assert agency.get(Case, case.id).state is CaseState.OPEN


def test_a_case_shows_its_whole_story(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    page = Browser(agency, "ines").open(f"/cases/{ready.case.id}").text
    for words in (
        "same mole on the left cheek",
        f"/authorities/{ready.authority.id}",
        f"/searches/{found.id}",
        "2 of 3",
    ):
        assert words in page
    auditor = Browser(agency, "aude")
    auditor.open(f"/cases/{ready.case.id}")
    assert (auditor.page.status_code, [form for form in auditor.forms() if form != "/sign-out"]) == (200, [])


def test_a_form_without_the_sessions_own_token_does_nothing(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    for token in ("", "0" * 64):
        ines.send("/cases", {"reference": "1", "purpose": PURPOSE, "csrf": token})
        assert ines.page.status_code == 403
    assert agency.find(Case) == []


def test_whoever_is_not_signed_in_is_asked_to_sign_in(agency: Agency) -> None:
    nobody = Browser(agency)
    for path in ("/cases", "/authorities", "/searches", f"/reviews/{NOBODYS}", f"/held/{NOBODYS}/1.jpg"):
        answer = nobody.open(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
