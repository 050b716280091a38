"""Many exhibits at once: taken in behind the pages, each by an act of its own, and every page says how far it is."""

from __future__ import annotations

import threading

import pytest

from beholden.errors import BeholdenError, TurnedAway
from beholden.records.exhibits import Exhibit
from beholden.testing.drawn import draw
from beholden.web.csrf import COOKIE, token_of
from beholden.web.uptake import ANSWERED_FOR, Fate, Given, Uptake, uptake
from tests.agency import Agency, last
from tests.web.browser import Browser

WHY = {"origin": "synthetic", "why": "found on the seized disk"}
SCRIPT = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
GIVEN = Given("synthetic", "found on the seized disk")


def give(browser: Browser, case_id: str, *files: tuple[str, bytes], **told: str) -> None:
    """As a form does that has a folder chosen."""
    fields = {"csrf": token_of(browser.client.cookies.get(COOKIE) or "")} | WHY | told
    sent = [("photographs", file) for file in files]
    browser.page = browser.client.post(
        f"/cases/{case_id}/intake", data=fields, files=sent, headers={"Sec-Fetch-Site": "same-origin"}
    )


def finish(browser: Browser) -> None:
    uptake(browser.client.app.state).finish()  # type: ignore[attr-defined]


def test_a_folder_becomes_exhibits_and_what_cannot_be_one_is_told_with_its_name(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    seven = draw(3, seed=7)
    give(
        ines,
        case.id,
        ("disk/1/7.png", seven),
        ("disk/2/8.png", draw(4, seed=8)),
        ("disk/again.png", seven),
        ("disk/no-face.png", draw()),
        ("disk/letter.png", b"no picture"),
    )
    assert (ines.page.status_code, ines.page.headers["location"]) == (303, f"/cases/{case.id}")
    finish(ines)
    assert len(agency.find(Exhibit)) == 2
    ines.open(f"/cases/{case.id}/intake")
    for words in ("All 5 files were looked at.", "2 exhibits added", "1 was in the case already", "2 were not taken"):
        assert words in ines.text
    assert "no-face.png : no face was found" in ines.text
    assert "letter.png : the file is no picture" in ines.text
    assert "hx-get" not in ines.page.text, "it asks no more when all is done"
    ines.open(f"/cases/{case.id}")
    assert "The photographs given last" in ines.text
    assert last(agency)[0] == "exhibit.added"
    assert sum(leaf["event"] == "exhibit.added" for leaf in agency.leaves()) == 5


def test_every_page_says_how_far_it_is_while_some_wait_and_to_nobody_else(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    go = threading.Event()
    kept = agency.system.model.find
    monkeypatch.setattr(agency.system.model, "find", lambda *given, **named: (go.wait(30), kept(*given, **named))[1])
    give(ines, case.id, ("7.png", draw(3, seed=7)), ("8.png", draw(4, seed=8)))
    for path in ("/", "/cases", f"/cases/{case.id}/intake"):
        ines.open(path)
        assert "0 of 2 are taken in. Go on with other work" in ines.text
        assert f'hx-get="/cases/{case.id}/intake"' in ines.page.text
    sven = Browser(agency, "sven")
    sven.client = ines.client.__class__(ines.client.app, base_url="http://localhost", follow_redirects=False)
    sven.client.cookies.set(COOKIE, agency["sven"].session)
    for path in ("/", f"/cases/{case.id}/intake"):
        assert "are taken in" not in sven.open(path).text
    go.set()
    finish(ines)
    assert "are taken in" not in ines.open("/").text


def test_what_is_wrong_with_all_of_them_is_said_before_any_is_taken_in(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    give(ines, case.id, ("7.png", draw(3, seed=7)), why="")
    assert (ines.page.status_code, "Say why this photograph is in the case" in ines.text) == (422, True)
    give(ines, case.id)
    assert (ines.page.status_code, "No file was chosen; drop photographs" in ines.text) == (422, True)
    give(ines, case.id, *((f"{n}.png", b"x") for n in range(41)))
    assert (ines.page.status_code, "send at most 40" in ines.text) == (422, True)
    sven = Browser(agency, "sven")
    give(sven, case.id, ("7.png", draw(3, seed=7)))
    assert sven.page.status_code == 403
    assert last(agency) == (
        "exhibit.added",
        "refused",
        ["investigator-is-assigned", "role-investigator-works-on-the-case"],
    )
    finish(ines)
    assert agency.find(Exhibit) == []


def test_a_script_is_answered_in_data_and_told_all_reasons(agency: Agency) -> None:
    case, ines = agency.case(), Browser(agency, "ines")
    token = {"csrf": token_of(ines.client.cookies.get(COOKIE) or "")}
    file = [("photographs", ("sent/0/7.png", draw(3, seed=7)))]
    taken = ines.client.post(f"/cases/{case.id}/intake", data=token | WHY, files=file, headers=SCRIPT)
    assert (taken.status_code, taken.json()) == (202, {"taken": True})
    refused = ines.client.post(
        f"/cases/{case.id}/intake", data=token | WHY | {"origin": "x"}, files=file, headers=SCRIPT
    )
    assert refused.status_code == 422
    assert "no origin class" in refused.json()["why"][0]
    finish(ines)
    assert len(agency.find(Exhibit)) == 1


def test_there_is_room_for_so_many_bytes_of_a_session_and_of_all(agency: Agency) -> None:
    case, system, ines = agency.case(), agency.system, agency["ines"]
    few = Uptake(most=30, most_of_session=20)
    few._stop = True  # nothing is taken out of it
    few.give(system, ines, case.id, [("a", b"x" * 25)], GIVEN)  # one alone may be larger
    few._takings.clear()
    few.give(system, ines, case.id, [("a", b"x" * 12)], GIVEN)
    with pytest.raises(TurnedAway) as turned:
        few.give(system, ines, case.id, [("b", b"x" * 12)], GIVEN)
    assert turned.value.status == 503
    few.give(system, agency["ivo"], case.id, [("c", b"x" * 12)], GIVEN)
    with pytest.raises(TurnedAway):
        few.give(system, agency["sven"], case.id, [("d", b"x" * 12)], GIVEN)


def test_the_answers_are_forgotten_after_half_an_hour(agency: Agency) -> None:
    case, system, ines = agency.case(), agency.system, agency["ines"]
    queue = Uptake()
    queue.give(system, ines, case.id, [("a.png", draw(3, seed=7))], GIVEN)
    queue.finish()
    taking = queue.of(ines, case.id)
    assert taking is not None
    assert [(one.file, one.fate, one.faces) for one in taking.answers] == [("a.png", Fate.ADDED, 1)]
    agency.clock.at += ANSWERED_FOR
    queue.give(system, ines, agency.case().id, [], GIVEN)
    assert queue.of(ines, case.id) is None


def test_a_session_that_ended_takes_nothing_in_and_a_server_that_ends_lets_the_rest_go(agency: Agency) -> None:
    case, system = agency.case(), agency.system
    queue = Uptake()
    stranger = type(agency["ines"])(agency.ids["ines"], "no session of anybody")
    queue.give(system, stranger, case.id, [("a.png", draw(3, seed=7))], GIVEN)
    queue.finish()
    taking = queue.of(stranger, case.id)
    assert taking is not None
    [answer] = taking.answers
    assert (answer.fate, isinstance(answer.stopped_by, BeholdenError)) == (Fate.REFUSED, True)
    queue.stop()
    queue.give(system, agency["ines"], case.id, [("b.png", draw(3, seed=7))], GIVEN)
    queue.finish()
    assert agency.find(Exhibit) == []


def test_a_fault_in_one_file_is_told_and_the_others_go_on(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    case = agency.case()
    find = agency.system.model.find
    calls = iter([True, False])

    def once(*given: object, **named: object) -> object:
        if next(calls, False):
            raise ZeroDivisionError
        return find(*given, **named)

    monkeypatch.setattr(agency.system.model, "find", once)
    queue = Uptake()
    files = [("a.png", draw(3, seed=7)), ("b.png", draw(4, seed=8))]
    queue.give(agency.system, agency["ines"], case.id, files, GIVEN)
    queue.finish()
    taking = queue.of(agency["ines"], case.id)
    assert taking is not None
    assert [one.fate for one in taking.answers] == [Fate.REFUSED, Fate.ADDED]
    assert "it is on record" in str(taking.answers[0].stopped_by)
