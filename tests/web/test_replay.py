"""A list made again from its page: by an auditor, for a reason, with what came of it, now and before."""

from __future__ import annotations

import json

import pytest

from beholden.actions.search import LEAD
from beholden.records.audit import Item
from beholden.records.candidates import Candidate
from beholden.records.incidents import Incident
from beholden.records.searches import Search
from tests.agency import Agency, last
from tests.web.browser import Browser

WHY = "counsel asked how the list came about"


@pytest.fixture
def found(agency: Agency) -> Search:
    search = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(search, 1)
    return agency.get(Search, search.id)


def test_req_43_an_auditor_has_a_list_made_again_and_reads_what_came_of_it(agency: Agency, found: Search) -> None:
    path = f"/searches/{found.id}/replay"
    aude = Browser(agency, "aude")
    assert f'href="{path}"' in aude.open(f"/searches/{found.id}").text
    aude.open(path)
    before = len(agency.leaves())
    aude.send(path, {"reason": "why not"})
    assert aude.page.status_code == 403
    assert "replay-has-reason" in aude.text
    assert "why not" in aude.page.text, "what was typed is not lost"
    aude.send(path, {"reason": WHY})
    assert "The list comes out the same" in aude.text
    assert "People on the list then 3" in aude.text
    assert "Compared place by place 3" in aude.text
    assert last(agency) == ("search.replayed", "done", [])
    done = len(agency.leaves())
    assert done > before
    aude.open(path)
    assert "The list comes out the same" not in aude.text, "it is shown once; the log has it"
    assert len(agency.leaves()) == done
    aude.open(f"{path}?earlier=yes")
    assert last(agency)[0] == "log.read"
    rows = aude.text.partition("Earlier times that this list was made again")[2]
    assert rows.count("search.replayed") == 0
    assert rows.count("done yes 0") == 1
    assert WHY in rows
    assert "begun" not in rows


def test_one_that_comes_out_otherwise_says_so_and_opens_an_incident(agency: Agency, found: Search) -> None:
    one, other, *_ = agency.find(Candidate, search_id=found.id)
    for candidate in (one, other):
        sealed = json.loads(agency.system.keys.open(candidate.face_id, candidate.lead, LEAD))
        sealed["score"] = 0.5
        lead = agency.system.keys.seal(candidate.face_id, json.dumps(sealed).encode(), LEAD)
        agency.change(candidate, lead=lead)
    aude = Browser(agency, "aude")
    aude.send(f"/searches/{found.id}/replay", {"reason": WHY})
    assert "The list comes out otherwise" in aude.text
    assert 'href="/incidents"' in aude.page.text
    assert len(agency.find(Incident)) == 1


def test_a_form_sent_twice_makes_it_again_once(agency: Agency, found: Search) -> None:
    aude = Browser(agency, "aude")
    for _ in range(2):
        aude.send(f"/searches/{found.id}/replay", {"reason": WHY, "once": "0123456789abcdef"})
    done = [one for one in agency.leaves() if (one["event"], one["outcome"]) == ("search.replayed", "done")]
    assert len(done) == 1


@pytest.mark.parametrize("name", ["ines", "sven", "rosa", "pia", "ada"])
def test_nobody_else_is_offered_it_or_learns_of_it(agency: Agency, found: Search, name: str) -> None:
    browser = Browser(agency, name)
    assert browser.open(f"/searches/{found.id}/replay").status_code == 404
    assert "/replay" not in browser.open(f"/searches/{found.id}").text
    items = len(agency.find(Item))
    assert browser.send(f"/searches/{found.id}/replay", {"reason": WHY}).status_code in (403, 404)
    assert "The list comes out" not in browser.text
    assert len(agency.find(Item)) >= items


def test_a_sealed_list_is_not_made_again_and_its_page_says_when(agency: Agency) -> None:
    sealed = agency.search(agency.ready(1, 2).authority)
    aude = Browser(agency, "aude")
    aude.open(f"/searches/{sealed.id}/replay")
    assert "It can be made again once the last opinion on it is locked" in aude.text
    assert aude.forms() == ["/sign-out"]
    assert aude.send(f"/searches/{sealed.id}/replay", {"reason": WHY}).status_code == 403
    assert "replay-is-of-unsealed" in aude.text
