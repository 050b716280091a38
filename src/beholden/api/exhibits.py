"""`/cases/…/exhibits`: the photographs of a case and the faces in them. They never enter a gallery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from beholden.actions import desk, exhibits, lists
from beholden.api.answers import made
from beholden.api.hidden import Acting, behind, on
from beholden.api.paging import Finding
from beholden.api.routes import PICTURE, UPLOAD, Route
from beholden.api.shapes.casework import Exhibit, ExhibitFace
from beholden.api.shapes.fields import Box, Id, Page
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.ports.model import ModelCard
from beholden.records import cases
from beholden.records import exhibits as records

router = APIRouter(tags=["exhibits"], route_class=Route)
BehindCase = Annotated[Acting, behind(cases.Case, "case_id")]
OnExhibit = Annotated[Acting, on(records.Exhibit, "exhibit_id")]


@router.get("/cases/{case_id}/exhibits")
def list_exhibits(who: Who, case_id: Id, paging: Finding) -> Page[Exhibit]:
    """The photographs of a case, removed ones too, with their faces, the surest first."""
    shown, following = paging.of(lists.exhibits, *who, case_id=case_id)
    card = who[0].model.card
    return Page[Exhibit](items=[_shown(*one, card) for one in shown], next=following)


@router.post("/cases/{case_id}/exhibits", status_code=201, openapi_extra={UPLOAD: PICTURE})
def add_exhibit(
    acting: BehindCase,
    case_id: Id,
    file: Annotated[UploadFile, File(description="The photograph.")],
    origin: Annotated[str, Form(max_length=100, description=", ".join(records.Origin))],
    why: Annotated[str, Form(max_length=4_000, description="Why it is in the case.")],
    request: Request,
    response: Response,
) -> Exhibit:
    """Add a photograph: sealed, its faces found, no template made."""
    exhibit, faces = exhibits.add_exhibit(
        *acting, file.file.read(), case_id=case_id, file=(file.filename or "")[:1_000], origin=origin, why=why
    )
    made(request, response, "exhibits", exhibit)
    return _shown(exhibit, faces, acting[0].model.card)


@router.get("/exhibits/{exhibit_id}")
def show_exhibit(who: Who, exhibit_id: Id) -> Exhibit:
    """One of those of one's cases."""
    # Without an ETag: whose face is declared changes in the faces, and not the exhibit's version.
    exhibit, faces = desk.exhibit(*who, exhibit_id=exhibit_id)
    return _shown(exhibit, faces, who[0].model.card)


@router.get(
    "/exhibits/{exhibit_id}/faces/{position}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The face, and nothing around it."}},
)
def show_face(
    acting: Annotated[Acting, behind(records.Exhibit, "exhibit_id")], exhibit_id: Id, position: int
) -> Response:
    """One face of a photograph as a JPEG; whoever looks is on record."""
    for face, chip in exhibits.show_faces(*acting, exhibit_id=exhibit_id):
        if face.position == position:
            return Response(chip, media_type="image/jpeg")
    raise Missing("the exhibit has no such face")


@router.post("/exhibits/{exhibit_id}/remove", status_code=204)
def remove_exhibit(acting: OnExhibit, exhibit_id: Id, given: Why) -> None:
    """Take a wrong exhibit back: its picture is destroyed, and that it was there stays on record."""
    exhibits.remove_exhibit(*acting, exhibit_id=exhibit_id, reason=given.reason)


def _shown(exhibit: records.Exhibit, faces: Sequence[records.ExhibitFace], card: ModelCard) -> Exhibit:
    return Exhibit(
        id=exhibit.id,
        version=exhibit.version,
        case_id=exhibit.case_id,
        origin=exhibit.origin,
        kind=exhibit.kind,
        width=exhibit.width,
        height=exhibit.height,
        added_by=exhibit.added_by,
        state=exhibit.state,
        faces=[
            ExhibitFace(
                id=face.id,
                exhibit_id=face.exhibit_id,
                position=face.position,
                box=Box.model_validate(face.box),
                eyes_px=face.quality.eyes_px,
                detector=face.quality.detector,
                subject_role=face.subject_role,
            )
            for face in faces
        ],
        model=card.name,
        space_id=card.space_id,
    )
