"""What waits for whoever is signed in: the page that a day begins with."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions.training import training_waits
from beholden.actions.waiting import waits_for
from beholden.web.page import render
from beholden.web.waiting import next_step
from beholden.web.who import Seat

router = APIRouter()


@router.get("/")
def home(request: Request, seat: Seat) -> Response:
    system, officer = seat
    waits, trainings = waits_for(system, officer), training_waits(system, officer)
    return render(
        request,
        "home.html.jinja",
        waits=waits,
        cases=[(case, [next_step(case, one) for one in there]) for case, there in waits.cases],
        now=system.clock.now(),
        trainings=trainings,
        nothing=not any(getattr(waits, name) for name in waits.__slots__)
        and not trainings.own
        and not trainings.lacking,
    )
