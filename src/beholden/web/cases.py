"""Cases in pages: one's own, what is in each, who works on it, and how it ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import cases, desk, evidence, lists
from beholden.errors import BeholdenError
from beholden.ports.system import System
from beholden.records.cases import Ending
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, Origin
from beholden.records.people import Officer
from beholden.records.sought import Sought, SoughtState
from beholden.web import hidden
from beholden.web.authority_bar import in_sight
from beholden.web.forms import Form, Typed
from beholden.web.naming import gallery_names, people_names
from beholden.web.page import in_words, purpose_options, render, see_other
from beholden.web.uptake import uptake
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
            *form.once(seat), reference=form.text("reference"), title=form.text("title"), purpose=form.text("purpose")
        )
    except BeholdenError as error:
        return _list(request, seat, "", "", error, form)
    return see_other(request, f"/cases/{made.id}", done="opened")


@router.get("/cases/{case_id}")
def show_case(
    request: Request, seat: Seat, case_id: str, after: str = "", filter: str = "", investigator: str = ""
) -> Response:
    """`filter` narrows the exhibits; `investigator` the people that there are to choose from, where they are many."""
    return one_case(request, seat, case_id, after=after, filter=filter, investigator=investigator)


@router.post("/cases/{case_id}/assign")
def assign_case(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    hidden.case(*seat, case_id)
    try:
        cases.assign_case(*seat, case_id=case_id, person_id=form.text("person_id"))
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="changed")


@router.post("/cases/{case_id}/close")
def close_case(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    hidden.case(*seat, case_id)
    try:
        cases.close_case(
            *seat,
            case_id=case_id,
            outcome=form.text("outcome"),
            ended_as=form.text("ended_as") or Ending.OTHER,
            kept_decision=form.text("kept_decision"),
            why_kept=form.text("why_kept"),
            look_again_on=form.text("look_again_on"),
        )
    except BeholdenError as error:
        return one_case(request, seat, case_id, error, form)
    return see_other(request, f"/cases/{case_id}", done="closed")


@router.post("/cases/{case_id}/reopen")
def reopen_case(request: Request, seat: Seat, _form: Form, case_id: str) -> Response:
    hidden.case(*seat, case_id)
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
    filter: str = "",
    investigator: str = "",
) -> Response:
    """The page of a case, also after something in it was refused. `after` turns the leaves of its exhibits."""
    system, officer = seat
    case = hidden.case(system, officer, case_id)
    leaf = lists.exhibits(system, officer, case_id=case.id, after=after, filter=filter)
    soughts = soughts_of(system, officer, case.id)
    faces = desk.faces(system, officer, case_id=case.id, face_ids=(id for one in soughts for id in one.face_ids))
    authorities = desk.authorities_of(system, officer, case_id=case.id)
    offered = lists.investigators(system, officer, filter=investigator)
    registers = evidence.registers(system, officer, case_id=case.id)
    importers = (one.manifest.imported_by for one in registers)
    people = (
        *importers,
        *case.assigned,
        *(one.added_by for one, _ in leaf.shown),
        *(one.declared_by for one in soughts),
    )
    now = system.clock.now()
    return render(
        request,
        "case.html.jinja",
        error=error,
        typed=typed or {},
        case=case,
        bar=in_sight(authorities, now),
        taking=uptake(request.app.state).of(officer, case.id),
        names=people_names(system, officer, people),
        galleries=gallery_names(system, officer, (id for one in authorities for id in one.gallery_ids)),
        exhibits=stacked(leaf.shown),
        registers=registers,
        manifested=evidence.states(system, officer, case_id=case.id),
        next=leaf.next,
        after=after,
        filter=filter,
        faces=face_names([face for _, face in faces]),
        soughts=soughts,
        authorities=[(one, of_authority(one, now)) for one in authorities],
        searches=[(one, of_search(one)) for one in desk.searches_of(system, officer, case_id=case.id)],
        origins=[(one, in_words(one)) for one in origins(system)],
        crops=case.purpose in system.policy.pack.crop_on_intake,
        held=any(exhibit.state is ExhibitState.HELD for exhibit, _ in leaf.shown),
        assignable=[(one.id, one.name) for one in offered.shown if one.id not in case.assigned],
        investigator=investigator,
        more_investigators=bool(offered.next),
    )


def soughts_of(system: System, officer: Officer, case_id: str) -> list[Sought]:
    """Who is sought now, before those who were."""
    found = desk.soughts(system, officer, case_id=case_id)
    return sorted(found, key=lambda one: one.state is not SoughtState.DECLARED)


def stacked(shown: Sequence[tuple[Exhibit, list[ExhibitFace]]]) -> list[tuple[Exhibit, list[ExhibitFace]]]:
    """What looks the same stands together: each after the first of its stack, where that is on this leaf."""
    there = {exhibit.id for exhibit, _ in shown}
    under: dict[str, list[tuple[Exhibit, list[ExhibitFace]]]] = defaultdict(list)
    for one in shown:
        under[one[0].stack if one[0].stack in there else ""].append(one)
    return [each for one in under.pop("", []) for each in (one, *under.pop(one[0].id, []))]


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
        names=people_names(system, officer, (id for case in shown.shown for id in case.assigned)),
        filter=filter,
        purposes=purpose_options(system),
    )
