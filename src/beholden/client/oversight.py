"""Requests of data subjects, erasures, what was measured, and the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from beholden.api.shapes.orders import GiveOrder, Order
from beholden.api.shapes.oversight import (
    Calibration,
    Checkpoint,
    Entry,
    Erasure,
    Evaluation,
    FindReferences,
    GrantRequest,
    Listings,
    Readiness,
    ReceiveRequest,
    Request,
    Restriction,
    RestrictRecords,
    RevealPicture,
    StatementOfUse,
)
from beholden.api.shapes.oversight import References as Found
from beholden.api.shapes.photographs import CheckIdentity, ChooseRecords, Opened
from beholden.api.shapes.register import Model, Why
from beholden.client.calls import Sent, Upload
from beholden.client.operations import L, Noun, does, lists


class References(Noun[L]):
    @does("POST /references/find", FindReferences, Found)
    def find(self, *, person_ref: str = "", page_url: str = "", image_id: str = "", source_id: str = "") -> None:
        """Look references up by what their source told; no face is compared. Whoever looks is on record."""


class Requests(Noun[L]):
    @lists("GET /requests", Request)
    def list(self, *, filter: str = "") -> None:
        """Those that one may see, the first one due first."""

    @does("GET /requests/{request_id}", None, Request)
    def show(self, request_id: str) -> None:
        """One of them."""

    @does("POST /requests", ReceiveRequest, Request)
    def receive(
        self,
        *,
        face_ids: Sequence[str],
        looked_for: str,
        subject: str,
        kind: str = "erasure",
        photograph: bool = False,
    ) -> None:
        """Record what a data subject asks about these records."""

    @does("GET /requests/{request_id}/subject", None, Opened)
    def read(self, request_id: str) -> None:
        """Who asks, and how that was checked, to a privacy officer. Whoever reads it is on record."""

    @does("POST /requests/{request_id}/check", CheckIdentity, Request)
    def check_identity(self, request_id: str, *, how: str, version: int | None = None) -> None:
        """Record that you checked who asks, and how, as a privacy officer."""

    @does("POST /requests/{request_id}/records", ChooseRecords, Request)
    def choose_records(
        self, request_id: str, *, face_ids: Sequence[str], looked_for: str = "", version: int | None = None
    ) -> None:
        """Say which records the request is about, in place of those before."""

    @does("POST /requests/{request_id}/grant", GrantRequest, Request)
    def grant(
        self, request_id: str, *, reason: str, identity_checked: bool = False, version: int | None = None
    ) -> None:
        """Grant it, as a privacy officer; somebody else then starts the erasure."""

    @does("POST /requests/{request_id}/refuse", Why, Request)
    def refuse(self, request_id: str, *, reason: str, version: int | None = None) -> None:
        """Refuse it, with the reason that the data subject is told."""

    @does("POST /requests/{request_id}/withdraw", None, Request)
    def withdraw(self, request_id: str, *, version: int | None = None) -> None:
        """Record that the person who asked takes the request back."""


class Restrictions(Noun[L]):
    @does("POST /requests/{request_id}/restrict", RestrictRecords, Restriction)
    def start(self, request_id: str, *, reason: str, days: int | None = None, version: int | None = None) -> None:
        """Keep the records of a granted request out of every search, as evidence, instead of erasing them."""

    @does("GET /requests/{request_id}/restriction", None, Restriction)
    def show(self, request_id: str) -> None:
        """The latest restriction of a request."""

    @does("GET /requests/{request_id}/restriction/receipt", None, bytes)
    def receipt(self, request_id: str) -> None:
        """The signed receipt: restricted, not erased."""

    @does("POST /requests/{request_id}/restriction/keep", RestrictRecords, Restriction)
    def keep(self, request_id: str, *, reason: str, days: int | None = None, version: int | None = None) -> None:
        """Having looked again, hold them as evidence for longer, as a privacy officer."""

    @does("POST /requests/{request_id}/restriction/end", Why, Restriction)
    def end(self, request_id: str, *, reason: str, version: int | None = None) -> None:
        """Having looked again, let them be erased as it was granted, as a privacy officer; they come back into no search."""


class Erasures(Noun[L]):
    @does("POST /requests/{request_id}/erase", None, Erasure)
    def start(self, request_id: str, *, version: int | None = None) -> None:
        """Erase what a granted request names from every store, and answer when the receipt is made."""

    @lists("GET /erasures", Erasure)
    def list(self) -> None:
        """Those of the requests that one sees, the latest first."""

    @does("GET /erasures/{erasure_id}", None, Erasure)
    def show(self, erasure_id: str) -> None:
        """One of them."""

    @does("GET /erasures/{erasure_id}/receipt", None, bytes)
    def receipt(self, erasure_id: str) -> None:
        """The signed receipt."""

    @does("GET /erasures/{erasure_id}/searches", None, Listings)
    def listings(self, erasure_id: str) -> None:
        """The searches on whose lists the erased person stood, to an auditor."""


class Models(Noun[L]):
    @does("GET /model", None, Model)
    def show(self) -> None:
        """The card of the model in use: its files, its licence, what it was trained on, and its limits."""


class Evaluations(Noun[L]):
    @lists("GET /evaluations", Evaluation)
    def list(self) -> None:
        """What was measured in this system, the latest first."""

    @does("GET /evaluations/{evaluation_id}", None, Evaluation)
    def show(self, evaluation_id: str) -> None:
        """One of them."""


class Calibrations(Noun[L]):
    @lists("GET /calibrations", Calibration)
    def list(self) -> None:
        """What lists quote, quoted once, or may come to quote, the latest first."""

    @does("GET /calibrations/{calibration_id}", None, Calibration)
    def show(self, calibration_id: str) -> None:
        """One of them."""

    @does("POST /calibrations", Upload("report"), Calibration)
    def propose(self, content: bytes, *, measured_on: str = "", file_name: str = "report.json") -> None:
        """Propose that lists quote this evaluation; a privacy officer who did not propose it decides."""

    @does("POST /calibrations/{calibration_id}/accept", None, Calibration)
    def accept(self, calibration_id: str, *, version: int | None = None) -> None:
        """From now on lists quote it, until its year ends or another one is accepted."""

    @does("POST /calibrations/{calibration_id}/refuse", Why, Calibration)
    def refuse(self, calibration_id: str, *, reason: str, version: int | None = None) -> None:
        """Refuse it, with the reason."""


class Pictures(Noun[L]):
    @does("POST /pictures/reveal", RevealPicture, bytes)
    def reveal(self, *, of: str, id: str, reason: str) -> None:
        """Be given one face as a JPEG, as an auditor who has just confirmed who they are; the reason is on record."""


class Orders(Noun[L]):
    @does("POST /orders", GiveOrder, Order, sent=Sent.FREELY)
    def give(self, *, note: str) -> None:
        """Carry out an order that the oversight body signed. It counts at once, and given again it changes nothing."""

    @lists("GET /orders", Order)
    def list(self) -> None:
        """Those that were carried out, the last one first, with their reasons."""


class Log(Noun[L]):
    @lists("GET /log/entries", Entry)
    def entries(self, *, event: str = "", record: str = "", person: str = "", day: str = "") -> None:
        """The newest first, with the values that can still be opened. Reading is on record itself."""

    @does("GET /log/statement", None, StatementOfUse)
    def statement(self, *, begins_at: datetime, ends_at: datetime, public: bool = False, people: bool = False) -> None:
        """Whether it was used, by which roles, when, what for and how often, counted from the log and signed; on record itself."""

    @does("GET /log/checkpoint", None, Checkpoint)
    def checkpoint(self) -> None:
        """The log sealed to its last entry: what anybody may keep, and later hold against it."""


class Ready(Noun[L]):
    @does("GET /readiness", None, Readiness)
    def show(self) -> None:
        """Whether a search that was approved could begin now, for which purposes, and every reason why not, with what to do."""
