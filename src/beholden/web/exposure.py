"""What somebody was shown today and when to pause, to themselves; to a supervisor the numbers of all together."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, exposure
from beholden.records.people import Role
from beholden.web.page import render
from beholden.web.who import Seat
from beholden.web.words import named

router = APIRouter(include_in_schema=False)

KINDS = {
    "chip.revealed": named("a face seen clear"),
    "picture.revealed": named("a picture given for a reason"),
    "exhibit.frame_shown": named("a whole picture of an exhibit"),
    "exhibit.shown": named("the faces of an exhibit"),
    "probe.shown": named("the faces of a request"),
    "lead.shown": named("a lead side by side"),
    "review.shown": named("a list to review, again"),
    "review.opened": named("a list to review"),
    "examination.shown": named("a pair to examine, again"),
    "examination.opened": named("a pair to examine"),
    "photograph.shown": named("the faces of a photograph that was given"),
    "reference.shown": named("references that a comparison listed"),
}


@router.get("/exposure")
def show_exposure(request: Request, seat: Seat) -> Response:
    system, officer = seat
    supervises = Role.SUPERVISOR in desk.oneself(system, officer).roles
    return render(
        request,
        "exposure.html.jinja",
        today=exposure.today(system, officer),
        kinds=KINDS,
        most=system.rules.break_after_reveals,
        group=exposure.of_group(system, officer) if supervises else None,
    )


@router.get("/exposure/line")
def show_line(request: Request, seat: Seat) -> Response:
    """The line of the header alone, after a face was seen clear."""
    desk.oneself(*seat)
    return render(request, "_exposure.html.jinja")
