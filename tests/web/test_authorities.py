"""Authority in pages: asked for in three reasons, weighed with its reach, given for less but never for more."""

from __future__ import annotations

import re

import pytest

from beholden.records.authority import Authority, AuthorityState
from tests.agency import Agency, Ready, last, necessity
from tests.web.browser import Browser
from tests.web.casework import but_for_the_entry


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def asked_for(ready: Ready, number: int = 50, **changes: str) -> dict[str, str]:
    reasons = necessity(number)
    told = {
        "sought_id": ready.sought.id,
        "gallery": ready.gallery.id,
        "less_intrusive": reasons.less_intrusive,
        "why_person": reasons.why_person,
        "why_now": reasons.why_now,
        "searches": "3",
        "hours": "24",
    }
    return told | changes


def test_an_investigator_asks_and_a_supervisor_weighs_and_gives_less(agency: Agency, ready: Ready) -> None:
    ines, sven = Browser(agency, "ines"), Browser(agency, "sven")
    ines.open(f"/cases/{ready.case.id}/authorities/new?sought={ready.sought.id}")
    assert f"/cases/{ready.case.id}/authorities" in ines.forms()
    ines.send(f"/cases/{ready.case.id}/authorities", asked_for(ready, follows=ready.authority.id))
    asked = agency.find(Authority, state=AuthorityState.REQUESTED)[0]
    assert (asked.searches, asked.starts_at, asked.follows) == (3, agency.clock.at, ready.authority.id)
    sven.open("/authorities")
    assert f"/authorities/{asked.id}" in sven.page.text
    sven.open(f"/authorities/{asked.id}")
    for words in (
        necessity(50).less_intrusive,
        necessity(50).why_person,
        necessity(50).why_now,
        "Origin of the exhibits synthetic",
        f"{ready.gallery.name}: 3 references would be compared",
        "Not measured on your data",
        necessity(1).why_person,  # what was asked for before in this case
    ):
        assert words in sven.text
    less = {"gallery": ready.gallery.id, "searches": "1", "hours": "12"}
    sven.send(f"/authorities/{asked.id}/approve", less | {"searches": "4"})
    assert (sven.page.status_code, agency.get(Authority, asked.id).state) == (403, AuthorityState.REQUESTED)
    assert 'value="4"' in sven.page.text
    sven.send(f"/authorities/{asked.id}/probe")
    sven.send(f"/authorities/{asked.id}/approve", less)
    given = agency.get(Authority, asked.id)
    assert (given.state, given.searches) == (AuthorityState.ACTIVE, 1)
    assert (given.ends_at - given.starts_at).total_seconds() == 12 * 3600
    sven.send(f"/authorities/{asked.id}/revoke", {"reason": "the child was found"})
    assert agency.get(Authority, asked.id).state is AuthorityState.REVOKED


def test_a_request_that_is_refused_keeps_every_word_that_was_typed(agency: Agency, ready: Ready) -> None:
    ines = Browser(agency, "ines")
    told = asked_for(ready, why_now="soon <script>", searches="21")
    ines.send(f"/cases/{ready.case.id}/authorities", told)
    assert ines.page.status_code == 403
    assert "soon &lt;script&gt;" in ines.page.text
    assert told["less_intrusive"] in ines.text
    assert f'value="{ready.gallery.id}" checked' in ines.page.text
    assert len(re.findall(r"Rule <code>", ines.page.text)) == len(last(agency)[2]) >= 2
    for bad in ({"hours": "a day"}, {"searches": ""}, {"starts_at": "tomorrow"}, {"hours": "999999999"}):
        ines.send(f"/cases/{ready.case.id}/authorities", asked_for(ready) | bad)
        assert ines.page.status_code == 422, bad
    assert len(agency.find(Authority)) == 1


def test_who_asked_may_withdraw_and_a_supervisor_may_refuse_with_a_reason(agency: Agency, ready: Ready) -> None:
    ines, sven = Browser(agency, "ines"), Browser(agency, "sven")
    first, second = (agency.request(ready.case, ready.sought, ready.gallery) for _ in range(2))
    ines.send(f"/authorities/{first.id}/withdraw")
    assert agency.get(Authority, first.id).state is AuthorityState.WITHDRAWN
    sven.send(f"/authorities/{second.id}/refuse", {"reason": ""})
    assert sven.page.status_code == 403
    sven.send(f"/authorities/{second.id}/refuse", {"reason": "ask the school first"})
    assert agency.get(Authority, second.id).reason == "ask the school first"
    assert "ask the school first" in ines.open(f"/authorities/{second.id}").text


def test_nobody_approves_their_own_request_in_pages_either(agency: Agency, ready: Ready) -> None:
    asked = agency.request(ready.case, ready.sought, ready.gallery)
    ines = Browser(agency, "ines")
    told = {"gallery": ready.gallery.id, "searches": "3", "hours": "24"}
    assert ines.send(f"/authorities/{asked.id}/approve", told).status_code == 403
    ines.open(f"/authorities/{asked.id}")
    assert f"/authorities/{asked.id}/approve" not in ines.forms()


@pytest.mark.parametrize("name", ["ivo", "rosa", "stella"])
def test_an_authority_of_others_is_missing_whatever_is_tried(agency: Agency, ready: Ready, name: str) -> None:
    somebody = Browser(agency, name)
    assert ready.authority.id not in somebody.open("/authorities").text
    foreign = somebody.open(f"/authorities/{ready.authority.id}").text
    never = somebody.open("/authorities/" + "0" * 32).text
    assert but_for_the_entry(foreign) == but_for_the_entry(never)
    for act in ("approve", "refuse", "revoke", "withdraw", "searches"):
        assert somebody.send(f"/authorities/{ready.authority.id}/{act}", {"reason": "x"}).status_code == 404, act
    assert agency.get(Authority, ready.authority.id) == ready.authority


def test_a_privacy_officer_revokes_an_authority_whose_id_they_were_told_and_sees_nothing_of_its_case(
    agency: Agency, ready: Ready
) -> None:
    pia = Browser(agency, "pia")
    pia.open("/authorities")
    assert ready.case.reference not in pia.text
    assert "/authorities" in pia.forms()
    pia.send("/authorities", {"authority_id": ready.authority.id, "reason": ""})
    assert pia.page.status_code == 403
    assert ready.authority.id in pia.page.text, "what was typed stays"
    pia.send("/authorities", {"authority_id": ready.authority.id, "reason": "the court quashed the warrant"})
    assert str(pia.page.url).endswith("/authorities?done=revoked")
    assert agency.get(Authority, ready.authority.id).state is AuthorityState.REVOKED
    assert ready.case.reference not in pia.text


@pytest.mark.parametrize("name", ["ivo", "stella", "erik"])
def test_to_everybody_else_an_authority_that_they_do_not_see_is_not_there(
    agency: Agency, ready: Ready, name: str
) -> None:
    browser = Browser(agency, name)
    there = browser.send("/authorities", {"authority_id": ready.authority.id, "reason": "no"})
    never = browser.send("/authorities", {"authority_id": "0" * 32, "reason": "no"})
    assert (there.status_code, never.status_code) == (404, 404)
    assert but_for_the_entry(there.text) == but_for_the_entry(never.text)
    browser.open("/authorities")
    assert browser.forms() == ["/sign-out"]
