"""Galleries in pages: opened and closed by a privacy officer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import lists, register
from beholden.errors import BeholdenError
from beholden.records.galleries import certify_by
from beholden.web.forms import Form, Typed
from beholden.web.page import purpose_options, render, see_other
from beholden.web.who import Seat

router = APIRouter()


@router.get("/galleries")
def list_galleries(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    return _list(request, seat, filter, after)


@router.post("/galleries")
def open_gallery(request: Request, seat: Seat, form: Form) -> Response:
    try:
        register.open_gallery(*form.once(seat), name=form.text("name"), purposes=form.texts("purpose"))
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, "/galleries", done="opened")


@router.post("/galleries/{gallery_id}/close")
def close_gallery(request: Request, seat: Seat, form: Form, gallery_id: str) -> Response:
    try:
        register.close_gallery(*seat, gallery_id=gallery_id)
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, "/galleries", done="closed")


@router.post("/galleries/{gallery_id}/certify")
def certify_gallery(request: Request, seat: Seat, form: Form, gallery_id: str) -> Response:
    try:
        register.certify_gallery(*seat, gallery_id=gallery_id, words=form.text("words"))
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, "/galleries", done="certified")


def _list(
    request: Request,
    seat: Seat,
    filter: str = "",
    after: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    system, officer = seat
    shown = lists.galleries(system, officer, filter=filter, after=after)
    return render(
        request,
        "galleries.html.jinja",
        error=error,
        typed=typed or {},
        ticked=typed.texts("purpose") if typed else (),
        galleries=shown.shown,
        next=shown.next,
        filter=filter,
        after=after,
        purposes=purpose_options(system),
        certify_by={one.id: certify_by(one, system.rules.certification_days) for one in shown.shown},
        now=system.clock.now(),
    )
