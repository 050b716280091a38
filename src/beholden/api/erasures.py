"""`/erasures`: a granted request carried out by a second person, proved by a byte scan, with a signed receipt."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, erase, lists, oversee
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, behind, on
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.oversight import Erasure, Listings, Scan
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records import erasure as records
from beholden.records.people import Officer
from beholden.records.requests import Request as Asked

router = APIRouter(tags=["erasures"], route_class=Route)


@router.post("/requests/{request_id}/erase", status_code=201)
def start_erasure(
    acting: Annotated[Acting, on(Asked, "request_id")], request_id: Id, request: Request, response: Response
) -> Erasure:
    """Erase what a granted request names from every store, and answer when the receipt is made."""
    done = erase.erase(*acting, request_id=request_id)
    made(request, response, "erasures", done)
    return _shown(done)


@router.get("/erasures")
def list_erasures(who: Who, paging: Paging) -> Page[Erasure]:
    """Those of the requests that one sees, the latest first."""
    shown, following = paging.of(lists.erasures, *who)
    return Page[Erasure](items=[_shown(one) for one in shown], next=following)


@router.get("/erasures/{erasure_id}")
def show_erasure(who: Who, erasure_id: Id, response: Response) -> Erasure:
    """One of them."""
    found = _one(*who, erasure_id)
    tag(response, found)
    return _shown(found)


@router.get(
    "/erasures/{erasure_id}/receipt",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "A signed note, which beholden-verify checks."}},
)
def show_receipt(who: Who, erasure_id: Id) -> Response:
    """The signed receipt."""
    receipt = _one(*who, erasure_id).receipt
    if not receipt:
        raise Missing("no receipt is made yet")
    return Response(receipt, media_type="text/plain")


@router.get("/erasures/{erasure_id}/searches")
def show_listings(acting: Annotated[Acting, behind(records.Erasure, "erasure_id")], erasure_id: Id) -> Listings:
    """The searches on whose lists the erased person stood, to an auditor."""
    return Listings(search_ids=oversee.erased_searches(*acting, erasure_id=erasure_id))


def _one(system: System, officer: Officer, id: str) -> records.Erasure:
    return desk.erasure(system, officer, erasure_id=id)


def _shown(one: records.Erasure) -> Erasure:
    return Erasure(
        id=one.id,
        request_id=one.request_id,
        face_ids=list(one.face_ids),
        started_by=one.started_by,
        confirmed_by=one.confirmed_by,
        scan=_scan(dict(one.summary)),
        state=one.state,
    )


def _scan(told: dict[str, str]) -> Scan | None:
    """Of the words that are kept for the receipt, in their types."""
    if "stores" not in told:
        return None
    return Scan(
        stores=told["stores"].split(", "),
        files=int(told["files_scanned"]),
        bytes=int(told["bytes_scanned"]),
        traces=int(told["needles"]),
        damaged_pictures=int(told["damaged_pictures"]),
        self_test=told["self_test"],
    )
