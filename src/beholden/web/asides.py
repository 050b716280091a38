"""The files that enrolment put aside, in a page, for the privacy officer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import asides
from beholden.errors import BeholdenError
from beholden.web.forms import OWN
from beholden.web.naming import gallery_names, source_names
from beholden.web.page import render, see_other
from beholden.web.who import Seat

router = APIRouter()


@router.get("/asides")
def list_asides(request: Request, seat: Seat) -> Response:
    return _list(request, seat)


@router.post("/asides/{aside_id}/judge", dependencies=OWN)
def judge_aside(request: Request, seat: Seat, aside_id: str) -> Response:
    try:
        asides.judge_aside(*seat, aside_id=aside_id)
    except BeholdenError as error:
        return _list(request, seat, error)
    return see_other(request, "/asides", done="closed")


def _list(request: Request, seat: Seat, error: BeholdenError | None = None) -> Response:
    there = asides.asides(*seat)
    return render(
        request,
        "asides.html.jinja",
        error=error,
        asides=there,
        sources=source_names(*seat, (one.source_id for one in there)),
        galleries=gallery_names(*seat, (one.gallery_id for one in there)),
    )
