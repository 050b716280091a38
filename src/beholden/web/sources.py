"""The register of sources in pages: proposed by a steward, approved by a privacy officer, suspended and resumed."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, gallery_figures, lists, register
from beholden.errors import BeholdenError, Missing
from beholden.records.archives import ArchiveTerms
from beholden.records.sources import AuthorityKind
from beholden.web.due import due
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import in_words, purpose_options, render, see_other
from beholden.web.waiting import of_source
from beholden.web.who import Seat

router = APIRouter()


@router.get("/sources")
def list_sources(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    return _list(request, seat, filter, after)


@router.post("/sources")
def propose_source(request: Request, seat: Seat, form: Form) -> Response:
    try:
        made = register.propose_source(
            *form.once(seat),
            name=form.text("name"),
            controller=form.text("controller"),
            authority_kind=form.text("authority_kind"),
            citation=form.text("citation"),
            document_sha256=_digest(form),
            jurisdiction=form.text("jurisdiction"),
            purposes=form.texts("purpose"),
            valid_from=form.moment("valid_from", "first day"),
            valid_until=form.moment("valid_until", "end"),
            archives=_archives(form),
        )
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return see_other(request, f"/sources/{made.id}", done="proposed")


@router.get("/sources/{source_id}")
def show_source(request: Request, seat: Seat, source_id: str) -> Response:
    return _one(request, seat, source_id)


@router.post("/sources/{source_id}/approve")
def approve_source(request: Request, seat: Seat, form: Form, source_id: str) -> Response:
    try:
        register.approve_source(*seat, source_id=source_id)
    except BeholdenError as error:
        return _one(request, seat, source_id, error, form)
    return see_other(request, f"/sources/{source_id}", done="approved")


@router.post("/sources/{source_id}/refuse")
def refuse_source(request: Request, seat: Seat, form: Form, source_id: str) -> Response:
    try:
        register.refuse_source(*seat, source_id=source_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, source_id, error, form)
    return see_other(request, f"/sources/{source_id}", done="refused")


@router.post("/sources/{source_id}/suspend")
def suspend_source(request: Request, seat: Seat, form: Form, source_id: str) -> Response:
    try:
        register.suspend_source(*seat, source_id=source_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, source_id, error, form)
    return see_other(request, f"/sources/{source_id}", done="suspended")


@router.post("/sources/{source_id}/resume")
def resume_source(request: Request, seat: Seat, form: Form, source_id: str) -> Response:
    try:
        register.resume_source(*seat, source_id=source_id)
    except BeholdenError as error:
        return _one(request, seat, source_id, error, form)
    return see_other(request, f"/sources/{source_id}", done="resumed")


def _list(
    request: Request,
    seat: Seat,
    filter: str = "",
    after: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    system, officer = seat
    now = system.clock.now()
    shown = lists.sources(system, officer, filter=filter, after=after)
    return render(
        request,
        "sources.html.jinja",
        error=error,
        typed=typed or {},
        ticked=typed.texts("purpose") if typed else (),
        sources=[(one, of_source(one, now), due(one.valid_until, now)) for one in shown.shown],
        next=shown.next,
        filter=filter,
        after=after,
        kinds=[(kind, in_words(kind)) for kind in _kinds(system.profile)],
        purposes=purpose_options(system),
    )


def _one(
    request: Request, seat: Seat, source_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    try:
        shown = desk.source(system, officer, source_id=source_id)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    now = system.clock.now()
    return render(
        request,
        "source.html.jinja",
        error=error,
        typed=typed or {},
        source=shown,
        waits=of_source(shown, now),
        ends=due(shown.valid_until, now),
        begun=shown.valid_from <= now,
        held=gallery_figures.held_in(system, officer, source_id=source_id),
        names=people_names(system, officer, (shown.proposed_by, shown.decided_by)),
    )


def _kinds(profile: str) -> list[str]:
    """A synthetic system has synthetic sources only, and no other has any."""
    return [str(kind) for kind in AuthorityKind if (kind is AuthorityKind.SYNTHETIC) == (profile == "synthetic")]


def _archives(form: Typed) -> ArchiveTerms:
    return ArchiveTerms(
        places=tuple(form.lines("places")),
        visitors=tuple(form.lines("visitors")),
        most_a_day=form.number("most_a_day", "number of images") if form.text("most_a_day") else 0,
        control=form.text("control"),
    )


def _digest(form: Typed) -> str:
    """Of the instrument that was sent, which is not kept; else as it was typed."""
    if form.has_file("document"):
        _, content = form.file("document", "instrument")
        return hashlib.sha256(content).hexdigest()
    return form.text("document_sha256")
