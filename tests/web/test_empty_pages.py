"""An office in which nothing has happened yet: no page leaves anybody of any role without the next step."""

from __future__ import annotations

import re

import pytest

from beholden.actions import people
from beholden.records.people import Role
from tests.agency import PEOPLE, Agency
from tests.web.browser import Browser
from tests.web.page_table import PAGES

FIRST = {
    **{role: name for name, role in reversed(PEOPLE.items())},
    Role.ADMINISTRATOR: "ada",
    Role.KEY_CUSTODIAN: "kai",
}
WITHOUT_ID = [name.partition(" ")[2] for name in PAGES if name.startswith("GET ") and "{" not in name]
LINES_OF_SCRIPTS = {"/exposure/line"}  # a piece of a page, not a page


def nothings(html: str) -> list[str]:
    """What the page says where a list has nothing in it."""
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r'<p class="none">(.*?)</p>', html, re.DOTALL)]


def tells_a_step(words: str) -> bool:
    """It says more than that there is nothing: a second sentence, about what is done or comes next."""
    return len([one for one in re.split(r"(?<=[.:;]) ", words) if one.strip()]) > 1


def test_a_bare_nothing_would_be_found() -> None:
    assert nothings('<p class="none">Nothing.</p><p class="none">None. <a href="/">Open one</a>.</p>') == [
        "Nothing.",
        "None. Open one.",
    ]
    assert not tells_a_step("Nothing was done.")
    assert tells_a_step("There is no case yet. An investigator opens one.")


@pytest.mark.parametrize("role", list(Role))
def test_where_nothing_is_there_yet_every_page_says_what_is_next(agency: Agency, role: Role) -> None:
    if role is Role.KEY_CUSTODIAN:
        people.add_person(agency.system, agency["ada"], name="kai", roles=(role,))
        agency.officers["kai"] = people.sign_in_as(agency.system, name="kai")
    somebody, seen, bare = Browser(agency, FIRST[role]), 0, {}
    for path in WITHOUT_ID:
        answer = somebody.open(path)
        if answer.status_code != 200 or path in LINES_OF_SCRIPTS:
            continue
        seen += 1
        if left := [words for words in nothings(answer.text) if not tells_a_step(words)]:
            bare[path] = left
    assert seen >= 8, "the menu of this role"
    assert bare == {}
