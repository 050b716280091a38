"""Search before approval, in pages: begun by an investigator of the case, and reviewed by a supervisor who is not."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, exigent, exigent_review, names, search
from beholden.errors import BadInput, BeholdenError
from beholden.records.exigent import UNKNOWN, ExigentState
from beholden.records.people import Role
from beholden.records.sought import SoughtState
from beholden.web import hidden
from beholden.web.authorities import left_under, one_authority
from beholden.web.authority_bar import bar_of
from beholden.web.cases import soughts_of
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import render, see_other
from beholden.web.who import Seat
from beholden.web.words import _, language

router = APIRouter(include_in_schema=False)
DECISIONS = {
    "uphold": (exigent_review.uphold_exigent, "decided"),
    "refuse": (exigent_review.refuse_exigent, "refused"),
    "close": (exigent_review.close_lapse, "closed"),
}


@router.get("/exigents")
def list_exigents(request: Request, seat: Seat) -> Response:
    system, officer = seat
    there = exigent.exigents(system, officer)
    return render(
        request,
        "exigents.html.jinja",
        exigents=there,
        cases=names.cases(system, officer, ids=(one.exigent.case_id for one in there)),
        names=people_names(system, officer, (one.exigent.begun_by for one in there)),
        grounds=dict(_grounds(seat)),
    )


@router.get("/cases/{case_id}/exigents/new")
def offer_exigent(request: Request, seat: Seat, case_id: str) -> Response:
    return _offer(request, seat, case_id)


@router.post("/cases/{case_id}/exigents")
def begin_exigent(request: Request, seat: Seat, form: Form, case_id: str) -> Response:
    """Begun and searched at once: whoever is here at three in the morning presses one button."""
    system, officer = seat
    hidden.case(system, officer, case_id)
    hidden.sought(system, officer, case_id, form.text("sought_id"))
    try:
        begun = exigent.begin_exigent(
            *form.once(seat),
            case_id=case_id,
            sought_id=form.text("sought_id"),
            ground=form.text("ground"),
            reason=form.text("reason"),
            place=form.text("place") or UNKNOWN,
            time=form.text("time") or UNKNOWN,
            incident_id=form.text("incident_id"),
        )
    except BeholdenError as error:
        return _offer(request, seat, case_id, error, form)
    try:
        search.run_search(*form.once(seat), authority_id=begun.authority_id, sought_id=form.text("sought_id"))
    except BeholdenError as error:
        return one_authority(request, seat, begun.authority_id, error, form)
    return see_other(request, f"/exigents/{begun.id}/path")


@router.get("/exigents/{exigent_id}")
def show_exigent(request: Request, seat: Seat, exigent_id: str) -> Response:
    return _one(request, seat, exigent_id)


@router.post("/exigents/{exigent_id}")
def review_exigent(request: Request, seat: Seat, form: Form, exigent_id: str) -> Response:
    hidden.exigent(*seat, exigent_id)
    try:
        if form.text("do") not in DECISIONS:
            raise BadInput("say whether it had to be, or not")
        decide, done = DECISIONS[form.text("do")]
        decide(*seat, exigent_id=exigent_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _one(request, seat, exigent_id, error, form)
    return see_other(request, f"/exigents/{exigent_id}", done=done)


def _offer(
    request: Request, seat: Seat, case_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    case = hidden.case(system, officer, case_id)
    soughts = [one for one in soughts_of(system, officer, case.id) if one.state is SoughtState.DECLARED]
    mine = desk.oneself(system, officer).id
    open_ones = [one.exigent for one in exigent.exigents(system, officer) if one.exigent.case_id == case.id]
    begun = [one for one in open_ones if one.begun_by == mine and one.id == one.incident_id]
    return render(
        request,
        "exigent_new.html.jinja",
        error=error,
        typed=typed or {},
        case=case,
        bar=bar_of(system, officer, case.id),
        soughts=soughts,
        grounds=_grounds(seat),
        incidents=[(one.id, one.id[:10] + " – " + one.reason[:60]) for one in begun],
        unknown=_("unknown"),
        hours=system.rules.exigent_review_hours,
        least_chars=system.rules.min_exigent_chars,
    )


def _one(
    request: Request, seat: Seat, exigent_id: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    system, officer = seat
    seen = hidden.exigent(system, officer, exigent_id)
    one = seen.exigent
    person = desk.oneself(system, officer)
    return render(
        request,
        "exigent.html.jinja",
        error=error,
        typed=typed or {},
        seen=seen,
        exigent=one,
        case=hidden.case(system, officer, one.case_id),
        ground=dict(_grounds(seat)).get(one.ground, one.ground),
        names=people_names(system, officer, (one.begun_by, one.reviewed_by)),
        reviews=Role.SUPERVISOR in person.roles,
        goes_on=one.begun_by == person.id
        and Role.EXAMINER in person.roles
        and one.state in (ExigentState.OPEN, ExigentState.UPHELD),
        left=left_under(seat, one.case_id, one.authority_id),
        least_chars=system.rules.min_exigent_chars,
    )


def _grounds(seat: Seat) -> list[tuple[str, str]]:
    pack = seat[0].policy.pack
    return [(code, pack.ground(code, language())) for code in pack.exigent_grounds]
