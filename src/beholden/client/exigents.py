"""Searches before approval, and their review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from beholden.api.shapes.exigents import BeginExigent, Exigent, ExigentCounts, SeenExigent
from beholden.api.shapes.register import Why
from beholden.client.operations import L, Noun, does, lists


class Exigents(Noun[L]):
    @does("POST /exigents", BeginExigent, Exigent)
    def begin(
        self,
        *,
        case_id: str,
        sought_id: str,
        ground: str,
        reason: str,
        place: str = "unknown",
        time: str = "unknown",
        gallery_ids: Sequence[str] | None = None,
        incident_id: str = "",
    ) -> None:
        """Begin a search before approval; `POST /searches` under its authority follows. Whoever must know is told at once."""

    @lists("GET /exigents", SeenExigent)
    def list(self) -> None:
        """Those of the cases that one sees, the latest first, with how many searches and comparisons were made under each."""

    @does("GET /exigents/{exigent_id}", None, SeenExigent)
    def show(self, exigent_id: str) -> None:
        """One of them."""

    @does("POST /exigents/{exigent_id}/uphold", Why, Exigent)
    def uphold(self, exigent_id: str, *, reason: str, version: int | None = None) -> None:
        """It had to be: as a supervisor who had no part in it, and looked at a probe outside the case's evidence."""

    @does("POST /exigents/{exigent_id}/refuse", Why, Exigent)
    def refuse(self, exigent_id: str, *, reason: str, version: int | None = None) -> None:
        """It need not have been: nothing goes on under it, and what it made is out of use."""

    @does("POST /exigents/{exigent_id}/close-lapse", Why, Exigent)
    def close_lapse(self, exigent_id: str, *, reason: str, version: int | None = None) -> None:
        """Write the review that nobody wrote in time: searches that can wait go on again."""

    @does("GET /exigent-figures", None, ExigentCounts)
    def figures(self, *, begins_at: datetime, ends_at: datetime) -> None:
        """How often it was searched before approval in a time, by purpose, and what became of it, counted from the log alone."""
