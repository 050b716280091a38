"""Incidents in pages: a privacy officer answers for them, an auditor reads them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import respond
from beholden.errors import BeholdenError
from beholden.records.incidents import is_overdue
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import NOTHING, render, see_other
from beholden.web.who import Seat

router = APIRouter()


@router.get("/incidents")
def list_incidents(request: Request, seat: Seat) -> Response:
    return _list(request, seat)


@router.post("/incidents")
def report_incident(request: Request, seat: Seat, form: Form) -> Response:
    try:
        respond.report_incident(*form.once(seat), words=form.text("words"), about=form.text("about"))
    except BeholdenError as error:
        return _list(request, seat, error, form)
    return see_other(request, "/incidents", done="received")


@router.post("/incidents/{incident_id}/contain")
def contain_incident(request: Request, seat: Seat, form: Form, incident_id: str) -> Response:
    try:
        affected = form.number("affected", "number of people") if form.text("affected") else None
        respond.contain_incident(*seat, incident_id=incident_id, words=form.text("words"), affected=affected)
    except BeholdenError as error:
        return _list(request, seat, error)
    return see_other(request, "/incidents", done="changed")


@router.post("/incidents/{incident_id}/judge")
def judge_incident(request: Request, seat: Seat, form: Form, incident_id: str) -> Response:
    try:
        respond.judge_incident(
            *seat, incident_id=incident_id, materiality=form.text("materiality"), words=form.text("words")
        )
    except BeholdenError as error:
        return _list(request, seat, error)
    return see_other(request, "/incidents", done="decided")


@router.post("/incidents/{incident_id}/close")
def close_incident(request: Request, seat: Seat, form: Form, incident_id: str) -> Response:
    try:
        respond.close_incident(*seat, incident_id=incident_id, lessons=form.text("lessons"))
    except BeholdenError as error:
        return _list(request, seat, error)
    return see_other(request, "/incidents", done="closed")


def _list(request: Request, seat: Seat, error: BeholdenError | None = None, typed: Typed | None = None) -> Response:
    there = respond.incidents(*seat)
    now = seat[0].clock.now()
    return render(
        request,
        "incidents.html.jinja",
        error=error,
        typed=typed or NOTHING,
        incidents=[(one, is_overdue(one, now)) for one in there],
        names=people_names(*seat, (one.decided_by for one in there)),
    )
