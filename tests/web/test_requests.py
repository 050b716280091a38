"""The request desk in pages (REQ 71): records found by words, a request received, decided, carried out by another, receipted."""

from __future__ import annotations

import re

import pytest

from beholden.actions import people
from beholden.records.erasure import Erasure
from beholden.records.faces import Face, FaceState
from beholden.records.requests import Photograph, PhotographState, Request, RequestState
from beholden.testing.drawn import draw
from tests.agency import Agency, last
from tests.web.browser import Browser
from tests.web.casework import chips, reveals, strips

LETTER = "A. Person, by letter of 3 May"


@pytest.fixture
def enrolled(agency: Agency) -> list[str]:
    """The ids of the two records of person 4; somebody else is held beside them."""
    source, gallery = agency.source(), agency.gallery()
    made = [agency.enrol(source, gallery, 4, seed=seed, ref="register 4711") for seed in (0, 1)]
    agency.enrol(source, gallery, 5)
    return [face.id for one in made for face in one.faces]


def received(agency: Agency, records: list[str]) -> str:
    pia = Browser(agency, "pia")
    pia.send("/requests", {"record": records, "looked_for": "by the register's number", "subject": LETTER})
    [made] = agency.find(Request)
    assert str(pia.page.url).endswith(f"/requests/{made.id}?done=received")
    return made.id


def granted(agency: Agency, records: list[str]) -> str:
    id = received(agency, records)
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{id}/check", {"how": "passport seen"})
    pia.send(f"/requests/{id}/grant", {"reason": "they are theirs"})
    assert agency.get(Request, id).state is RequestState.GRANTED
    return id


def test_the_whole_way_of_a_request_from_intake_to_receipt(agency: Agency, enrolled: list[str]) -> None:
    pia, stella = Browser(agency, "pia"), Browser(agency, "stella")
    pia.send("/requests/find", {"person_ref": "register 4711"})
    found = re.findall(r'name="record" value="([^"]+)" checked', pia.page.text)
    assert sorted(found) == sorted(enrolled)
    id = received(agency, found)
    assert "It waits for a privacy officer to grant or refuse it." in pia.open(f"/requests/{id}").text
    assert f"/requests/{id}/grant" not in pia.forms()
    pia.send(f"/requests/{id}/check", {"how": "passport seen"})
    assert f"/requests/{id}/grant" in pia.forms()
    pia.send(f"/requests/{id}/grant", {"reason": "they are theirs"})
    assert "It waits for somebody other than who granted it" in pia.text
    assert f"/requests/{id}" in stella.open("/").text, "it waits on the steward's first page"
    stella.send(f"/requests/{id}/erase")
    assert stella.page.status_code == 200
    assert agency.get(Request, id).state is RequestState.FULFILLED
    assert {agency.get(Face, face).state for face in enrolled} == {FaceState.ERASED}
    assert len(agency.find(Face, state=FaceState.LIVE)) == 1
    receipt = stella.open(f"/requests/{id}/receipt")
    assert receipt.content == agency.find(Erasure)[0].receipt
    assert receipt.headers["content-disposition"].startswith("attachment;")
    assert receipt.headers["content-type"] == "text/plain; charset=utf-8"


def test_who_granted_it_cannot_carry_it_out(agency: Agency, enrolled: list[str]) -> None:
    id = granted(agency, enrolled)
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{id}/erase")
    assert pia.page.status_code == 403
    assert last(agency)[:2] == ("erasure.started", "refused")
    assert agency.get(Request, id).state is RequestState.GRANTED


def test_records_that_are_evidence_are_restricted_looked_at_again_and_then_erased(
    agency: Agency, enrolled: list[str]
) -> None:
    id = granted(agency, enrolled)
    pia, stella = Browser(agency, "pia"), Browser(agency, "stella")
    stella.open(f"/requests/{id}")
    stella.send(f"/requests/{id}/restrict", {"reason": "evidence in the trial 2026-88", "days": "many"})
    assert stella.page.status_code == 422
    assert "evidence in the trial 2026-88" in stella.text, "what was typed is kept"
    stella.send(f"/requests/{id}/restrict", {"reason": "evidence in the trial 2026-88", "days": "181"})
    assert stella.page.status_code == 403
    stella.send(f"/requests/{id}/restrict", {"reason": "evidence in the trial 2026-88", "days": "60"})
    assert "The records are restricted, not erased, and the receipt is signed." in stella.text
    assert {agency.get(Face, face).state for face in enrolled} == {FaceState.RESTRICTED}
    receipt = stella.open(f"/requests/{id}/receipt")
    assert b"restricted, not erased" in receipt.content
    stella.open(f"/requests/{id}")
    assert not {f"/requests/{id}/erase", f"/requests/{id}/keep-restricted"} & set(stella.forms())
    pia.open(f"/requests/{id}")
    assert "evidence in the trial 2026-88" in pia.text
    agency.clock.pass_by(minutes=1)
    pia.send(f"/requests/{id}/keep-restricted", {"reason": "the judgment is under appeal", "days": "x"})
    assert pia.page.status_code == 422
    pia.send(f"/requests/{id}/keep-restricted", {"reason": "the judgment is under appeal", "days": "90"})
    assert "the judgment is under appeal" in pia.text
    assert stella.open(f"/requests/{id}/receipt").content != receipt.content
    pia.send(f"/requests/{id}/end-restriction", {"reason": "too short"})
    assert pia.page.status_code == 403
    pia.send(f"/requests/{id}/end-restriction", {"reason": "the judgment is final since May"})
    assert "It waits for somebody other than who granted it" in pia.text
    stella.open(f"/requests/{id}")
    assert "Restricted, not erased" not in stella.text
    assert f"/requests/{id}/receipt" not in stella.page.text, "it says what is so no more"
    stella.send(f"/requests/{id}/restrict", {"reason": "evidence in the trial 2026-91", "days": "60"})
    assert "Restricted, not erased" in stella.text
    agency.clock.pass_by(minutes=1)
    pia.send(f"/requests/{id}/end-restriction", {"reason": "the second trial has ended as well"})
    stella.send(f"/requests/{id}/erase")
    assert {agency.get(Face, face).state for face in enrolled} == {FaceState.ERASED}
    assert stella.open(f"/requests/{id}/receipt").content == agency.find(Erasure)[0].receipt


def test_nothing_is_granted_before_who_asks_was_checked(agency: Agency, enrolled: list[str]) -> None:
    id = received(agency, enrolled)
    pia = Browser(agency, "pia")
    pia.open(f"/requests/{id}")
    assert f"/requests/{id}/grant" not in pia.forms()
    assert "Before it can be granted: check who asks" in pia.text
    assert '<a href="#check">' in pia.page.text
    for more in ({}, {"checked": "yes"}):
        pia.send(f"/requests/{id}/grant", {"reason": "passport seen", **more})
        assert pia.page.status_code == 403
    assert agency.get(Request, id).state is RequestState.RECEIVED


def test_a_request_is_refused_with_a_reason_or_withdrawn(agency: Agency, enrolled: list[str]) -> None:
    first = received(agency, enrolled)
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{first}/refuse", {"reason": "evidence in a trial until March"})
    assert agency.get(Request, first).state is RequestState.REFUSED
    assert "evidence in a trial until March" in pia.text
    pia.send("/requests", {"record": enrolled, "looked_for": "by the number", "subject": LETTER})
    [second] = agency.find(Request, state=RequestState.RECEIVED)
    pia.send(f"/requests/{second.id}/withdraw")
    assert agency.get(Request, second.id).state is RequestState.WITHDRAWN


def test_who_asks_is_sealed_and_on_no_page(agency: Agency, enrolled: list[str]) -> None:
    id = granted(agency, enrolled)
    for name in ("pia", "stella", "sven", "aude"):
        for path in ("/", "/requests", f"/requests/{id}"):
            shown = Browser(agency, name).open(path)
            assert shown.status_code == 200
            assert LETTER not in shown.text


def test_an_error_at_the_intake_keeps_the_records_and_what_was_typed(agency: Agency, enrolled: list[str]) -> None:
    pia = Browser(agency, "pia")
    pia.send("/requests", {"record": enrolled, "looked_for": "by the number", "subject": " "})
    assert pia.page.status_code == 422
    assert sorted(re.findall(r'name="record" value="([^"]+)" checked', pia.page.text)) == sorted(enrolled)
    assert 'value="by the number"' in pia.page.text
    pia.send("/requests/find", {"person_ref": "a", "page_url": "b"})
    assert pia.page.status_code == 422
    pia.send("/requests/find", {"person_ref": "nobody's"})
    assert "No record was found by this." in pia.text


@pytest.mark.parametrize("name", ["ines", "rosa", "ada"])
def test_a_request_is_not_there_for_who_sees_no_requests(agency: Agency, enrolled: list[str], name: str) -> None:
    id = granted(agency, enrolled)
    somebody = Browser(agency, name)
    pages = ("", "/new", f"/{id}", f"/{id}/receipt", f"/{id}/photograph", f"/{id}/photographs/x/receipt")
    for path in pages:
        assert somebody.open(f"/requests{path}").status_code == 404, path
        assert id not in somebody.page.text
    acts = (
        *("grant", "refuse", "withdraw", "erase", "subject", "check", "records", "listings"),
        *("photograph/compare", "photograph/take-back"),
    )
    for path in acts:
        for there in (id, "0" * 32):
            sent = somebody.send(f"/requests/{there}/{path}", {"reason": "because", "how": "passport", "face": "1"})
            assert sent.status_code == 404, path
    for path in ("/requests", "/requests/find"):
        assert somebody.send(path, {"record": enrolled, "person_ref": "a"}).status_code == 404, path
    file = {"file": ("me.png", draw(4))}
    assert somebody.send(f"/requests/{id}/photograph", files=file).status_code == 404
    assert "/requests" not in re.findall(r'href="([^"]+)"', somebody.open("/").text)
    assert agency.get(Request, id).state is RequestState.GRANTED


def test_there_is_no_receipt_before_the_erasure(agency: Agency, enrolled: list[str]) -> None:
    id = granted(agency, enrolled)
    assert Browser(agency, "pia").open(f"/requests/{id}/receipt").status_code == 404


def test_an_auditor_alone_reads_which_searches_had_listed_the_erased(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    [face] = [
        face for face in agency.find(Face) if face.person_mark == agency.find(Face, order="face_no")[0].person_mark
    ]
    agency.erase(face.id)
    [request] = agency.find(Request)
    aude, stella = Browser(agency, "aude"), Browser(agency, "stella")
    aude.send(f"/requests/{request.id}/listings")
    assert found.id in aude.text
    assert agency.leaves()[-1]["event"] == "erasure.read"
    stella.send(f"/requests/{request.id}/listings")
    assert stella.page.status_code == 403
    assert found.id not in stella.page.text


def test_what_is_late_is_said_to_be(agency: Agency, enrolled: list[str]) -> None:
    id = received(agency, enrolled)
    agency.clock.pass_by(days=agency.system.rules.request_days + 1)
    agency.officers["pia"] = people.sign_in_as(agency.system, name="pia")
    pia = Browser(agency, "pia")
    pia.open(f"/requests/{id}")
    assert "It is late." in pia.text


def test_req_71_a_photograph_is_compared_in_pages_and_destroyed_with_its_receipt(
    agency: Agency, enrolled: list[str]
) -> None:
    pia = Browser(agency, "pia")
    pia.send("/requests", {"photograph": "yes", "looked_for": "by a photograph given", "subject": LETTER})
    [made] = agency.find(Request)
    lane = f"/requests/{made.id}/photograph"
    pia.send(lane, files={"file": ("me.png", draw(4, seed=9))})
    assert "First check who asks" in pia.text
    assert f"/requests/{made.id}#check" in pia.page.text
    assert "Another privacy officer compares it" in pia.text
    assert pia.send(f"{lane}/compare", {"face": "1"}).status_code == 403
    pia.send(f"/requests/{made.id}/check", {"how": "passport seen at the counter"})
    assert "Who asks was checked by" in pia.text
    assert "Before it can be granted: name the records" in pia.text
    paul = Browser(agency, "paul")
    paul.open(lane)
    assert "Another privacy officer compares it" not in paul.text
    paul.send(f"{lane}/compare", {"face": "1"})
    assert paul.page.status_code == 200
    listed = re.findall(r'name="record" value="([^"]+)"', paul.page.text)
    assert set(enrolled) < set(listed)
    assert len(listed) == 3
    for word in ("score", "match", "rank", "%</"):
        assert word not in paul.page.text.partition("<main")[2].partition("</main>")[0].lower()
    assert chips(paul) == []
    asked = reveals(paul)
    assert len(asked) == 4, "three that are listed, and the face given"
    assert 'aria-label="The face given"' in paul.page.text
    assert [f"Person {number}, by the source's word" in paul.text for number in (1, 2, 3)] == [True, True, False]
    veiled = strips(paul)
    assert len(veiled) == 2, "of the list, and of the photograph"
    assert all(paul.client.get(one).headers["content-type"] == "image/jpeg" for one in veiled)
    for one in asked:
        assert paul.send(one).headers["content-type"] == "image/jpeg"
        assert last(agency) == ("chip.revealed", "done", [])
    assert Browser(agency, "ines").send(asked[0]).status_code == 404
    assert Browser(agency, "ines").open(veiled[0]).status_code == 404
    paul.send(f"/requests/{made.id}/records", {"record": enrolled, "looked_for": "by a photograph given"})
    assert sorted(agency.get(Request, made.id).face_ids) == sorted(enrolled)
    pia.send(f"/requests/{made.id}/grant", {"reason": "they are theirs"})
    assert agency.get(Request, made.id).state is RequestState.GRANTED
    [gone] = agency.find(Photograph)
    assert gone.state is PhotographState.DESTROYED
    assert f"tells of its destruction {gone.entry}" in (pia.open(lane) and pia.text)
    receipt = pia.open(f"/requests/{made.id}/photographs/{gone.id}/receipt")
    assert receipt.content == gone.receipt
    assert Browser(agency, "aude").open(f"/requests/{made.id}/photographs/{gone.id}/receipt").content == gone.receipt
    for name in ("stella", "sven"):
        other = Browser(agency, name)
        assert other.open(lane).status_code == 404
        assert lane not in other.open(f"/requests/{made.id}").text


def test_req_71_who_asks_is_read_on_the_page_by_the_privacy_officer_and_on_record(
    agency: Agency, enrolled: list[str]
) -> None:
    id = received(agency, enrolled)
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{id}/subject")
    assert LETTER in pia.text
    assert [leaf["event"] for leaf in agency.leaves()][-1] == "request.read"
    assert LETTER not in pia.open(f"/requests/{id}").text
    for name in ("stella", "sven", "aude"):
        assert Browser(agency, name).send(f"/requests/{id}/subject").status_code == 404


def test_req_71_the_photograph_s_faces_are_no_longer_given_once_it_is_destroyed(
    agency: Agency, enrolled: list[str]
) -> None:
    id = received(agency, enrolled)
    pia = Browser(agency, "pia")
    pia.send(f"/requests/{id}/photograph", files={"file": ("me.png", draw(4, 5, seed=9))})
    [strip], asked = strips(pia), reveals(pia)
    assert (len(asked), chips(pia)) == (2, [])
    assert pia.client.get(strip).status_code == 200
    assert pia.send(asked[0]).headers["content-type"] == "image/jpeg"
    pia.send(f"/requests/{id}/photograph/take-back")
    assert pia.client.get(strip).status_code == 404
    assert pia.send(asked[0]).status_code == 404
