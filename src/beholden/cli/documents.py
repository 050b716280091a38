"""What `--json` gives of each record: a closed list of fields, so that nothing sealed or secret can slip in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from enum import Enum

from beholden.actions.examine import Lead
from beholden.records.audit import instant
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import Notice
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration, Evaluation
from beholden.records.evidence import EvidenceManifest
from beholden.records.examination import Examination, Opinion, Part, disagree
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.exigent import Exigent
from beholden.records.galleries import Gallery
from beholden.records.images import Aside
from beholden.records.incidents import Incident
from beholden.records.near import ToldApart
from beholden.records.patterns import Planted
from beholden.records.people import Person, Session
from beholden.records.quality import quality_reasons
from beholden.records.recovery import RecoveryKey
from beholden.records.requests import Photograph, Request, Restriction
from beholden.records.review import Pair
from beholden.records.samples import Sample, Sampled
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.training import Certificate
from beholden.records.travel import OutsideExaminer

SHOWN: dict[type, tuple[str, ...]] = {
    Person: ("id", "name", "roles", "state"),
    Certificate: ("id", "person_id", "role", "course", "number", "bands", "issued_at", "ends_at", "state"),
    Session: ("id", "name", "ends_at"),  # a key for programs; its secret goes beside it, once
    OutsideExaminer: ("id", "name", "agency", "vkey", "recipient"),
    RecoveryKey: ("id", "person_id", "vkey"),
    Source: (
        *("id", "name", "controller", "authority_kind", "citation", "document_sha256", "jurisdiction", "purposes"),
        *("valid_from", "valid_until", "state", "proposed_by", "decided_by", "reason"),
        *("places", "visitors", "most_a_day", "control"),
    ),
    Gallery: ("id", "name", "purposes", "state", "certified_at", "certified_by"),
    Aside: ("id", "source_id", "gallery_id", "state"),
    ToldApart: ("id", "image_id", "other_image_id", "told_by"),
    Case: ("id", "reference", "title", "purpose", "assigned", "state", "outcome"),
    Exhibit: (
        *("id", "case_id", "origin", "kind", "width", "height", "added_by", "thorough", "smallest_face", "left_out"),
        *("frames_in_file", "stack", "state"),
    ),
    ExhibitFace: ("id", "exhibit_id", "position", "subject_role", "drawn_by", "landmarks_from", "edited_from"),
    EvidenceManifest: ("id", "case_id", "rows", "new", "imported_by"),
    Sought: ("id", "case_id", "face_ids", "subject_role", "why", "declared_by", "state"),
    Authority: (
        *("id", "case_id", "sought_id", "purpose", "urgency", "gallery_ids", "starts_at", "ends_at", "searches"),
        *("used", "requested_by", "decided_by", "reason", "follows", "like", "differs", "unmanifested", "state"),
    ),
    Exigent: (
        *(
            "id",
            "authority_id",
            "case_id",
            "incident_id",
            "begun_by",
            "ground",
            "reason",
            "place",
            "time",
            "review_due",
        ),
        *("second_due", "state", "reviewed_by", "decision"),
    ),
    # a search before it is unsealed: how far it has come, and nothing of any lead
    Search: (
        *("id", "case_id", "authority_id", "sought_id", "searched_by", "started_at", "ended_at", "model"),
        *("probe_quality", "quality_override", "calibration_id", "statements", "limit", "people", "state"),
    ),
    # what it gave goes with the reference, and stands beside its statements only
    Comparison: (
        *("id", "case_id", "authority_id", "sought_id", "face_id", "compared_by", "model", "space_id"),
        *("probe_quality", "quality_override", "calibration_id"),
    ),
    Pair: ("handle", "position", "outcome"),
    # not which part it is: who examines is not told whether somebody did before
    Examination: (
        *("id", "search_id", "components", "limitations", "opinion", "supersedes", "score_revealed", "state"),
        *("described", "marks", "scale", "tools"),
    ),
    Request: ("id", "kind", "due_at", "face_ids", "looked_for", "identity_checked_by", "decided_by", "reason", "state"),
    Photograph: ("id", "request_id", "faces", "compared_face", "ended_by", "entry", "state"),
    Restriction: (
        *("id", "request_id", "face_ids", "reason", "review_by", "restricted_by", "confirmed_by", "reviewed_by"),
        "state",
    ),
    Evaluation: ("id", "started_by", "started_at", "ended_at", "images", "people", "model", "report_sha256", "state"),
    Calibration: (
        *("id", "evaluation_id", "model", "measured_on", "proposed_by", "decided_by", "reason", "valid_until", "state"),
    ),
    Notice: ("id", "recipient", "about", "words", "sent"),
    Incident: (
        *("id", "what", "about", "entry", "times", "last_at", "affected", "materiality", "decide_by", "decided_by"),
        *("detection", "containment", "grounds", "lessons", "state"),
    ),
    Planted: ("id", "face_id", "words", "planted_by"),
    Sample: ("id", "drawn_by", "begins_at", "ends_at", "share", "size", "root", "seed", "uses"),
    Sampled: ("sample_id", "entry", "use_id", "case_id", "verdict", "words", "judged_by", "by_lot"),
    Erasure: ("id", "request_id", "face_ids", "started_by", "confirmed_by", "state"),
}


def document(record: object, **more: object) -> dict[str, object]:
    """The shown fields of a record, and what else the command says of it. Raises KeyError for a kind not listed."""
    return {name: plain(getattr(record, name)) for name in SHOWN[type(record)]} | more


def documents(records: Iterable[object]) -> list[dict[str, object]]:
    return [document(record) for record in records]


def plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def search(one: Search, **more: object) -> dict[str, object]:
    """To who does not see its case, that it is there and how far it has come."""
    if not one.case_id:
        return {"id": one.id, "state": plain(one.state)} | more
    coverage = {
        "words": one.coverage.words(),
        "galleries": one.coverage.galleries,
        "references": one.coverage.references,
        "proven": one.coverage.proven,
        "waiting": one.coverage.waiting,
        "shelves": one.coverage.shelves,
        "rescored": one.coverage.rescored,
        "engine": one.coverage.engine,
    }
    return document(one, coverage=coverage, **more)


def authority(one: Authority, **more: object) -> dict[str, object]:
    necessity = {
        "less_intrusive": one.necessity.less_intrusive,
        "why_person": one.necessity.why_person,
        "why_now": one.necessity.why_now,
    }
    grounds = {
        "external_ref": one.grounds.external_ref,
        "offence": one.grounds.offence,
        "corroboration": one.grounds.corroboration,
    }
    questions = [
        {
            "asked_by": each.asked_by,
            "asked_at": plain(each.asked_at),
            "words": each.words,
            "answered_at": plain(each.answered_at),
            "answer": each.answer,
        }
        for each in one.questions
    ]
    return document(one, necessity=necessity, grounds=grounds, questions=questions, **more)


def face(one: ExhibitFace) -> dict[str, object]:
    box = {"left": one.box.left, "top": one.box.top, "width": one.box.width, "height": one.box.height}
    moments = [frame.seconds for frame in one.frames]
    reasons = [
        {"component": str(each.component), "measured": each.measured, "words": each.words, "advice": each.advice}
        for each in quality_reasons(one.quality)
    ]
    told = {"eyes_px": one.quality.eyes_px, "detector": one.quality.detector, "reasons": reasons}
    return document(one, box=box, moments=moments, edits=[each.words() for each in one.edits], **told)


def examination(one: Examination) -> dict[str, object]:
    words = Opinion(one.opinion).words if one.opinion is not None else ""
    return document(
        one,
        components=dict(one.components),
        opinion_words=words,
        described=[asdict(each) for each in one.described],
        marks=[asdict(each) for each in one.marks],
        tools=dict(one.tools),
    )


def lead(one: Lead) -> dict[str, object]:
    """Of an unsealed search, its opinions in the order of their parts and then of time."""
    parts = list(Part)
    in_order = sorted(one.examinations, key=lambda e: (parts.index(e.part), e.kept.created_at))
    return {
        "candidate": one.candidate.id,
        "rank": one.rank,
        "score": one.score,
        "unrelated_expected": one.unrelated
        and {
            "number": one.unrelated.number,
            "extrapolated": one.unrelated.extrapolated,
        },
        "outcome": one.outcome.value,
        "reviewer_could_know": one.reviewer_could_know,
        "references": one.candidate.references,
        "face_id": one.candidate.face_id,
        "image_id": one.candidate.image_id,
        "disagreement": disagree(one.examinations),
        "opinions": [examination(opinion) | {"part": opinion.part.value} for opinion in in_order],
    }
