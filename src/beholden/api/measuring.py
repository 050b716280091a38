"""`/evaluations` and `/calibrations`: what was measured in this system, and what lists quote of it; and the model's card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from beholden.actions import calibrate, desk
from beholden.api.answers import Versioned, made, tag
from beholden.api.hidden import Acting, on
from beholden.api.paging import Paging
from beholden.api.routes import PICTURE, UPLOAD, Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.oversight import Calibration, Evaluation
from beholden.api.shapes.register import Model, Why
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.records import evaluation as records

R = TypeVar("R", bound=Versioned)
router = APIRouter(tags=["measuring"], route_class=Route)
OnCalibration = Annotated[Acting, on(records.Calibration, "calibration_id")]


@router.get("/model")
def show_model(who: Who) -> Model:
    """The card of the model in use: its files, its licence, what it was trained on, and its limits."""
    card = who[0].model.card
    return Model(
        name=card.name,
        space_id=card.space_id,
        files=dict(card.files),
        licence=card.licence,
        training_data=card.training_data,
        limits=list(card.limits),
        measured_on=card.calibration.measured_on if card.calibration else None,
    )


@router.get("/evaluations")
def list_evaluations(who: Who, paging: Paging) -> Page[Evaluation]:
    """What was measured in this system, the latest first."""
    shown, following = paging.part(desk.evaluations(*who), lambda one: one.id)
    return Page[Evaluation](items=[Evaluation.model_validate(one) for one in shown], next=following)


@router.get("/evaluations/{evaluation_id}")
def show_evaluation(who: Who, evaluation_id: Id, response: Response) -> Evaluation:
    """One of them."""
    found = _one(desk.evaluations(*who), evaluation_id)
    tag(response, found)
    return Evaluation.model_validate(found)


@router.get("/calibrations")
def list_calibrations(who: Who, paging: Paging) -> Page[Calibration]:
    """What lists quote, quoted once, or may come to quote, the latest first."""
    shown, following = paging.part(desk.calibrations(*who), lambda one: one.id)
    return Page[Calibration](items=[Calibration.model_validate(one) for one in shown], next=following)


@router.post("/calibrations", status_code=201, openapi_extra={UPLOAD: PICTURE})
def propose_calibration(
    who: Who,
    report: Annotated[UploadFile, File(description="The report.json of an evaluation of this system, byte for byte.")],
    request: Request,
    response: Response,
    measured_on: Annotated[str, Form(max_length=4_000, description="What its photographs are, in words.")] = "",
) -> Calibration:
    """Propose that lists quote this evaluation; a privacy officer who did not propose it decides."""
    proposed = calibrate.propose_calibration(*who, report=report.file.read(), measured_on=measured_on)
    made(request, response, "calibrations", proposed)
    return Calibration.model_validate(proposed)


@router.get("/calibrations/{calibration_id}")
def show_calibration(who: Who, calibration_id: Id, response: Response) -> Calibration:
    """One of them."""
    return _shown(response, _one(desk.calibrations(*who), calibration_id))


@router.post("/calibrations/{calibration_id}/accept")
def accept_calibration(acting: OnCalibration, calibration_id: Id, response: Response) -> Calibration:
    """From now on lists quote it, until its year ends or another one is accepted."""
    return _shown(response, calibrate.accept_calibration(*acting, calibration_id=calibration_id))


@router.post("/calibrations/{calibration_id}/refuse")
def refuse_calibration(acting: OnCalibration, calibration_id: Id, given: Why, response: Response) -> Calibration:
    """Refuse it, with the reason."""
    refused = calibrate.refuse_calibration(*acting, calibration_id=calibration_id, reason=given.reason)
    return _shown(response, refused)


def _one(found: Sequence[R], id: str) -> R:
    for one in found:
        if one.id == id:
            return one
    raise Missing("there is no such record")


def _shown(response: Response, one: records.Calibration) -> Calibration:
    tag(response, one)
    return Calibration.model_validate(one)
