"""What a page holds in memory is gone the moment that anything is which it hangs on: session, role, case, picture, source."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from io import BytesIO

import pytest
from fastapi import Request
from httpx2 import Response
from PIL import Image

from beholden.actions import authorise, cases, examine, exhibits, people, register, review, search, sessions, sought
from beholden.actions.standing import Standing, standing
from beholden.errors import Missing
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Person
from beholden.records.review import Review, ReviewState
from beholden.records.searches import Search
from beholden.web.held import Holding, Pair, PairAddress, hold_pairs
from tests.agency import PURPOSE, Agency, Ready, draw, last, necessity
from tests.web.browser import Browser
from tests.web.casework import chips, pair_reveals, reveals, strips
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
    [address] = strips(rosa)
    assert rosa.client.get(address).status_code == 200
    first, second = pair_reveals(rosa)
    assert rosa.send(first).status_code == 200
    OF_A_REVIEW[lost](agency, ready, found)
    assert all(rosa.send(one, follow=False).status_code in (303, 404) for one in (first, second))
    assert gone(rosa, address)


def taken(agency: Agency, *people: int) -> tuple[Browser, Search]:
    """Rosa's page of a list."""
    found = agency.search(agency.ready(*people).authority)
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    return rosa, found


def asked_for(browser: Browser, address: str) -> Response:
    """As the page's own script asks."""
    browser.client.headers["Accept"] = "application/json, text/html"
    answer = browser.send(address, follow=False)
    del browser.client.headers["Accept"]
    return answer


def test_req_143_a_page_of_pairs_holds_nothing_clear_and_one_veiled_file_with_each_photograph_once(
    agency: Agency,
) -> None:
    rosa, found = taken(agency, 1, 2, 3)
    assert chips(rosa) == []
    [address] = strips(rosa)
    strip = Image.open(BytesIO(rosa.client.get(address).content))
    assert (strip.mode, strip.size) == ("L", (4 * 112, 112)), "three references, and the one probe of all three pairs"
    token = address.split("/")[2]
    for name in ("1.jpg", "1", "clear", "pairs", "pairs/1", "pairs/1/reveal", "pairs/1.jpg"):
        assert rosa.client.get(f"/held/{token}/{name}").status_code in (303, 404), name
    shown = review.open_review(agency.system, agency["rosa"], search_id=found.id)[1]
    clear = {one.reference for one in shown} | set(shown[0].probes)
    there = {
        rosa.client.get(f"/held/{token}/{n}.{kind}.jpg").content for n in range(1, 5) for kind in ("veiled", "blurred")
    }
    assert len(there) == 8
    assert not clear & there


def test_req_143_a_pair_is_given_clear_on_both_sides_by_one_act_under_its_handle(agency: Agency) -> None:
    rosa, found = taken(agency, 1, 2, 3)
    shown = review.open_review(agency.system, agency["rosa"], search_id=found.id)[1]
    for reveal, one in zip(pair_reveals(rosa), shown, strict=True):
        before = len(agency.leaves())
        answer = asked_for(rosa, reveal)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert "no-store" in answer.headers["cache-control"]
        given = answer.json()
        assert set(given) == {"probes", "reference"}
        assert [base64.b64decode(each) for each in given["probes"]] == list(one.probes)
        assert base64.b64decode(given["reference"]) == one.reference
        [leaf] = agency.leaves()[before:]
        told = agency.told(leaf["n"])
        assert (leaf["event"], leaf["outcome"]) == ("chip.revealed", "done")
        assert (told["of"], told["shown"]) == (["pair"], [one.handle]), (
            "the log says which pair, and of nobody which face"
        )


def test_without_scripts_a_pair_is_a_page_of_its_own_with_a_way_back(agency: Agency) -> None:
    rosa, found = taken(agency, 1, 2)
    reveal = pair_reveals(rosa)[1]
    assert f'form="holding" formaction="{reveal}"' in rosa.page.text
    before = len(agency.leaves())
    rosa.send(reveal)
    addresses = chips(rosa)
    assert len(addresses) == 2
    assert f'href="/reviews/{found.id}#pair-2"' in rosa.page.text
    shown = review.open_review(agency.system, agency["rosa"], search_id=found.id)[1][1]
    assert [rosa.client.get(one).content for one in addresses] == [*shown.probes, shown.reference]
    assert next(leaf["event"] for leaf in agency.leaves()[before:]) == "chip.revealed"
    assert all(gone(rosa, one) for one in addresses), "one showing is one entry"
    rosa.open(f"/reviews/{found.id}")
    rosa.send(pair_reveals(rosa)[0])
    agency.clock.pass_by(minutes=1)
    assert all(gone(rosa, one) for one in chips(rosa)), "not asked for in a minute"


def test_req_143_a_pair_is_given_to_nobody_else_and_not_when_it_is_refused(agency: Agency) -> None:
    few = replace(agency, system=replace(agency.system, rules=replace(agency.system.rules, max_chips_revealed_a_day=1)))
    rosa, _found = taken(few, 1, 2)
    first, second = pair_reveals(rosa)
    assert Browser(few, "edda").send(first).status_code == 404
    for forged in (first.replace("/1/", "/3/"), first.replace("/1/", "/0/"), first.replace("/pairs/1/", "/1/")):
        assert rosa.send(forged, follow=False).status_code == 404, forged
    assert "chip.revealed" not in [leaf["event"] for leaf in few.leaves()]
    assert asked_for(rosa, first).status_code == 200
    refused = asked_for(rosa, second)
    assert (refused.status_code, refused.headers["content-type"].partition(";")[0]) == (403, "text/html")
    assert last(few) == ("chip.revealed", "refused", ["day-limit"])


def test_a_side_that_is_not_shown_yet_is_absent_from_what_is_given(agency: Agency) -> None:
    """As in an examination, which looks at each side alone before it looks at both."""
    _, found = taken(agency, 1, 2)
    shown = review.open_review(agency.system, agency["rosa"], search_id=found.id)[1][0]
    client = Browser(agency, "rosa")
    request = Request({"type": "http", "app": client.client.app, "headers": []})
    hangs_on = standing(agency.system, agency["rosa"])
    mine = agency.ids["rosa"]
    one, other = hold_pairs(
        request,
        agency.system,
        hangs_on,
        [
            Pair("examination", mine, shown.probes, b""),
            Pair("examination", mine, (), shown.reference),
        ],
    )
    assert (len(one.probes), one.reference, other.probes) == (1, None, ())
    assert set(asked_for(client, one.reveal).json()) == {"probes"}
    given = asked_for(client, other.reveal).json()
    assert (given["probes"], base64.b64decode(given["reference"])) == ([], shown.reference)
    assert PairAddress.of(asdict(other)) == other
    assert hold_pairs(request, agency.system, hangs_on, []) == []


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
    [address] = strips(rosa)
    reveals = pair_reveals(rosa)
    review_of_another_case(agency, "rosa")
    assert rosa.client.get(address).status_code == 200
    assert all(rosa.send(one).status_code == 200 for one in reveals)


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
