"""`/comparisons`: one sought with one reference under an authority, told with what a score can tell, neither yes nor no."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from beholden.actions import compare
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, behind, hiding
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.comparisons import Compared, CompareOne, ComparisonMade
from beholden.api.shapes.fields import Id, Page
from beholden.api.who import Who
from beholden.records import comparisons
from beholden.records.authority import Authority
from beholden.records.sought import Sought

router = APIRouter(prefix="/comparisons", tags=["comparisons"], route_class=Route)


@router.post("", status_code=201)
def make_comparison(who: Who, given: CompareOne, request: Request, response: Response) -> Compared:
    """Consume one use and compare a sought with one reference of the authority's galleries. It says neither yes nor no."""
    with hiding(*who, (Authority, given.authority_id), (Sought, given.sought_id)):
        done = compare.compare(
            *who,
            authority_id=given.authority_id,
            sought_id=given.sought_id,
            face_id=given.face_id,
            override_quality=given.override_quality,
        )
    made(request, response, "comparisons", done.comparison)
    return _compared(done)


@router.get("")
def list_comparisons(who: Who, paging: Paging) -> Page[ComparisonMade]:
    """That they were made in one's cases, the latest first; what they gave is read one by one."""
    shown, following = paging.part(compare.comparisons(*who), lambda one: one.id)
    return Page[ComparisonMade](items=[ComparisonMade(**_made(one)) for one in shown], next=following)


@router.get("/{comparison_id}")
def read_comparison(
    acting: Annotated[Acting, behind(comparisons.Comparison, "comparison_id")], comparison_id: Id, response: Response
) -> Compared:
    """What a comparison gave, with all that belongs to the score. Each look is on record."""
    read = compare.read_comparison(*acting, comparison_id=comparison_id)
    tag(response, read.comparison)
    return _compared(read)


def _compared(one: compare.Compared) -> Compared:
    return Compared(**_made(one.comparison), score=one.score, statements=list(one.statements))


def _made(one: comparisons.Comparison) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "case_id": one.case_id,
        "authority_id": one.authority_id,
        "sought_id": one.sought_id,
        "face_id": one.face_id,
        "compared_by": one.compared_by,
        "compared_at": one.kept.created_at,
        "model": one.model,
        "space_id": one.space_id,
        "model_files": dict(one.model_files),
        "probe_quality": list(one.probe_quality),
        "quality_override": one.quality_override,
        "calibration_id": one.calibration_id,
    }
