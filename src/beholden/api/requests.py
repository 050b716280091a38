"""`/requests`: what a data subject asks for, from the day it comes in to its decision."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, lists, request
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, behind, hiding, on
from beholden.api.paging import Finding
from beholden.api.routes import Route
from beholden.api.shapes import oversight as shapes
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.photographs import CheckIdentity, ChooseRecords, Opened
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.records import requests as records
from beholden.records.sources import Source

router = APIRouter(tags=["requests"], route_class=Route)
OnRequest = Annotated[Acting, on(records.Request, "request_id")]


@router.post("/references/find")
def find_references(who: Who, given: shapes.FindReferences) -> shapes.References:
    """Look references up by what their source told; no face is compared. Whoever looks is on record."""
    named = ((Source, given.source_id),) if given.source_id else ()
    with hiding(*who, *named):
        found = request.find_references(
            *who,
            person_ref=given.person_ref,
            source_id=given.source_id,
            page_url=given.page_url,
            image_id=given.image_id,
        )
    return shapes.References(records=[shapes.Reference.model_validate(one) for one in found])


@router.get("/requests")
def list_requests(who: Who, paging: Finding) -> Page[shapes.Request]:
    """Those that one may see, the first one due first."""
    shown, following = paging.of(lists.requests, *who)
    return Page[shapes.Request](items=[shapes.Request.model_validate(one) for one in shown], next=following)


@router.get("/requests/{request_id}")
def show_request(who: Who, request_id: Id, response: Response) -> shapes.Request:
    """One of them."""
    found, _ = desk.request(*who, request_id=request_id)
    return _shown(response, found)


@router.post("/requests", status_code=201)
def receive_request(who: Who, given: shapes.ReceiveRequest, asked: Request, response: Response) -> shapes.Request:
    """Record what a data subject asks about these records."""
    received = request.receive_request(
        *who,
        face_ids=given.face_ids,
        looked_for=given.looked_for,
        subject=given.subject,
        kind=given.kind,
        photograph=given.photograph,
    )
    made(asked, response, "requests", received)
    return shapes.Request.model_validate(received)


@router.get("/requests/{request_id}/subject")
def read_request(acting: Annotated[Acting, behind(records.Request, "request_id")], request_id: Id) -> Opened:
    """Who asks, and how that was checked, to a privacy officer. Whoever reads it is on record."""
    return Opened.model_validate(request.read_request(*acting, request_id=request_id))


@router.post("/requests/{request_id}/check")
def check_identity(acting: OnRequest, request_id: Id, given: CheckIdentity, response: Response) -> shapes.Request:
    """Record that you checked who asks, and how, as a privacy officer."""
    return _shown(response, request.check_identity(*acting, request_id=request_id, how=given.how))


@router.post("/requests/{request_id}/records")
def choose_records(acting: OnRequest, request_id: Id, given: ChooseRecords, response: Response) -> shapes.Request:
    """Say which records the request is about, in place of those before."""
    chosen = request.choose_records(
        *acting, request_id=request_id, face_ids=given.face_ids, looked_for=given.looked_for
    )
    return _shown(response, chosen)


@router.post("/requests/{request_id}/grant")
def grant_request(acting: OnRequest, request_id: Id, given: shapes.GrantRequest, response: Response) -> shapes.Request:
    """Grant it, as a privacy officer; somebody else then starts the erasure."""
    granted = request.grant_request(
        *acting, request_id=request_id, identity_checked=given.identity_checked, reason=given.reason
    )
    return _shown(response, granted)


@router.post("/requests/{request_id}/refuse")
def refuse_request(acting: OnRequest, request_id: Id, given: Why, response: Response) -> shapes.Request:
    """Refuse it, with the reason that the data subject is told."""
    return _shown(response, request.refuse_request(*acting, request_id=request_id, reason=given.reason))


@router.post("/requests/{request_id}/withdraw")
def withdraw_request(acting: OnRequest, request_id: Id, response: Response) -> shapes.Request:
    """Record that the person who asked takes the request back."""
    return _shown(response, request.withdraw_request(*acting, request_id=request_id))


def _shown(response: Response, one: records.Request) -> shapes.Request:
    tag(response, one)
    return shapes.Request.model_validate(one)
