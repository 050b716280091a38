"""What people do in pages on the way to a disclosure, for the tests of the pages after it."""

from __future__ import annotations

import re

from beholden.records.examination import COMPONENTS
from beholden.records.searches import Search
from tests.agency import Agency
from tests.web.browser import Browser


def but_for_the_entry(page: str) -> str:
    """The page without the number of the log entry, and without the nonce of its answer."""
    return re.sub(r"(Log entry) \d+", r"\1", re.sub(r'nonce="[^"]*"', 'nonce=""', page))


def hidden(browser: Browser, name: str) -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', browser.page.text)
    assert found, f"the page has no field {name}"
    return found.group(1)


def chips(browser: Browser) -> list[str]:
    return re.findall(r'src="(/held/[^"]+)"', browser.page.text)


def strips(browser: Browser) -> list[str]:
    """Where the veiled faces of the page lie together."""
    return sorted(set(re.findall(r'href="(/held/[^"]+/strip.jpg)"', browser.page.text)))


def reveals(browser: Browser) -> list[str]:
    """Where the faces of the page are asked for, to see them clear."""
    return re.findall(r'data-reveal="(/held/[^"]+)"', browser.page.text)


def pair_reveals(browser: Browser) -> list[str]:
    """Where the pairs of the page are asked for, both sides clear."""
    return re.findall(r'data-pair-reveal="(/held/[^"]+)"', browser.page.text)


def handles(browser: Browser) -> list[str]:
    """The pairs of a review, in the order of the page."""
    return re.findall(r'action="/reviews/[^/]+/pairs/([^"]+)"', browser.page.text)


def opinion(browser: Browser, step: int = 3, **changes: str) -> dict[str, str]:
    """The form of an examination, filled in."""
    told = {"handle": hidden(browser, "handle"), "opinion": str(step), "limitations": "low light"}
    return told | {f"component-{name}": "similar" for name in COMPONENTS} | changes


def describe(browser: Browser, found: Search, **changes: str | list[str]) -> None:
    """The side that the page asks about, alone: all of it can be judged."""
    told = {
        "handle": hidden(browser, "handle"),
        "of": hidden(browser, "of"),
        "suitable": "yes",
        "seen": list(COMPONENTS),
    }
    browser.send(f"/examinations/{found.id}/describe", {**told, **changes})


def review(agency: Agency, found: Search, *potential: int) -> Browser:
    """Rosa goes through the list in pages; the pairs at these places of the sealed ranking become potential."""
    rosa = Browser(agency, "rosa")
    rosa.send(f"/reviews/{found.id}")
    ranks = agency.ranks(found)
    for handle in handles(rosa):
        outcome = "potential" if ranks[handle] in potential else "no"
        rosa.send(f"/reviews/{found.id}/pairs/{handle}", {"outcome": outcome})
    rosa.send(f"/reviews/{found.id}/finish")
    assert rosa.page.status_code == 200
    return rosa


def examine(agency: Agency, found: Search, name: str) -> Browser:
    somebody = Browser(agency, name)
    somebody.send(f"/examinations/{found.id}")
    describe(somebody, found)
    describe(somebody, found)
    somebody.send(f"/examinations/{found.id}/lock", opinion(somebody))
    assert somebody.page.status_code == 200
    return somebody
