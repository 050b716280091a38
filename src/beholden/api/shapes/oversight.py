"""Requests of data subjects, erasures, evaluations, calibrations and the log, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, StrictBool

from beholden.api.shapes.fields import Given, Id, Ids, Number, Shown, Text
from beholden.records.erasure import ErasureState
from beholden.records.evaluation import CalibrationState, EvaluationState
from beholden.records.requests import RequestKind, RequestState, RestrictionState
from beholden.records.reveals import Pictured


class RevealPicture(Given):
    of: Text = Field(description=f"What `id` names: {', '.join(Pictured)}.")
    id: Id = Field(
        description="Of a face of an exhibit, of a candidate on an unsealed list, or of a face that was taken in."
    )
    reason: Text = Field(description="Why it must be seen, not in the words of the reason before; it is on record.")


class FindReferences(Given):
    """By exactly one of the first three; no face is compared."""

    person_ref: Text = ""
    page_url: Text = ""
    image_id: Id = ""
    source_id: Id = Field("", description="Whose person reference it is, where several sources use the same.")


class Reference(Shown):
    face_id: Id
    image_id: Id
    gallery_id: Id
    source_id: Id


class References(Shown):
    records: list[Reference]


class Request(Shown):
    id: Id
    version: int
    kind: RequestKind
    due_at: datetime
    face_ids: list[Id]
    looked_for: str
    identity_checked_by: str = Field(description="Who checked who asks; empty until then.")
    decided_by: str
    reason: str
    state: RequestState


class ReceiveRequest(Given):
    face_ids: Ids
    looked_for: Text = Field(description="How the records were looked for; it goes on the receipt.")
    subject: Text = Field(description="Who asks, and how to answer them; it is sealed.")
    kind: Text = "erasure"
    photograph: StrictBool = Field(False, description="The person gives one to find the records by; none is named yet.")


class GrantRequest(Given):
    identity_checked: StrictBool = Field(
        False, description="You have checked who asks; not needed where that is recorded."
    )
    reason: Text


class RestrictRecords(Given):
    reason: Text = Field(description="Why they must be held as evidence; the person who asks is told it.")
    days: Number | None = Field(
        None, description="Until somebody looks again; as many as the rules allow, if left out."
    )


class Restriction(Shown):
    """Records that are held as evidence: restricted, not erased."""

    id: Id
    version: int
    request_id: Id
    face_ids: list[Id]
    reason: str
    review_by: datetime = Field(description="By when a privacy officer looks again at whether they must be held.")
    restricted_by: Id
    confirmed_by: str
    reviewed_by: str = Field(description="The latest who looked again; empty until then.")
    state: RestrictionState


class Scan(Shown):
    """What was looked through when all of it was erased, for traces of it: none was found."""

    stores: list[str]
    files: int
    bytes: int
    traces: int = Field(description="Pieces of keys and of sealed data that were looked for.")
    damaged_pictures: int = Field(description="Frames that were damaged, and so destroyed whole.")
    self_test: str = Field(description="How many of the erased templates were searched for in the index afterwards.")


class Erasure(Shown):
    id: Id
    request_id: Id
    face_ids: list[Id]
    started_by: Id
    confirmed_by: str
    scan: Scan | None = Field(description="What the byte scan looked at; null until it is clean.")
    state: ErasureState


class Listings(Shown):
    """The searches on whose lists the erased person stood."""

    search_ids: list[Id]


class Evaluation(Shown):
    id: Id
    started_by: Id
    started_at: datetime
    ended_at: datetime | None
    images: int
    people: int
    model: str
    report_sha256: str
    state: EvaluationState


class Calibration(Shown):
    id: Id
    version: int
    evaluation_id: Id
    model: str
    measured_on: str
    proposed_by: Id
    decided_by: str
    reason: str
    valid_until: datetime
    state: CalibrationState


class Value(Shown):
    """One value of an entry."""

    name: str
    value: str | int | bool | list[str]


class Entry(Shown):
    n: int
    at: datetime
    event: str
    operation: str
    role: str
    purpose: str
    outcome: str
    rules: list[str]
    values: list[Value]
    erased: int = Field(description="Values that nobody can open any more: what they told of was erased.")


class Figure(Shown):
    name: str
    count: int | None = Field(description="Null where it is below five and the statement is for the public.")


class StatementOfUse(Shown):
    """How often what was done in a time, counted from the log alone."""

    note: str = Field(description="The statement as a signed note, for `beholden-verify log --statement`.")
    figures: list[Figure]
    calls: int | None = Field(
        description="Of the engine since it was set up, by its own count; null where the public form withholds it."
    )
    unaccounted: int = Field(description="Of these, under no entry of the log that could ask.")
    accounted_ratio: str | None = Field(
        description="Share of the calls, 0–1, for searches whose last opinion is locked; `none` without calls, null where withheld."
    )


class Checkpoint(Shown):
    """What an outsider keeps, to show later that the log only grew."""

    note: str = Field(description="A signed note: origin, number of entries, root.")
    keys: list[str] = Field(description="The public keys of checkpoints and receipts.")


class NotReady(Shown):
    """One reason why no search can begin."""

    part: str = Field(description="What it is about: log, witness, policy, stop, gallery, …")
    why: str
    what_to_do: str


class Readiness(Shown):
    """Whether a search that was approved could begin now."""

    ready: bool
    ready_for: list[str] = Field(
        description="The purposes for which one could; empty where something stands in the way."
    )
    not_ready_because: list[NotReady]
