"""What goes over the wire of a request's own lane: who asks, the photograph given, and the references that it lists."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Ids, Number, Shown, Text
from beholden.records.requests import PhotographState


class CheckIdentity(Given):
    how: Text = Field(description="What was checked, in a few words; it is sealed. No copy of a document.")


class ChooseRecords(Given):
    face_ids: Ids = Field(description="All the records that the request is about, in place of those before.")
    looked_for: Text = Field("", description="How they were looked for, where that changed; it goes on the receipt.")


class Opened(Shown):
    """What is sealed of a request."""

    subject: str
    identity_how: str = Field(description="Empty where nobody has checked who asks.")


class Photograph(Shown):
    """That one was given, and what became of it. The picture itself has no address but that of its faces, while it is held."""

    id: Id
    request_id: Id
    given_at: datetime
    faces: int
    compared_face: int = Field(description="Its place from 1; 0 until it was compared.")
    ended_by: str
    destroyed_in_entry: int | None = Field(description="The entry of the log that tells of it; null until then.")
    state: PhotographState


class Photographs(Shown):
    photographs: list[Photograph]
    comparisons: int = Field(description="For the request, of all photographs given with it.")


class Compare(Given):
    face: Number = Field(
        0, description="The place of the person who asks, from 1; 0 for the only face, or the one before."
    )


class Listed(Shown):
    """A reference that is near, as somebody always is. Nothing says how near."""

    handle: str = Field(description="Shows what it looks like, until the photograph is destroyed.")
    face_id: Id
    image_id: Id
    gallery_id: Id
    source_id: Id
    person: int = Field(description="References with the same number are one person, by the source's word.")


class Comparison(Shown):
    listed: list[Listed]
    references: int = Field(description="How many were compared: every live one of the model in use.")
    waiting: int = Field(description="How many were not, as they have no template of this model yet.")
    left_out: int = Field(description="How many were not, as an order of the oversight body stops their source.")
    comparisons_left: int
    model: str
