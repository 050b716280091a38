"""Pages that somebody came by, laid out again as they were, without scripts, and examined: axe, width, focus."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from beholden.web.assets import contents
from tests.browser.window import Visit

MOST_REQUESTS, MOST_BYTES = 10, 300 * 1024  # of the first load of a page, as it goes over the line
NARROW, BROAD = 320, 1600  # 320: WCAG 2.2, 1.4.10
PAPER = 643  # pixels between the margins of a sheet of A4
# In one document all the time: to load one for each page, and the half megabyte of axe into it, took four times as long.
LAY = """
async (html) => {
  const laid = new DOMParser().parseFromString(html, "text/html");
  document.replaceChild(document.adoptNode(laid.documentElement), document.documentElement);
  const sheets = [...document.querySelectorAll("link[rel=stylesheet]")].filter((one) => !one.sheet);
  await Promise.all(sheets.map((one) => new Promise((done) => one.addEventListener("load", done))));
}"""
BESIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
BLURRED = """
() => {
  const reached = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const there = [...document.querySelectorAll(reached)].filter((one) => one.checkVisibility() && !one.disabled);
  return there.filter((one) => {
    one.focus({ focusVisible: true });
    const style = getComputedStyle(one);
    return document.activeElement !== one || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2;
  }).map((one) => one.outerHTML.slice(0, 120));
}"""


@dataclass
class Found:
    """What is wrong, by the name of the page; nothing, where all is well."""

    in_light: dict[str, list[str]] = field(default_factory=dict)
    in_the_dark: dict[str, list[str]] = field(default_factory=dict)
    too_wide: dict[str, list[int]] = field(default_factory=dict)
    blurred: dict[str, list[str]] = field(default_factory=dict)


def examine(browser: Browser, address: str, visits: Iterable[Visit]) -> Found:
    """Every page with all rules of axe, its contrast once more in dark colours, its width on screens and on paper, and the
    outline of what Tab reaches."""
    found = Found()
    # Axe is a script from elsewhere, which the policy of the pages rightly keeps out: here it is not asked.
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.route("**/*", _answer)  # there is no session here: of the pages' own, only the style sheets are fetched
        page.goto(f"{address}/laid")
        axe = Axe()
        page.evaluate(axe.axe_script)
        axe.axe_script = "0"  # it is there
        for visit in visits:
            _lay(page, visit.html)
            _note(found.in_light, visit, _violations(axe, page))
            page.emulate_media(color_scheme="dark")
            _note(found.in_the_dark, visit, _violations(axe, page, "color-contrast"))
            page.emulate_media(color_scheme="light")
            _note(found.blurred, visit, page.evaluate(BLURRED))
            beside = []
            for width in (NARROW, BROAD):
                page.set_viewport_size({"width": width, "height": 740})
                beside.append(page.evaluate(BESIDE))
            page.emulate_media(media="print")
            page.set_viewport_size({"width": PAPER, "height": 900})
            beside.append(page.evaluate(BESIDE))
            page.emulate_media(media="screen")
            if any(beside):
                found.too_wide[visit.name] = beside
    finally:
        context.close()
    return found


def heavy(visits: Iterable[Visit]) -> dict[str, tuple[int, int]]:
    """The pages whose load takes more requests or bytes than it may: how many of each."""
    taken = {visit.name: (len(visit.loaded), sum(size for _, size in visit.loaded)) for visit in visits}
    return {name: (many, size) for name, (many, size) in taken.items() if many > MOST_REQUESTS or size > MOST_BYTES}


def _lay(page: Page, html: str) -> None:
    # What is folded is examined as well, and no script of the page changes it once more.
    unfolded = re.sub(r"<details(?=[ >])(?![^>]*\bopen\b)", "<details open", html)
    page.evaluate(LAY, re.sub(r"<script\b.*?</script>", "", unfolded, flags=re.DOTALL))


def _answer(route: Route) -> None:
    if route.request.url.endswith("/laid"):
        route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html; charset=utf-8")
    elif route.request.resource_type == "stylesheet":
        name = route.request.url.partition("/static/")[2].partition("/")[2]
        route.fulfill(body=contents()[name], content_type="text/css")
    else:
        route.abort()


def _violations(axe: Axe, page: Page, *rules: str) -> list[str]:
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    told = axe.run(page, options=options).response
    assert len(told["passes"] + told["violations"]) >= (1 if rules else 15), "axe examined next to nothing"
    return [f"{one['id']}: {node['html'][:160]}" for one in told["violations"] for node in one["nodes"]]


def _note(where: dict[str, list[str]], visit: Visit, wrong: list[str]) -> None:
    if wrong:
        where[visit.name] = wrong
