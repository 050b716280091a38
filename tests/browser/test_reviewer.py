"""A reviewer in a browser: pairs veiled until they are looked at, one reveal each, decided by keys, veiled when they are left."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from beholden.demo.stage import ROSA
from beholden.media.veils import ACROSS, DOWN, VEILED
from beholden.records.audit import Entry
from beholden.records.review import Pair
from beholden.records.searches import Search
from tests.browser.behind import behind
from tests.browser.checks import examine
from tests.browser.prepared import Prepared, prepare, searched
from tests.browser.served import serve
from tests.browser.test_exposure import held, pixels
from tests.browser.window import Notes, Window, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(300)]

ROUGHEST = 40  # levels of grey from one pixel to the next, around a face: what is blurred has no edge


def revealed(prepared: Prepared) -> int:
    with behind(prepared.data) as (_, look):
        return sum(json.loads(one.leaf)["event"] == "chip.revealed" for one in look.find(Entry))


def outcomes(prepared: Prepared) -> list[str]:
    with behind(prepared.data) as (_, look):
        return [str(one.outcome) for one in look.find(Pair, order="position")]


def roughness(strip: Image.Image) -> tuple[int, int]:
    """The greatest step between neighbours, outside and inside of the ovals in which a veiled face is clear."""
    grey = np.asarray(strip).astype(int)
    steps = np.maximum(np.abs(np.diff(grey, axis=0))[:, :-1], np.abs(np.diff(grey, axis=1))[:-1])
    y, x = np.mgrid[: steps.shape[0], : steps.shape[1]]
    place = (np.stack([x, y]) % VEILED + 0.5) / VEILED
    oval = ((place[0] - 0.5) / (ACROSS + 0.04)) ** 2 + ((place[1] - 0.5) / (DOWN + 0.04)) ** 2 < 1
    inner = (place > 0.04).all(axis=0) & (place < 0.96).all(axis=0)  # where two cells meet is no edge of a photograph
    return int(steps[~oval & inner].max()), int(steps[oval].max())


def test_req_143_a_pair_is_veiled_until_it_is_looked_at_and_veiled_when_it_is_left(
    chromium: Browser, tmp_path: Path
) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    prepared = prepare(folder, searched)
    with behind(prepared.data) as (_, look):
        [found] = look.find(Search)
    notes, har = Notes(pictures), folder / "review.har"
    with serve(prepared.data) as served:
        rosa = signed_in(chromium, served.address, served.link(ROSA.name), notes, har=har)
        rosa.open(f"/reviews/{found.id}")
        rosa.press("Take the list")
        rosa.page.wait_for_load_state("networkidle")
        rosa.look("review-veiled", picture=True)
        page, key = rosa.page, rosa.page.keyboard.press
        shown, clear = page.locator(".pair:visible"), page.locator(".pair-clear")
        progress = page.locator("#progress")
        pairs = page.locator(".pair").count()
        expect(shown).to_have_count(1)
        expect(clear).to_have_count(0)
        page.get_by_role("button", name="Switch single keys on").click()

        key("n")  # who only goes through the list is shown nothing clear
        expect(progress).to_have_text(f"2 of {pairs}; 0 decided")
        key("p")
        expect(progress).to_have_text(f"1 of {pairs}; 0 decided")
        expect(clear).to_have_count(0)
        assert revealed(prepared) == 0

        key("2")  # nothing is said of a pair that was not seen: it is opened
        expect(clear).to_have_count(3)
        expect(progress).to_have_text(f"1 of {pairs}; 0 decided")
        expect(shown.locator("[data-open]")).to_have_count(1)
        rosa.look("review-clear", picture=True)
        key("2")
        expect(progress).to_have_text(f"2 of {pairs}; 1 decided")
        expect(shown.locator("[data-open]")).to_have_count(1)
        expect(clear).to_have_count(3)
        assert page.locator("#pair-1 .pair-clear").count() == 0, "the pair that was left is veiled"
        key("o")
        expect(clear).to_have_count(0)
        key("n")
        expect(progress).to_have_text(f"3 of {pairs}; 1 decided")
        expect(clear).to_have_count(0)  # who veiled one is not shown the next by itself
        key("o")
        expect(clear).to_have_count(3)
        key("p")
        key("p")
        expect(progress).to_have_text(f"1 of {pairs}; 1 decided")
        expect(shown.locator("[data-open]")).to_have_count(1)
        key("1")  # what was said can be changed until the review is finished
        expect(page.locator("#potential")).to_contain_text("1 potential, at most 2 go on: Pair 1")
        assert outcomes(prepared)[0] == "potential"

        page.get_by_label("All pairs at once").check()
        expect(shown).to_have_count(pairs)
        expect(clear).to_have_count(0)
        page.locator("#pair-3").get_by_role("button", name="Look at the pair").click()
        expect(page.locator("#pair-3 .pair-clear")).to_have_count(3)
        page.locator("#pair-4").get_by_role("button", name="Look at the pair").click()
        expect(page.locator("#pair-4 .pair-clear")).to_have_count(3)
        expect(clear).to_have_count(3)
        rosa.look("review-all-pairs")
        page.get_by_label("All pairs at once").uncheck()
        expect(clear).to_have_count(0)
        asked = revealed(prepared)

        def lost(route: Route) -> None:
            route.continue_(url=f"{served.address}/held/{'x' * 32}/pairs/1/reveal")

        page.route("**/held/*/pairs/*/reveal", lost, times=1)
        with page.expect_navigation():  # what the page held is over: it asks for it anew
            page.locator(".pair:visible [data-pair-open]").click()
        expect(clear).to_have_count(0)
        expect(shown).to_have_count(1)
        assert revealed(prepared) == asked
        without_scripts(chromium, rosa, found.id)
        assert revealed(prepared) == asked + 1
        rosa.close()
        assert ["status of 404" in one for one in notes.complaints] == [True], (
            notes.complaints
        )  # of the pair that was over
        nothing_clear_came_before_it_was_asked_for(har, asked)
        found_on = examine(chromium, served.address, notes.visits)
        assert (found_on.in_light, found_on.in_the_dark, found_on.too_wide, found_on.blurred) == ({}, {}, {}, {})


def without_scripts(chromium: Browser, rosa: Window, search_id: str) -> None:
    """A pair is a page of its own, with a way back to the list, and decided there."""
    context = chromium.new_context(java_script_enabled=False, storage_state=rosa.context.storage_state())
    page = context.new_page()
    page.goto(f"{rosa.address}/reviews/{search_id}")
    buttons = page.get_by_role("button", name="See it clear")
    expect(page.locator("[data-pair-open]:visible")).to_have_count(0)
    buttons.nth(1).click()
    expect(page.locator("h1")).to_have_text("One pair")
    expect(page.locator("main img:visible")).to_have_count(3)
    page.get_by_role("link", name="Back to the page").click()
    expect(page).to_have_url(f"{rosa.address}/reviews/{search_id}#pair-2")
    page.locator("#pair-2").get_by_role("button", name="inconclusive").click()
    expect(page.locator("#pair-2 [aria-pressed=true]")).to_contain_text("inconclusive")
    context.close()


def nothing_clear_came_before_it_was_asked_for(har: Path, asked: int) -> None:
    answers: list[dict[str, Any]] = held(har)
    reveals = [one for one in answers if one["request"]["method"] == "POST" and one["response"]["status"] == 200]
    assert len(reveals) == asked
    for one in answers:
        if one["request"]["method"] == "GET":
            assert one["request"]["url"].endswith("/strip.jpg")
            strip = pixels(one)
            assert (strip.mode, strip.height % VEILED) == ("L", 0)
            outside, inside = roughness(strip)
            assert outside < ROUGHEST < inside, (outside, inside)
    for one in reveals:
        given = json.loads(one["response"]["content"]["text"])
        both = [*given["probes"], given["reference"]]
        seen = [Image.open(BytesIO(base64.b64decode(each))) for each in both]
        assert [(each.mode, each.size) for each in seen] == [("RGB", (224, 224))] * 3
        assert "no-store" in str(one["response"]["headers"])
