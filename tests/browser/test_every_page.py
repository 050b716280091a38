"""Every page that there is, as everybody who may see it and as everybody who is refused it, examined: axe, width, focus, weight.

The pages are asked for in this process, at the stages of the office that the matrix of pages uses; the browser lays them out.
Of pages that are built alike one is examined.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from time import perf_counter

import pytest
from playwright.sync_api import Browser

from beholden.actions import people
from beholden.records.people import Role
from beholden.web.assets import contents
from tests.agency import small_agency
from tests.api.client import Rest, pages_of
from tests.api.everywhere import ASKERS, Everywhere, founded
from tests.api.route_table import Row
from tests.browser.checks import MOST_BYTES, MOST_REQUESTS, examine
from tests.browser.window import Visit
from tests.web.page_table import PAGES
from tests.web.test_pages_matrix import Window

pytestmark = pytest.mark.timeout(300)

MOST_SECONDS = 90  # of a calm machine; a busy one is not failed for it
STRUCTURE = ("class", "type", "role", "data-state", "data-urgency", "aria-current", "lang")


class _Shape(HTMLParser):
    """How a page is built, without what it says: rows of a table and items of a list that are alike count once."""

    def __init__(self) -> None:
        super().__init__()
        self.built: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        one = f"{tag} {' '.join(sorted(told))} {' '.join(f'{told[name]}' for name in STRUCTURE if name in told)}"
        if one not in self.built[-12:]:
            self.built.append(one)


def shape(html: str) -> str:
    told = _Shape()
    told.feed(re.sub(r"<(dialog|footer|header|nav).*?</\1>", "", html, flags=re.DOTALL))
    return "\n".join(told.built)


def loads(html: str) -> list[str]:
    """What a browser fetches with this page, by the pages' own addresses."""
    wanted = re.findall(r'<(?:link|script)\b[^>]*?(?:href|src)="([^"]+)"', html)
    wanted += re.findall(r'<(?:img|image)\b[^>]*?(?:href|src)="(/[^"]+)"', html)
    return list(dict.fromkeys(wanted))


def weight(html: str) -> int:
    """Bytes over the line: the page as it is, its parts compressed. Pictures of a request that is over are not counted."""
    parts = [contents()[one.partition("/static/")[2].partition("/")[2]] for one in loads(html) if "/static/" in one]
    return len(html.encode()) + sum(len(gzip.compress(part, 9)) for part in parts)


@pytest.fixture(scope="module")
def door() -> Iterator[Rest]:
    with pages_of(founded().copy().agency, follow=True) as there:
        yield there


@pytest.fixture(scope="module")
def visits(door: Rest) -> list[Visit]:
    return list(_distinct(door))


def _distinct(door: Rest) -> Iterator[Visit]:
    seen: set[str] = set()
    for name, html in _everything(door):
        built = shape(html)
        if built not in seen:
            seen.add(built)
            yield Visit(name, "", html)


def _everything(door: Rest) -> Iterator[tuple[str, str]]:
    empty = _empty()
    for name, row in PAGES.items():
        if name.startswith("POST"):
            asker = ASKERS[Role(row.own.split()[0])]
            door.http.follow_redirects = False  # what is done leads on to a page that is asked for by itself
            yield from _page(name, Window.of(row, door), name, row, asker)
            door.http.follow_redirects = True
            yield from _page(f"{name} · not filled in", Window.of(row, door), name, _plain(row), asker)
            continue
        there = Window.of(row, door)
        for role, asker in ASKERS.items():
            yield from _page(f"{name} · {role}", there, name, row, asker)
            if "{" not in name:
                yield from _page(f"{name} · {role} · nothing there", Window(empty, door), name, _plain(row), asker)


def _page(said: str, window: Window, name: str, row: Row, asker: str) -> Iterator[tuple[str, str]]:
    answer = window.ask(name, row, "own", asker)
    if answer.headers.get("content-type", "").startswith("text/html") and "<html" in answer.text:
        yield f"{said} · {answer.status_code}", answer.text


def _plain(row: Row) -> Row:
    """The same without what is sent with it."""
    return Row(row.stage, row.own, row.foreign, row.path)


def _empty() -> Everywhere:
    agency = small_agency()
    people.add_person(agency.system, agency["ada"], name="kai", roles=(Role.KEY_CUSTODIAN,))
    agency.officers["kai"] = people.sign_in_as(agency.system, name="kai")
    return Everywhere(agency, {}, {})


def test_axe_finds_nothing_on_any_page_in_light_in_the_dark_or_at_320_px(
    chromium: Browser, visits: list[Visit]
) -> None:
    begun = perf_counter()
    assert len(visits) > 150
    assert {visit.name.rpartition(" ")[2] for visit in visits} >= {"200", "403", "404", "422"}, (
        "refusals and errors too"
    )
    found = examine(chromium, "http://127.0.0.1", visits)
    print(f"{len(visits)} pages in {perf_counter() - begun:.0f} s")
    assert found.in_light == {}
    assert found.in_the_dark == {}
    assert found.too_wide == {}
    assert found.blurred == {}


def test_the_first_load_of_every_page_is_small_and_takes_few_requests(visits: list[Visit]) -> None:
    heavy = {
        visit.name: (requests, size)
        for visit in visits
        if (requests := 1 + len(loads(visit.html))) > MOST_REQUESTS or (size := weight(visit.html)) > MOST_BYTES
    }
    assert heavy == {}
    assert all(len(loads(visit.html)) >= 3 for visit in visits), "nothing was counted"


def test_every_page_has_one_heading_above_all_and_a_name_of_its_own(visits: list[Visit]) -> None:
    assert [visit.name for visit in visits if visit.html.count("<h1") != 1] == []
    assert [visit.name for visit in visits if "<title> · " in visit.html] == []
