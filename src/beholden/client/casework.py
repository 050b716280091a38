"""Cases, their exhibits, who is sought, and authorities to search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import NoneType

from beholden.api.shapes.casework import (
    ApproveAuthority,
    Assign,
    Authority,
    Case,
    CloseCase,
    DeclareSought,
    DrawFace,
    EditFace,
    Exhibit,
    ExhibitFace,
    GivenNecessity,
    OpenCase,
    RequestAuthority,
    Sought,
)
from beholden.api.shapes.fields import Box
from beholden.api.shapes.register import Why
from beholden.client.calls import Upload
from beholden.client.operations import L, Noun, does, lists


class Cases(Noun[L]):
    @lists("GET /cases", Case)
    def list(self, *, filter: str = "") -> None:
        """One's own cases; to a supervisor and an auditor, all of them."""

    @does("GET /cases/{case_id}", None, Case)
    def show(self, case_id: str) -> None:
        """One of them."""

    @does("POST /cases", OpenCase, Case)
    def open(self, *, reference: str, purpose: str, title: str = "") -> None:
        """Open a case; whoever opens it is assigned to it."""

    @does("POST /cases/{case_id}/assign", Assign, Case)
    def assign(self, case_id: str, *, person_id: str, version: int | None = None) -> None:
        """Assign one more investigator, as a supervisor."""

    @does("POST /cases/{case_id}/close", CloseCase, Case)
    def close(self, case_id: str, *, outcome: str, version: int | None = None) -> None:
        """Close a case; refused while a search of it waits for somebody's opinion."""

    @does("POST /cases/{case_id}/reopen", None, Case)
    def reopen(self, case_id: str, *, version: int | None = None) -> None:
        """Reopen a closed case, as a supervisor."""


class Exhibits(Noun[L]):
    @lists("GET /cases/{case_id}/exhibits", Exhibit)
    def list(self, case_id: str, *, filter: str = "") -> None:
        """The photographs of a case, removed ones too, with their faces, the surest first."""

    @does("POST /cases/{case_id}/exhibits", Upload("file"), Exhibit)
    def add(
        self,
        case_id: str,
        content: bytes,
        *,
        origin: str,
        why: str,
        intake: str = "",
        also: str = "",
        thorough: bool = True,
        even_without_faces: bool = False,
        captured_at: str = "",
        file_name: str = "exhibit",
    ) -> None:
        """Add a photograph: its faces found, they or the whole of it sealed, no template made.

        `intake` is "crop" or "whole", or as the policy says; `also` names regions kept beside the faces of a cropped one, each
        "left,top,width,height" in fractions of the picture, with semicolons between them.
        """

    @does("GET /exhibits/{exhibit_id}", None, Exhibit)
    def show(self, exhibit_id: str) -> None:
        """One of those of one's cases."""

    @does("GET /exhibits/{exhibit_id}/faces/{position}", None, bytes)
    def face(self, exhibit_id: str, position: int, *, frame: int = 1) -> None:
        """One face of a photograph or of a video as a JPEG; whoever looks is on record."""

    @does("POST /exhibits/{exhibit_id}/faces", DrawFace, ExhibitFace)
    def draw(self, exhibit_id: str, *, box: Box, eyes: Sequence[tuple[float, float]] = (), why: str) -> None:
        """Draw a face that the detector did not find, by its box and if need be its eyes; it is told apart ever after."""

    @does("POST /exhibits/{exhibit_id}/faces/{position}/edits", EditFace, ExhibitFace)
    def edit(self, exhibit_id: str, position: int, *, edits: Sequence[str], why: str) -> None:
        """Make a new face of this one with a few edits of a closed list; it is told apart, and shown with its original."""

    @does("POST /exhibits/{exhibit_id}/remove", Why, NoneType)
    def remove(self, exhibit_id: str, *, reason: str, version: int | None = None) -> None:
        """Take a wrong exhibit back: its picture is destroyed, and that it was there stays on record."""


class Soughts(Noun[L]):
    @lists("GET /cases/{case_id}/soughts", Sought)
    def list(self, case_id: str) -> None:
        """Who is or was sought in the case."""

    @does("POST /cases/{case_id}/soughts", DeclareSought, Sought)
    def declare(self, case_id: str, *, face_ids: Sequence[str], subject_role: str, why: str) -> None:
        """Declare that these faces are one person; it can be taken back, and says nothing of who that is."""

    @does("GET /soughts/{sought_id}", None, Sought)
    def show(self, sought_id: str) -> None:
        """One of those of one's cases."""

    @does("POST /soughts/{sought_id}/withdraw", Why, Sought)
    def withdraw(self, sought_id: str, *, reason: str, version: int | None = None) -> None:
        """Take the declaration back. An authority that names it can no longer be used."""


class Authorities(Noun[L]):
    @lists("GET /authorities", Authority)
    def list(self, *, filter: str = "") -> None:
        """Those of the cases that one sees, the latest first."""

    @does("GET /authorities/{authority_id}", None, Authority)
    def show(self, authority_id: str) -> None:
        """One of them."""

    @does("POST /authorities", RequestAuthority, Authority)
    def request(
        self,
        *,
        case_id: str,
        sought_id: str,
        gallery_ids: Sequence[str],
        necessity: GivenNecessity,
        starts_at: datetime,
        ends_at: datetime,
        searches: int,
        follows: str = "",
    ) -> None:
        """Ask for authority. One that stands is never widened: `follows` names the one that this replaces."""

    @does("POST /authorities/{authority_id}/approve", ApproveAuthority, Authority)
    def approve(
        self,
        authority_id: str,
        *,
        gallery_ids: Sequence[str] | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        searches: int | None = None,
        version: int | None = None,
    ) -> None:
        """Approve what was requested, or less of it, as a supervisor who has no part in the case."""

    @does("POST /authorities/{authority_id}/refuse", Why, Authority)
    def refuse(self, authority_id: str, *, reason: str, version: int | None = None) -> None:
        """Refuse it, with the reason."""

    @does("POST /authorities/{authority_id}/revoke", Why, Authority)
    def revoke(self, authority_id: str, *, reason: str, version: int | None = None) -> None:
        """End it: effective at the next search, and for one under way at its end."""

    @does("POST /authorities/{authority_id}/withdraw", None, Authority)
    def withdraw(self, authority_id: str, *, version: int | None = None) -> None:
        """Take one's own request back."""
