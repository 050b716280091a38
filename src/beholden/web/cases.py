"""Cases in pages: one's own, what is in each, who works on it, and how it ended."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import cases, desk, lists
from beholden.errors import BeholdenError
from beholden.ports.system import System
from beholden.records.exhibits import ExhibitFace, ExhibitState, Origin
from beholden.records.people import Officer, PersonState, Role
from beholden.records.sought import Sought, SoughtState
from beholden.web import there
from beholden.web.forms import Form, Typed
from beholden.web.naming import gallery_names, people_names
from beholden.web.page import in_words, render, see_other
from beholden.web.waiting import of_authority, of_search
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.get("/cases")
def list_cases(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    return _list(request, seat, filter, after)


@router.post("/cases")
def open_case(request: Request, seat: Seat, form: Form) -> Response:
    try:
        made = cases.open_case(
            *seat, reference=form.text("reference"), title=form.text("title"), purpose=form.text("purpose")
        )
    except BeholdenError as error:
        return _list(request, seat, "", "", error, form)
    return see_other(request, f"/cases/{made.id}", done="opened")


@router.get("/cases/{case_id}")
def show_case(request: Request, seat: Seat, case_id: str, after: str = "") -> Response:
    return one_case(request, seat, case_id, after=after)


@router.post("/cases/{case_id}/assign")
def assign_case(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    there.case(*seat, case_id)
    try:
        cases.assign_case(*seat, case_id=case_id, person_id=form.text("person_id"))
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="changed")


@router.post("/cases/{case_id}/close")
def close_case(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    there.case(*seat, case_id)
    try:
        cases.close_case(*seat, case_id=case_id, outcome=form.text("outcome"))
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="closed")


@router.post("/cases/{case_id}/reopen")
def reopen_case(request: Request, seat: Seat, _form: Form, case_id: str) -> Response:
    there.case(*seat, case_id)
    try:
        cases.reopen_case(*seat, case_id=case_id)
    except BeholdenError as error:
        return one_case(request, seat, case_id, error)
    return see_other(request, f"/cases/{case_id}", done="opened")


def one_case(
    request: Request,
    seat: Seat,
    case_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    after: str = "",
) -> Response:
    """The page of a case, also after something in it was refused. `after` turns the leaves of its exhibits."""
    system, officer = seat
    case = there.case(system, officer, case_id)
    everybody = desk.people(system, officer)
    leaf = lists.exhibits(system, officer, case_id=case.id, after=after)
    now = system.clock.now()
    return render(
        request,
        "case.html.jinja",
        error=error,
        typed=typed or {},
        case=case,
        names=people_names(system, officer),
        galleries=gallery_names(system, officer),
        exhibits=leaf.shown,
        next=leaf.next,
        after=after,
        faces=face_names([face for _, faces in leaf.shown for face in faces]),
        soughts=soughts_of(system, officer, case.id),
        authorities=[(one, of_authority(one, now)) for one in desk.authorities_of(system, officer, case_id=case.id)],
        searches=[(one, of_search(one)) for one in desk.searches_of(system, officer, case_id=case.id)],
        origins=[(one, in_words(one)) for one in origins(system)],
        held=any(exhibit.state is ExhibitState.HELD for exhibit, _ in leaf.shown),
        assignable=[
            (one.id, one.name)
            for one in everybody
            if Role.INVESTIGATOR in one.roles and one.state is PersonState.ACTIVE and one.id not in case.assigned
        ],
    )


def soughts_of(system: System, officer: Officer, case_id: str) -> list[Sought]:
    """Who is sought now, before those who were."""
    found = desk.soughts(system, officer, case_id=case_id)
    return sorted(found, key=lambda one: one.state is not SoughtState.DECLARED)


def face_names(faces: list[ExhibitFace]) -> dict[str, tuple[str, int]]:
    """By a face's id: its exhibit and its number there, which is how a person names it."""
    return {face.id: (face.exhibit_id, face.position) for face in faces}


def origins(system: System) -> list[str]:
    """A synthetic system has synthetic exhibits only, and no other has any."""
    return [str(one) for one in Origin if (one is Origin.SYNTHETIC) == (system.profile == "synthetic")]


def _list(
    request: Request,
    seat: Seat,
    filter: str,
    after: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    system, officer = seat
    shown = lists.cases(system, officer, filter=filter, after=after)
    return render(
        request,
        "cases.html.jinja",
        error=error,
        typed=typed or {},
        cases=shown.shown,
        next=shown.next,
        after=after,
        names=people_names(system, officer),
        filter=filter,
        purposes=[(one, in_words(one)) for one in system.policy.pack.purposes],
    )
