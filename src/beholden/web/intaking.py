"""Exhibits given many at a time: a few files a sending, taken in behind the pages while people go on working."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from beholden.actions import exhibits
from beholden.errors import BadInput, BeholdenError
from beholden.web import hidden
from beholden.web.cases import one_case
from beholden.web.forms import Typed, Upload
from beholden.web.page import render, said_of, see_other
from beholden.web.uptake import Given, uptake
from beholden.web.who import Seat
from beholden.web.words import _, language, named

router = APIRouter(include_in_schema=False)

MOST_FILES = 40  # of a sending: the page's script gives a few, and a form without it what somebody chooses
PROGRAM = "application/json"

_NOTHING = named("no file was chosen; drop photographs or a folder of them, or choose some")
_TOO_MANY = named("so many files at once need the page's script; send at most %(most)s, or allow scripts for this page")


@router.post("/cases/{case_id}/intake")
def take_in(request: Request, seat: Seat, form: Upload, case_id: str) -> Response:
    """Answers as soon as the files are here. To the page's script with JSON, to a form with the page of the case."""
    system, officer = seat
    hidden.case(system, officer, case_id)
    scripted = PROGRAM in request.headers.get("accept", "")
    try:
        given = Given(
            origin=form.text("origin"),
            why=form.text("why"),
            intake="crop" if form.ticked("crop") else "",
            captured_at=form.text("captured_at"),
            even_without_faces=form.ticked("even_without_faces"),
        )
        exhibits.check_adding(
            system,
            officer,
            case_id=case_id,
            origin=given.origin,
            why=given.why,
            intake=given.intake,
            captured_at=given.captured_at,
        )
        uptake(request.app.state).give(system, officer, case_id, _files(form), given)
    except BeholdenError as error:
        return _refused(error) if scripted else one_case(request, seat, case_id, error, form)
    if scripted:
        return JSONResponse({"taken": True}, status_code=202)
    return see_other(request, f"/cases/{case_id}")


@router.get("/cases/{case_id}/intake")
def show_intake(request: Request, seat: Seat, case_id: str) -> Response:
    """How far it is: a part of a page, which asks again until all is done."""
    system, officer = seat
    hidden.case(system, officer, case_id)
    taking = uptake(request.app.state).of(officer, case_id)
    return render(request, "intake_of_case.html.jinja", taking=taking)


def _files(form: Typed) -> list[tuple[str, bytes]]:
    """By the name that the browser gives, without its folder. Raises `BadInput` for none and for too many."""
    found = [(path.rpartition("/")[2], content) for path, content in form.files("photographs").items() if content]
    if not found:
        raise BadInput(_NOTHING)
    if len(found) > MOST_FILES:
        raise BadInput(_(_TOO_MANY) % {"most": MOST_FILES})
    return found


def _refused(error: BeholdenError) -> Response:
    """What the page says in its place for refusals, in the reader's language."""
    reasons = [one.in_(language()) for one in error.reasons]
    why = [f"{one.why}. {one.how_to_proceed}." for one in reasons] or [said_of(error)]
    return JSONResponse({"title": _(error.title), "why": why}, status_code=error.status)
