"""`/evidence`: registers of the files of a case, imported by somebody who asks for nothing there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from beholden.actions import evidence
from beholden.api.paging import Paging
from beholden.api.routes import UPLOAD, Route
from beholden.api.shapes.evidence import Imported, Manifested, Register
from beholden.api.shapes.fields import Id, Page
from beholden.api.who import Who
from beholden.formats.exhibit_registers import MAX_BYTES

router = APIRouter(tags=["evidence"], route_class=Route)


@router.post("/evidence", status_code=201, openapi_extra={UPLOAD: MAX_BYTES})
def import_evidence(
    who: Who,
    file: Annotated[UploadFile, File(description="The exhibit register or seizure list, as CSV.")],
    case: Annotated[str, Form(max_length=200, description="The case's file number or id.")],
) -> Imported:
    """Import a register of a case's evidence, as a steward or supervisor who has no part in the case."""
    made = evidence.import_manifest(*who, file.file.read(), case=case, file=(file.filename or "")[:1_000])
    return Imported(id=made.id, case_id=made.case_id, rows=made.rows, new=made.new)


@router.get("/cases/{case_id}/evidence")
def list_evidence(who: Who, case_id: Id, paging: Paging) -> Page[Register]:
    """The registers of a case, the latest first."""
    there = evidence.registers(*who, case_id=case_id)
    shown, following = paging.part(there, lambda one: one.manifest.id)
    return Page[Register](items=[_shown(one) for one in shown], next=following)


@router.get("/cases/{case_id}/manifested")
def list_manifested(who: Who, case_id: Id, paging: Paging) -> Page[Manifested]:
    """The exhibits of a case whose file stands in one of its registers; every other is outside the evidence."""
    there = sorted(evidence.states(*who, case_id=case_id).items())
    shown, following = paging.part(there, lambda one: one[0])
    return Page[Manifested](
        items=[Manifested.model_validate({"exhibit_id": id, "origin": origin}) for id, origin in shown], next=following
    )


def _shown(one: evidence.Register) -> Register:
    made = one.manifest
    return Register(
        id=made.id,
        case_id=made.case_id,
        file=one.file,
        sha256=one.sha256,
        rows=made.rows,
        new=made.new,
        imported_by=made.imported_by,
    )
