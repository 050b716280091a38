"""Searches in pages: one press is one use; who is on the list is told to nobody before the opinions are locked."""

from __future__ import annotations

import re

import pytest

from beholden.records.authority import Authority
from beholden.records.cases import CaseState
from beholden.records.review import Review
from beholden.records.searches import Search, SearchState
from tests.agency import Agency, last
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry, hidden


def test_a_search_consumes_one_use_and_tells_coverage_statements_and_a_number(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    ines = Browser(agency, "ines")
    ines.open(f"/authorities/{ready.authority.id}")
    ines.send(f"/authorities/{ready.authority.id}/searches", {"once": hidden(ines, "once"), "limit": "2"})
    [found] = agency.find(Search)
    assert str(ines.page.url) == f"http://localhost/searches/{found.id}"
    assert (found.limit, found.people, agency.get(Authority, ready.authority.id).used) == (2, 2, 1)
    compared = "Compared all 3 references, in 1 gallery. Proven exhaustive: no other of them is nearer."
    how = (
        f"{found.coverage.rescored} of them were scored exactly to prove it; all were read by {found.coverage.engine}."
    )
    for words in (*found.statements, compared, how, "People on the list 2", "It waits for a reviewer"):
        assert words in ines.text
    assert f"/searches/{found.id}/leads" not in ines.page.text
    assert ines.open(f"/searches/{found.id}/leads").status_code == 403
    assert last(agency)[2] == ["search-is-unsealed"]


def test_a_button_that_is_pressed_twice_searches_once(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    ines = Browser(agency, "ines")
    ines.open(f"/authorities/{ready.authority.id}")
    told = {"once": hidden(ines, "once"), "limit": "20"}
    ines.send(f"/authorities/{ready.authority.id}/searches", told)
    ines.send(f"/authorities/{ready.authority.id}/searches", told)
    assert (ines.page.status_code, "was sent before" in ines.text) == (409, True)
    ines.send(f"/authorities/{ready.authority.id}/searches", {"limit": "20", "once": ""})
    assert ines.page.status_code == 422
    assert agency.get(Authority, ready.authority.id).used == 1


def test_a_search_that_is_refused_says_why_on_the_authoritys_page(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    ines = Browser(agency, "ines")
    ines.open(f"/authorities/{ready.authority.id}")
    once = hidden(ines, "once")
    agency.clock.pass_by(hours=7)
    agency.change(ready.case, state=CaseState.CLOSED)
    ines.send(f"/authorities/{ready.authority.id}/searches", {"once": once, "limit": "51"})
    assert ines.page.status_code == 403
    assert "case-is-open" in ines.text
    assert "list-is-short" in ines.text


def test_the_leads_show_rank_score_and_opinions_once_the_last_opinion_is_locked(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    leads = agency.unsealed(found, 1)
    ines = Browser(agency, "ines")
    assert f"/searches/{found.id}/leads" in ines.open(f"/searches/{found.id}").text
    ines.open(f"/searches/{found.id}/leads")
    assert re.findall(r'<th scope="row">(\d)</th>', ines.page.text) == ["1", "2", "3"]
    assert "Whoever reviewed this list could have known" not in ines.text
    for lead in leads:
        assert f"{lead.score:.4f}" in ines.text
    assert ines.text.count("strong support for the same person; strong support for the same person") == 1
    for words in (*found.statements, "not measured"):
        assert words in ines.text
    assert last(agency) == ("search.read", "done", [])
    agency.change(agency.find(Review, search_id=found.id)[0], score_revealed=True)
    ines.open(f"/searches/{found.id}/leads")
    assert "Whoever reviewed this list could have known scores of it." in ines.text
    assert Browser(agency, "erik").open(f"/searches/{found.id}/leads").status_code == 200
    assert Browser(agency, "emil").open(f"/searches/{found.id}/leads").status_code == 403


@pytest.mark.parametrize("name", ["ivo", "stella", "pia", "ada"])
def test_a_search_of_others_is_missing(agency: Agency, name: str) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    somebody = Browser(agency, name)
    pages = [somebody.open(f"/searches/{id}{path}") for path in ("", "/leads") for id in (found.id, "0" * 32)]
    assert [page.status_code for page in pages] == [404] * 4
    assert len({but_for_the_entry(page.text) for page in pages}) == 1
    assert somebody.send(f"/searches/{found.id}/disclosures", {"basis": "x"}).status_code == 404
    assert found.id not in somebody.open("/searches").text


def test_lists_show_each_person_what_is_theirs_to_do(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    rosa = Browser(agency, "rosa")
    assert f'href="/reviews/{found.id}"' in rosa.open("/searches").text
    assert "2026-117" not in rosa.page.text
    agency.review(found, 1)
    assert f'href="/examinations/{found.id}"' in Browser(agency, "erik").open("/searches").text
    assert "2026-117" in Browser(agency, "sven").open("/searches").text
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
