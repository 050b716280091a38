"""What waits for whoever is signed in, the most urgent first: the page that a day begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions.training import TrainingWaits, training_waits
from beholden.actions.waiting import Waits, waits_for
from beholden.records.waiting import by_urgency, how_due
from beholden.web.page import render
from beholden.web.waiting import next_step
from beholden.web.who import Seat
from beholden.web.words import named

router = APIRouter()

# Where nothing waits: where somebody of this role may begin something, and what.
BEGIN = {
    "investigator": ("/cases", named("Open a case, or go on with one")),
    "examiner": ("/searches", named("Read again what you gave an opinion on")),
    "supervisor": ("/authorities", named("Read the authorities that are in force")),
    "steward": ("/sources", named("Propose a source, or enrol photographs of one")),
    "privacy_officer": ("/requests", named("Receive a request")),
    "auditor": ("/log", named("Read the log")),
    "administrator": ("/people", named("Invite a person")),
    "key_custodian": ("/account", named("Look after what you sign in with")),
}


@router.get("/")
def home(request: Request, seat: Seat) -> Response:
    system, officer = seat
    now = system.clock.now()
    waits, trainings = waits_for(system, officer), training_waits(system, officer)
    kinds = by_urgency(_due(waits, trainings), now)
    return render(
        request,
        "home.html.jinja",
        waits=waits,
        cases=[(case, [next_step(case, one) for one in there]) for case, there in waits.cases],
        now=now,
        trainings=trainings,
        kinds=kinds,
        begin=BEGIN,
        urgent=lambda due: how_due(due, now),
    )


def _due(waits: Waits, trainings: TrainingWaits) -> Mapping[str, Sequence[datetime | None]]:
    """Of each kind, when what waits is due: in this order where nothing says which is more urgent."""
    undated = ("owed", "authorities", "to_review", "to_examine", "cases", "sources", "calibrations")
    return {
        **{kind: [None] * len(getattr(waits, kind)) for kind in undated},
        "exigents": [one.review_due for one, _ in waits.exigents],
        "requests": [one.due_at for one in waits.requests],
        "erasures": [one.due_at for one in waits.erasures],
        "outcomes": [None] * waits.outcomes,
        "asides": [None] * waits.asides,
        "notices": [None] * waits.notices,
        "training": [one.certificate.ends_at if one.certificate else None for one in trainings.own],
        "unusual": [None] * len(waits.unusual),
        "invited": [None] * len(waits.invited),
        "lacking": [None] * len(trainings.lacking),
    }
