"""The photograph given with a request, for a privacy officer: to find which records are of the person who asks."""

from __future__ import annotations

from beholden.api.shapes.photographs import Compare, Comparison, Photograph, Photographs
from beholden.client.calls import Upload
from beholden.client.operations import L, Noun, does


class GivenPhotographs(Noun[L]):
    @does("GET /requests/{request_id}/photographs", None, Photographs)
    def list(self, request_id: str) -> None:
        """That they were given and destroyed, to a privacy officer and an auditor; never a picture."""

    @does("POST /requests/{request_id}/photograph", Upload("file"), Photograph)
    def give(self, request_id: str, content: bytes, *, file_name: str = "photograph") -> None:
        """Keep the picture that the person gives, apart and without metadata, until the request ends."""

    @does("GET /requests/{request_id}/photograph/faces/{position}", None, bytes)
    def face(self, request_id: str, position: int) -> None:
        """One face of the photograph as a JPEG; whoever looks is on record."""

    @does("POST /requests/{request_id}/photograph/compare", Compare, Comparison)
    def compare(self, request_id: str, *, face: int = 0) -> None:
        """Compare one face with every live reference, as a privacy officer who has just confirmed who they are. It is counted."""

    @does("GET /requests/{request_id}/photograph/references/{handle}", None, bytes)
    def reference(self, request_id: str, handle: str) -> None:
        """One reference that a comparison listed, as a JPEG; whoever looks is on record."""

    @does("POST /requests/{request_id}/photograph/take-back", None, Photograph)
    def take_back(self, request_id: str) -> None:
        """Destroy the photograph before the request ends."""

    @does("GET /requests/{request_id}/photographs/{photograph_id}/receipt", None, bytes)
    def receipt(self, request_id: str, photograph_id: str) -> None:
        """The signed receipt that the photograph was destroyed."""
