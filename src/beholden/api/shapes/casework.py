"""Cases, their exhibits, who is sought, and authorities to search, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Box, Given, Id, Ids, Moment, Number, Shown, Text
from beholden.records.authority import AuthorityState, Urgency
from beholden.records.cases import CaseState
from beholden.records.exhibits import ExhibitState, Origin, SubjectRole
from beholden.records.sought import SoughtState


class Case(Shown):
    id: Id
    version: int
    reference: str
    title: str
    purpose: str
    assigned: list[Id]
    state: CaseState
    outcome: str


class OpenCase(Given):
    reference: Text = Field(description="The agency's own file number.")
    title: Text = Field("", description="A few words, without names.")
    purpose: Text = Field(examples=["victim-id-cse"])


class Assign(Given):
    person_id: Id


class CloseCase(Given):
    outcome: Text


class ExhibitFace(Shown):
    id: Id
    exhibit_id: Id
    position: int = Field(description="1 is the surest.")
    box: Box
    eyes_px: float
    detector: float
    subject_role: SubjectRole


class Exhibit(Shown):
    id: Id
    version: int
    case_id: Id
    origin: Origin
    kind: str
    width: int
    height: int
    added_by: Id
    state: ExhibitState
    faces: list[ExhibitFace]
    model: str
    space_id: str = Field(description="The model's weights, precision and preprocessing, as one hash.")


class Sought(Shown):
    id: Id
    version: int
    case_id: Id
    face_ids: list[Id]
    subject_role: SubjectRole
    why: str
    declared_by: Id
    state: SoughtState


class DeclareSought(Given):
    face_ids: Ids
    subject_role: Text = Field(examples=["victim"])
    why: Text


class Necessity(Shown):
    less_intrusive: str
    why_person: str
    why_now: str


class GivenNecessity(Given):
    less_intrusive: Text = Field(description="What was tried that intrudes less, and why it did not do.")
    why_person: Text
    why_now: Text


class Authority(Shown):
    id: Id
    version: int
    case_id: Id
    sought_id: Id
    purpose: str
    urgency: Urgency
    necessity: Necessity
    gallery_ids: list[Id]
    starts_at: datetime
    ends_at: datetime
    searches: int
    used: int
    requested_by: Id
    decided_by: str
    reason: str
    follows: str
    state: AuthorityState


class RequestAuthority(Given):
    case_id: Id
    sought_id: Id
    gallery_ids: Ids
    necessity: GivenNecessity
    starts_at: Moment
    ends_at: Moment
    searches: Number
    follows: Id = Field("", description="The authority that this one replaces.")


class ApproveAuthority(Given):
    """What was requested, or less of it. What is left out stays as requested."""

    gallery_ids: Ids | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    searches: Number | None = None
