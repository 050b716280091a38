"""Cases, their exhibits, who is sought, and authorities to search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import NoneType

from beholden.api.shapes.casework import (
    ApproveAuthority,
    Assign,
    Authority,
    AuthorityCounts,
    Case,
    CloseCase,
    DeclareSought,
    DraftAuthority,
    DrawFace,
    EditAuthority,
    EditFace,
    Exhibit,
    ExhibitFace,
    GivenGrounds,
    GivenNecessity,
    OpenCase,
    RequestAuthority,
    ReturnAuthority,
    Sought,
    SubmitAuthority,
)
from beholden.api.shapes.evidence import Imported, Manifested, Probe, Register
from beholden.api.shapes.fields import Box
from beholden.api.shapes.notices import Notice, NoticeSent
from beholden.api.shapes.register import Why
from beholden.client.calls import Upload
from beholden.client.operations import L, Noun, does, lists

NO_GROUNDS = GivenGrounds(external_ref="", offence="", corroboration="")


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
    def close(
        self,
        case_id: str,
        *,
        outcome: str,
        ended_as: str = "other",
        kept_decision: str = "",
        why_kept: str = "",
        look_again_on: str = "",
        version: int | None = None,
    ) -> None:
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


class Evidence(Noun[L]):
    @does("POST /evidence", Upload("file"), Imported)
    def register(self, content: bytes, *, case: str, file_name: str = "register.csv") -> None:
        """Import a register of a case's evidence, as a steward or supervisor who has no part in the case."""

    @lists("GET /cases/{case_id}/evidence", Register)
    def list(self, case_id: str) -> None:
        """The registers of a case, the latest first."""

    @lists("GET /cases/{case_id}/manifested", Manifested)
    def manifested(self, case_id: str) -> None:
        """The exhibits of a case whose file stands in one of its registers; every other is outside the evidence."""


class Notices(Noun[L]):
    @lists("GET /notices", Notice)
    def list(self, *, every: bool = False) -> None:
        """What waits to be sent, the oldest first, as far as one may see it."""

    @does("POST /notices/{notice_id}/sent", NoticeSent, Notice)
    def mark_sent(self, notice_id: str, *, how: str) -> None:
        """Say that a notice was sent, and how. Nothing is sent by itself."""


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

    @does("GET /authorities/in-figures", None, AuthorityCounts)
    def figures(self, *, begins_at: datetime, ends_at: datetime) -> None:
        """How often authority was asked for, given and used in a time, by purpose, counted from the log alone."""

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
        necessity: GivenNecessity | None = None,
        starts_at: datetime,
        ends_at: datetime,
        searches: int,
        follows: str = "",
        like: str = "",
        differs: str = "",
        grounds: GivenGrounds = NO_GROUNDS,
    ) -> None:
        """Ask for authority. One that stands is never widened: `follows` names the one that this replaces."""

    @does("POST /authorities/drafts", DraftAuthority, Authority)
    def draft(
        self,
        *,
        case_id: str,
        sought_id: str,
        gallery_ids: Sequence[str] = (),
        necessity: GivenNecessity | None = None,
        starts_at: datetime,
        ends_at: datetime,
        searches: int = 1,
        follows: str = "",
        like: str = "",
        differs: str = "",
        grounds: GivenGrounds = NO_GROUNDS,
    ) -> None:
        """Begin a request without asking yet: it may lack anything, and nobody decides about it."""

    @does("POST /authorities/{authority_id}/edit", EditAuthority, Authority)
    def edit(
        self,
        authority_id: str,
        *,
        gallery_ids: Sequence[str] | None = None,
        necessity: GivenNecessity | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        searches: int | None = None,
        follows: str | None = None,
        like: str | None = None,
        differs: str | None = None,
        grounds: GivenGrounds | None = None,
        version: int | None = None,
    ) -> None:
        """Change one's own draft, or one's request that was returned with questions."""

    @does("POST /authorities/{authority_id}/submit", SubmitAuthority, Authority)
    def submit(self, authority_id: str, *, answer: str = "", version: int | None = None) -> None:
        """Ask with one's draft, or ask again with the answer to what an approver asked."""

    @does("POST /authorities/{authority_id}/return", ReturnAuthority, Authority)
    def give_back(self, authority_id: str, *, questions: str, version: int | None = None) -> None:
        """Give it back with questions, as a supervisor: whoever asked answers, may mend it, and asks again."""

    @does("POST /authorities/{authority_id}/probe", None, Probe)
    def probe(self, authority_id: str) -> None:
        """Look at the faces that it is to search with, as a supervisor who is to decide. Each look is on record."""

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
