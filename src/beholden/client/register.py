"""Sources, galleries, the images in them, and the files that were put aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import NoneType

from beholden.api.shapes.register import (
    Archive,
    Aside,
    CertifyGallery,
    Gallery,
    Image,
    OpenGallery,
    ProposeSource,
    Source,
    TellApart,
    Why,
)
from beholden.client.calls import Upload
from beholden.client.operations import L, Noun, does, lists


class Sources(Noun[L]):
    @lists("GET /sources", Source)
    def list(self, *, filter: str = "") -> None:
        """The register; nothing of it to somebody who owes a blind opinion."""

    @does("GET /sources/{source_id}", None, Source)
    def show(self, source_id: str) -> None:
        """One of them."""

    @does("POST /sources", ProposeSource, Source)
    def propose(
        self,
        *,
        name: str,
        controller: str,
        authority_kind: str,
        citation: str,
        document_sha256: str,
        jurisdiction: str,
        purposes: Sequence[str],
        valid_from: datetime,
        valid_until: datetime,
        places: Sequence[str] = (),
        visitors: Sequence[str] = (),
        most_a_day: int = 0,
        control: str = "",
    ) -> None:
        """Propose a source, as a steward; a privacy officer who did not propose it decides."""

    @does("POST /sources/{source_id}/approve", None, Source)
    def approve(self, source_id: str, *, version: int | None = None) -> None:
        """Approve a proposal of somebody else."""

    @does("POST /sources/{source_id}/refuse", Why, Source)
    def refuse(self, source_id: str, *, reason: str, version: int | None = None) -> None:
        """Refuse a proposal, with the reason."""

    @does("POST /sources/{source_id}/suspend", Why, Source)
    def suspend(self, source_id: str, *, reason: str, version: int | None = None) -> None:
        """From the next search on, none of its references is compared."""

    @does("POST /sources/{source_id}/resume", None, Source)
    def resume(self, source_id: str, *, version: int | None = None) -> None:
        """Let its references be compared again."""


class Galleries(Noun[L]):
    @lists("GET /galleries", Gallery)
    def list(self, *, filter: str = "") -> None:
        """The galleries, to those who see the register."""

    @does("GET /galleries/{gallery_id}", None, Gallery)
    def show(self, gallery_id: str) -> None:
        """One of them."""

    @does("POST /galleries", OpenGallery, Gallery)
    def open(self, *, name: str, purposes: Sequence[str]) -> None:
        """Open a gallery for these purposes and no others."""

    @does("POST /galleries/{gallery_id}/close", None, Gallery)
    def close(self, gallery_id: str, *, version: int | None = None) -> None:
        """Its references are kept to their term, and compared no more."""

    @does("POST /galleries/{gallery_id}/certify", CertifyGallery, Gallery)
    def certify(self, gallery_id: str, *, words: str, version: int | None = None) -> None:
        """Certify that it was looked through: what may no longer be held is out. Overdue, it is not searched."""


class Images(Noun[L]):
    @does("POST /images", Upload("file"), Image)
    def enrol(
        self,
        content: bytes,
        *,
        source_id: str,
        gallery_id: str,
        file_name: str = "image",
        received_from: str = "",
        person_ref: str = "",
        captured_at: str = "",
        image_url: str = "",
        page_url: str = "",
        page_title: str = "",
        caption: str = "",
    ) -> None:
        """Take one image in: sealed, its faces found, embedded and made findable. `captured_at`: YYYY, YYYY-MM or
        YYYY-MM-DD."""

    @does("POST /images/{image_id}/tell-apart", TellApart, NoneType)
    def tell_apart(self, image_id: str, *, other_image_id: str) -> None:
        """Say of two images that look alike that they are not one picture: lists give each its own place."""


class Archives(Noun[L]):
    @does("POST /archives", Upload("file"), Archive)
    def enrol(
        self,
        content: bytes,
        *,
        source_id: str,
        gallery_id: str,
        file_name: str = "archive.warc",
        received_from: str = "",
    ) -> None:
        """Take the images of a web archive in, as far as the source's terms cover them.

        A .warc or .warc.gz. What was enrolled before something went wrong stays: give the same archive again.
        """


class Asides(Noun[L]):
    @lists("GET /asides", Aside)
    def list(self) -> None:
        """The files that were put aside and wait for a decision. Whoever looks is on record."""

    @does("POST /asides/{aside_id}/judge", None, Aside)
    def judge(self, aside_id: str) -> None:
        """Close a file that was put aside: it stays out."""
