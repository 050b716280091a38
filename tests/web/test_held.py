"""What a page holds in memory is gone the moment that anything is which it hangs on: session, role, case, picture, source."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from beholden.actions import authorise, cases, examine, exhibits, people, register, review, search, sessions, sought
from beholden.actions.standing import Standing, standing
from beholden.errors import Missing
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Person
from beholden.records.review import Review, ReviewState
from beholden.records.searches import Search
from beholden.web.held import Holding
from tests.agency import PURPOSE, Agency, Ready, draw, necessity
from tests.web.browser import Browser
from tests.web.casework import chips, reveals, strips
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
    [address] = strips(ines)
    assert ines.client.get(address).headers["content-type"] == "image/jpeg"
    [clear] = reveals(ines)
    OF_A_CASE[lost](agency, ready, found)
    assert ines.send(clear, follow=False).status_code in (303, 404), "nor is it given clear"
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


def review_of_another_case(agency: Agency, reviewer: str) -> str:
    """It is taken, and the opinion owed."""
    case = cases.open_case(agency.system, agency["ivo"], reference="2026-118", title="Another", purpose=PURPOSE)
    wanted = agency.sought(case, draw(2, seed=5), officer="ivo")
    asked = authorise.request_authority(
        agency.system,
        agency["ivo"],
        case_id=case.id,
        sought_id=wanted.id,
        gallery_ids=[one.id for one in agency.find(Gallery)],
        necessity=necessity(77),
        starts_at=agency.clock.at,
        ends_at=agency.clock.at + timedelta(hours=5),
        searches=2,
    )
    given = agency.approve(asked)
    found = search.run_search(agency.system, agency["ivo"], authority_id=given.id, sought_id=wanted.id)
    review.open_review(agency.system, agency[reviewer], search_id=found.id)
    return found.id


def test_req_35_who_comes_to_owe_a_blind_opinion_is_given_nothing_more_of_a_packet(agency: Agency) -> None:
    found = unsealed(agency)
    agency.change_roles("ines", "investigator", "examiner")
    ines = packet_of(agency, found, TOLD)
    links = [one for one in ines.page.text.split('"') if one.startswith("/held/")]
    assert links
    assert all(ines.client.get(one).status_code == 200 for one in links)
    review_of_another_case(agency, "ines")
    assert all(gone(ines, one) for one in links)


def test_the_pairs_of_a_review_stay_for_who_takes_another_list(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2).authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    addresses = chips(rosa)
    review_of_another_case(agency, "rosa")
    assert all(rosa.client.get(one).status_code == 200 for one in addresses)


def session(agency: Agency, name: str) -> tuple[Officer, Standing]:
    officer = people.sign_in_as(agency.system, name=name)
    return officer, standing(agency.system, officer)


class Room:
    """What sessions hold, by the name that the test gives it."""

    def __init__(self, agency: Agency, **limits: int) -> None:
        self.agency, self.holding = agency, Holding[str](**limits)
        self.there: dict[str, tuple[Officer, str]] = {}

    def put(self, who: tuple[Officer, Standing], name: str, size: int) -> None:
        now, lasts = self.agency.clock.at, timedelta(minutes=5)
        self.there[name] = who[0], self.holding.hold(who[1], name, size=size, now=now, lasts=lasts)

    def held(self) -> set[str]:
        found = set()
        for officer, token in self.there.values():
            with suppress(Missing):
                found.add(self.holding.get(self.agency.system, officer, token))
        return found


def test_what_one_session_holds_makes_room_for_its_own_and_for_nobody_elses(agency: Agency) -> None:
    room, ines, stella = (
        Room(agency, most=1000, most_of_session=100),
        session(agency, "ines"),
        session(agency, "stella"),
    )
    room.put(ines, "of ines", 10)
    for number in range(20):
        room.put(stella, str(number), 40)
    assert room.held() == {"of ines", "18", "19"}
    room.put(stella, "large", 500)
    assert room.held() == {"of ines", "large"}


def test_where_all_is_full_the_oldest_of_who_holds_most_goes_whatever_their_sessions(agency: Agency) -> None:
    room = Room(agency, most=300, most_of_session=100)
    room.put(session(agency, "ines"), "of ines", 90)
    for number in range(5):
        room.put(session(agency, "stella"), str(number), 90)
    assert room.held() == {"of ines", "3", "4"}
    room.put(session(agency, "rosa"), "of rosa", 90)
    assert room.held() == {"of ines", "of rosa", "4"}


def test_another_session_of_the_same_person_gets_nothing_of_it(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    ines = Browser(agency, "ines")
    ines.open(f"/cases/{ready.case.id}/exhibits/{there(agency, ready)[0][0]}")
    [address] = strips(ines)
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
