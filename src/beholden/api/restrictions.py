"""`/requests/{id}/restriction`: records of a granted request that are held as evidence, with a signed receipt that says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from beholden.actions import restrict
from beholden.api.answers import tag
from beholden.api.hidden import Acting, on
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id
from beholden.api.shapes.oversight import Restriction, RestrictRecords
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records import requests as records
from beholden.records.people import Officer

router = APIRouter(tags=["requests"], route_class=Route)
OnRequest = Annotated[Acting, on(records.Request, "request_id")]


@router.post("/requests/{request_id}/restrict")
def restrict_records(acting: OnRequest, request_id: Id, given: RestrictRecords, response: Response) -> Restriction:
    """Keep the records of a granted request out of every search, as evidence, instead of erasing them."""
    done = restrict.restrict_records(*acting, request_id=request_id, reason=given.reason, days=given.days)
    return _shown(response, done)


@router.get("/requests/{request_id}/restriction")
def show_restriction(who: Who, request_id: Id, response: Response) -> Restriction:
    """The latest restriction of a request."""
    return _shown(response, _one(*who, request_id))


@router.get(
    "/requests/{request_id}/restriction/receipt",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "A signed note, which beholden-verify checks."}},
)
def show_restriction_receipt(who: Who, request_id: Id) -> Response:
    """The signed receipt: restricted, not erased."""
    receipt = _one(*who, request_id).receipt
    if not receipt:
        raise Missing("no receipt is made yet")
    return Response(receipt, media_type="text/plain")


@router.post("/requests/{request_id}/restriction/keep")
def keep_restricted(acting: OnRequest, request_id: Id, given: RestrictRecords, response: Response) -> Restriction:
    """Having looked again, hold them as evidence for longer, as a privacy officer."""
    done = restrict.keep_restricted(*acting, request_id=request_id, reason=given.reason, days=given.days)
    return _shown(response, done)


@router.post("/requests/{request_id}/restriction/end")
def end_restriction(acting: OnRequest, request_id: Id, given: Why, response: Response) -> Restriction:
    """Having looked again, let them be erased as it was granted, as a privacy officer; they come back into no search."""
    return _shown(response, restrict.end_restriction(*acting, request_id=request_id, reason=given.reason))


def _one(system: System, officer: Officer, request_id: str) -> records.Restriction:
    found = restrict.latest_restriction(system, officer, request_id=request_id)
    if found is None:
        raise Missing("the records of this request were not restricted")
    return found


def _shown(response: Response, one: records.Restriction) -> Restriction:
    tag(response, one)
    return Restriction.model_validate(one)
