"""Sources, galleries, images of them, files put aside, and the model, as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from beholden.api.shapes.fields import Box, Given, Id, Moment, Shown, Text, Texts
from beholden.records.galleries import GalleryState
from beholden.records.images import AsideState
from beholden.records.sources import AuthorityKind, SourceState


class Source(Shown):
    id: Id
    version: int
    name: str
    controller: str
    authority_kind: AuthorityKind
    citation: str
    document_sha256: str
    jurisdiction: str
    purposes: list[str]
    valid_from: datetime
    valid_until: datetime
    state: SourceState
    proposed_by: Id
    decided_by: str
    reason: str


class ProposeSource(Given):
    name: Text
    controller: Text
    authority_kind: Text = Field(description="One of the closed list: " + ", ".join(AuthorityKind) + ".")
    citation: Text
    document_sha256: Text = Field(description="Of the instrument itself, 64 hexadecimal digits.")
    jurisdiction: Text
    purposes: Texts
    valid_from: Moment
    valid_until: Moment


class Why(Given):
    reason: Text


class Gallery(Shown):
    id: Id
    version: int
    name: str
    purposes: list[str]
    state: GalleryState


class OpenGallery(Given):
    name: Text
    purposes: Texts


class Aside(Shown):
    id: Id
    source_id: Id
    gallery_id: Id
    state: AsideState


class Fate(StrEnum):
    ENROLLED = "enrolled"
    ALREADY_HELD = "already held"
    ASIDE = "aside"


class EnrolledFace(Shown):
    id: Id
    box: Box
    quality: int | None = Field(description="0 to 100; null until the worker has made its template.")


class RejectedFace(Shown):
    """A face that was found and not enrolled."""

    box: Box
    reason: str


class Image(Shown):
    """What became of one file. One that was put aside has no image, no face and no reason."""

    fate: Fate
    id: Id | None
    gallery_id: Id
    source_id: Id
    width: int | None
    height: int | None
    faces: list[EnrolledFace]
    rejected_faces: list[RejectedFace] | None = Field(
        description="Null where the image was held already: what was not enrolled of it is told once, when it is taken in."
    )
    model: str
    space_id: str = Field(description="The model's weights, precision and preprocessing, as one hash.")


class Model(Shown):
    """The card of the model in use."""

    name: str
    space_id: str
    files: dict[str, str] = Field(description="File name to SHA-256.")
    licence: str
    training_data: str
    limits: list[str]
    measured_on: str | None = Field(description="What the pack's own figures were measured on; null if nothing was.")
