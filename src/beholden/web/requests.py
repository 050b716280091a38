"""The request desk in pages: what a data subject asks for, from the day it comes in to the receipt of the erasure."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, erase, lists, oversee, restrict
from beholden.actions import request as acts
from beholden.actions.request import Opened, Reference
from beholden.errors import BeholdenError, Missing
from beholden.records.requests import is_overdue
from beholden.web import hidden
from beholden.web.forms import OWN, Form, Typed
from beholden.web.naming import gallery_names, people_names, source_names
from beholden.web.page import download, render, see_other
from beholden.web.waiting import of_request
from beholden.web.who import Seat

router = APIRouter()


@router.get("/requests")
def list_requests(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    system, officer = seat
    shown = lists.requests(system, officer, filter=filter, after=after)
    return render(
        request,
        "requests.html.jinja",
        requests=[(one, of_request(one)) for one in shown.shown],
        next=shown.next,
        filter=filter,
        after=after,
        now=system.clock.now(),
    )


@router.get("/requests/new")
def begin_request(request: Request, seat: Seat, source: str = "") -> Response:
    """`source` narrows the sources that there are to choose from, where they are many."""
    hidden.request_desk(*seat)
    return _intake(request, seat, source=source)


@router.post("/requests/find")
def find_references(request: Request, seat: Seat, form: Form) -> Response:
    """Not a GET: a person's reference or page has no place in an address."""
    try:
        found = acts.find_references(
            *seat,
            person_ref=form.text("person_ref"),
            source_id=form.text("source_id"),
            page_url=form.text("page_url"),
            image_id=form.text("image_id"),
        )
    except BeholdenError as error:
        return _intake(request, seat, error, form)
    return _intake(request, seat, None, form, found)


@router.post("/requests")
def receive_request(request: Request, seat: Seat, form: Form) -> Response:
    try:
        made = acts.receive_request(
            *form.once(seat),
            face_ids=form.texts("record"),
            looked_for=form.text("looked_for"),
            subject=form.text("subject"),
            photograph=form.ticked("photograph"),
        )
    except BeholdenError as error:
        return _intake(request, seat, error, form, None, form.texts("record"))
    return see_other(request, f"/requests/{made.id}", done="received")


@router.get("/requests/{request_id}")
def show_request(request: Request, seat: Seat, request_id: str) -> Response:
    return _one(request, seat, request_id)


@router.post("/requests/{request_id}/subject", dependencies=OWN)
def read_request(request: Request, seat: Seat, request_id: str) -> Response:
    """Who asks: a consultation that is on record, and so no GET."""
    try:
        opened = acts.read_request(*seat, request_id=request_id)
    except BeholdenError as error:
        return _one(request, seat, request_id, error)
    return _one(request, seat, request_id, opened=opened)


@router.post("/requests/{request_id}/check")
def check_identity(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        acts.check_identity(*seat, request_id=request_id, how=form.text("how"))
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="changed")


@router.post("/requests/{request_id}/grant")
def grant_request(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        acts.grant_request(*seat, request_id=request_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="granted")


@router.post("/requests/{request_id}/refuse")
def refuse_request(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        acts.refuse_request(*seat, request_id=request_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="refused")


@router.post("/requests/{request_id}/withdraw")
def withdraw_request(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        acts.withdraw_request(*seat, request_id=request_id)
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="withdrawn")


@router.post("/requests/{request_id}/erase")
def carry_out(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        erase.erase(*seat, request_id=request_id)
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="erased")


@router.post("/requests/{request_id}/restrict")
def restrict_records(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        restrict.restrict_records(
            *seat, request_id=request_id, reason=form.text("reason"), days=form.number("days", "number of days")
        )
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="restricted")


@router.post("/requests/{request_id}/keep-restricted")
def keep_restricted(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        restrict.keep_restricted(
            *seat, request_id=request_id, reason=form.text("reason"), days=form.number("days", "number of days")
        )
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="restricted")


@router.post("/requests/{request_id}/end-restriction")
def end_restriction(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    try:
        restrict.end_restriction(*seat, request_id=request_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return see_other(request, f"/requests/{request_id}", done="changed")


@router.get("/requests/{request_id}/receipt")
def receipt(seat: Seat, request_id: str) -> Response:
    _, erasure = desk.request(*seat, request_id=request_id)
    answered = erasure or restrict.latest_restriction(*seat, request_id=request_id)
    if answered is None or not answered.receipt:
        raise Missing("this request has no receipt yet")
    return download(answered.receipt, name=f"receipt-{request_id[:10]}.txt", kind="text/plain; charset=utf-8")


@router.post("/requests/{request_id}/listings")
def read_listings(request: Request, seat: Seat, form: Form, request_id: str) -> Response:
    """Which searches had listed the erased person: a consultation that is on record, and so no GET."""
    try:
        _, erasure = desk.request(*seat, request_id=request_id)
        if erasure is None:
            raise Missing("there is no erasure of this request")
        searches = oversee.erased_searches(*seat, erasure_id=erasure.id)
    except BeholdenError as error:
        return _one(request, seat, request_id, error, form)
    return _one(request, seat, request_id, searches=searches)


def _intake(
    request: Request,
    seat: Seat,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    found: Sequence[Reference] | None = None,
    ticked: Sequence[str] = (),
    source: str = "",
) -> Response:
    """`found` are the references looked up; after an error, `ticked` are those that were chosen before."""
    if isinstance(error, Missing):
        raise error  # to who has no part in requests, there is no such page
    offered = lists.sources(*seat, filter=source)
    chosen = typed.text("source_id") if typed else ""
    sources = source_names(*seat, [chosen, *(one.source_id for one in found or ())])
    options = {chosen: sources[chosen]} if chosen in sources else {}
    options |= {one.id: one.name for one in offered.shown}
    return render(
        request,
        "request_intake.html.jinja",
        error=error,
        typed=typed or {},
        found=found,
        ticked=ticked,
        source_options=sorted(options.items(), key=lambda one: one[1]),
        narrowed=source,
        more_sources=bool(offered.next),
        sources=sources,
        galleries=gallery_names(*seat, (one.gallery_id for one in found or ())),
    )


def _one(
    request: Request,
    seat: Seat,
    request_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    searches: Sequence[str] | None = None,
    opened: Opened | None = None,
) -> Response:
    system, officer = seat
    try:
        shown, erasure = desk.request(system, officer, request_id=request_id)
        restriction = restrict.latest_restriction(system, officer, request_id=request_id)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    return render(
        request,
        "request.html.jinja",
        error=error,
        typed=typed or {},
        shown=shown,
        erasure=erasure,
        searches=searches,
        opened=opened,
        waits=of_request(shown),
        late=system.clock.now() >= shown.due_at,
        restriction=restriction,
        overdue=restriction is not None and is_overdue(restriction, system.clock.now()),
        most_days=system.rules.max_restriction_days,
        names=people_names(
            system,
            officer,
            (
                *(shown.decided_by, shown.identity_checked_by, erasure.started_by if erasure else ""),
                *((restriction.restricted_by, restriction.reviewed_by) if restriction else ()),
            ),
        ),
    )
