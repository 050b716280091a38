"""`/requests/…/photograph`: the lane of a photograph given with a request. To all but a privacy officer it is not there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Path, Response, UploadFile

from beholden.actions import compare_given, desk, photograph
from beholden.api.hidden import Acting, behind
from beholden.api.routes import GIVEN_ONCE, PICTURE, UPLOAD, Route
from beholden.api.shapes import photographs as shapes
from beholden.api.shapes.fields import Id
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.records import requests as records

router = APIRouter(prefix="/requests/{request_id}", tags=["requests"], route_class=Route)
BehindRequest = Annotated[Acting, behind(records.Request, "request_id")]
Handle = Annotated[str, Path(max_length=200)]


@router.get("/photographs")
def list_photographs(who: Who, request_id: Id) -> shapes.Photographs:
    """That they were given and destroyed, to a privacy officer and an auditor; never a picture."""
    given = desk.photographs(*who, request_id=request_id)
    request, _ = desk.request(*who, request_id=request_id)
    return shapes.Photographs(photographs=[_shown(one) for one in given], comparisons=request.comparisons)


@router.post("/photograph", status_code=201, openapi_extra={UPLOAD: PICTURE})
def give_photograph(
    acting: BehindRequest, request_id: Id, file: Annotated[UploadFile, File(description="The photograph.")]
) -> shapes.Photograph:
    """Keep the picture that the person gives, apart and without metadata, until the request ends."""
    return _shown(photograph.give_photograph(*acting, file.file.read(), request_id=request_id))


@router.get(
    "/photograph/faces/{position}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The face, and nothing around it."}},
)
def show_given_face(acting: BehindRequest, request_id: Id, position: int) -> Response:
    """One face of the photograph as a JPEG; whoever looks is on record."""
    chips = photograph.show_photograph(*acting, request_id=request_id)
    if not 1 <= position <= len(chips):
        raise Missing("the photograph has no such face")
    return Response(chips[position - 1], media_type="image/jpeg")


@router.post("/photograph/compare", openapi_extra={GIVEN_ONCE: True})
def compare_photograph(acting: BehindRequest, request_id: Id, given: shapes.Compare) -> shapes.Comparison:
    """Compare one face with every live reference, as a privacy officer who has just confirmed who they are. It is counted."""
    found = compare_given.compare_photograph(*acting, request_id=request_id, face=given.face)
    return shapes.Comparison(
        listed=[shapes.Listed.model_validate(one) for one in found.listed],
        references=found.references,
        waiting=found.waiting,
        left_out=found.left_out,
        comparisons_left=found.comparisons_left,
        model=acting[0].model.card.name,
    )


@router.get(
    "/photograph/references/{handle}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The face, and nothing around it."}},
)
def show_listed_reference(acting: BehindRequest, request_id: Id, handle: Handle) -> Response:
    """One reference that a comparison listed, as a JPEG; whoever looks is on record."""
    [chip] = compare_given.show_listed(*acting, request_id=request_id, handles=[handle])
    return Response(chip, media_type="image/jpeg")


@router.post("/photograph/take-back")
def take_back_photograph(acting: BehindRequest, request_id: Id) -> shapes.Photograph:
    """Destroy the photograph before the request ends."""
    return _shown(photograph.take_back_photograph(*acting, request_id=request_id))


@router.get(
    "/photographs/{photograph_id}/receipt",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "A signed note, which beholden-verify checks."}},
)
def show_destruction(who: Who, request_id: Id, photograph_id: Id) -> Response:
    """The signed receipt that the photograph was destroyed."""
    for one in desk.photographs(*who, request_id=request_id):
        if one.id == photograph_id and one.receipt:
            return Response(one.receipt, media_type="text/plain")
    raise Missing("there is no such receipt")


def _shown(one: records.Photograph) -> shapes.Photograph:
    return shapes.Photograph(
        id=one.id,
        request_id=one.request_id,
        given_at=one.kept.created_at,
        faces=one.faces,
        compared_face=one.compared_face,
        ended_by=one.ended_by,
        destroyed_in_entry=one.entry,
        state=one.state,
    )
