"""What an auditor looks at first, and what they draw by lot."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

from beholden.api.shapes.patterns import DrawSample, JudgeUse, Patterns, Planted, PlantReference, Sample, Sampled
from beholden.client.operations import L, Noun, does, lists


class OffPattern(Noun[L]):
    @does("GET /patterns", None, Patterns)
    def find(self) -> None:
        """Every use of authority weighed against all others, the most unusual first. That it was read is on record."""

    @does("POST /planted", PlantReference, Planted)
    def plant(self, *, face_id: str, words: str) -> None:
        """From now on the oversight body is told of each search on whose list this reference comes first."""

    @does("POST /planted/{planted_id}/remove", None, NoneType)
    def unplant(self, planted_id: str) -> None:
        """Watch for it no more."""


class Samples(Noun[L]):
    @lists("GET /samples", Sample)
    def list(self) -> None:
        """The newest first. That they were read is on record."""

    @does("POST /samples", DrawSample, Sample)
    def draw(self, *, begins_at: datetime, ends_at: datetime, share: int = 10) -> None:
        """Draw by lot: the log is signed first and the seed made then, so nobody could know which uses are taken."""

    @does("POST /samples/{sample_id}/judge", JudgeUse, Sampled)
    def judge(self, sample_id: str, *, use_id: str, verdict: str, words: str = "") -> None:
        """Say of one use whether it was justified; it stands."""
