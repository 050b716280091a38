"""What happened and must not, and how it was answered for."""

from __future__ import annotations

from beholden.api.shapes.incidents import CloseIncident, ContainIncident, Incident, JudgeIncident, ReportIncident
from beholden.client.operations import L, Noun, does, lists


class Incidents(Noun[L]):
    @lists("GET /incidents", Incident)
    def list(self) -> None:
        """The latest first, to privacy officers and auditors."""

    @does("GET /incidents/{incident_id}", None, Incident)
    def show(self, incident_id: str) -> None:
        """One of them."""

    @does("POST /incidents", ReportIncident, Incident)
    def report(self, *, words: str, about: str = "") -> None:
        """Report that something happened which must not; a privacy officer answers for it."""

    @does("POST /incidents/{incident_id}/contain", ContainIncident, Incident)
    def contain(self, incident_id: str, *, words: str, affected: int | None = None, version: int | None = None) -> None:
        """Say how it was brought to a stop."""

    @does("POST /incidents/{incident_id}/judge", JudgeIncident, Incident)
    def judge(self, incident_id: str, *, materiality: str, words: str, version: int | None = None) -> None:
        """Say whether it is material, and why; the oversight body is told of one that is."""

    @does("POST /incidents/{incident_id}/close", CloseIncident, Incident)
    def close(self, incident_id: str, *, lessons: str, version: int | None = None) -> None:
        """Close it with what was learned."""
