"""Registers of a case's evidence, and the faces that an approver looks at, as they go over the wire."""

from __future__ import annotations

from pydantic import Field

from beholden.api.shapes.fields import Id, Shown
from beholden.records.exhibits import Origin


class Imported(Shown):
    """Told to whoever imports it, who may see nothing else of the case."""

    id: Id
    case_id: Id
    rows: int
    new: int = Field(description="Files that the case's registers did not have before.")


class Register(Shown):
    id: Id
    case_id: Id
    file: str
    sha256: str = Field(description="Of the register file itself.")
    rows: int
    new: int = Field(description="Files that the case's registers did not have before.")
    imported_by: Id


class Manifested(Shown):
    """An exhibit whose file stands in a register of the case."""

    exhibit_id: Id
    origin: Origin = Field(description="As the register has it.")


class ProbeFace(Shown):
    face_id: Id
    exhibit_id: Id
    position: int
    sights: list[str] = Field(description="JPEG, base64; of an edited face its original first.")


class Probe(Shown):
    authority_id: Id
    faces: list[ProbeFace]
