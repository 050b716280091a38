"""How long an examiner waits for the next pair: from the key that locks an opinion to its page, and from a key to its photograph.

    PYTHONPATH=src:. python benches/examine.py

A real server on a synthetic folder, a real chromium, and searches whose reviewer called two people potential each. An opinion is
locked and the next pair taken by one key, a confirmation and one request; its photograph is opened by another key, which is one
act on record. What a person takes to look and to describe is not in it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from beholden.actions import authorise, review, search
from beholden.demo.chapters.authority import NECESSITY
from beholden.demo.stage import ERIK, INES, ROSA, SVEN, Stage
from beholden.records.cases import Case
from beholden.records.examination import COMPONENTS
from beholden.records.galleries import Gallery
from beholden.records.review import Outcome
from beholden.records.searches import Search
from beholden.records.sought import Sought
from tests.browser.behind import behind
from tests.browser.conftest import chromium_here
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import Notes, signed_in

PEOPLE, SEARCHES, POTENTIAL, PLACES = 24, 8, 2, 10
GOAL = 200  # ms
# When a page was asked for, by the clock that goes on over pages, and when the first frame with what is looked for was painted.
PAINTED = """
(what) => new Promise((done) => {
  const there = () => {
    const found = [...document.querySelectorAll(what)];
    return found.length > 0 && found.every((one) => one.tagName !== "IMG" || (one.complete && one.naturalWidth > 0));
  };
  const look = () => there() ? requestAnimationFrame(() => setTimeout(() => done(Date.now()))) : requestAnimationFrame(look);
  look();
})"""


def listed(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    """Searches whose lists were reviewed blind, with as many potential people as may go on to examination."""
    system, now = stage.system, stage.system.clock.now()
    asked = authorise.request_authority(
        system,
        stage[INES],
        case_id=case.id,
        sought_id=sought.id,
        gallery_ids=(gallery.id,),
        necessity=NECESSITY,
        starts_at=now,
        ends_at=now + timedelta(hours=24),
        searches=SEARCHES,
    )
    given = authorise.approve_authority(system, stage[SVEN], authority_id=asked.id)
    for _ in range(SEARCHES):
        found = search.run_search(system, stage[INES], authority_id=given.id, sought_id=sought.id, limit=PLACES)
        taken, shown = review.open_review(system, stage[ROSA], search_id=found.id)
        for place, pair in enumerate(shown):
            outcome = Outcome.POTENTIAL if place < POTENTIAL else Outcome.NO
            review.decide_pair(system, stage[ROSA], handle=pair.handle, outcome=outcome)
        review.finish_review(system, stage[ROSA], review_id=taken.id)


def ready(page: Page, what: str) -> float:
    return float(page.evaluate(PAINTED, what))


def judge(page: Page) -> None:
    """Everything that the form of a pair asks for, without a key: as quick as a script is."""
    for name in COMPONENTS:
        page.locator(f"[name=component-{name}][value=similar]").check()
    page.locator("h1").click()
    page.keyboard.press("g")


def measure(folder: Path) -> None:
    prepared = prepare(folder, listed, number=PEOPLE)
    with behind(prepared.data) as (_, look):
        first = look.find(Search)[0]
    to_page, to_clear = [], []
    with chromium_here() as browser, serve(prepared.data) as served:
        erik = signed_in(browser, served.address, served.link(ERIK.name), Notes())
        page = erik.page
        page.evaluate("() => localStorage.setItem('keys', 'on')")
        erik.open(f"/examinations/{first.id}")
        erik.press("Take a pair")
        for _ in range(SEARCHES * POTENTIAL - 1):
            for side in ("Who is sought, alone", "Who is held, alone"):
                expect(page.locator("[aria-current=step]")).to_have_text(side)
                page.wait_for_load_state("load")
                page.keyboard.press("y")
                page.keyboard.press("v")
                with page.expect_navigation():
                    page.keyboard.press("k")
            judge(page)
            with page.expect_navigation(wait_until="commit"):
                begun = page.evaluate("() => Date.now()")
                page.keyboard.press("k")
            to_page.append(ready(page, "[aria-current=step], .look-veiled") - begun)
            page.wait_for_load_state("load")
            begun = page.evaluate("() => Date.now()")
            page.keyboard.press("o")
            to_clear.append(ready(page, "#look-tools:not([hidden])") - begun)
        erik.close()
    print(f"{len(to_page)} pairs; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for what, took in (
        ("to the next pair's page", sorted(to_page)),
        ("from a key to its photograph", sorted(to_clear)),
    ):
        p95 = took[round(len(took) * 0.95) - 1]
        print(f"{what}: p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms, at most {took[-1]:.0f} (goal {GOAL})")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        measure(Path(place))
