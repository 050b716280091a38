"""How long things are kept, what is due next, and what a disposal run would take, for who answers for privacy."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import clocks, dispose
from beholden.actions.clocks import Of
from beholden.actions.dispose import Disposal
from beholden.errors import BeholdenError, Missing
from beholden.web.due import due
from beholden.web.forms import Form
from beholden.web.page import render
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter()

CLOCKS = {
    Of.REQUEST: (named("Request to be answered"), "/requests/"),
    Of.RESTRICTION: (named("Restriction to be looked at again"), "/requests/"),
    Of.GALLERY: (named("Gallery to be certified"), "/galleries/"),
    Of.SOURCE: (named("Authority of a source ends"), "/sources/"),
    Of.CALIBRATION: (named("Calibration is quoted no more"), "/calibrations/"),
}
# Classes of record, by the terms of the rules.
CLASSES = {
    "person": named("People who work here"),
    "source": named("Sources"),
    "gallery": named("Galleries"),
    "reference": named("References"),
    "aside": named("Files put aside"),
    "block": named("Marks that keep what was erased out"),
    "case": named("Cases"),
    "exhibit": named("Exhibits"),
    "authority": named("Authorities"),
    "search": named("Searches"),
    "opinion": named("Opinions"),
    "disclosure": named("Disclosures"),
    "request": named("Requests of people who are held"),
    "photograph": named("Photographs given with a request"),
    "erasure": named("Erasures and restrictions"),
    "evaluation": named("Evaluations and calibrations"),
    "notice": named("Notices"),
    "incident": named("Incidents"),
    "log": named("The log"),
}


@router.get("/retention")
def show_retention(request: Request, seat: Seat, counted: str = "") -> Response:
    """Counting what is past its time reads every table, and so is done when somebody asks for it."""
    return _page(request, seat, counted=counted == "yes")


@router.post("/retention")
def run_disposal(request: Request, seat: Seat, _form: Form) -> Response:
    try:
        taken = dispose.dispose(*seat)
    except BeholdenError as error:
        return _page(request, seat, error=error)
    return _page(request, seat, taken=taken)


def _page(
    request: Request,
    seat: Seat,
    error: BeholdenError | None = None,
    counted: bool = False,
    taken: tuple[Disposal, ...] | None = None,
) -> Response:
    system, officer = seat
    now = system.clock.now()
    try:
        running = clocks.clocks(system, officer)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    there = [
        (_(CLOCKS[one.of][0]), one.name or one.id[:10], f"{CLOCKS[one.of][1]}{one.id}", due(one.at, now))
        for one in running
    ]
    lines = taken if taken is not None else dispose.due(system, officer) if counted else None
    return render(
        request,
        "retention.html.jinja",
        error=error,
        clocks=there,
        terms=[(_(CLASSES[name]), least, most) for name, (least, most) in system.rules.retention_days.items()],
        lines=None if lines is None else [one for one in lines if one.due or one.taken or one.on_hold],
        ran=taken is not None,
    )
