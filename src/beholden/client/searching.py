"""Searches, blind reviews and examinations of what they found, and disclosures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType

from beholden.api.shapes.comparisons import Compared, CompareOne, ComparisonMade
from beholden.api.shapes.examining import (
    Describe,
    DescribedExamination,
    Examination,
    GiveOpinion,
    LockOpinion,
    NoteViews,
    OpenedExamination,
    OwnExamination,
)
from beholden.api.shapes.register import Why
from beholden.api.shapes.searching import (
    Decide,
    Disclose,
    Disclosure,
    Leads,
    Left,
    OpenedReview,
    Pair,
    Refute,
    Replayed,
    ReplaySearch,
    Review,
    RunSearch,
    Search,
    ShownLead,
    WaitingSearch,
    Warn,
)
from beholden.client.calls import Sent
from beholden.client.operations import L, Noun, does, lists


class Searches(Noun[L]):
    @does("POST /searches", RunSearch, Search)
    def run(self, *, authority_id: str, sought_id: str, people: int | None = None, override_quality: str = "") -> None:
        """Consume one use and compare. Who is on the list is told to nobody before the last opinion is locked."""

    @lists("GET /searches", Search, WaitingSearch)
    def list(self, *, filter: str = "") -> None:
        """Those of one's cases; to an examiner, that there are some which wait for a review or an examination."""

    @does("GET /searches/{search_id}", None, Search, WaitingSearch)
    def show(self, search_id: str) -> None:
        """What a search compared, and how far it has come; to who does not see its case, only how far it has come."""

    @does("POST /searches/{search_id}/replay", ReplaySearch, Replayed)
    def replay(self, search_id: str, *, reason: str) -> None:
        """Make the list of an unsealed search again, as an auditor: whether it is the same is told, and not who is on it."""

    @does("GET /searches/{search_id}/leads", None, Leads)
    def leads(self, search_id: str) -> None:
        """The list with ranks and scores, best first. Refused until the last opinion is locked."""

    @does("GET /searches/{search_id}/leads/{candidate_id}", None, ShownLead)
    def lead(self, search_id: str, candidate_id: str) -> None:
        """One examined lead: its photographs beside the sought's, its source and every opinion. Each look is on record."""


class Comparisons(Noun[L]):
    @does("POST /comparisons", CompareOne, Compared)
    def make(self, *, authority_id: str, sought_id: str, face_id: str, override_quality: str = "") -> None:
        """Consume one use and compare a sought with one reference of the authority's galleries. It says neither yes nor no."""

    @lists("GET /comparisons", ComparisonMade)
    def list(self) -> None:
        """That they were made in one's cases, the latest first; what they gave is read one by one."""

    @does("GET /comparisons/{comparison_id}", None, Compared)
    def read(self, comparison_id: str) -> None:
        """What a comparison gave, with all that belongs to the score. Each look is on record."""


class Reviews(Noun[L]):
    @does("POST /searches/{search_id}/review", None, OpenedReview, sent=Sent.FREELY)
    def open(self, search_id: str) -> None:
        """Take the list to review, or see one's own again: every pair with its photographs and a capture date, nothing else."""

    @lists("GET /reviews", Review)
    def list(self) -> None:
        """One's own, the latest first, with what was said of each pair."""

    @does("GET /reviews/{review_id}", None, Review)
    def show(self, review_id: str) -> None:
        """One of one's own."""

    @does("GET /pairs/{handle}/reference", None, bytes)
    def reference(self, handle: str) -> None:
        """The pair's reference as a JPEG. Each time, the review is opened anew and on record: opening gives all at once."""

    @does("GET /pairs/{handle}/sought/{number}", None, bytes)
    def sought(self, handle: str, number: int) -> None:
        """One of the faces that it is compared with, from 1, as a JPEG."""

    @does("PUT /pairs/{handle}", Decide, Pair)
    def decide(self, handle: str, *, outcome: str) -> None:
        """Say of one pair: potential, no, or inconclusive. It can be changed until the review is finished."""

    @does("POST /reviews/{review_id}/finish", None, WaitingSearch)
    def finish(self, review_id: str) -> None:
        """Close the review: what is potential goes to examination."""


class Examinations(Noun[L]):
    @does("POST /searches/{search_id}/examination", None, OpenedExamination, sent=Sent.FREELY)
    def open(self, search_id: str) -> None:
        """The next pair that waits for this examiner, or the one they have open: each side alone first, then both."""

    @lists("GET /examinations", OwnExamination)
    def list(self) -> None:
        """One's own, open and locked, the latest first."""

    @does("GET /examinations/{handle}", None, OwnExamination)
    def show(self, handle: str) -> None:
        """One of one's own, open or locked."""

    @does("POST /examinations/{handle}/descriptions", Describe, DescribedExamination)
    def describe(self, handle: str, *, of: str, suitable: bool, seen: Sequence[str] = (), words: str = "") -> None:
        """Describe one side alone, the probe first: whether it can be compared, and what can be judged in it. It stays so."""

    @does("POST /examinations/{handle}/views", NoteViews, NoneType)
    def note_views(self, handle: str, *, views: Sequence[Mapping[str, str | int]]) -> None:
        """Note what was done to the pictures of an open examination. Only the view changes, never the photograph."""

    @does("POST /examinations/{handle}/lock", LockOpinion, Examination)
    def lock(
        self,
        handle: str,
        *,
        components: Mapping[str, str],
        opinion: int,
        limitations: str = "",
        marks: Sequence[Mapping[str, str | int | float]] = (),
    ) -> None:
        """Lock an opinion for good, once both sides are described; of a reference that was erased meanwhile none is kept."""

    @does("POST /examinations/{handle}/revise", GiveOpinion, Examination)
    def revise(self, handle: str, *, components: Mapping[str, str], opinion: int, limitations: str = "") -> None:
        """A new version of one's own locked opinion. The old one stays; the new one says that the score was known."""


class Disclosures(Noun[L]):
    @does("POST /searches/{search_id}/disclosures", Disclose, Disclosure)
    def make(self, search_id: str, *, candidate_ids: Sequence[str], recipients: Sequence[str], basis: str) -> None:
        """One or two examined leads for named recipients; the files are in this answer, with a signed manifest."""

    @does("POST /searches/{search_id}/disclosures/provisional", Warn, Disclosure)
    def warn(self, search_id: str, *, examinations: Sequence[str], recipients: Sequence[str], basis: str) -> None:
        """Out of a search before approval, on one's own examination alone: it is confirmed or recalled, and recipients told."""

    @does("POST /disclosures/{disclosure_id}/recall", Why, Left)
    def recall(self, disclosure_id: str, *, reason: str) -> None:
        """Take back what left, as a supervisor: it is read no more, and every recipient is told."""

    @does("POST /disclosures/{disclosure_id}/refute", Refute, Left)
    def refute(self, disclosure_id: str, *, lead: int, reason: str, source: str) -> None:
        """Put on record that a lead which left was wrong: every recipient is asked for remedy."""

    @lists("GET /disclosures", Left)
    def list(self, *, filter: str = "", case_id: str = "") -> None:
        """What left of one's cases, the latest first, found by the case."""

    @does("GET /disclosures/{disclosure_id}", None, Left)
    def show(self, disclosure_id: str) -> None:
        """To whom it went, on what basis, until when it is kept, and what each of its files was."""

    @does("GET /disclosures/{disclosure_id}/files", None, Disclosure)
    def read(self, disclosure_id: str) -> None:
        """The files again, byte for byte as they left; what cannot be made again is named. It is on record each time."""
