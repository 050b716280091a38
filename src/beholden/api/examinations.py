"""`/examinations`: compare one pair, blind to the score and to the other examiner, and lock an opinion for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import describe, desk, examine, lists, views
from beholden.api.answers import lies, text
from beholden.api.hidden import Acting, behind
from beholden.api.paging import Paging
from beholden.api.routes import REOPENS, Route
from beholden.api.shapes.examining import (
    Describe,
    DescribedExamination,
    Description,
    Examination,
    GiveOpinion,
    LockOpinion,
    Mark,
    NoteViews,
    OpenedExamination,
    OwnExamination,
)
from beholden.api.shapes.fields import Id, Page
from beholden.api.who import Who
from beholden.records import examination as records
from beholden.records import searches
from beholden.records import views as noted

router = APIRouter(tags=["examinations"], route_class=Route)
BehindSearch = Annotated[Acting, behind(searches.Search, "search_id")]
BehindExamination = Annotated[Acting, behind(records.Examination, "handle")]


@router.post("/searches/{search_id}/examination", openapi_extra={REOPENS: True})
def open_examination(acting: BehindSearch, search_id: Id) -> OpenedExamination:
    """The next pair that waits for this examiner, or the one they have open: each side alone first, then both."""
    shown = examine.open_examination(*acting, search_id=search_id)
    return OpenedExamination(
        handle=shown.handle,
        search_id=search_id,
        stage=shown.stage,
        reference_captured_at=shown.reference_captured_at,
        cautions=shown.cautions,
        sought=[text(chip) for chip in shown.probes],
        reference=text(shown.reference),
        eyes=list(shown.eyes),
        components=list(records.COMPONENTS),
    )


@router.get("/examinations")
def list_examinations(who: Who, paging: Paging) -> Page[OwnExamination]:
    """One's own, open and locked, the latest first."""
    shown, following = paging.of(lists.examinations, *who)
    return Page[OwnExamination](items=[OwnExamination.model_validate(one) for one in shown], next=following)


@router.get("/examinations/{handle}")
def show_examination(who: Who, handle: Id) -> OwnExamination:
    """One of one's own, open or locked."""
    return OwnExamination.model_validate(desk.examination(*who, handle=handle))


@router.post("/examinations/{handle}/descriptions", status_code=201)
def describe_side(acting: BehindExamination, handle: Id, given: Describe) -> DescribedExamination:
    """Describe one side alone, the probe first: whether it can be compared, and what can be judged in it. It stays so."""
    described = describe.describe_side(
        *acting, handle=handle, of=given.of, suitable=given.suitable, seen=given.seen, words=given.words
    )
    return DescribedExamination(
        id=described.id,
        search_id=described.search_id,
        stage=records.stage_of(described),
        described=[Description.model_validate(one) for one in described.described],
    )


@router.post("/examinations/{handle}/views", status_code=204)
def note_views(acting: BehindExamination, handle: Id, given: NoteViews) -> None:
    """Note what was done to the pictures of an open examination. Only the view changes, never the photograph."""
    seen = [noted.View(one.tool, one.setting, one.seconds) for one in given.views]
    views.note_views(*acting, handle=handle, views=seen)


@router.post("/examinations/{handle}/lock")
def lock_examination(acting: BehindExamination, handle: Id, given: LockOpinion) -> Examination:
    """Lock an opinion for good, once both sides are described; of a reference that was erased meanwhile none is kept."""
    return _shown(
        examine.lock_examination(
            *acting,
            handle=handle,
            components=list(given.components.items()),
            limitations=given.limitations,
            opinion=given.opinion,
            marks=[records.Mark(one.on, one.photograph, one.component, one.x, one.y) for one in given.marks],
        )
    )


@router.post("/examinations/{handle}/revise", status_code=201)
def revise_examination(
    acting: BehindExamination, handle: Id, given: GiveOpinion, request: Request, response: Response
) -> Examination:
    """A new version of one's own locked opinion. The old one stays; the new one says that the score was known."""
    revised = examine.revise_examination(
        *acting,
        handle=handle,
        components=list(given.components.items()),
        limitations=given.limitations,
        opinion=given.opinion,
    )
    lies(request, response, "examinations", revised)
    return _shown(revised)


def _shown(one: records.Examination) -> Examination:
    return Examination(
        id=one.id,
        search_id=one.search_id,
        components=dict(one.components),
        limitations=one.limitations,
        opinion=one.opinion,
        opinion_words=records.Opinion(one.opinion).words if one.opinion is not None else "",
        supersedes=one.supersedes,
        score_revealed=one.score_revealed,
        state=one.state,
        described=[Description.model_validate(each) for each in one.described],
        marks=[Mark.model_validate(each) for each in one.marks],
        scale=one.scale,
        tools=dict(one.tools),
    )
