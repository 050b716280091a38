"""Where the faces of an exhibit are: a map of boxes; and the photograph itself, to who says why they must see it."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import frames
from beholden.actions.frames import Frame
from beholden.actions.standing import standing
from beholden.errors import BeholdenError
from beholden.records.exhibits import Exhibit
from beholden.web import hidden
from beholden.web.authority_bar import bar_of
from beholden.web.forms import Form, Typed
from beholden.web.held import held
from beholden.web.page import render
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)

FRAME_FOR = timedelta(minutes=2)  # a browser asks for it at once
MAP_SIDE = 960.0  # what the longer side of the drawing counts; boxes are fractions of both


@router.get("/cases/{case_id}/exhibits/{exhibit_id}/frame")
def show_places(request: Request, seat: Seat, case_id: str, exhibit_id: str) -> Response:
    """The boxes alone: no pixel leaves, and so no entry is made."""
    return frame_page(request, seat, case_id, exhibit_id)


@router.post("/cases/{case_id}/exhibits/{exhibit_id}/frame")
def show_frame(request: Request, seat: Seat, form: Form, case_id: str, exhibit_id: str) -> Response:
    system, officer = form.once(seat)
    hidden.exhibit(system, officer, case_id, exhibit_id)
    hangs_on = standing(system, officer, (Exhibit, exhibit_id))
    try:
        shown = frames.show_frame(system, officer, exhibit_id=exhibit_id, reason=form.text("reason"))
    except BeholdenError as error:
        return frame_page(request, seat, case_id, exhibit_id, error, form)
    token = held(request).put(hangs_on, {"frame.jpg": shown.picture}, now=system.clock.now(), lasts=FRAME_FOR)
    return frame_page(request, seat, case_id, exhibit_id, shown=shown, picture=f"/held/{token}/frame.jpg")


def frame_page(
    request: Request,
    seat: Seat,
    case_id: str,
    exhibit_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    *,
    shown: Frame | None = None,
    picture: str = "",
) -> Response:
    system, officer = seat
    case = hidden.case(system, officer, case_id)
    exhibit, faces = hidden.exhibit(system, officer, case_id, exhibit_id)
    longer = max(exhibit.width, exhibit.height)
    return render(
        request,
        "frame.html.jinja",
        error=error,
        typed=typed or {},
        case=case,
        bar=bar_of(system, officer, case.id),
        exhibit=exhibit,
        faces=[] if exhibit.is_video else [one for one in (shown.faces if shown else faces) if not one.edits],
        picture=picture,
        width=round(MAP_SIDE * exhibit.width / longer, 1),
        height=round(MAP_SIDE * exhibit.height / longer, 1),
        least=system.rules.min_reveal_chars,
    )
