"""Review in pages: one goes blind through the whole list, pair by pair, each veiled until its reviewer looks at it.

A page has handles, veiled chips and capture dates, and nothing else of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import review
from beholden.actions.review import Shown
from beholden.actions.standing import Standing, standing_of_search, standing_since
from beholden.actions.waiting import waits_for_review
from beholden.errors import BeholdenError
from beholden.records.review import Outcome, Review, ReviewState
from beholden.web import hidden, just_shown
from beholden.web.forms import Form
from beholden.web.held import Pair, PairAddress, hold_pairs
from beholden.web.page import render, see_other
from beholden.web.who import Seat
from beholden.web.words import named

router = APIRouter(include_in_schema=False)

OUTCOMES = (
    (str(Outcome.POTENTIAL), named("potential"), "1"),
    (str(Outcome.NO), named("not this person"), "2"),
    (str(Outcome.INCONCLUSIVE), named("inconclusive"), "3"),
)
IN_WORDS = {value: words for value, words, _key in OUTCOMES} | {str(Outcome.PENDING): named("not decided")}


@dataclass(frozen=True, slots=True)
class PairShown:
    """All that the page may say of a pair, but for its outcome."""

    handle: str
    position: int
    address: PairAddress
    captured_at: str
    cautions: str


@router.get("/reviews/{search_id}")
def show_review(request: Request, seat: Seat, search_id: str) -> Response:
    """The own review again, as it stands; or the offer to take it."""
    return _page(request, seat, search_id)


@router.post("/reviews/{search_id}")
def open_review(request: Request, seat: Seat, _form: Form, search_id: str) -> Response:
    """Take the list. Looking at a page takes nothing: a browser may load one by itself."""
    hidden.own_review(*seat, search_id)
    before = standing_of_search(*seat, search_id=search_id)
    try:
        taken, shown = review.open_review(*seat, search_id=search_id)
    except BeholdenError as error:
        return _offer(request, seat, search_id, error)
    page = f"/reviews/{search_id}"
    hangs_on = standing_since(*seat, before, search_id=search_id)
    told = [asdict(pair) for pair in _held(request, seat, hangs_on, taken, shown)]
    return see_other(request, page, **just_shown.on_to(request, seat[0], hangs_on, page, told))


@router.post("/reviews/{search_id}/pairs/{handle}")
def decide_pair(request: Request, seat: Seat, form: Form, search_id: str, handle: str) -> Response:
    """One outcome. The page's own script asks for no page in answer, so that the chips are not cut anew for each."""
    hidden.own_pair(*seat, search_id, handle)
    try:
        pair = review.decide_pair(*seat, handle=handle, outcome=form.text("outcome"))
    except BeholdenError as error:
        return _page(request, seat, search_id, error)
    if request.headers.get("accept") == "application/json":
        return Response(status_code=204)
    return see_other(request, f"/reviews/{search_id}#pair-{pair.position}")


@router.post("/reviews/{search_id}/finish")
def finish_review(request: Request, seat: Seat, _form: Form, search_id: str) -> Response:
    taken = hidden.own_review(*seat, search_id)
    try:
        review.finish_review(*seat, review_id=taken[0].id if taken else "")
    except BeholdenError as error:
        return _page(request, seat, search_id, error)
    return see_other(request, f"/reviews/{search_id}", done="finished")


def _page(request: Request, seat: Seat, search_id: str, error: BeholdenError | None = None) -> Response:
    system, officer = seat
    taken = hidden.own_review(system, officer, search_id)
    if taken is None:
        return _offer(request, seat, search_id, error)
    if taken[0].state is ReviewState.FINISHED:
        return render(request, "review_done.html.jinja", error=error, search_id=search_id)
    told = just_shown.arrived(request, system, officer, f"/reviews/{search_id}")
    if told is not None:  # taken a moment ago, which is on record
        pairs = [PairShown(**{**pair, "address": PairAddress.of(pair["address"])}) for pair in told]
    else:
        hangs_on = standing_of_search(system, officer, search_id=search_id)
        pairs = _held(request, seat, hangs_on, *review.open_review(system, officer, search_id=search_id))
    return render(
        request,
        "review.html.jinja",
        error=error,
        search_id=search_id,
        pairs=pairs,
        decided={pair.handle: str(pair.outcome) for pair in taken[1]},
        outcomes=OUTCOMES,
        most=system.rules.max_potential,
        potential=str(Outcome.POTENTIAL),
    )


def _offer(request: Request, seat: Seat, search_id: str, error: BeholdenError | None) -> Response:
    waits = waits_for_review(*seat, search_id=search_id)
    return render(request, "review_offer.html.jinja", error=error, search_id=search_id, waits=waits)


def _held(request: Request, seat: Seat, hangs_on: Standing, taken: Review, shown: Sequence[Shown]) -> list[PairShown]:
    """The pairs, each with where its two sides are veiled and where both are given clear at once."""
    page = f"/reviews/{taken.search_id}"
    pairs = [
        Pair("pair", one.handle, one.probes, one.reference, under=taken.id, back=f"{page}#pair-{one.position}")
        for one in shown
    ]
    return [
        PairShown(one.handle, one.position, address, one.reference_captured_at, one.cautions)
        for one, address in zip(shown, hold_pairs(request, seat[0], hangs_on, pairs), strict=True)
    ]
