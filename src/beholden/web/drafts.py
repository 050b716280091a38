"""A request before it is asked and after it came back, in pages; and the faces that an approver looks at."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import authorise, desk, probe
from beholden.actions.evidence import states
from beholden.actions.standing import standing
from beholden.errors import BeholdenError
from beholden.records.authority import AuthorityState
from beholden.records.exhibits import Exhibit
from beholden.records.sought import Sought
from beholden.web import hidden, just_shown
from beholden.web.authorities import ask_page, asked_in, one_authority
from beholden.web.forms import Form
from beholden.web.held import Address, Chip, hold_faces
from beholden.web.page import render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)

BEGUN = (AuthorityState.DRAFT, AuthorityState.RETURNED)


@router.get("/authorities/{authority_id}/edit")
def change_request(request: Request, seat: Seat, authority_id: str, gallery: str = "") -> Response:
    begun = hidden.authority(*seat, authority_id)
    if begun.state not in BEGUN:
        return see_other(request, f"/authorities/{authority_id}")
    return ask_page(request, seat, begun.case_id, begun.sought_id, narrowed=gallery, begun=begun)


@router.post("/authorities/{authority_id}/edit")
def edit_request(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    begun = hidden.authority(*seat, authority_id)
    try:
        authorise.edit_draft(*seat, authority_id=authority_id, **asked_in(seat, form, begun))
    except BeholdenError as error:
        return ask_page(request, seat, begun.case_id, begun.sought_id, error, form, begun=begun)
    return see_other(request, f"/authorities/{authority_id}", done="changed")


@router.post("/authorities/{authority_id}/submit")
def submit_request(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    hidden.authority(*seat, authority_id)
    try:
        authorise.submit_request(*seat, authority_id=authority_id, answer=form.text("answer"))
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/authorities/{authority_id}", done="requested")


@router.post("/authorities/{authority_id}/return")
def return_request(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    hidden.authority(*seat, authority_id)
    try:
        authorise.return_request(*seat, authority_id=authority_id, questions=form.text("questions"))
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/authorities/{authority_id}", done="returned")


@router.get("/authorities/{authority_id}/probe")
def choose_probe(request: Request, seat: Seat, authority_id: str) -> Response:
    """The faces, where somebody has just looked; else the button by which they are shown."""
    return _probe(request, seat, authority_id)


@router.post("/authorities/{authority_id}/probe")
def look_at_probe(request: Request, seat: Seat, _form: Form, authority_id: str) -> Response:
    """Once for each time that somebody asks: the page that is loaded again shows the button."""
    system, officer = seat
    authority = hidden.authority(system, officer, authority_id)
    wanted = hidden.sought(system, officer, authority.case_id, authority.sought_id)
    faces = desk.faces(system, officer, case_id=authority.case_id, face_ids=wanted.face_ids)
    hangs_on = standing(system, officer, (Sought, wanted.id), *((Exhibit, exhibit.id) for exhibit, _ in faces))
    try:
        shown = probe.show_probe(system, officer, authority_id=authority_id)
    except BeholdenError as error:
        return _probe(request, seat, authority_id, error)
    chips = [Chip(chip, "probe", face.id) for face, chips in shown for chip in chips]
    addresses = iter([asdict(one) for one in hold_faces(request, system, hangs_on, chips)])
    inside = states(system, officer, case_id=authority.case_id)
    told = [
        {
            "exhibit_id": face.exhibit_id,
            "position": face.position,
            "chips": [next(addresses) for _ in chips],
            "manifested": face.exhibit_id in inside,
        }
        for face, chips in shown
    ]
    page = f"/authorities/{authority_id}/probe"
    return see_other(request, page, **just_shown.on_to(request, system, hangs_on, page, told))


def _probe(request: Request, seat: Seat, authority_id: str, error: BeholdenError | None = None) -> Response:
    system, officer = seat
    authority = hidden.authority(system, officer, authority_id)
    told = just_shown.arrived(request, system, officer, f"/authorities/{authority_id}/probe") or []
    return render(
        request,
        "probe.html.jinja",
        error=error,
        authority=authority,
        case=hidden.case(system, officer, authority.case_id),
        faces=[{**one, "chips": [Address(**address) for address in one["chips"]]} for one in told],
    )
