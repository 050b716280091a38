"""Comparisons one to one, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Shown, Text


class CompareOne(Given):
    authority_id: Id
    sought_id: Id
    face_id: Id = Field(description="Of a reference, as a lead tells it.")
    override_quality: Text = Field(
        "", description="Why a sought whose best face is below the quality floor is compared all the same."
    )


class ComparisonMade(Shown):
    """That it was made, and nothing of what it gave."""

    id: Id
    version: int
    case_id: Id
    authority_id: Id
    sought_id: Id
    face_id: Id
    compared_by: Id
    compared_at: datetime
    model: str
    space_id: str
    model_files: dict[str, str] = Field(description="File name to SHA-256.")
    probe_quality: list[int]
    quality_override: str = Field(description="Why a probe below the quality floor was compared; empty where none was.")
    calibration_id: str


class Compared(ComparisonMade):
    """With what it gave. The statements belong to the score."""

    score: float = Field(description="A cosine, -1 to 1.")
    statements: list[str]
