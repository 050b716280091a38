"""Searches before approval, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Ids, Shown, Text
from beholden.records.exigent import ExigentState


class BeginExigent(Given):
    case_id: Id
    sought_id: Id
    ground: Text = Field(description="A code of the policy pack.", examples=["child-in-danger"])
    reason: Text = Field(description="What is feared, for whom, and why approval could not be waited for.")
    place: Text = Field("unknown", description="Of the threat; it may be unknown.")
    time: Text = Field("unknown", description="Of the threat, in words; it may be unknown.")
    gallery_ids: Ids | None = Field(None, description="Else every open gallery held for the purpose of the case.")
    incident_id: Id = Field("", description="One's own of the last 24 hours, where this is a further person of it.")


class Gate(Shown):
    gate: str
    words: str


class Exigent(Shown):
    id: Id
    version: int
    authority_id: Id
    case_id: Id
    incident_id: Id
    begun_by: Id
    ground: str
    reason: str
    place: str
    time: str
    passed: list[Gate] = Field(description="What would have stopped a search that was approved before.")
    review_due: datetime
    second_due: datetime
    state: ExigentState
    reviewed_by: str
    decision: str


class SeenExigent(Exigent):
    """With what was done under it: numbers, and nobody who was listed."""

    searches: int
    listed: int
    comparisons: int


class ExigentFigures(Shown):
    purpose: str
    incidents: int
    persons: int
    upheld: int
    refused: int
    lapsed: int
    upheld_percent: int | None = Field(description="Of those whose time came to an end.")


class ExigentCounts(Shown):
    purposes: list[ExigentFigures]
