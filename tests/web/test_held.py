"""What a page holds in memory is gone the moment that anything is which it hangs on: session, role, case, picture, source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from beholden.actions import cases, examine, exhibits, people, register, sessions, sought
from beholden.records.cases import Case
from beholden.records.people import Person
from beholden.records.review import Review, ReviewState
from beholden.records.searches import Search
from tests.agency import Agency, Ready
from tests.web.browser import Browser
from tests.web.casework import chips
from tests.web.casework import examine as examine_in_pages
from tests.web.casework import review as review_in_pages
from tests.web.test_disclosures import TOLD, packet_of, unsealed

Loss = Callable[[Agency, Ready, Search], None]


def role(name: str, *others: str) -> Loss:
    return lambda agency, _ready, _found: agency.change_roles(name, *others)


def suspended(name: str) -> Loss:
    def lose(agency: Agency, _ready: Ready, _found: Search) -> None:
        people.suspend_person(agency.system, agency["ada"], person_id=agency.ids[name])

    return lose


def signed_out(name: str) -> Loss:
    def lose(agency: Agency, _ready: Ready, _found: Search) -> None:
        here = sessions.account(agency.system, agency[name]).here
        sessions.end_session(agency.system, agency[name], session_id=here)

    return lose


def unassigned(agency: Agency, ready: Ready, _found: Search) -> None:
    case = agency.get(Case, ready.case.id)
    agency.change(case, assigned=tuple(one for one in case.assigned if one != agency.ids["ines"]))


def assigned(agency: Agency, ready: Ready, _found: Search) -> None:
    """Who is put on the case gives no blind opinion on it."""
    case = agency.get(Case, ready.case.id)
    agency.change(case, assigned=(*case.assigned, agency.ids["rosa"]))


def erased(agency: Agency, _ready: Ready, found: Search) -> None:
    with agency.system.database.look() as look:
        leads = examine.leads_of(agency.system, look, found)
    agency.erase(leads[0].candidate.face_id)


def source_suspended(agency: Agency, ready: Ready, _found: Search) -> None:
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="its licence ended")


def exhibit_removed(agency: Agency, ready: Ready, _found: Search) -> None:
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=ready.sought.id, reason="two people")
    [(one, _)] = there(agency, ready)
    exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=one, reason="a wrong file")


def finished(agency: Agency, _ready: Ready, found: Search) -> None:
    [taken] = agency.find(Review, search_id=found.id)
    agency.change(taken, state=ReviewState.FINISHED)


def closed(agency: Agency, ready: Ready, _found: Search) -> None:
    cases.close_case(agency.system, agency["ines"], case_id=ready.case.id, outcome="safe")


def there(agency: Agency, ready: Ready) -> list[tuple[str, str]]:
    from beholden.records.exhibits import Exhibit

    return [(one.id, one.origin) for one in agency.find(Exhibit, case_id=ready.case.id)]


def gone(browser: Browser, address: str) -> bool:
    return browser.client.get(address).status_code in (303, 404)


OF_A_CASE = {
    "the role": role("ines", "steward"),
    "the person": suspended("ines"),
    "the session": signed_out("ines"),
    "the assignment": unassigned,
    "the exhibit": exhibit_removed,
}


@pytest.mark.parametrize("lost", OF_A_CASE)
def test_the_faces_of_an_exhibit_are_gone_with(lost: str, agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}/exhibits/{there(agency, ready)[0][0]}")
    [address] = chips(ines)
    assert ines.client.get(address).headers["content-type"] == "image/jpeg"
    OF_A_CASE[lost](agency, ready, found)
    assert gone(ines, address)
    assert gone(ines, address), "and it does not come back"


OF_A_REVIEW = {
    "the role": role("rosa", "steward"),
    "the person": suspended("rosa"),
    "the session": signed_out("rosa"),
    "an assignment to the case": assigned,
    "a reference": erased,
    "a source": source_suspended,
    "the exhibit": exhibit_removed,
    "the review": finished,
}


@pytest.mark.parametrize("lost", OF_A_REVIEW)
def test_the_pairs_of_a_review_are_gone_with(lost: str, agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    addresses = chips(rosa)
    assert len(set(addresses)) == 3
    assert all(rosa.client.get(one).status_code == 200 for one in addresses)
    OF_A_REVIEW[lost](agency, ready, found)
    assert all(gone(rosa, one) for one in addresses)


def test_the_pair_of_an_examination_is_gone_with_the_opinion_that_is_locked(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    review_in_pages(agency, found, 1)
    erik = Browser(agency, "erik")
    erik.send(f"/examinations/{found.id}")
    addresses = chips(erik)
    assert all(erik.client.get(one).status_code == 200 for one in addresses)
    again = examine_in_pages(agency, found, "erik")
    assert again.page.status_code == 200
    assert all(gone(erik, one) for one in addresses)


OF_A_PACKET = {
    "the role": role("ines", "steward"),
    "the person": suspended("ines"),
    "the session": signed_out("ines"),
    "the assignment": unassigned,
    "a reference": erased,
    "the source": source_suspended,
    "the case": closed,
}


@pytest.mark.parametrize("lost", OF_A_PACKET)
def test_the_files_of_a_packet_are_gone_with(lost: str, agency: Agency) -> None:
    found = unsealed(agency)
    ready = _ready_of(agency, found)
    ines = packet_of(agency, found, TOLD)
    page = str(ines.page.request.url.path)
    links = [one for one in ines.page.text.split('"') if one.startswith("/held/")]
    assert links
    assert all(ines.client.get(one).status_code == 200 for one in links)
    OF_A_PACKET[lost](agency, ready, found)
    assert all(gone(ines, one) for one in (*links, page))


def test_another_session_of_the_same_person_gets_nothing_of_it(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}/exhibits/{there(agency, ready)[0][0]}")
    [address] = chips(ines)
    officer = people.sign_in_as(agency.system, name="ines")
    ines.client.cookies.set("beholden_session", officer.session)
    assert ines.client.get(address).status_code == 404
    assert agency.get(Person, agency.ids["ines"]).state == "active"


def _ready_of(agency: Agency, found: Search) -> Ready:
    from beholden.records.authority import Authority
    from beholden.records.galleries import Gallery
    from beholden.records.sought import Sought
    from beholden.records.sources import Source

    authority = agency.get(Authority, found.authority_id)
    return Ready(
        agency.find(Source)[0],
        agency.find(Gallery)[0],
        agency.get(Case, found.case_id),
        agency.get(Sought, authority.sought_id),
        authority,
    )
