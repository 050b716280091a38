"""`/cases/…/exhibits`: the photographs of a case and the faces in them. They never enter a gallery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from beholden.actions import desk, draw, edit, exhibits, lists
from beholden.api.answers import made
from beholden.api.hidden import Acting, behind, on
from beholden.api.paging import Finding
from beholden.api.routes import PICTURE, UPLOAD, Route
from beholden.api.shapes.casework import DrawFace, EditFace, Exhibit, ExhibitFace, QualityReason
from beholden.api.shapes.fields import Box, Id, Page
from beholden.api.shapes.register import Why
from beholden.api.who import Who
from beholden.errors import Missing
from beholden.ports.model import ModelCard
from beholden.records import cases, faces
from beholden.records import exhibits as records
from beholden.records.quality import quality_reasons

INTAKE = (
    "crop: only the faces and what lies close around them are kept; whole. Left out: as the policy says by purpose."
)
ALSO = (
    "Regions kept of a cropped one beside the faces: left,top,width,height as fractions, with semicolons between them."
)
TAKEN = "When it was taken, if that is known: YYYY, YYYY-MM or YYYY-MM-DD."

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
    file: Annotated[UploadFile, File(description="The photograph, or a video.")],
    origin: Annotated[str, Form(max_length=100, description=", ".join(records.Origin))],
    why: Annotated[str, Form(max_length=4_000, description="Why it is in the case.")],
    request: Request,
    response: Response,
    intake: Annotated[str, Form(max_length=20, description=INTAKE)] = "",
    also: Annotated[str, Form(max_length=1_000, description=ALSO)] = "",
    captured_at: Annotated[str, Form(max_length=10, description=TAKEN)] = "",
    thorough: Annotated[bool, Form(description="Look for tilted and small faces too.")] = True,
    even_without_faces: Annotated[
        bool, Form(description="Keep it although no face is found, to draw one by hand.")
    ] = False,
) -> Exhibit:
    """Add a photograph: its faces found, they or the whole of it sealed, no template made."""
    exhibit, faces = exhibits.add_exhibit(
        *acting,
        file.file.read(),
        case_id=case_id,
        file=(file.filename or "")[:1_000],
        origin=origin,
        why=why,
        intake=intake,
        also=records.regions_of(also),
        captured_at=captured_at,
        thorough=thorough,
        even_without_faces=even_without_faces,
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
    acting: Annotated[Acting, behind(records.Exhibit, "exhibit_id")],
    exhibit_id: Id,
    position: int,
    frame: Annotated[int, Query(ge=1, description="Of a face in a video: which of its frames, the best first.")] = 1,
) -> Response:
    """One face of a photograph or of a video as a JPEG; whoever looks is on record."""
    for face, chips in exhibits.show_sights(*acting, exhibit_id=exhibit_id):
        if face.position == position and frame <= len(chips):
            return Response(chips[frame - 1], media_type="image/jpeg")
    raise Missing("the exhibit has no such face, or the face no such frame")


@router.post("/exhibits/{exhibit_id}/faces", status_code=201)
def draw_face(
    acting: Annotated[Acting, behind(records.Exhibit, "exhibit_id")], exhibit_id: Id, given: DrawFace
) -> ExhibitFace:
    """Draw a face that the detector did not find, by its box and if need be its eyes; it is told apart ever after."""
    box = faces.Box(given.box.left, given.box.top, given.box.width, given.box.height)
    return _face(draw.draw_face(*acting, exhibit_id=exhibit_id, box=box, eyes=tuple(given.eyes), why=given.why))


@router.post("/exhibits/{exhibit_id}/faces/{position}/edits", status_code=201)
def edit_face(
    acting: Annotated[Acting, behind(records.Exhibit, "exhibit_id")], exhibit_id: Id, position: int, given: EditFace
) -> ExhibitFace:
    """Make a new face of this one with a few edits of a closed list; it is told apart, and shown with its original."""
    return _face(edit.edit_face(*acting, exhibit_id=exhibit_id, position=position, edits=given.edits, why=given.why))


@router.post("/exhibits/{exhibit_id}/remove", status_code=204)
def remove_exhibit(acting: OnExhibit, exhibit_id: Id, given: Why) -> None:
    """Take a wrong exhibit back: its picture is destroyed, and that it was there stays on record."""
    exhibits.remove_exhibit(*acting, exhibit_id=exhibit_id, reason=given.reason)


def _shown(exhibit: records.Exhibit, its: Sequence[records.ExhibitFace], card: ModelCard) -> Exhibit:
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
        stack=exhibit.stack or None,
        frames_in_file=exhibit.frames_in_file,
        cropped=exhibit.cropped,
        thorough=exhibit.thorough,
        smallest_face=exhibit.smallest_face,
        left_out=exhibit.left_out,
        kept_boxes=[Box.model_validate(box) for box in exhibit.kept_boxes],
        faces=[_face(face) for face in its],
        model=card.name,
        space_id=card.space_id,
    )


def _face(face: records.ExhibitFace) -> ExhibitFace:
    return ExhibitFace(
        id=face.id,
        exhibit_id=face.exhibit_id,
        position=face.position,
        box=Box.model_validate(face.box),
        eyes_px=face.quality.eyes_px,
        detector=face.quality.detector,
        subject_role=face.subject_role,
        drawn_by=face.drawn_by,
        edited_from=face.edited_from,
        edits=[one.words() for one in face.edits],
        landmarks_from=face.landmarks_from,
        reasons=[QualityReason.model_validate(one) for one in quality_reasons(face.quality)],
        moments=[frame.seconds for frame in face.frames],
    )
