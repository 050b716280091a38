"""`/archives`: a web archive of a source into a gallery; each image has an answer, and each record left out its reasons."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from beholden.actions import archives
from beholden.actions.intake import Answer
from beholden.api.hidden import hiding
from beholden.api.routes import PICTURE, UPLOAD, Route
from beholden.api.shapes.register import Archive, ArchiveAnswer
from beholden.api.who import Who
from beholden.records import galleries, sources

router = APIRouter(prefix="/archives", tags=["archives"], route_class=Route)
FieldId = Annotated[str, Form(max_length=200)]


@router.post("", status_code=201, openapi_extra={UPLOAD: PICTURE})
def enrol_archive(
    who: Who,
    file: Annotated[UploadFile, File(description="A .warc or .warc.gz, as large as an image may be.")],
    source_id: FieldId,
    gallery_id: FieldId,
    received_from: Annotated[str, Form(max_length=4_000)] = "",
) -> Archive:
    """Take the images of a web archive in, as far as the source's terms cover them.

    Nothing is fetched. What was enrolled before something went wrong stays: give the same archive again.
    """
    name = (file.filename or "archive.warc").replace("\\", "/").rpartition("/")[2]
    with hiding(*who, (sources.Source, source_id), (galleries.Gallery, gallery_id)):
        read = archives.read_archive(
            *who,
            BytesIO(file.file.read()),
            file_name=name,
            source_id=source_id,
            gallery_id=gallery_id,
            most_answers=archives.MOST_SENT,
        )
        answers = [_shown(one) for one in archives.enrol_archive(*who, read, received_from=received_from)]
    return Archive(
        source_id=source_id,
        gallery_id=gallery_id,
        sha256=read.sha256,
        records=read.records,
        pages=read.pages,
        images=read.images,
        taken=read.taken,
        left_out={str(code): count for code, count in sorted(read.left_out.items())},
        damage=read.damage,
        answers=answers,
    )


def _shown(answer: Answer) -> ArchiveAnswer:
    return ArchiveAnswer.model_validate(asdict(answer) | {"rejected_faces": list(answer.rejected_faces)})
