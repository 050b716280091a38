"""Cases, their exhibits, who is sought, and authorities to search, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Box, Given, Id, Ids, Moment, Number, Shown, Text
from beholden.records.authority import AuthorityState, Urgency
from beholden.records.cases import CaseState, Ending, KeptDecision
from beholden.records.drawn_faces import LandmarksFrom
from beholden.records.exhibits import ExhibitState, Origin, SubjectRole
from beholden.records.quality import Component
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
    ended_as: Ending
    kept_decision: KeptDecision
    why_kept: str
    look_again_on: str


class OpenCase(Given):
    reference: Text = Field(description="The agency's own file number.")
    title: Text = Field("", description="A few words, without names.")
    purpose: Text = Field(examples=["victim-id-cse"])


class Assign(Given):
    person_id: Id


class CloseCase(Given):
    """Of a person who was found (`ended_as`), what is kept must be decided, with the reason."""

    outcome: Text
    ended_as: Text = Field("other", description="found, not-found or other.")
    kept_decision: Text = Field("", description="keep-to-term, review-by-date or erase-what-may-go.")
    why_kept: Text = ""
    look_again_on: Text = Field("", description="YYYY-MM-DD, of what is looked at again.")


class QualityReason(Shown):
    """Named after ISO/IEC 29794-5, and not measured by OFIQ."""

    component: Component
    measured: float
    bound: float
    unit: str
    words: str
    advice: str


class ExhibitFace(Shown):
    id: Id
    exhibit_id: Id
    position: int = Field(description="1 is the surest.")
    box: Box
    eyes_px: float
    detector: float
    subject_role: SubjectRole
    drawn_by: str = Field(description="Who drew it by hand; empty for one that the detector found.")
    edited_from: str = Field(
        description="The face of this exhibit that was edited into this one; empty for an original."
    )
    edits: list[str] = Field(description="In the order in which they are done: operation and number.")
    landmarks_from: LandmarksFrom = Field(
        description="box: nobody saw eyes, nose and mouth; they are placed by the box."
    )
    reasons: list[QualityReason] = Field(description="What makes it hard to compare, and what can be done.")
    moments: list[float] = Field(
        description="Of a face in a video: the second of each frame that is kept of it, the best first. The box is the first's."
    )


class EditFace(Given):
    edits: list[Id] = Field(max_length=20, description="Each an operation and its number.", examples=[["exposure=1.5"]])
    why: Text


class DrawFace(Given):
    box: Box
    eyes: list[tuple[float, float]] = Field(
        default=[],
        max_length=2,
        description="None, or both as fractions of width and height, first the left one once the face is stood upright.",
    )
    why: Text


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
    stack: Id | None = Field(
        description="The first exhibit of the case that looks the same; null where none did when this one was added."
    )
    frames_in_file: int = Field(description="Of an animation or pages; the exhibit is the first.")
    cropped: bool
    thorough: bool = Field(description="Whether tilted and small faces were looked for too.")
    smallest_face: int = Field(description="Pixels: shorter faces may not have been found. 0: not noted.")
    left_out: int = Field(
        description="Faces of a video that were found, and for which there was no room in what is kept."
    )
    kept_boxes: list[Box] = Field(
        description="Of a cropped one: these, with as much again on each side, are all that is kept."
    )
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


class Grounds(Shown):
    external_ref: str
    offence: str
    corroboration: str


class GivenGrounds(Given):
    """What a policy pack may want named for a purpose, beside the necessity."""

    external_ref: Text = Field("", description="The number of a warrant, or of what another body decided.")
    offence: Text = Field("", description="The class of the offence, as the law names it.")
    corroboration: Text = Field("", description="How a lead is to be confirmed by other means.")


class Question(Shown):
    asked_by: Id
    asked_at: datetime
    words: str
    necessity: Necessity = Field(description="As it stood when this was asked.")
    answered_at: datetime | None
    answer: str


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
    like: str = Field(description="The approved request of the same case whose necessity this one takes over.")
    differs: str
    grounds: Grounds
    questions: list[Question] = Field(description="The oldest first; only the last may be unanswered.")
    unmanifested: int = Field(
        description="Faces of files that no register of the case's evidence has; -1 where it was not noted."
    )
    state: AuthorityState


class RequestAuthority(Given):
    case_id: Id
    sought_id: Id
    gallery_ids: Ids
    necessity: GivenNecessity | None = Field(None, description="Left out only where `like` is given.")
    starts_at: Moment
    ends_at: Moment
    searches: Number
    follows: Id = Field("", description="The authority that this one replaces.")
    like: Id = Field("", description="An approved request of the same case, whose necessity holds here too.")
    differs: Text = Field("", description="What is other than in that one.")
    grounds: GivenGrounds = GivenGrounds(external_ref="", offence="", corroboration="")


class DraftAuthority(Given):
    """As a request, and it may lack anything."""

    case_id: Id
    sought_id: Id
    gallery_ids: Ids = Field(default=[], description="None yet, or those to compare with.")
    necessity: GivenNecessity | None = None
    starts_at: Moment
    ends_at: Moment
    searches: Number = 1
    follows: Id = ""
    like: Id = ""
    differs: Text = ""
    grounds: GivenGrounds = GivenGrounds(external_ref="", offence="", corroboration="")


class EditAuthority(Given):
    """What is left out stays as it is."""

    gallery_ids: Ids | None = None
    necessity: GivenNecessity | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    searches: Number | None = None
    follows: Id | None = None
    like: Id | None = None
    differs: Text | None = None
    grounds: GivenGrounds | None = None


class SubmitAuthority(Given):
    answer: Text = Field("", description="To the questions, where the request was returned with some.")


class ReturnAuthority(Given):
    questions: Text


class AuthorityFigures(Shown):
    """What was done under a purpose in a time, counted from the log."""

    purpose: str
    requested: int
    returned: int
    approved: int
    refused: int
    revoked: int
    searches: int
    comparisons: int


class AuthorityCounts(Shown):
    purposes: list[AuthorityFigures]


class ApproveAuthority(Given):
    """What was requested, or less of it. What is left out stays as requested."""

    gallery_ids: Ids | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    searches: Number | None = None
