"""How cases ended, in a page: the notices of whoever worked on them, and what is to be looked at again."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import endings
from beholden.errors import BeholdenError
from beholden.web.forms import Form
from beholden.web.page import render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.get("/outcomes")
def list_outcomes(request: Request, seat: Seat) -> Response:
    return _list(request, seat)


@router.post("/outcomes/{notice_id}/read")
def read_outcome(request: Request, seat: Seat, _form: Form, notice_id: str) -> Response:
    try:
        endings.read_outcome(*seat, notice_id=notice_id)
    except BeholdenError as error:
        return _list(request, seat, error)
    return see_other(request, "/outcomes")


def _list(request: Request, seat: Seat, error: BeholdenError | None = None) -> Response:
    return render(
        request,
        "outcomes.html.jinja",
        error=error,
        owes=endings.waits_for_opinion(*seat),
        outcomes=endings.outcomes(*seat),
        again=endings.to_look_again(*seat),
    )
