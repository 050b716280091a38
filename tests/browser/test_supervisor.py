"""A supervisor decides three requests in the pages, by keys: one is given, one comes back with a question, one is refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from beholden.actions import authorise
from beholden.demo.stage import INES, SVEN, Stage
from beholden.records.authority import Authority, AuthorityState, Necessity
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.sought import Sought
from tests.browser.behind import behind
from tests.browser.checks import examine
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import Notes, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]

REASONS = (
    (
        "Schools, hospitals and the provider were asked; none of them knows the child in the photographs.",
        "The child is the victim of the whole series and is known to no agency that was asked.",
        "New photographs of the series appeared this week, so the abuse may be going on.",
    ),
    (
        "Two neighbouring forces looked through their own missing children by hand and found nobody alike.",
        "Her school uniform stands in one picture only, and no school of the region has it any longer.",
        "The provider deletes what is left of the account at the end of this month, and its owner knows it.",
    ),
    (
        "A request to the hosting company for the uploader's address came back empty after six weeks.",
        "Other victims were named by now; she alone has not been, although she is in most of the films.",
        "A court hears the case of the uploader on Thursday and asks whether anybody else was harmed.",
    ),
)


def ask_thrice(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    now = stage.system.clock.now()
    for number, reasons in enumerate(REASONS):
        authorise.request_authority(
            stage.system,
            stage[INES],
            case_id=case.id,
            sought_id=sought.id,
            gallery_ids=(gallery.id,),
            necessity=Necessity(*reasons),
            starts_at=now + timedelta(minutes=number),
            ends_at=now + timedelta(hours=24),
            searches=2,
        )


def test_three_requests_are_decided_by_keys_each_on_one_screen(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    prepared = prepare(folder, ask_thrice)
    notes = Notes(pictures)
    with serve(prepared.data) as served:
        sven = signed_in(chromium, served.address, served.link(SVEN.name), notes)
        sven.open("/inbox")
        sven.sees("3 requests wait for your decision. This is number 1.", REASONS[0][1], "Unrelated people to expect")
        sven.look("inbox")
        sven.page.get_by_role("button", name="Switch single keys on").click()

        with sven.page.expect_navigation():
            sven.page.keyboard.press("l")
        expect(sven.page.locator("svg.chip").first).to_be_visible()
        assert sven.page.locator("img.clear").count() == 0, "no clear face before somebody holds to see it"
        hold = sven.page.locator("[data-hold]").first
        with sven.page.expect_response(lambda answer: answer.url.endswith("/reveal")) as revealed:
            hold.dispatch_event("pointerdown", {"pointerId": 1, "button": 0, "isPrimary": True})
        assert revealed.value.status == 200
        expect(sven.page.locator("img.clear")).to_be_visible()
        sven.look("inbox-faces", picture=True)
        hold.dispatch_event("pointerup", {"pointerId": 1})
        expect(sven.page.locator("img.clear")).to_have_count(0)

        with sven.page.expect_navigation():
            sven.page.keyboard.press("a")
        sven.sees("It is approved, and on record.", REASONS[1][1])
        sven.fill(reason="Which of the schools were asked?")
        sven.page.locator("h1").click()  # out of the field: in one, a key is a letter
        with sven.page.expect_navigation():
            sven.page.keyboard.press("q")
        sven.sees("It is returned with your questions", REASONS[2][1])
        sven.fill(reason="The court can ask for a delay.")
        sven.page.locator("h1").click()
        with sven.page.expect_navigation():
            sven.page.keyboard.press("r")
        sven.sees("It is refused, and on record.", "No request waits for your decision.")
        sven.look("inbox-empty")
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
        sven.close()
        with behind(prepared.data) as (_, look):
            decided = look.find(Authority, order="starts_at")
        assert [one.state for one in decided] == [
            AuthorityState.ACTIVE,
            AuthorityState.RETURNED,
            AuthorityState.REFUSED,
        ]
