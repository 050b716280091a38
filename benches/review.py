"""How many pairs of a list a reviewer can decide in a minute: from a key to the next pair clear, by the clock of the browser.

    PYTHONPATH=src:. python benches/review.py

A real server on a synthetic folder, a real chromium, and a list of everybody in the demo's gallery. Each pair is looked at,
which is one act on record, and decided by a key, which is another; both requests go out together. What a person takes to look
at two faces is not in it: the last line adds 3 seconds a pair for that.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from beholden.actions import search
from beholden.demo.chapters import authority
from beholden.demo.stage import INES, ROSA, Stage
from beholden.records.cases import Case
from beholden.records.galleries import Gallery
from beholden.records.searches import Search
from beholden.records.sought import Sought
from tests.browser.behind import behind
from tests.browser.conftest import chromium_here
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import Notes, signed_in

EVERYBODY, PLACES = 48, 50  # people in the demo's pictures; places of a list
GOAL, A_LOOK = 200, 3000  # ms
# A key's own time, until the photographs of another pair are decoded and a frame with them is painted.
WATCH = """
() => {
  window.took = [];
  window.addEventListener("keydown", (event) => {
    const begun = event.timeStamp;
    const left = document.querySelector(".pair:not([hidden])");
    const look = () => {
      const pair = document.querySelector(".pair:not([hidden])");
      const clear = [...pair.querySelectorAll(".pair-clear")];
      const there = clear.length > 0 && clear.every((one) => one.complete && one.naturalWidth > 0);
      if (pair !== left && there) requestAnimationFrame(() => window.took.push(performance.now() - begun));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
}"""


def listed(stage: Stage, case: Case, sought: Sought, gallery: Gallery) -> None:
    """A list as long as the gallery allows."""
    given = authority.obtain_authority(stage, case, sought, gallery)
    search.run_search(stage.system, stage[INES], authority_id=given.id, sought_id=sought.id, limit=PLACES)


def decide_all(page: Page, pairs: int) -> list[float]:
    """Every pair but the last, after which none is opened: milliseconds each."""
    page.evaluate(WATCH)
    for decided in range(1, pairs):
        page.keyboard.press("2")
        page.wait_for_function("(many) => window.took.length === many", arg=decided)
    return [float(one) for one in page.evaluate("() => window.took")]


def measure(folder: Path) -> None:
    prepared = prepare(folder, listed, number=EVERYBODY)
    with behind(prepared.data) as (_, look):
        [found] = look.find(Search)
    with chromium_here() as browser, serve(prepared.data) as served:
        rosa = signed_in(browser, served.address, served.link(ROSA.name), Notes())
        rosa.page.evaluate("() => localStorage.setItem('keys', 'on')")
        rosa.open(f"/reviews/{found.id}")
        rosa.press("Take the list")
        rosa.page.wait_for_load_state("networkidle")
        pairs = rosa.page.locator(".pair").count()
        rosa.page.keyboard.press("o")
        expect(rosa.page.locator("[data-open]")).to_have_count(1)
        took = sorted(decide_all(rosa.page, pairs))
        expect(rosa.page.locator("#progress")).to_contain_text(f"{pairs - 1} decided")
        rosa.close()
    p50, p95 = statistics.median(took), took[round(len(took) * 0.95) - 1]
    print(f"{pairs} pairs; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(
        f"from a key to the next pair clear: p50 {p50:.0f} ms, p95 {p95:.0f} ms, at most {took[-1]:.0f} (goal {GOAL})"
    )
    allowed, looked = 60_000 / p50, 60_000 / (p50 + A_LOOK)
    print(f"decisions a minute that the tool allows: {allowed:.0f}; with {A_LOOK / 1000:.0f} s to look {looked:.1f}")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        measure(Path(place))
