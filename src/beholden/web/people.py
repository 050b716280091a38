"""The people who work with the system, in pages: an administrator invites, changes, suspends, resumes and replaces them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, lists, people, sessions, training
from beholden.actions.training import Training
from beholden.errors import BeholdenError, Missing
from beholden.records.people import TOXIC, Person, PersonState, Role
from beholden.records.training import Certificate
from beholden.web.forms import Form, Typed
from beholden.web.page import in_words, render, see_other
from beholden.web.who import Seat
from beholden.web.words import named

router = APIRouter()

# Why nobody has two roles at once, as `records.people.TOXIC` has it.
WHY_APART = (
    named("who gives roles uses none"),
    named("who looks over the work does none of it"),
    named("nobody both searches and approves"),
    named("what people ask about themselves is kept apart from cases"),
    named("who holds what opens the keys has no part in cases"),
)

# What somebody of a role does here, in one line.
DOES = {
    Role.STEWARD: named("keeps the sources and enrols from them"),
    Role.PRIVACY_OFFICER: named("approves sources, and answers what people ask about themselves"),
    Role.INVESTIGATOR: named("works on cases, searches, and discloses leads"),
    Role.SUPERVISOR: named("decides about requests for authority, and reviews searches before approval"),
    Role.EXAMINER: named("reviews lists and examines candidates, blind"),
    Role.AUDITOR: named("looks over the work and reads the log"),
    Role.ADMINISTRATOR: named("invites people, gives roles, and enters certificates"),
    Role.KEY_CUSTODIAN: named("holds a part of what opens the keys"),
}


@router.get("/people")
def list_people(request: Request, seat: Seat, filter: str = "", after: str = "", order: str = "") -> Response:
    return _list(request, seat, filter, after, order)


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
    order: str = "",
    error: BeholdenError | None = None,
    typed: Typed | None = None,
) -> Response:
    """By name; to an administrator also by the end of their training, what is lacking first."""
    by_training = order == "training" and Role.ADMINISTRATOR in desk.oneself(*seat).roles
    shown = lists.people(*seat, filter=filter, after=after)
    known = training.trainings_of(*seat, person_ids=[] if by_training else [one.id for one in shown.shown])
    return render(
        request,
        "people.html.jinja",
        error=error,
        typed=typed or {},
        ticked=typed.texts("role") if typed else (),
        people=[(one, known.get(one.id, ())) for one in shown.shown],
        ending=training.ending_first(*seat) if by_training else None,
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
    asking = desk.oneself(*seat)
    there = training.certificates(*seat, person_id=person_id)
    trainings = training.trainings_of(*seat, person_ids=[person_id]).get(person_id, ())
    return render(
        request,
        "one_person.html.jinja",
        error=error,
        typed=typed or {},
        shown=shown,
        trainings=trainings,
        step=_next_step(shown, trainings, seat[0].clock.now()) if Role.ADMINISTRATOR in asking.roles else "",
        open=sessions.open_of(*seat, person_id=person_id),
        oneself=asking.id == person_id,
        apart=_apart(),
        does=DOES,
        ticked=typed.texts("role") if typed and "role" in typed else [str(role) for role in shown.roles],
        here=shown.state is not PersonState.LEFT,
        all_roles=_roles(),
        certificates=[(one, _counts(one, trainings)) for one in there],
        courses=[(str(role), in_words(role)) for role in Role if role in training.COURSES],
        may_certify=Role.ADMINISTRATOR in asking.roles and asking.id != person_id,
        now=seat[0].clock.now(),
    )


def _next_step(person: Person, trainings: Sequence[Training], now: datetime) -> str:
    """What an administrator does next for this person; each is a section of the template."""
    if person.state is PersonState.LEFT:
        return "left"
    if person.state is PersonState.SUSPENDED:
        return "suspended"
    if person.state is PersonState.INVITED:
        return "token-over" if person.invite_ends_at <= now else "invited"
    if not person.roles:
        return "no-role"
    if any(one.certificate is None for one in trainings):
        return "lacking"
    return "soon" if any(one.soon for one in trainings) else "nothing"


def _counts(one: Certificate, trainings: Sequence[Training]) -> bool:
    """Whether this is the certificate by which they may act now."""
    return any(training.certificate == one for training in trainings)


def _apart() -> list[tuple[Role, list[Role], str]]:
    """Which role is never together with which others, and why: one row for each reason."""
    rows = []
    for why in dict.fromkeys(TOXIC.values()):
        pairs = [pair for pair, said in TOXIC.items() if said == why]
        common, every = frozenset.intersection(*pairs), frozenset.union(*pairs)
        role = next(one for one in Role if one in common)
        rows.append((role, [one for one in Role if one in every - {role}], why))
    return rows


def _roles() -> list[tuple[str, str]]:
    return [(str(role), in_words(role)) for role in Role]
