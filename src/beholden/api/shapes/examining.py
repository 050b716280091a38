"""Examinations, as they go over the wire: each side alone, then the pair, then an opinion."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool

from beholden.api.shapes.fields import Given, Id, Ids, Number, Shown, Text
from beholden.records.examination import MOST_MARKS, ExaminationState, Side, Stage
from beholden.records.views import MOST_VIEWS, TOOLS

Fraction = Annotated[float, Field(ge=0, le=1, description="Of the photograph, from its left or its top.")]


class Description(Shown):
    """One side, described alone."""

    of: Side
    suitable: bool
    seen: list[str]
    words: str


class Mark(Shown):
    on: Side
    photograph: int
    component: str
    x: float
    y: float


class OwnExamination(Shown):
    id: Id = Field(description="The pair's handle.")
    search_id: Id
    state: ExaminationState


class OpenedExamination(Shown):
    """What lies before the examiner at this stage; what belongs to a later one is empty."""

    handle: Id
    search_id: Id
    stage: Stage
    reference_captured_at: str
    cautions: str = Field(
        description="Which probe was edited, how; with the pair, of the years between, by dates and never by a face."
    )
    sought: list[str] = Field(description="JPEG, base64.")
    reference: str = Field(description="JPEG, base64.")
    eyes: list[int] = Field(
        description="Pixels between the eyes in the original of each photograph that is given, the reference's last; 0: unknown."
    )
    components: list[str] = Field(description="What to look at, from the top of the face down.")


class Describe(Given):
    of: Text = Field(examples=["probe", "reference"])
    suitable: StrictBool
    seen: Ids = Field(default=[], description="The components that can be judged in it.", examples=[["nose", "ears"]])
    words: Text = Field(default="", description="Why it is not suitable, else what there is to say of it.")


class DescribedExamination(Shown):
    id: Id
    search_id: Id
    stage: Stage
    described: list[Description]


class View(Given):
    tool: Id = Field(examples=list(TOOLS))
    setting: Id = Field(default="", examples=["2", "90", "on"])
    seconds: Number = Field(default=0, description="For how long it stood.")


class NoteViews(Given):
    views: list[View] = Field(max_length=MOST_VIEWS)


class GiveOpinion(Given):
    components: dict[Id, Id] = Field(
        max_length=100,
        description="Each component with similar, different-explained, different-unexplained or not-comparable.",
        examples=[{"nose": "similar"}],
    )
    limitations: Text = ""
    opinion: Number = Field(
        description="-3 (strong support for different persons) to 3 (the same); 9: cannot be compared."
    )


class PutMark(Given):
    """A place that was pointed at, and the component that it tells of."""

    on: Side
    photograph: Number = Field(default=0, description="Of that side, from 0.")
    component: Id
    x: Fraction
    y: Fraction


class LockOpinion(GiveOpinion):
    marks: list[PutMark] = Field(default=[], max_length=MOST_MARKS)


class Judged(Shown):
    """What an examiner gave, as they themselves and whoever reads an unsealed list are shown it."""

    id: Id
    components: dict[str, str]
    limitations: str
    opinion: int | None
    opinion_words: str
    supersedes: str
    score_revealed: bool
    state: ExaminationState
    described: list[Description]
    marks: list[Mark]
    scale: str
    tools: dict[str, int] = Field(description="What was done to the pictures before it was locked, and how often.")


class Examination(Judged):
    """One's own, locked. Not which part it is: who examines is not told whether somebody did before."""

    search_id: Id
