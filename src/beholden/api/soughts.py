"""`/cases/…/soughts`: which faces of a case's exhibits an officer declared to be one unknown person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, sought
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, behind, hiding, on
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.casework import DeclareSought, Sought
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.records import cases
from beholden.records import sought as records

router = APIRouter(tags=["soughts"], route_class=Route)
BehindCase = Annotated[Acting, behind(cases.Case, "case_id")]
OnSought = Annotated[Acting, on(records.Sought, "sought_id")]


@router.get("/cases/{case_id}/soughts")
def list_soughts(who: Who, case_id: Id, paging: Paging) -> Page[Sought]:
    """Who is or was sought in the case."""
    shown, following = paging.part(desk.soughts(*who, case_id=case_id), lambda one: one.id)
    return Page[Sought](items=[Sought.model_validate(one) for one in shown], next=following)


@router.post("/cases/{case_id}/soughts", status_code=201)
def declare_sought(
    acting: BehindCase, case_id: Id, given: DeclareSought, request: Request, response: Response
) -> Sought:
    """Declare that these faces are one person; it can be taken back, and says nothing of who that is."""
    with hiding(*acting, (cases.Case, case_id)):
        declared = sought.declare_sought(
            *acting, case_id=case_id, face_ids=given.face_ids, subject_role=given.subject_role, why=given.why
        )
    made(request, response, "soughts", declared)
    return Sought.model_validate(declared)


@router.get("/soughts/{sought_id}")
def show_declared(who: Who, sought_id: Id, response: Response) -> Sought:
    """One of those of one's cases."""
    found = desk.sought(*who, sought_id=sought_id)
    tag(response, found)
    return Sought.model_validate(found)


@router.post("/soughts/{sought_id}/withdraw")
def withdraw_sought(acting: OnSought, sought_id: Id, given: Why, response: Response) -> Sought:
    """Take the declaration back. An authority that names it can no longer be used."""
    withdrawn = sought.withdraw_sought(*acting, sought_id=sought_id, reason=given.reason)
    tag(response, withdrawn)
    return Sought.model_validate(withdrawn)
