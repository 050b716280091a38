"""Three examiners in the pages: each side alone, the pair with every tool, an opinion by one key, the next pair, and a conflict."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, expect

from beholden.demo.chapters import opinions
from beholden.demo.stage import EDDA, EMIL, ERIK, INES, Stage
from beholden.records.cases import Case
from beholden.records.examination import COMPONENTS, Examination, ExaminationState, Part
from beholden.records.galleries import Gallery
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from beholden.records.views import TOOLS, Viewed
from tests.browser.behind import behind, hidden_of
from tests.browser.checks import examine, heavy
from tests.browser.prepared import prepare, searched
from tests.browser.served import serve
from tests.browser.window import Notes, Window, signed_in

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1", "::1"]), pytest.mark.timeout(400)]

# The maps of plane.js, as the page has them, tried with points that chance picks; says what is wrong, if something is.
PLANE = """
async (address) => {
  const { goes, after, back, similarity, shownBy, viewOf, SAME } = await import(address);
  const some = () => Math.random() * 2 - 1;
  const near = (a, b) => Math.hypot(a.x - b.x, a.y - b.y) < 1e-9;
  for (let time = 0; time < 500; time += 1) {
    const view = { x: some(), y: some(), size: 0.2 + Math.random(), turned: Math.random() * 359, mirrored: Math.random() < 0.5 };
    const p = { x: some(), y: some() };
    const map = shownBy(view);
    if (!near(goes(back(map), goes(map, p)), p)) return "there and back";
    const again = viewOf(map);
    if (!near(again, view) || Math.abs(again.size - view.size) > 1e-9 || again.mirrored !== view.mirrored) return "the view again";
    if (Math.abs(again.turned - view.turned) > 1e-6) return "its turn";
    const other = shownBy({ ...view, turned: 17, mirrored: Math.random() < 0.5 });
    if (!near(goes(after(map, other), p), goes(map, goes(other, p)))) return "one after another";
    const eyes = [p, { x: some(), y: some() }];
    const laid = similarity(eyes, [{ x: 0.3, y: 0.4 }, { x: 0.6, y: 0.45 }], view.mirrored);
    if (!near(goes(laid, eyes[0]), { x: 0.3, y: 0.4 }) || !near(goes(laid, eyes[1]), { x: 0.6, y: 0.45 })) return "the eyes";
  }
  if (similarity([SAME, SAME], [{ x: 0, y: 0 }, { x: 1, y: 0 }]) !== null) return "one point twice";
  return "";
}"""
# How long one photograph is seen while they take turns, in ms.
TURNS = """
() => new Promise((done) => {
  const at = [];
  const seen = new MutationObserver(() => at.push(performance.now()));
  seen.observe(document.querySelector("[data-side=reference]"), { attributes: true, attributeFilter: ["style"] });
  setTimeout(() => { seen.disconnect(); done(at.slice(1).map((one, number) => one - at[number])); }, 2500);
})"""
LEAST_TURN = 1000 / 6  # three flashes a second are six turns (WCAG 2.2, 2.3.1)
EYES = {"probe": ((0.36, 0.45), (0.62, 0.40)), "reference": ((0.29, 0.44), (0.61, 0.43))}  # as they are clicked below


def reviewed(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    """A search, reviewed blind: two of its people are potential."""
    searched(stage, case, sought, gallery)
    with stage.system.database.look() as look:
        [found] = look.find(Search)
    assert opinions.review_blind(stage, found) == 2


def test_three_examiners_from_the_queue_to_the_conflict_page(chromium: Browser, tmp_path: Path) -> None:
    walk(chromium, tmp_path)


def walk(chromium: Browser, folder: Path, pictures: Path | None = None) -> None:
    """The journey; with `pictures`, screenshots of it into that folder."""
    agency = folder / "agency"
    agency.mkdir()
    prepared = prepare(agency, reviewed)
    notes = Notes(pictures)
    har = folder / "erik.har"
    with behind(prepared.data) as (_, look):
        [found] = look.find(Search)
    with serve(prepared.data) as served:
        erik = signed_in(chromium, served.address, served.link(ERIK.name), notes, har=har)
        examine_closely(erik, found.id)
        lock(erik, "h")
        expect(erik.page.locator("[aria-current=step]")).to_have_text("Who is sought, alone")  # the next pair, at once
        erik.sees("The opinion is locked, and on record.")
        describe_both(erik)
        lock(erik, "g")
        erik.sees("No pair of this search waits for you.")
        erik.look("examiner-no-more")
        erik.close()

        for player, keys in ((EDDA, ("g", "s")), (EMIL, ("g",))):  # one pair is in dispute, and goes to a third
            here = signed_in(chromium, served.address, served.link(player.name), notes)
            here.open(f"/examinations/{found.id}")
            here.page.evaluate("() => localStorage.setItem('keys', 'on')")
            here.press("Take a pair")
            for key in keys:
                describe_both(here)
                if key == "s":
                    here.page.locator("[name=component-nose][value=different-unexplained]").check()
                lock(here, key)
            here.close()
        with behind(prepared.data) as (_, look):
            locked = look.find(Examination)
            assert {one.state for one in locked} == {ExaminationState.LOCKED}
            assert Part.CONSULTATION in {one.part for one in locked}
            assert look.get(Search, found.id).state is SearchState.UNSEALED
            of_erik = next(one for one in locked if len(one.marks) == 2)
            told = [name for name, _ in of_erik.tools]
            assert told == list(TOOLS), "every tool was used, and each is on record"
            noted = [one for batch in look.find(Viewed, order="created_at") for one in batch.views]
            zooms = [one.setting for one in noted if one.tool == "zoom"]
            assert zooms[0] == "both by probe x1.20 at 0.50,0.50 0 deg", (
                "as the wheel left the view, not as it found it"
            )
            assert len({one.setting for one in noted if one.tool == "pan"}) > 1, "where a view was moved to is noted"
            [in_dispute] = {one.candidate_id for one in locked if one.part is Part.CONSULTATION}
            hidden = [one for one in hidden_of(prepared.data) if one]
        blind = given(har)
        assert len(blind) > 20
        assert [(one, url) for url, body in blind for one in hidden if one.encode() in body] == []

        ines = signed_in(chromium, served.address, served.link(INES.name), notes)
        ines.open(f"/searches/{found.id}/leads/{in_dispute}/opinions")
        ines.sees("The first two disagree", "2 support the same person, 1 supports different persons.", "differs")
        assert ines.page.locator("table.side-by-side thead th").count() == 4
        ines.look("opinions-side-by-side", picture=True)
        ines.follow("Go to the disclosure")
        expect(ines.page.locator("#disclose")).to_be_visible()
        ines.close()
        checked = examine(chromium, served.address, notes.visits)
    assert notes.complaints == []
    assert (checked.in_light, checked.in_the_dark, checked.too_wide, checked.blurred) == ({}, {}, {}, {})
    assert heavy([one for one in notes.visits if one.name in ("examiner-probe", "examiner-pair-veiled")]) == {}


def examine_closely(erik: Window, search_id: str) -> None:
    """One pair, by keys but where a place in a photograph is clicked."""
    page, keys = erik.page, erik.page.keyboard
    erik.open("/")
    erik.enter(page.locator(f"main a[href='/examinations/{search_id}']").inner_text())
    erik.enter("Take a pair")
    page.get_by_role("button", name="Switch single keys on").click()
    expect(page.locator("[data-side]")).to_have_count(1)
    assert page.locator("main img").count() == 0
    erik.look("examiner-probe", picture=True)
    open_photographs(erik)
    erik.look("examiner-probe-open")
    keys.press("k")  # nothing was said yet: the server names it, and what is on the page stays
    expect(page.locator(".reasons")).to_contain_text("suitable")
    describe(erik, "ears")
    expect(page.locator("[aria-current=step]")).to_have_text("Who is held, alone")
    describe(erik)
    expect(page.locator("[aria-current=step]")).to_have_text("Both, and your opinion")
    expect(page.locator("[name=component-ears][value=not-comparable]")).to_be_checked()
    erik.look("examiner-pair-veiled")
    photographs = open_photographs(erik)
    erik.look("examiner-pair-open")

    # By the keyboard alone: larger, aside, turned, mirrored; the pane that is linked follows.
    probe, reference = page.locator("[data-side=probe]"), page.locator("[data-side=reference]")
    module = page.locator("script[src$='/examination.js']").get_attribute("src")
    assert module is not None
    assert page.evaluate(PLANE, module) == ""
    mark(erik, "nose", "reference", (0.52, 0.6))
    mark(erik, "mouth", "probe", (0.5, 0.62))
    turn_the_wheel(erik, "probe")
    keys.press("0")
    probe.focus()
    for key in ("+", "ArrowRight", "ArrowDown"):
        keys.press(key)
    for key in (".", ".", ".", "m"):
        keys.press(key)
    for side, place in (("probe", (0.5, 0.62)), ("reference", (0.52, 0.6))):
        alike(erik, side, photographs[0 if side == "probe" else -1], place)
    keys.press("t")
    keys.press("t")
    expect(page.locator("[data-act=reference]")).to_have_attribute("aria-pressed", "true")
    keys.press(",")
    alike(erik, "reference", photographs[-1], (0.52, 0.6))
    keys.press("0")
    keys.press("t")

    # The eyes over the eyes: then what was clicked in one lies on what was clicked in the other.
    keys.press("e")
    for side, places in EYES.items():
        for place in places:
            click(erik, side, place)
    expect(page.locator("#look-said")).to_have_text("The eyes lie over each other now, and both move together.")
    erik.look("examiner-aligned", picture=True)
    keys.press("2")
    slider = page.locator("[data-range=overlay]")
    expect(slider).to_be_visible()
    slider.press("ArrowRight")
    expect(reference).to_have_css("opacity", "0.51")
    same = [pane.bounding_box() for pane in (probe, reference)]
    assert same[0] == same[1]
    erik.look("examiner-overlay", picture=True)
    keys.press("3")
    expect(reference).to_have_css("clip-path", "inset(0px 0px 0px 50%)")
    erik.look("examiner-swipe")
    keys.press("4")
    page.wait_for_timeout(900)
    expect(reference).to_have_css("opacity", "1")  # less motion is asked for: nothing flickers by itself
    keys.press("x")
    expect(reference).to_have_css("opacity", "0")
    page.locator("#look-flicker").check()
    expect(reference).to_have_css("opacity", "1")
    expect(reference).to_have_css("opacity", "0")
    turns = page.evaluate(TURNS)
    assert len(turns) > 3
    assert median(turns) >= LEAST_TURN
    erik.look("examiner-flicker")
    keys.press("5")
    expect(page.locator(".look-side[data-of=reference]")).to_have_css("mix-blend-mode", "difference")
    erik.look("examiner-difference", picture=True)
    keys.press("1")
    for key in ("n", "b"):
        keys.press(key)
    page.locator("[data-range=exposure]").press("ArrowRight")
    expect(page.locator("[data-side=probe] .look-canvas")).to_have_css(
        "filter", "grayscale(1) brightness(1.07177) contrast(1)"
    )
    if photos := page.locator("[data-photo]").count():
        expect(page.locator("[data-photo] img")).to_have_count(photos)  # each beside the one that is looked at
        keys.press("p")
        expect(page.locator("[data-photo='1']")).to_have_attribute("aria-pressed", "true")
        keys.press("p")
    if not page.locator("#look-checked").is_visible():
        page.locator("#look-display summary").click()
    page.locator("#look-checked").click()
    expect(page.locator("#look-display summary")).to_contain_text("You checked this screen on")
    erik.look("examiner-tools", picture=True)
    remove_and_mark_again(erik)
    judge(erik)
    page.locator("#f-limitations").fill("Different light, and years between.")
    page.locator("h1").click()
    page.set_viewport_size({"width": 320, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    erik.look("examiner-narrow")
    page.set_viewport_size({"width": 1120, "height": 860})
    survives(erik)


def open_photographs(here: Window) -> list[Image.Image]:
    """By the key: one request, whose answer is the photographs."""
    with here.page.expect_response(lambda answer: answer.url.endswith("/reveal")) as revealed:
        here.page.keyboard.press("o")
    told: dict[str, Any] = revealed.value.json()
    there = [*told["probes"], *([told["reference"]] if "reference" in told else [])]
    expect(here.page.locator("#look-tools")).to_be_visible()
    here.page.wait_for_timeout(300)
    return [Image.open(BytesIO(base64.b64decode(one))).convert("RGB") for one in there]


def describe(here: Window, *unseen: str) -> None:
    keys = here.page.keyboard
    keys.press("y")
    keys.press("v")
    for name in unseen:
        here.page.locator(f"[name=seen][value={name}]").uncheck()
    with here.page.expect_navigation():
        keys.press("k")


def describe_both(here: Window) -> None:
    describe(here)
    describe(here)
    judge(here)


def judge(here: Window) -> None:
    for name in COMPONENTS:
        box = here.page.locator(f"[name=component-{name}][value=similar]")
        if box.is_enabled():
            box.check()


def lock(here: Window, key: str) -> None:
    here.page.locator("h1").click()
    here.page.keyboard.press(key)
    with here.page.expect_navigation():
        here.page.keyboard.press("k")


def click(here: Window, side: str, place: Sequence[float]) -> None:
    box = here.page.locator(f"[data-side={side}]").bounding_box()
    assert box is not None
    here.page.mouse.click(box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"])


def turn_the_wheel(here: Window, side: str) -> None:
    """One notch, over the middle of a photograph."""
    pane = here.page.locator(f"[data-side={side}]")
    pane.scroll_into_view_if_needed()
    box = pane.bounding_box()
    assert box is not None
    here.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    here.page.mouse.wheel(0, -100)
    here.page.wait_for_timeout(300)


def mark(here: Window, component: str, side: str, place: Sequence[float]) -> None:
    """The whole photograph fills its pane here, so that a place in the one is a place in the other."""
    before = here.page.locator("#marks li").count()
    here.page.locator(f"[data-mark={component}]").click()
    here.page.locator(f"[data-side={side}]").scroll_into_view_if_needed()
    click(here, side, place)
    expect(here.page.locator("#marks li")).to_have_count(before + 1)
    expect(here.page.locator(f"[data-mark={component}]")).to_be_focused()


def alike(here: Window, side: str, photograph: Image.Image, place: Sequence[float]) -> None:
    """Where the page draws a mark, the viewer shows that place of the photograph: seen in the pixels of a screenshot."""
    ring = here.page.locator(f"[data-side={side}] .look-mark circle").first
    here.page.locator(f"[data-side={side}]").scroll_into_view_if_needed()
    here.page.wait_for_timeout(250)
    box = ring.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    clip = {"x": x - 2, "y": y - 2, "width": 4, "height": 4}
    shot = Image.open(BytesIO(here.page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]
    at = [round(part * length) for part, length in zip(place, photograph.size, strict=True)]
    there = photograph.crop((at[0] - 3, at[1] - 3, at[0] + 3, at[1] + 3))
    apart = [abs(a - b) for a, b in zip(ImageStat.Stat(shot).mean, ImageStat.Stat(there).mean, strict=True)]
    assert max(apart) < 16, (side, place, apart)


def remove_and_mark_again(here: Window) -> None:
    """One mark is taken away; another is placed with the crosshair, by keys alone."""
    page, keys = here.page, here.page.keyboard
    page.locator("#marks li button").first.click()
    expect(page.locator("#marks li")).to_have_count(1)
    page.locator("[data-mark=eyes]").focus()
    keys.press("Enter")
    expect(page.locator("[data-side=probe]")).to_be_focused()
    keys.press("Escape")
    expect(page.locator("[data-mark=eyes]")).to_be_focused()
    keys.press("Enter")
    for key in ("Shift+ArrowLeft", "ArrowUp", "Enter"):
        keys.press(key)
    expect(page.locator("#marks li")).to_have_count(2)
    expect(page.locator("#marks li").last).to_contain_text("eyes: sought, photograph 1")


def survives(here: Window) -> None:
    """Whose sign-in ended while they worked keeps all that they filled in, and is told what to do."""
    page, keys = here.page, here.page.keyboard
    jar = here.context.cookies()
    here.context.clear_cookies()
    keys.press("h")
    keys.press("k")
    expect(page.locator("#heard")).to_contain_text("what you filled in is still here")
    expect(page.locator("#f-limitations")).to_have_value("Different light, and years between.")
    here.context.add_cookies(jar)  # type: ignore[arg-type]


def given(har: Path) -> list[tuple[str, bytes]]:
    """All that the browser was given in this window: the address, headers and body of every answer."""
    told = []
    for entry in json.loads(har.read_text(encoding="utf-8"))["log"]["entries"]:
        if "/static/" in entry["request"]["url"]:
            continue
        content = entry["response"]["content"]
        text = content.get("text", "")
        body = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
        headers = json.dumps(entry["response"]["headers"]).encode()
        told.append((entry["request"]["url"], entry["request"]["url"].encode() + headers + body))
    return told
