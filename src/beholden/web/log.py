"""The log in pages: entries, the newest first, with the values that their reader may open. Reading it is on record too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, lists, log
from beholden.actions.audit import SYSTEM
from beholden.actions.desk import EVERY_CASE, REQUESTS
from beholden.actions.paging import Page
from beholden.errors import BadInput, BeholdenError
from beholden.records.audit import OPERATIONS, Value
from beholden.records.people import Role
from beholden.web.naming import people_names
from beholden.web.page import render
from beholden.web.watched import witnesses
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter()

ID = re.compile(r"[0-9a-f]{32}")
OFFERED = 10  # names like the one that was typed
# Values that have a page, and who sees it.
PAGES: dict[str, tuple[str, frozenset[Role]]] = {
    "case": ("/cases/", frozenset(EVERY_CASE)),
    "search": ("/searches/", frozenset(EVERY_CASE)),
    "request": ("/requests/", frozenset(REQUESTS)),
}
# What the log calls its values, in words; every other stands as it is called in docs/events.md.
CALLED = {
    "client": named("by which door"),
    "error": named("stopped by"),
    "of": named("of what"),
    "person": named("person"),
    "case": named("case"),
    "search": named("search"),
    "request": named("request"),
    "reason": named("reason"),
    "shown": named("shown"),
    "exhibit": named("exhibit"),
}
DOORS = {
    "web": named("the pages"),
    "cli": named("the command line"),
    "rest": named("the REST interface"),
    "worker": named("the worker"),
    "server": named("the server"),
    "demo": named("the demonstration"),
    "python": named("a program in Python"),
}
PICTURES = {
    "exhibit-face": named("A face of an exhibit"),
    "lead": named("The reference of a lead"),
    "reference": named("A face that was taken in"),
}


@router.get("/log")
def read_log(
    request: Request,
    seat: Seat,
    event: str = "",
    record: str = "",
    person: str = "",
    day: str = "",
    after: str = "",
) -> Response:
    narrowed = {"event": event.strip(), "record": record.strip(), "person": person.strip(), "day": day.strip()}
    error = None
    shown: Page[log.ToldEntry] = Page((), "")
    try:
        shown = log.read_entries(
            *seat,
            event=narrowed["event"],
            record=narrowed["record"],
            person=narrowed["person"],
            day=narrowed["day"],
            after=after,
        )
    except BadInput as wrong:  # an event that is none, or a page that was never given
        error = wrong
    roles = set(desk.oneself(*seat).roles)
    names = people_names(*seat, _people_in(shown.shown))
    offered = _offered(seat, narrowed["person"]) if not shown.shown and narrowed["person"] else None
    return render(
        request,
        "log.html.jinja",
        error=error,
        entries=[
            (
                one,
                names[one.by] if one.by != SYSTEM else _("the system"),
                [_value(each, roles, names) for each in one.values],
            )
            for one in shown.shown
        ],
        witnesses=witnesses(seat[0]),
        next=shown.next,
        narrowed=narrowed,
        after=after,
        events=sorted(OPERATIONS),
        offered=offered,
    )


def _people_in(entries: tuple[log.ToldEntry, ...]) -> Iterator[str]:
    for entry in entries:
        yield entry.by
        yield from (str(value) for name, value in entry.values if name in ("person", "of"))


def _offered(seat: Seat, typed: str) -> list[str] | None:
    """Names with what was typed in them, where nobody is called that; None where somebody is, who did nothing such."""
    like = lists.people(*seat, filter=typed, limit=OFFERED).shown
    known = people_names(*seat, [typed]) if ID.fullmatch(typed) else {}
    if typed in known or any(one.name == typed for one in like):
        return None
    return [one.name for one in like]


def _value(told: tuple[str, Value], roles: set[Role], names: dict[str, str]) -> tuple[str, bool, str, str]:
    """What it is called, whether that is in the reader's words, the value, and the page of the record that it names."""
    name, value = told
    said = ", ".join(value) if isinstance(value, list) else str(value)
    called = _(CALLED[name]) if name in CALLED else name.replace("_", " ")
    page, seen_by = PAGES.get(name, ("", frozenset()))
    address = f"{page}{said}" if page and ID.fullmatch(said) and roles & seen_by else ""
    if name == "client":
        said = _(DOORS.get(said, said))
    elif name == "error":
        said = _(TITLES.get(said, said))
    elif name in ("of", "person") and said in names:
        said = f"{names[said]} ({said[:10]})"
    elif name == "of" and said in PICTURES:
        said = _(PICTURES[said])
    return called, name in CALLED, said, address


def _titles(kind: type[BeholdenError]) -> Iterator[tuple[str, str]]:
    yield kind.__name__, kind.title
    for narrower in kind.__subclasses__():
        yield from _titles(narrower)


TITLES = dict(_titles(BeholdenError))
