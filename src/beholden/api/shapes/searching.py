"""Searches, reviews, examinations, leads and disclosures, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.examining import Judged
from beholden.api.shapes.fields import Given, Id, Ids, Number, Shown, Text, Texts
from beholden.records.disclosures import DisclosureState
from beholden.records.examination import Part
from beholden.records.review import Outcome, ReviewState
from beholden.records.searches import SearchState


class Coverage(Shown):
    words: str
    galleries: int
    references: int
    proven: bool = Field(
        description="Proven exhaustive: no reference that was compared and is not listed scores higher."
    )
    waiting: int = Field(description="References without a template of this model, which were not compared.")
    shelves: int = Field(description="A shelf is one source in one gallery, with templates of one model.")
    rescored: int = Field(
        description="Of how many references the exact score was summed until the list was proven; -1 if not noted."
    )
    engine: str = Field(description="How the references were read before that; empty if not noted.")


class Search(Shown):
    """How far it has come, and nothing of any lead."""

    id: Id
    version: int
    case_id: Id
    authority_id: Id
    sought_id: Id
    searched_by: Id
    started_at: datetime
    ended_at: datetime | None
    model: str
    space_id: str = Field(description="The model's weights, precision and preprocessing, as one hash.")
    model_files: dict[str, str] = Field(description="File name to SHA-256.")
    probe_quality: list[int]
    quality_override: str = Field(description="Why a probe below the quality floor was compared; empty where none was.")
    calibration_id: str
    coverage: Coverage
    statements: list[str]
    limit: int
    people: int
    state: SearchState


class WaitingSearch(Shown):
    """Of a search whose case one does not see: that it is there, and how far it has come."""

    id: Id
    state: SearchState


class RunSearch(Given):
    authority_id: Id
    sought_id: Id
    people: Number | None = Field(None, description="How many people the list may have; as the rules say, if left out.")
    override_quality: Text = Field(
        "", description="Why a sought whose best face is below the quality floor is compared all the same."
    )


class ReplaySearch(Given):
    reason: Text = Field(
        description="Why the list must be made again, 20 letters and digits at least; it is on record."
    )


class Replayed(Shown):
    search_id: Id
    same: bool = Field(description="Whoever is still held and searchable stands at the same place with the same score.")
    listed: int
    gone: int = Field(description="Of these, erased, destroyed or restricted since.")
    closed: int = Field(description="Of these, of a source or a gallery that is searched no more.")
    differing: int = Field(description="Of those that are left.")


class Expected(Shown):
    number: float
    extrapolated: bool


class Opinion(Judged):
    part: Part


class Lead(Shown):
    """A candidate of an unsealed search: an investigative lead, which says of nobody who they are."""

    candidate_id: Id
    rank: int
    score: float
    unrelated_expected: Expected | None = Field(
        description="References of other people expected at this score or above; null: not measured."
    )
    outcome: Outcome
    reviewer_could_know: bool = Field(description="Whether who said the outcome may have known scores of the list.")
    references: int
    face_id: Id
    image_id: Id
    disagreement: bool
    opinions: list[Opinion]


class LeadSource(Shown):
    """What is behind a reference: who answers for it, and under which authority it is held."""

    name: str
    controller: str
    authority_kind: str
    citation: str
    jurisdiction: str


class Provenance(Shown):
    """As the source told it; empty where it told nothing."""

    image_url: str
    page_url: str
    page_title: str
    caption: str
    captured_at: str
    alt: str
    archived_at: str = Field(description="When a web archive captured it, which is no date of the photograph.")
    http_date: str
    headers: list[str] = Field(description="Of the web server's answer.")
    record_id: str = Field(description="In the web archive.")
    checked: list[str] = Field(description="Digests that the web archive recorded, and whether they hold.")
    opt_outs: list[str] = Field(description="What the web archive recorded against the use of the image.")
    taken_at: str = Field(description="By the file itself, as are the next four; anybody can change that.")
    camera: str
    software: str
    place: str = Field(description="Latitude, longitude in decimal degrees.")
    digital_source: str = Field(description="The IPTC's code of how the picture came about.")
    frames_in_file: int = Field(description="Of an animation or pages; the image is the first.")


class ShownLead(Shown):
    """One examined lead with both sides of its photographs."""

    lead: Lead
    sought: list[str] = Field(description="The faces that it was compared with: JPEG, base64.")
    reference: str = Field(description="JPEG, base64.", json_schema_extra={"contentEncoding": "base64"})
    cautions: str = Field(
        description="Of the years between, by dates and never by a face; and which probe was edited, how."
    )
    source: LeadSource
    provenance: Provenance


class Leads(Shown):
    search_id: Id
    model: str
    space_id: str
    model_files: dict[str, str] = Field(description="File name to SHA-256, of the model that compared.")
    statements: list[str]
    leads: list[Lead]


class Pair(Shown):
    """The sought beside one candidate, blind."""

    handle: Id
    position: int
    outcome: Outcome


class ShownPair(Shown):
    handle: Id
    position: int
    reference_captured_at: str = Field(description="A year, a month or a day; empty where it is not known.")
    cautions: str = Field(
        description="Of the years between, by dates and never by a face; and which probe was edited, how."
    )
    reference: str = Field(description="JPEG, base64.", json_schema_extra={"contentEncoding": "base64"})


class Review(Shown):
    """One's own."""

    id: Id
    search_id: Id
    state: ReviewState
    pairs: list[Pair]


class OpenedReview(Shown):
    id: Id
    search_id: Id
    sought: list[str] = Field(description="The faces that every reference is compared with: JPEG, base64.")
    pairs: list[ShownPair] = Field(description="In an order that tells nothing.")


class Decide(Given):
    outcome: Text = Field(examples=["potential", "no", "inconclusive"])


class Disclose(Given):
    candidate_ids: Ids
    recipients: Texts
    basis: Text


class Warn(Given):
    """Of a search before approval that one reviewed and examined alone."""

    examinations: Ids = Field(description="Handles of one's own locked examinations, one a lead.")
    recipients: Texts
    basis: Text


class Refute(Given):
    lead: Number = Field(description="Its number in the packet, from 1.")
    reason: Text = Field(description="Why it is wrong; every recipient reads it.")
    source: Text = Field(description="By what that is known.")


class DisclosedFile(Shown):
    name: str
    sha256: str
    content: str = Field(description="Base64.")


class Disclosure(Shown):
    """What leaves, or left."""

    id: Id
    search_id: Id
    recipients: list[str]
    statement: str
    model: str
    files: list[DisclosedFile]
    left_out: list[str] = Field(description="What was not made, or cannot be made again as it left, and why.")


class FileLeft(Shown):
    name: str
    sha256: str = Field(description="By the signed manifest.")


class Left(Shown):
    """A disclosure as it is on record, without what was in it."""

    id: Id
    case_id: Id
    search_id: Id
    recipients: list[str]
    basis: str
    made_by: Id
    made_at: datetime
    ends_at: datetime = Field(description="When the packet is no longer kept.")
    leads: int
    erased: int = Field(description="Of the leads, those whose reference was erased since.")
    state: DisclosureState
    refuted: list[int] = Field(description="Numbers of its leads that turned out to be wrong.")
    statement: str
    files: list[FileLeft]
