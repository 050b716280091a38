"""Notices in pages: what somebody outside must be told, until somebody sends it and says so."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import notices
from beholden.errors import BeholdenError
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.get("/notices")
def list_notices(request: Request, seat: Seat, every: str = "") -> Response:
    return _list(request, seat, every=every == "yes")


@router.post("/notices/{notice_id}/sent")
def mark_sent(request: Request, seat: Seat, form: Form, notice_id: str) -> Response:
    try:
        notices.mark_sent(*seat, notice_id=notice_id, how=form.text("how"))
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, "/notices", done="sent")


def _list(
    request: Request,
    seat: Seat,
    every: bool = False,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    there = notices.notices(*seat, sent=every)
    called = dict(people_names(*seat, {one.recipient for one in there}))
    return render(
        request, "notices.html.jinja", error=error, typed=typed or {}, notices=there, called=called, every=every
    )
