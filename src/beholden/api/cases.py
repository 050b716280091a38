"""`/cases`: investigations, each for one purpose, with the investigators assigned to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import cases, desk, lists
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, hiding, on
from beholden.api.paging import Finding
from beholden.api.routes import Route
from beholden.api.shapes.casework import Assign, Case, CloseCase, OpenCase
from beholden.api.shapes.fields import Id, Page
from beholden.api.who import Who
from beholden.records import cases as records
from beholden.records.people import Person

router = APIRouter(prefix="/cases", tags=["cases"], route_class=Route)
OnCase = Annotated[Acting, on(records.Case, "case_id")]


@router.get("")
def list_cases(who: Who, paging: Finding) -> Page[Case]:
    """One's own cases; to a supervisor and an auditor, all of them."""
    shown, following = paging.of(lists.cases, *who)
    return Page[Case](items=[Case.model_validate(one) for one in shown], next=following)


@router.get("/{case_id}")
def show_case(who: Who, case_id: Id, response: Response) -> Case:
    """One of them."""
    return _shown(response, desk.case(*who, case_id=case_id))


@router.post("", status_code=201)
def open_case(who: Who, given: OpenCase, request: Request, response: Response) -> Case:
    """Open a case; whoever opens it is assigned to it."""
    opened = cases.open_case(*who, reference=given.reference, title=given.title, purpose=given.purpose)
    made(request, response, "cases", opened)
    return Case.model_validate(opened)


@router.post("/{case_id}/assign")
def assign_case(acting: OnCase, case_id: Id, given: Assign, response: Response) -> Case:
    """Assign one more investigator, as a supervisor."""
    with hiding(*acting, (Person, given.person_id)):
        return _shown(response, cases.assign_case(*acting, case_id=case_id, person_id=given.person_id))


@router.post("/{case_id}/close")
def close_case(acting: OnCase, case_id: Id, given: CloseCase, response: Response) -> Case:
    """Close a case; refused while a search of it waits for somebody's opinion."""
    return _shown(response, cases.close_case(*acting, case_id=case_id, **given.model_dump()))


@router.post("/{case_id}/reopen")
def reopen_case(acting: OnCase, case_id: Id, response: Response) -> Case:
    """Reopen a closed case, as a supervisor."""
    return _shown(response, cases.reopen_case(*acting, case_id=case_id))


def _shown(response: Response, case: records.Case) -> Case:
    tag(response, case)
    return Case.model_validate(case)
