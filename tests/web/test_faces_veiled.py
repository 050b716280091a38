"""No page has a face clear in it, or the address of one: every page of the table is asked for, and what it paints looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from beholden.records.people import Role
from beholden.web.csrf import COOKIE
from tests.api.client import Rest, pages_of
from tests.api.everywhere import ASKERS, founded
from tests.web.page_table import PAGES
from tests.web.test_pages_matrix import Window

# Each answers one act in which somebody says why they must see it: that act is on record as such.
FOR_A_REASON = {"POST /cases/{case_id}/exhibits/{exhibit_id}/frame", "POST /pictures/{of}/{id}"}
WITH_FACES = {
    *("GET /cases/{case_id}/faces", "GET /cases/{case_id}/exhibits/{exhibit_id}"),
    *("POST /reviews/{search_id}", "POST /examinations/{search_id}", "GET /searches/{search_id}/leads/{candidate_id}"),
    *("POST /authorities/{authority_id}/probe", "POST /inbox/{authority_id}/faces"),
    *("GET /requests/{request_id}/photograph", "POST /requests/{request_id}/photograph/compare"),
}
PAINTED = re.compile(r'(?:src|srcset|<image href|poster|background)="(/held/[^"]+)"')
SIDE = 112  # pixels of a veiled face


@pytest.fixture(scope="module")
def door() -> Iterator[Rest]:
    with pages_of(founded().copy().agency) as there:
        yield there


def painted(name: str, role: str, door: Rest) -> list[bytes]:
    """Every photograph that a browser loads of this page by itself."""
    row = PAGES[name]
    window = Window.of(row, door)
    answer = window.ask(name, row, "own", ASKERS[Role(role)])
    door.http.cookies.set(COOKIE, window.there.agency[ASKERS[Role(role)]].session)
    if answer.status_code == 303:
        answer = door.http.get(answer.headers["location"])
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    assert "data:image" not in answer.text
    return [door.http.get(one).content for one in sorted(set(PAINTED.findall(answer.text)))]


def test_req_143_no_page_that_anybody_may_open_paints_a_clear_face_or_has_its_address(door: Rest) -> None:
    seen, clear = set(), []
    for name, row in PAGES.items():
        for role in row.own.split() if name.startswith("GET") else row.own.split()[:1]:
            for content in painted(name, role, door):
                seen.add(name)
                image = Image.open(BytesIO(content))
                if name not in FOR_A_REASON and (image.mode, image.height % SIDE) != ("L", 0):
                    clear.append((name, role, image.mode, image.size))
    assert clear == []
    assert seen >= WITH_FACES, WITH_FACES - seen
    assert seen >= FOR_A_REASON, "else this test would not know a clear face from a veiled one"
