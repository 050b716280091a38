"""The statement of use as a page: figures of a time, the engine's own count, and the signed note to take away."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import statement
from beholden.errors import BadInput
from beholden.web.page import render
from beholden.web.plots import day_of, uses_plot
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter()

WORDS = {
    "searches": named("Searches"),
    "searches refused": named("Searches refused"),
    "searches that failed": named("Searches that failed"),
    "searches that listed nobody": named("Searches that listed nobody"),
    "comparisons of two faces": named("Comparisons of two faces"),
    "searches before approval begun": named("Searches before approval begun"),
    "searches before approval upheld": named("Searches before approval upheld"),
    "searches before approval refused in review": named("Searches before approval refused in review"),
    "searches before approval that nobody reviewed in time": named(
        "Searches before approval that nobody reviewed in time"
    ),
    "authorities asked for": named("Authorities asked for"),
    "authorities approved": named("Authorities approved"),
    "authorities refused": named("Authorities refused"),
    "disclosures": named("Disclosures made"),
    "erasures": named("Erasures finished"),
    "requests answered by restriction, not erasure": named("Requests answered by restriction, not erasure"),
    "photographs compared for who asks about themselves": named("Photographs compared for who asks about themselves"),
    "files taken in": named("Files taken in"),
    "pictures opened to an auditor": named("Pictures opened to an auditor"),
    statement.FROM_OUTSIDE: named("Searches with a picture from outside the registers of the case"),
}


@router.get("/statement")
def state_use(request: Request, seat: Seat, begins_at: str = "", ends_at: str = "", public: str = "") -> Response:
    """Without both days only the form is shown, and nothing is put on record."""
    error, made, plot = None, None, None
    if begins_at and ends_at:
        try:
            made = statement.make_statement(
                *seat, begins_at=day_of(begins_at), ends_at=day_of(ends_at), public=public == "yes"
            )
            plot = uses_plot(seat, begins_at, ends_at, "yes" if public == "yes" else "")
        except BadInput as wrong:
            error = wrong
    return render(
        request,
        "statement.html.jinja",
        error=error,
        made=made.statement if made else None,
        note=made.note.decode() if made else "",
        figures=[(_(WORDS[one.name]), one.count) for one in made.statement.figures] if made else [],
        plot=plot,
        asked={"begins_at": begins_at, "ends_at": ends_at, "public": public},
    )
