"""How long a page takes from a key or a click to its next paint, and from holding a face to seeing it: the worst of many.

`PYTHONPATH=src python -m tests.browser.interaction` prints milliseconds by the browser's own clock (Event Timing, steps of 8).
Other work on the machine is in them, so no test passes or fails by them.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from beholden.demo.stage import INES
from tests.browser.conftest import chromium_here
from tests.browser.prepared import prepare
from tests.browser.served import serve
from tests.browser.window import LOADED, Notes, signed_in

GOAL, TIMES = 200, 10
WATCH = """
() => {
  window.took = [];
  new PerformanceObserver((list) => window.took.push(...list.getEntries().map((one) => [one.name, one.duration])))
    .observe({ type: "event", durationThreshold: 16 });
}"""
TOOK = "() => window.took.splice(0)"
HELD = """
async () => {
  const place = document.querySelector("[data-reveal]");
  const begun = performance.now();
  place.querySelector("[data-hold]").dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
  while (!place.querySelector("img.clear")?.complete) await new Promise(requestAnimationFrame);
  const taken = performance.now() - begun;
  place.querySelector("[data-hold]").dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true }));
  return taken;
}"""


def worst(page: Page, *keys: str) -> float:
    """Of these keys, one after another, `TIMES` over. What is quicker than 16 ms is not reported by the browser: 0."""
    page.evaluate(WATCH)
    for _ in range(TIMES):
        for key in keys:
            page.keyboard.press(key)
    page.wait_for_timeout(300)
    return max((duration for _, duration in page.evaluate(TOOK)), default=0.0)


def measure(folder: Path) -> None:
    prepared = prepare(folder)
    with chromium_here() as browser, serve(prepared.data) as served:
        ines = signed_in(browser, served.address, served.link(INES.name), Notes())
        case = f"/cases/{prepared.case.id}"
        print(f"{'page':40} {'requests':>8} {'KB':>6} {'list of keys':>13} {'Tab':>6}")
        for path in ("/", "/cases", case, f"{case}/faces", f"{case}/timeline", "/authorities", "/account"):
            ines.open(path)
            ines.page.evaluate("() => localStorage.setItem('keys', 'on')")
            loaded = ines.page.evaluate(LOADED)
            size = sum(bytes for _, bytes in loaded) / 1024
            listed, tabbed = worst(ines.page, "?", "Escape"), worst(ines.page, "Tab")
            print(f"{path.replace(prepared.case.id, 'ID'):40} {len(loaded):8} {size:6.0f} {listed:13.0f} {tabbed:6.0f}")
        ines.open(f"{case}/faces")
        print(f"a face picked by key: {worst(ines.page, 'j', 'x'):.0f} ms to the next paint")
        shown = sorted(ines.page.evaluate(HELD) for _ in range(TIMES))
        print(f"a face held: clear after {shown[len(shown) // 2]:.0f} ms, {shown[-1]:.0f} at most (goal {GOAL})")
        ines.close()


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = place
        measure(Path(place))
