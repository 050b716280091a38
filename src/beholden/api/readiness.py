"""`/readiness`: whether a search could begin now, to anybody who is signed in."""

from __future__ import annotations

from fastapi import APIRouter

from beholden.actions import readiness
from beholden.api.routes import Route
from beholden.api.shapes.oversight import NotReady, Readiness
from beholden.api.who import Who

router = APIRouter(tags=["readiness"], route_class=Route)


@router.get("/readiness")
def show_readiness(who: Who) -> Readiness:
    """Whether a search that was approved could begin now, for which purposes, and every reason why not, with what to do."""
    known = readiness.readiness(*who)
    because = [NotReady.model_validate(one) for one in known.because]
    return Readiness(ready=known.ready, ready_for=list(known.purposes), not_ready_because=because)
