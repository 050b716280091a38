"""The people who work with the system, in pages: an administrator invites, changes, suspends, resumes and replaces them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, lists, people, training
from beholden.errors import BeholdenError, Missing
from beholden.records.people import Person, PersonState, Role
from beholden.web.forms import Form, Typed
from beholden.web.page import in_words, render, see_other
from beholden.web.who import Seat

router = APIRouter()


@router.get("/people")
def list_people(request: Request, seat: Seat, filter: str = "", after: str = "") -> Response:
    return _list(request, seat, filter, after)


@router.post("/people")
def add_person(request: Request, seat: Seat, form: Form) -> Response:
    try:
        invited, token = people.add_person(*form.once(seat), name=form.text("name"), roles=form.texts("role"))
    except BeholdenError as error:
        return _list(request, seat, error=error, typed=form)
    return _token(request, seat, invited, token)


@router.get("/people/{person_id}")
def show_person(request: Request, seat: Seat, person_id: str) -> Response:
    return _one(request, seat, person_id)


@router.post("/people/{person_id}/roles")
def change_roles(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        people.change_roles(*seat, person_id=person_id, roles=form.texts("role"))
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return see_other(request, f"/people/{person_id}", done="changed")


@router.post("/people/{person_id}/suspend")
def suspend_person(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        people.suspend_person(*seat, person_id=person_id)
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return see_other(request, f"/people/{person_id}", done="suspended")


@router.post("/people/{person_id}/sign-out")
def sign_out_person(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        people.sign_out_person(*seat, person_id=person_id)
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return see_other(request, f"/people/{person_id}", done="signed-out-all")


@router.post("/people/{person_id}/resume")
def resume_person(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        people.resume_person(*seat, person_id=person_id)
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return see_other(request, f"/people/{person_id}", done="resumed")


@router.post("/people/{person_id}/replace")
def replace_person(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        invited, token = people.replace_person(*seat, person_id=person_id, name=form.text("name"))
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return _token(request, seat, invited, token)


@router.post("/people/{person_id}/certificates")
def enter_certificate(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        training.enter_certificate(
            *form.once(seat),
            person_id=person_id,
            role=form.text("for_role"),
            course=form.text("course"),
            number=form.text("number"),
            issued_at=form.moment("issued", "day of issue") if form.text("issued") else None,
            ends_at=form.moment("ends", "day on which it ends") if form.text("ends") else None,
        )
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return see_other(request, f"/people/{person_id}", done="certified")


@router.post("/people/{person_id}/certificates/{certificate_id}/revoke")
def revoke_certificate(request: Request, seat: Seat, form: Form, person_id: str, certificate_id: str) -> Response:
    try:
        training.revoke_certificate(*seat, certificate_id=certificate_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return see_other(request, f"/people/{person_id}", done="uncertified")


@router.post("/people/{person_id}/token")
def renew_token(request: Request, seat: Seat, form: Form, person_id: str) -> Response:
    try:
        invited, token = people.renew_token(*seat, person_id=person_id)
    except BeholdenError as error:
        return _one(request, seat, person_id, error, form)
    return _token(request, seat, invited, token)


def _token(request: Request, seat: Seat, invited: Person, token: str) -> Response:
    """The answer to the form itself: a page that could be loaded again would show the token again."""
    system, _officer = seat
    return render(request, "token.html.jinja", invited=invited, token=token, hours=system.rules.invite_hours)


def _list(
    request: Request,
    seat: Seat,
    filter: str = "",
    after: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    shown = lists.people(*seat, filter=filter, after=after)
    return render(
        request,
        "people.html.jinja",
        error=error,
        typed=typed or {},
        ticked=typed.texts("role") if typed else (),
        people=shown.shown,
        next=shown.next,
        filter=filter,
        after=after,
        all_roles=_roles(),
    )


def _one(
    request: Request, seat: Seat, person_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    try:
        shown = desk.person(*seat, person_id=person_id)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    return render(
        request,
        "one_person.html.jinja",
        error=error,
        typed=typed or {},
        shown=shown,
        ticked=typed.texts("role") if typed and "role" in typed else [str(role) for role in shown.roles],
        here=shown.state is not PersonState.LEFT,
        all_roles=_roles(),
        certificates=training.certificates(*seat, person_id=person_id),
        courses=[(str(role), in_words(role)) for role in Role if role in training.COURSES],
        may_certify=Role.ADMINISTRATOR in desk.oneself(*seat).roles and desk.oneself(*seat).id != person_id,
        now=seat[0].clock.now(),
    )


def _roles() -> list[tuple[str, str]]:
    return [(str(role), in_words(role)) for role in Role]
