"""Comparisons one to one in pages: made under an authority, and read with everything that belongs to the score."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import compare
from beholden.errors import BeholdenError
from beholden.web import hidden
from beholden.web.authorities import one_authority
from beholden.web.authority_bar import bar_of
from beholden.web.forms import Form
from beholden.web.naming import people_names
from beholden.web.page import render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)


@router.post("/authorities/{authority_id}/comparisons")
def make_comparison(request: Request, seat: Seat, form: Form, authority_id: str) -> Response:
    """One use is consumed. A form that was sent twice compares once."""
    authority = hidden.authority(*seat, authority_id)
    try:
        made = compare.compare(
            *form.once(seat),
            authority_id=authority.id,
            sought_id=authority.sought_id,
            face_id=form.text("face_id"),
            override_quality=form.text("override_quality"),
        )
    except BeholdenError as error:
        return one_authority(request, seat, authority_id, error, form)
    return see_other(request, f"/comparisons/{made.comparison.id}")


@router.get("/comparisons/{comparison_id}")
def show_comparison(request: Request, seat: Seat, comparison_id: str) -> Response:
    """The score with what it can tell; each look is on record. Photographs are on the pages of cases and leads."""
    comparison = hidden.comparison(*seat, comparison_id)
    read = compare.read_comparison(*seat, comparison_id=comparison.id)
    case = hidden.case(*seat, comparison.case_id)
    return render(
        request,
        "comparison.html.jinja",
        comparison=read.comparison,
        score=read.score,
        statements=read.statements,
        case=case,
        bar=bar_of(*seat, case.id),
        names=people_names(*seat, [comparison.compared_by]),
    )
