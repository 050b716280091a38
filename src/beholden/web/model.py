"""The model's card in a page: what it is, what it is pinned to, and what it cannot do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.web.page import render
from beholden.web.who import Seat

router = APIRouter()


@router.get("/model")
def show_model(request: Request, seat: Seat) -> Response:
    system, _officer = seat
    return render(request, "model.html.jinja", card=system.model.card, measured=system.model.card.calibration)
