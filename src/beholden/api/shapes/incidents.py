"""Incidents, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Number, Shown, Text
from beholden.records.incidents import IncidentKind, IncidentState, Materiality


class Incident(Shown):
    id: Id
    version: int
    what: IncidentKind
    about: Id = Field(description="The record it is about; empty where it is about the system.")
    entry: int = Field(description="Of the log, where it is told first.")
    times: int = Field(description="How often it was seen.")
    last_at: datetime
    affected: int = Field(description="People concerned, as far as is known; -1 while nobody has said.")
    materiality: Materiality
    decide_by: datetime
    decided_by: Id
    detection: str
    containment: str
    grounds: str = Field(description="Why it is material, or why not.")
    lessons: str
    state: IncidentState


class ReportIncident(Given):
    words: Text = Field(description="What happened, 20 characters at least.")
    about: Id = Field("", description="The record, where it is about one.")


class ContainIncident(Given):
    words: Text = Field(description="How it was brought to a stop, 20 characters at least.")
    affected: Number | None = Field(None, description="How many people it concerns, as far as is known.")


class JudgeIncident(Given):
    materiality: Text = Field(description="material or not_material.")
    words: Text = Field(description="Why, 20 characters at least.")


class CloseIncident(Given):
    lessons: Text = Field(description="What was learned, 20 characters at least.")
