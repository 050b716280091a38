"""The log in pages: entries, the newest first, with the values that their reader may open. Reading it is on record too."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import log
from beholden.actions.paging import Page
from beholden.errors import BadInput
from beholden.records.audit import OPERATIONS
from beholden.web.page import render
from beholden.web.who import Seat

router = APIRouter()


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
    return render(
        request, "log.html.jinja", error=error, entries=shown.shown, next=shown.next, narrowed=narrowed, after=after,
        events=sorted(OPERATIONS),
    )  # fmt: skip
