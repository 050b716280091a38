"""Every page × every role × a case of one's own or somebody else's, each really asked for, against a table by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from httpx2 import Response

from beholden.records.people import Role
from beholden.web import router
from beholden.web.csrf import COOKIE, token_of
from beholden.web.forms import new_number
from tests.api.client import Rest, pages_of
from tests.api.everywhere import ASKERS, TWINS, Everywhere, founded
from tests.api.route_table import Row
from tests.api.test_routes_matrix import NOT_THERE, cells, filled
from tests.web.page_table import HELD, OPEN, OWN, PAGES

TOKEN = "0" * 32


def addresses() -> list[str]:
    return [
        f"{method} {context.path}"
        for context in iter_route_contexts(router.routes)
        if isinstance(context.original_route, APIRoute)
        for method in set(context.original_route.methods or ()) - {"HEAD", "OPTIONS"}
    ]


@pytest.fixture(scope="module")
def door() -> Iterator[Rest]:
    with pages_of(founded().copy().agency) as there:
        yield there


@dataclass
class Window:
    """One copy of a stage, behind the door, and who sits before it."""

    there: Everywhere
    door: Rest

    @classmethod
    def of(cls, row: Row, door: Rest) -> Window:
        return cls(row.stage().copy(), door)

    def ask(self, name: str, row: Row, side: str, asker: str) -> Response:
        ids = dict(self.there.ids(side)) | {"of": "exhibit-face"}
        ids |= {key.partition(":")[0]: id for key, id in self.there.ids(side).items() if key.endswith(f":{asker}")}
        method, _, path = name.partition(" ")
        taken = ids | {parameter: ids[of] for parameter, of in row.path.items()}
        self.door.app.state.system = self.there.agency.system
        session = self.there.agency[asker].session
        self.door.http.cookies.clear()
        self.door.http.cookies.set(COOKIE, session)
        how = filled(dict(row.how), ids)
        if method == "POST":
            how["data"] = {"csrf": token_of(session), "once": new_number(), **how.get("data", {})}
        return self.door.http.request(method, path.format(**taken), headers={"Sec-Fetch-Site": "same-origin"}, **how)

    def may(self, name: str, row: Row, side: str, asker: str) -> tuple[bool, int]:
        """Whether it was done; of a list, whether the record was on it."""
        answer = self.ask(name, row, side, asker)
        if row.shows and answer.is_success:
            return self.there.ids(side)[row.shows] in answer.text, answer.status_code
        return answer.status_code not in NOT_THERE, answer.status_code


def is_done(name: str, status: int) -> bool:
    """A page is there; what was sent is done and leads on, or is shown once."""
    return status == 200 or (status == 303 and name.startswith("POST"))


def test_every_page_has_its_row_and_every_row_a_page() -> None:
    assert sorted(addresses()) == sorted([*PAGES, *OPEN, *OWN, *HELD])


@pytest.mark.parametrize("name", PAGES)
def test_req_94_every_cell_of_a_page_is_as_the_table_has_it(door: Rest, name: str) -> None:
    row = PAGES[name]
    shared, other = Window.of(row, door), []
    for side, role, allowed in cells(row):
        window = Window.of(row, door) if allowed and name.startswith("POST") else shared
        did, status = window.may(name, row, side, ASKERS[role])
        if did is not allowed or (allowed and not is_done(name, status)):
            other.append((side, str(role), "may" if allowed else "may not", status))
            shared = Window.of(row, door)
    assert other == []


@pytest.mark.parametrize("name", [name for name, row in PAGES.items() if row.foreign is not None])
def test_what_is_somebody_elses_is_refused_for_that_and_not_for_its_form(door: Rest, name: str) -> None:
    """Whose it is does with the same form what the cells refuse."""
    row = PAGES[name]
    whose = set((row.foreign or "").split()) ^ set(row.own.split())
    twins = [TWINS[asker] for role, asker in ASKERS.items() if role in whose and asker in TWINS]
    statuses = [Window.of(row, door).ask(name, row, "foreign", twin).status_code for twin in twins]
    assert not twins or any(is_done(name, status) for status in statuses), statuses


class Loose(HTMLParser):
    """What of a page its policy would not run or show: a script or style without the nonce, and what is in an attribute."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce, self.found = nonce, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.found += [f"{tag} {name}" for name in told if name == "style" or name.startswith("on")]
        if tag in ("script", "style") and told.get("nonce") != self.nonce:
            self.found.append(tag)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_runs_nothing_but_the_scripts_that_it_names(door: Rest, name: str) -> None:
    row = PAGES[name]
    answer = Window.of(row, door).ask(name, row, "own", ASKERS[Role(row.own.split()[0])])
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return
    assert "; require-trusted-types-for 'script'" in policy
    [nonce] = set(re.findall(r"'nonce-([^']+)'", policy))
    loose = Loose(nonce)
    loose.feed(answer.text)
    assert loose.found == []


@pytest.mark.parametrize("name", [*PAGES, *sorted(OWN), *sorted(HELD)])
def test_without_a_sign_in_every_page_asks_for_one(door: Rest, name: str) -> None:
    method, _, path = name.partition(" ")
    ids = {part[1:-1]: TOKEN for part in path.split("/") if part[:1] == "{"}
    door.http.cookies.clear()
    answer = door.http.request(method, path.format(**ids), headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("name", sorted(HELD))
def test_what_is_held_for_another_session_is_there_for_nobody(door: Rest, name: str) -> None:
    row = Row(founded, "", path={"token": "token", "name": "token", "place": "token", "disclosure_id": "token"})
    window = Window.of(row, door)
    window.there.both(token=TOKEN)
    for asker in ASKERS.values():
        assert window.ask(name, row, "own", asker).status_code == 404, asker
