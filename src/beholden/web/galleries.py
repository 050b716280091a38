"""Galleries in pages: what each holds and when it is due, opened, certified and closed by a privacy officer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, gallery_figures, lists, register
from beholden.errors import BeholdenError, Missing
from beholden.records.galleries import certify_by
from beholden.web.due import due
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import purpose_options, render, see_other
from beholden.web.plots import gallery_plots
from beholden.web.who import Seat

router = APIRouter()


@router.get("/galleries")
def list_galleries(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    return _list(request, seat, filter, after)


@router.post("/galleries")
def open_gallery(request: Request, seat: Seat, form: Form) -> Response:
    try:
        made = register.open_gallery(*form.once(seat), name=form.text("name"), purposes=form.texts("purpose"))
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, f"/galleries/{made.id}", done="opened")


@router.get("/galleries/{gallery_id}")
def show_gallery(request: Request, seat: Seat, gallery_id: str) -> Response:
    return _one(request, seat, gallery_id)


@router.post("/galleries/{gallery_id}/close")
def close_gallery(request: Request, seat: Seat, form: Form, gallery_id: str) -> Response:
    try:
        register.close_gallery(*seat, gallery_id=gallery_id)
    except BeholdenError as error:
        return _one(request, seat, gallery_id, error, form)
    return see_other(request, f"/galleries/{gallery_id}", done="closed")


@router.post("/galleries/{gallery_id}/certify")
def certify_gallery(request: Request, seat: Seat, form: Form, gallery_id: str) -> Response:
    try:
        register.certify_gallery(*seat, gallery_id=gallery_id, words=form.text("words"))
    except BeholdenError as error:
        return _one(request, seat, gallery_id, error, form)
    return see_other(request, f"/galleries/{gallery_id}", done="certified")


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
    ids = [one.id for one in shown.shown]
    now = system.clock.now()
    return render(
        request,
        "galleries.html.jinja",
        error=error,
        typed=typed or {},
        ticked=typed.texts("purpose") if typed else (),
        galleries=shown.shown,
        sizes=gallery_figures.sizes(system, officer, gallery_ids=ids) if ids else {},
        next=shown.next,
        filter=filter,
        after=after,
        purposes=purpose_options(system),
        certify={one.id: due(certify_by(one, system.rules.certification_days), now) for one in shown.shown},
    )


def _one(
    request: Request, seat: Seat, gallery_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    try:
        gallery = desk.gallery(system, officer, gallery_id=gallery_id)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    now = system.clock.now()
    supplies = gallery_figures.supplies(system, officer, gallery_id=gallery_id)
    return render(
        request,
        "gallery.html.jinja",
        error=error,
        typed=typed or {},
        gallery=gallery,
        size=gallery_figures.size(system, officer, gallery_id=gallery_id),
        supplies=[(one, due(one.source.valid_until, now)) for one in supplies],
        certify=due(certify_by(gallery, system.rules.certification_days), now),
        days=system.rules.certification_days,
        plots=gallery_plots(request, seat, gallery_id),
        whole=gallery_figures.is_told_all(system, officer),
        names=people_names(system, officer, (gallery.kept.created_by, gallery.certified_by)),
    )
