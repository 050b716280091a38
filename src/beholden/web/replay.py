"""The list of a search made again by an auditor, in pages: why, whether it comes out the same, and what came of it before."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import desk, log, replay
from beholden.actions.replay import Replayed
from beholden.actions.standing import standing
from beholden.errors import BeholdenError, Missing
from beholden.records.people import Role
from beholden.records.searches import Search
from beholden.web import just_shown
from beholden.web.forms import Form, Typed
from beholden.web.naming import people_names
from beholden.web.page import NOTHING, render, see_other
from beholden.web.who import Seat

router = APIRouter(include_in_schema=False)

EVENT = "search.replayed"
BEGUN = "begun"  # the entry before the engine was asked: what came of it is the next one


@router.get("/searches/{search_id}/replay")
def show_replay(request: Request, seat: Seat, search_id: str, earlier: str = "") -> Response:
    told = just_shown.arrived(request, *seat, f"/searches/{search_id}/replay")
    made = Replayed(**told) if told else None
    return _page(request, seat, search_id, made=made, earlier=earlier == "yes")


@router.post("/searches/{search_id}/replay")
def replay_search(request: Request, seat: Seat, form: Form, search_id: str) -> Response:
    system, officer = seat
    try:
        made = replay.replay_search(*form.once(seat), search_id=search_id, reason=form.text("reason"))
    except BeholdenError as error:
        return _page(request, seat, search_id, error, form)
    page = f"/searches/{search_id}/replay"
    hangs_on = standing(system, officer, (Search, search_id))
    return see_other(request, page, **just_shown.on_to(request, system, hangs_on, page, asdict(made)))


def _page(
    request: Request,
    seat: Seat,
    search_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    *,
    made: Replayed | None = None,
    earlier: bool = False,
) -> Response:
    """With `earlier` what the log has of it, which is on record as any reading of the log."""
    if Role.AUDITOR not in desk.oneself(*seat).roles:
        raise Missing("there is nothing to make again for you; an auditor has a list made again")
    search = desk.search(*seat, search_id=search_id)
    case = desk.case(*seat, case_id=search.case_id)
    before = log.read_entries(*seat, event=EVENT, record=search.id).shown if earlier else ()
    return render(
        request,
        "replay.html.jinja",
        error=error,
        typed=typed or NOTHING,
        search=search,
        case=case,
        made=made,
        earlier=earlier,
        before=[(one, dict(one.values)) for one in before if one.outcome != BEGUN],
        names=people_names(*seat, [search.searched_by, *(one.by for one in before)]),
    )
