"""Faces in a browser: nothing clear is painted or sent before somebody holds, and how a case ended reaches who worked on it."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from beholden.demo.stage import INES, SVEN
from beholden.records.audit import Entry
from tests.browser.behind import behind
from tests.browser.checks import examine
from tests.browser.prepared import Prepared, prepare
from tests.browser.served import serve
from tests.browser.window import Notes, Window, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("exposure"))


def entries(prepared: Prepared, event: str) -> int:
    with behind(prepared.data) as (_, look):
        return sum(json.loads(one.leaf)["event"] == event for one in look.find(Entry))


def held(har: Path) -> list[dict[str, Any]]:
    """Every answer that the browser was given of held photographs, in order."""
    log = json.loads(har.read_text(encoding="utf-8"))["log"]
    return [one for one in log["entries"] if "/held/" in one["request"]["url"]]


def pixels(entry: dict[str, Any]) -> Image.Image:
    content = entry["response"]["content"]
    assert content["encoding"] == "base64"
    return Image.open(BytesIO(base64.b64decode(content["text"])))


def clear_ones(window: Window) -> int:
    return window.page.locator("img.clear").count()


def test_req_143_no_clear_pixel_is_sent_before_somebody_holds_and_each_hold_is_one_entry(
    chromium: Browser, prepared: Prepared, tmp_path: Path
) -> None:
    notes, har = Notes(), tmp_path / "faces.har"
    with serve(prepared.data) as served:
        ines = signed_in(chromium, served.address, served.link(INES.name), notes, har=har)
        ines.open(f"/cases/{prepared.case.id}/faces")
        holds = ines.page.locator("button[data-hold]")
        expect(holds.first).to_be_visible()
        ines.page.wait_for_load_state("networkidle")
        ines.look("faces-veiled")
        assert clear_ones(ines) == 0
        expect(ines.page.locator("#exposure")).to_contain_text("at faces today")

        def one_more() -> Any:
            return ines.page.expect_response(lambda answer: answer.url.endswith("/reveal"))

        with one_more() as first, ines.page.expect_response(lambda answer: answer.url.endswith("/exposure/line")):
            holds.first.dispatch_event("pointerdown", {"pointerId": 1, "button": 0, "isPrimary": True})
        assert first.value.status == 200
        expect(ines.page.locator("img.clear")).to_be_visible()
        ines.look("faces-held")
        holds.first.dispatch_event("pointerup", {"pointerId": 1})
        expect(ines.page.locator("img.clear")).to_have_count(0)

        holds.first.focus()  # by the keyboard: Space held down, and let go
        with one_more():
            ines.page.keyboard.down(" ")
        expect(ines.page.locator("img.clear")).to_be_visible()
        ines.page.keyboard.up(" ")
        expect(ines.page.locator("img.clear")).to_have_count(0)

        with one_more():  # who cannot hold
            ines.page.locator("[data-show]").first.click()
        expect(ines.page.locator("img.clear")).to_be_visible()
        ines.page.mouse.move(5, 5)
        expect(ines.page.locator("img.clear")).to_be_visible()
        ines.close()

        answers = held(har)
        reveals = [one for one in answers if one["request"]["method"] == "POST"]
        first_paint = answers[: answers.index(reveals[0])]
        assert [one["request"]["url"].rpartition("/")[2] for one in first_paint] == ["strip.jpg"]
        for one in first_paint:
            assert pixels(one).mode == "L", "grey"
            assert pixels(one).height % 112 == 0
        assert len(reveals) == 3
        assert all(pixels(one).size == (224, 224) and pixels(one).mode == "RGB" for one in reveals)
        assert all("no-store" in str(one["response"]["headers"]) for one in answers if one in reveals)
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
    assert entries(prepared, "chip.revealed") == 3


def test_req_145_a_case_is_closed_with_what_is_kept_of_it_and_who_worked_on_it_reads_how_it_ended(
    chromium: Browser, prepared: Prepared
) -> None:
    notes = Notes()
    with serve(prepared.data) as served:
        sven = signed_in(chromium, served.address, served.link(SVEN.name), notes)
        sven.open(f"/cases/{prepared.case.id}")
        sven.unfold("Close the case")
        sven.fill(outcome="She is safe, and at home.")
        sven.choose("ended_as", "found")
        sven.look("case-closing")
        sven.press("Close the case")
        sven.told("case-found-decides-retention")
        sven.choose("kept_decision", "keep-to-term")
        sven.fill(why_kept="The trial is next spring.")
        sven.press("Close the case")
        sven.sees("She is safe, and at home.", "are kept to their term")
        sven.close()

        ines = signed_in(chromium, served.address, served.link(INES.name), notes)
        ines.open("/outcomes")
        ines.sees("She is safe, and at home.", "The trial is next spring.")
        ines.look("outcomes")
        ines.press(f"I have read it {prepared.case.reference}")
        ines.sees("You have read it.")
        ines.open("/exposure")
        ines.look("exposure")
        ines.close()
        assert notes.complaints == []
        found = examine(chromium, served.address, notes.visits)
        assert (found.in_light, found.in_the_dark, found.too_wide, found.blurred) == ({}, {}, {}, {})
    assert entries(prepared, "outcome.read") == 1
