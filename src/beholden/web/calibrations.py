"""What lists quote of unrelated and of missed people, in pages: proposed from an evaluation by one, decided by another."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import calibrate, calibration_figures, desk
from beholden.actions.calibration_figures import OF_THE_MODEL
from beholden.errors import BeholdenError
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import render, see_other
from beholden.web.plots import det_changes, det_plot
from beholden.web.waiting import of_calibration
from beholden.web.who import Seat

router = APIRouter()


@router.get("/calibrations")
def list_calibrations(request: Request, seat: Seat) -> Response:
    return _list(request, seat)


@router.post("/calibrations")
def propose_calibration(request: Request, seat: Seat, form: Form) -> Response:
    try:
        _, report = form.file("report", "report")
        calibrate.propose_calibration(*form.once(seat), report=report, measured_on=form.text("measured_on"))
    except BeholdenError as error:
        return _list(request, seat, error, form)
    return see_other(request, "/calibrations", done="proposed")


@router.get("/calibrations/{calibration_id}")
def show_calibration(request: Request, seat: Seat, calibration_id: str) -> Response:
    """What it says of the model, as a curve; `model` in place of an id: the figures that came with the model."""
    there = calibration_figures.det(*seat, calibration_id=calibration_id)
    now = calibration_figures.quoted_now(*seat)
    other = now is not None and now.calibration != there.calibration
    return render(
        request,
        "calibration.html.jinja",
        calibration=there.calibration,
        waits=of_calibration(there.calibration) if there.calibration else "",
        measured=there.measured,
        plot=det_plot(there),
        changes=det_changes(there, now) if now and other else [],
    )


@router.post("/calibrations/{calibration_id}/accept")
def accept_calibration(request: Request, seat: Seat, form: Form, calibration_id: str) -> Response:
    try:
        calibrate.accept_calibration(*seat, calibration_id=calibration_id)
    except BeholdenError as error:
        return _list(request, seat, error, form)
    return see_other(request, "/calibrations", done="accepted")


@router.post("/calibrations/{calibration_id}/refuse")
def refuse_calibration(request: Request, seat: Seat, form: Form, calibration_id: str) -> Response:
    try:
        calibrate.refuse_calibration(*seat, calibration_id=calibration_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _list(request, seat, error, form)
    return see_other(request, "/calibrations", done="refused")


@router.get("/evaluations")
def list_evaluations(request: Request, seat: Seat) -> Response:
    there = desk.evaluations(*seat)
    names = people_names(*seat, (one.started_by for one in there))
    return render(request, "evaluations.html.jinja", evaluations=there, names=names)


def _list(request: Request, seat: Seat, error: BeholdenError | None = None, typed: Typed | None = None) -> Response:
    there = desk.calibrations(*seat)
    return render(
        request,
        "calibrations.html.jinja",
        error=error,
        typed=typed or {},
        calibrations=[(one, of_calibration(one)) for one in there],
        names=people_names(*seat, (id for one in there for id in (one.proposed_by, one.decided_by))),
        of_the_model=OF_THE_MODEL if seat[0].model.card.calibration is not None else "",
    )
