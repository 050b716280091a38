"""Sources, galleries, images of them, files put aside, and the model, as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from beholden.api.shapes.fields import Box, Given, Id, Moment, Number, Shown, Text, Texts
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
    places: list[str] = Field(description="On the web, whose images web archives may bring; none where it is empty.")
    visitors: list[str] = Field(description="Places where others than the publisher post: nothing is taken there.")
    most_a_day: int = Field(
        description="Images of one host captured on one day; 0 where no archive comes, or no limit."
    )
    control: str = Field(description="How it was shown that who signed controls these places.")


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
    places: Texts = Field(
        default=[], description="On the web, for web archives: `photos.example/portraits/`, `*.photos.example`."
    )
    visitors: Texts = Field(default=[], description="Places where others than the publisher post.")
    most_a_day: Number = Field(
        default=0, description="Of an agreement with places: images of one host captured on one day."
    )
    control: Text = Field(
        default="", description="Of a publisher's agreement with places: how its control of them was shown."
    )


class Why(Given):
    reason: Text


class TellApart(Given):
    other_image_id: Id


class Gallery(Shown):
    id: Id
    version: int
    name: str
    purposes: list[str]
    state: GalleryState
    certified_at: datetime | None = Field(
        description="When somebody last looked through it; null: not since it was opened."
    )
    certified_by: str


class CertifyGallery(Given):
    words: Text = Field(description="What was checked, and what was taken out.")


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
    frames_in_file: int | None = Field(
        description="Of an animation or pages; the image is the first. Null where the image was held already: it is told "
        "once, when the file is taken in."
    )
    faces: list[EnrolledFace]
    looks_like: Id | None = Field(
        description="The image of this gallery and source that looks the same, if one is held."
    )
    rejected_faces: list[RejectedFace] | None = Field(
        description="Null where the image was held already: what was not enrolled of it is told once, when it is taken in."
    )
    model: str
    space_id: str = Field(description="The model's weights, precision and preprocessing, as one hash.")


class ArchiveAnswer(Shown):
    """What became of one image of a web archive, or of a record that was left out."""

    file: str = Field(description="The archive's name and the record's number.")
    fate: str = Field(description="enrolled, already held, put aside or rejected.")
    reason: str
    image_id: str = Field(description="Empty where there is none.")
    faces: int
    rejected_faces: list[str]


class Archive(Shown):
    """What became of a web archive. Requests, pages and what sites say to robots are counted, and have no answer of their own."""

    source_id: Id
    gallery_id: Id
    sha256: str
    records: int
    pages: int = Field(description="That were read for what they say of images.")
    images: int = Field(description="Records that hold an image, covered or not.")
    taken: int = Field(description="That the source's terms let in.")
    left_out: dict[str, int] = Field(description="Records by the code of their first reason.")
    damage: str = Field(description="Why the rest could not be read; empty if it could be read to its end.")
    answers: list[ArchiveAnswer]


class Model(Shown):
    """The card of the model in use."""

    name: str
    space_id: str
    files: dict[str, str] = Field(description="File name to SHA-256.")
    licence: str
    training_data: str
    limits: list[str]
    measured_on: str | None = Field(description="What the pack's own figures were measured on; null if nothing was.")
