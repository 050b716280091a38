"""`/images`: an image of a source into a gallery, with its provenance; every face that is not enrolled has its reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from beholden.actions.enrol import Enrolled, TakenFrom, enrol_image
from beholden.actions.tell_apart import tell_apart
from beholden.api.hidden import Acting, behind, hiding
from beholden.api.routes import PICTURE, UPLOAD, Route
from beholden.api.shapes.fields import Box, Id
from beholden.api.shapes.register import EnrolledFace, Fate, Image, RejectedFace, TellApart
from beholden.api.who import Who
from beholden.ports.model import ModelCard
from beholden.records import galleries, images, sources

router = APIRouter(prefix="/images", tags=["images"], route_class=Route)
Field = Annotated[str, Form(max_length=4_000)]
FieldId = Annotated[str, Form(max_length=200)]


@router.post("", status_code=201, openapi_extra={UPLOAD: PICTURE})
def enrol(
    who: Who,
    file: Annotated[UploadFile, File(description="The image.")],
    source_id: FieldId,
    gallery_id: FieldId,
    received_from: Field = "",
    person_ref: Field = "",
    captured_at: Annotated[str, Form(max_length=10, description="YYYY, YYYY-MM or YYYY-MM-DD.")] = "",
    image_url: Field = "",
    page_url: Field = "",
    page_title: Field = "",
    caption: Field = "",
) -> Image:
    """Take one image in: sealed, its faces found, embedded and made findable."""
    taken_from = TakenFrom(
        file=(file.filename or "")[:1_000],
        received_from=received_from,
        person_ref=person_ref,
        captured_at=captured_at,
        image_url=image_url,
        page_url=page_url,
        page_title=page_title,
        caption=caption,
    )
    with hiding(*who, (sources.Source, source_id), (galleries.Gallery, gallery_id)):
        done = enrol_image(*who, file.file.read(), source_id=source_id, gallery_id=gallery_id, taken_from=taken_from)
    return _shown(done, source_id, gallery_id, who[0].model.card)


@router.post("/{image_id}/tell-apart", status_code=204)
def tell_images_apart(
    acting: Annotated[Acting, behind(images.Image, "image_id")], image_id: Id, given: TellApart
) -> None:
    """Say of two images that look alike that they are not one picture: lists give each its own place."""
    tell_apart(*acting, image_id=image_id, other_image_id=given.other_image_id)


def _shown(done: Enrolled, source_id: str, gallery_id: str, card: ModelCard) -> Image:
    image = done.image
    fate = Fate.ALREADY_HELD if done.already_held else Fate.ENROLLED
    return Image(
        fate=fate if image else Fate.ASIDE,
        id=image.id if image else None,
        gallery_id=gallery_id,
        source_id=source_id,
        width=image.width if image else None,
        height=image.height if image else None,
        frames_in_file=done.frames_in_file if image and not done.already_held else None,
        faces=[
            EnrolledFace(id=face.id, box=Box.model_validate(face.box), quality=face.quality.unified)
            for face in done.faces
        ],
        looks_like=done.looks_like or None,
        rejected_faces=None if done.already_held else [RejectedFace.model_validate(face) for face in done.rejected],
        model=card.name,
        space_id=card.space_id,
    )
