"""`/reviews`: one person goes blind through the whole list of a search, one pair after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response

from beholden.actions import desk, lists, review
from beholden.actions.review import Shown
from beholden.api.answers import text
from beholden.api.hidden import Acting, behind
from beholden.api.paging import Paging
from beholden.api.routes import REOPENS, Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.searching import Decide, OpenedReview, Pair, Review, ShownPair, WaitingSearch
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records import review as records
from beholden.records.people import Officer
from beholden.records.searches import Search as SearchRecord

router = APIRouter(tags=["reviews"], route_class=Route)
CHIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "224 by 224 pixels, without any metadata."}
}
BehindSearch = Annotated[Acting, behind(SearchRecord, "search_id")]
BehindReview = Annotated[Acting, behind(records.Review, "review_id")]
BehindPair = Annotated[Acting, behind(records.Pair, "handle")]


@router.post("/searches/{search_id}/review", openapi_extra={REOPENS: True})
def open_review(acting: BehindSearch, search_id: Id) -> OpenedReview:
    """Take the list to review, or see one's own again: every pair with its photographs and a capture date, nothing else."""
    taken, shown = review.open_review(*acting, search_id=search_id)
    return OpenedReview(
        id=taken.id,
        search_id=search_id,
        sought=[text(chip) for chip in (shown[0].probes if shown else ())],
        pairs=[
            ShownPair(
                handle=one.handle,
                position=one.position,
                reference_captured_at=one.reference_captured_at,
                cautions=one.cautions,
                reference=text(one.reference),
            )
            for one in shown
        ],
    )


@router.get("/reviews")
def list_reviews(who: Who, paging: Paging) -> Page[Review]:
    """One's own, the latest first, with what was said of each pair."""
    shown, following = paging.of(lists.reviews, *who)
    return Page[Review](items=[_shown(*one) for one in shown], next=following)


@router.get("/reviews/{review_id}")
def show_review(who: Who, review_id: Id) -> Review:
    """One of one's own."""
    if own := desk.review(*who, review_id=review_id):
        return _shown(*own)
    raise Missing("there is no such review for you")


@router.get("/pairs/{handle}/reference", response_class=Response, responses=CHIP)
def show_reference(who: Who, handle: Id) -> Response:
    """The pair's reference as a JPEG. Each time, the review is opened anew and on record: opening gives all at once."""
    return Response(_pair(*who, handle).reference, media_type="image/jpeg")


@router.get("/pairs/{handle}/sought/{number}", response_class=Response, responses=CHIP)
def show_sought(who: Who, handle: Id, number: int) -> Response:
    """One of the faces that it is compared with, from 1, as a JPEG."""
    probes = _pair(*who, handle).probes
    if not 1 <= number <= len(probes):
        raise Missing("there is no such face")
    return Response(probes[number - 1], media_type="image/jpeg")


@router.put("/pairs/{handle}")
def decide_pair(acting: BehindPair, handle: Id, given: Decide) -> Pair:
    """Say of one pair: potential, no, or inconclusive. It can be changed until the review is finished."""
    return Pair.model_validate(review.decide_pair(*acting, handle=handle, outcome=given.outcome))


@router.post("/reviews/{review_id}/finish")
def finish_review(acting: BehindReview, review_id: Id) -> WaitingSearch:
    """Close the review: what is potential goes to examination."""
    return WaitingSearch.model_validate(review.finish_review(*acting, review_id=review_id))


def _shown(one: records.Review, pairs: Sequence[records.Pair]) -> Review:
    shown = [Pair.model_validate(pair) for pair in pairs]
    return Review(id=one.id, search_id=one.search_id, state=one.state, pairs=shown)


def _pair(system: System, officer: Officer, handle: str) -> Shown:
    """Of one's own reviews only. Raises `Missing` for every other handle."""
    if own := desk.review(system, officer, handle=handle):
        _, shown = review.open_review(system, officer, search_id=own[0].search_id)
        for one in shown:
            if one.handle == handle:
                return one
    raise Missing("there is no such pair")
