"""`/exigents`: searches before approval, begun by one person alone and reviewed by somebody else."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import exigent, exigent_figures, exigent_review
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, hiding, on
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.exigents import BeginExigent, Exigent, ExigentCounts, ExigentFigures, SeenExigent
from beholden.api.shapes.fields import Id, Moment, Page
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.records import exigent as records
from beholden.records.cases import Case
from beholden.records.sought import Sought

router = APIRouter(tags=["exigents"], route_class=Route)
OnExigent = Annotated[Acting, on(records.Exigent, "exigent_id")]


@router.post("/exigents", status_code=201)
def begin_exigent(who: Who, given: BeginExigent, request: Request, response: Response) -> Exigent:
    """Begin a search before approval; `POST /searches` under its authority follows. Whoever must know is told at once."""
    with hiding(*who, (Case, given.case_id), (Sought, given.sought_id)):
        begun = exigent.begin_exigent(
            *who,
            case_id=given.case_id,
            sought_id=given.sought_id,
            ground=given.ground,
            reason=given.reason,
            place=given.place,
            time=given.time,
            gallery_ids=given.gallery_ids,
            incident_id=given.incident_id,
        )
    made(request, response, "exigents", begun)
    return Exigent.model_validate(begun)


@router.get("/exigents")
def list_exigents(who: Who, paging: Paging) -> Page[SeenExigent]:
    """Those of the cases that one sees, the latest first, with how many searches and comparisons were made under each."""
    shown, following = paging.part(exigent.exigents(*who), lambda one: one.exigent.id)
    return Page[SeenExigent](items=[_seen(one) for one in shown], next=following)


@router.get("/exigents/{exigent_id}")
def show_exigent(who: Who, exigent_id: Id, response: Response) -> SeenExigent:
    """One of them."""
    seen = exigent.exigent(*who, exigent_id=exigent_id)
    tag(response, seen.exigent)
    return _seen(seen)


@router.post("/exigents/{exigent_id}/uphold")
def uphold_exigent(acting: OnExigent, exigent_id: Id, given: Why, response: Response) -> Exigent:
    """It had to be: as a supervisor who had no part in it, and looked at a probe outside the case's evidence."""
    return _shown(response, exigent_review.uphold_exigent(*acting, exigent_id=exigent_id, reason=given.reason))


@router.post("/exigents/{exigent_id}/refuse")
def refuse_exigent(acting: OnExigent, exigent_id: Id, given: Why, response: Response) -> Exigent:
    """It need not have been: nothing goes on under it, and what it made is out of use."""
    return _shown(response, exigent_review.refuse_exigent(*acting, exigent_id=exigent_id, reason=given.reason))


@router.post("/exigents/{exigent_id}/close-lapse")
def close_lapse(acting: OnExigent, exigent_id: Id, given: Why, response: Response) -> Exigent:
    """Write the review that nobody wrote in time: searches that can wait go on again."""
    return _shown(response, exigent_review.close_lapse(*acting, exigent_id=exigent_id, reason=given.reason))


@router.get("/exigent-figures")
def exigents_in_figures(who: Who, begins_at: Moment, ends_at: Moment) -> ExigentCounts:
    """How often it was searched before approval in a time, by purpose, and what became of it, counted from the log alone."""
    found = exigent_figures.exigent_figures(*who, begins_at=begins_at, ends_at=ends_at)
    return ExigentCounts(purposes=[ExigentFigures.model_validate(one) for one in found])


def _shown(response: Response, one: records.Exigent) -> Exigent:
    tag(response, one)
    return Exigent.model_validate(one)


def _seen(one: exigent.Seen) -> SeenExigent:
    told = Exigent.model_validate(one.exigent).model_dump()
    return SeenExigent(**told, searches=one.searches, listed=one.listed, comparisons=one.comparisons)
