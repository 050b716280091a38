"""One table a record, one column a field, derived from the records themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BLOB,
    DDL,
    INTEGER,
    REAL,
    TEXT,
    Column,
    ColumnElement,
    Index,
    MetaData,
    Table,
    case,
    cast,
    event,
    func,
    text,
)
from sqlalchemy.types import TypeEngine

from beholden.database.rows import Layout, Storage, layout_of
from beholden.records.archives import ArchiveCount
from beholden.records.audit import Checkpoint, Cosignature, Entry, Item
from beholden.records.authenticators import Link, Linked, Passkey, Spent, Totp
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import DisclosedReference, Disclosure, Notice
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration, Evaluation
from beholden.records.evidence import Evidence, EvidenceManifest, ProbeLook
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.exigent import Exigent
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, Block, Image
from beholden.records.incidents import Incident
from beholden.records.limits import DayCount
from beholden.records.near import ToldApart
from beholden.records.orders import Order
from beholden.records.outcomes import OutcomeNotice
from beholden.records.patterns import Planted
from beholden.records.people import Person, Session
from beholden.records.recovery import RecoveryKey
from beholden.records.requests import Photograph, Request, Restriction
from beholden.records.review import Pair, Review
from beholden.records.samples import Sample, Sampled
from beholden.records.searches import Search
from beholden.records.sequestration import Sequestered, Sequestration
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.records.training import Certificate
from beholden.records.travel import OutsideExaminer, SentExamination
from beholden.records.upgrades import SideTemplate, Upgrade
from beholden.records.views import Viewed

RECORDS: dict[type, str] = {
    Person: "people",
    Certificate: "certificates",
    Session: "sessions",
    Passkey: "passkeys",
    Totp: "totps",
    Link: "links",
    Linked: "linked",
    RecoveryKey: "recovery_keys",
    Spent: "spent",
    Source: "sources",
    Gallery: "galleries",
    ArchiveCount: "archive_counts",
    Image: "images",
    ToldApart: "told_apart",
    Aside: "asides",
    Block: "blocks",
    Face: "faces",
    Case: "cases",
    Exhibit: "exhibits",
    ExhibitFace: "exhibit_faces",
    Sought: "sought",
    EvidenceManifest: "evidence_manifests",
    Evidence: "evidence",
    Authority: "authorities",
    Exigent: "exigents",
    ProbeLook: "probe_looks",
    Search: "searches",
    Candidate: "candidates",
    Comparison: "comparisons",
    Review: "reviews",
    Pair: "pairs",
    Examination: "examinations",
    Viewed: "viewed",
    OutsideExaminer: "outside_examiners",
    SentExamination: "sent_examinations",
    Disclosure: "disclosures",
    DisclosedReference: "disclosed_references",
    Incident: "incidents",
    Notice: "notices",
    DayCount: "day_counts",
    OutcomeNotice: "outcome_notices",
    Request: "requests",
    Photograph: "photographs",
    Restriction: "restrictions",
    Erasure: "erasures",
    Evaluation: "evaluations",
    Calibration: "calibrations",
    Upgrade: "upgrades",
    SideTemplate: "side_templates",
    Order: "orders",
    Planted: "planted",
    Sample: "samples",
    Sampled: "sampled",
    Sequestration: "sequestrations",
    Sequestered: "sequestered",
    Entry: "entries",
    Item: "items",
    Checkpoint: "checkpoints",
    Cosignature: "cosignatures",
}

# What `find` narrows by, apart from every field that ends in `_id`.
SOUGHT_BY = frozenset(
    {"mark", "pixel_mark", "person_mark", "page_mark", "folder_mark", "state", "change_no", "face_no", "print_no", "n"}
)
# What is asked for page by page, and how. After the columns that order stands what a list is narrowed by, so that SQLite
# passes over what is not shown without reading its row. `-name` falls; `day(name)` is the day of a time; `name.said` is what
# JSON in bytes has under a name.
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "people": {"paged": ("name", "id"), "waiting": ("state", "name", "id", "roles")},
    "sources": {
        "paged": ("name", "id", "controller", "citation", "jurisdiction"),
        "waiting": ("state", "created_at", "id", "proposed_by"),
    },
    "galleries": {"paged": ("name", "id"), "waiting": ("state", "name", "id", "purposes")},
    # By the second, all of a shelf are counted, and their numbers read, without reading the rows.
    "faces": {
        "shelf": ("gallery_id", "source_id", "id", "state"),
        "held": ("space_id", "gallery_id", "source_id", "state", "change_no", "face_no"),
    },
    "side_templates": {"held": ("space_id", "gallery_id", "source_id", "state", "change_no", "face_no")},
    "cases": {"paged": ("reference", "id", "title", "assigned"), "waiting": ("state", "reference", "id", "assigned")},
    "exhibits": {"paged": ("case_id", "-created_at", "id", "origin", "state")},
    "authorities": {
        "paged": ("-created_at", "id", "case_id"),
        "waiting": ("state", "created_at", "id", "requested_by", "case_id"),
    },
    "searches": {
        "paged": ("-started_at", "id", "case_id", "state"),
        "waiting": ("state", "started_at", "id", "searched_by", "case_id"),
    },
    # Every list asks who owes an opinion.
    "reviews": {
        "open": ("reviewer", "state", "search_id"),
        "paged": ("reviewer", "-created_at", "id"),
        "search": ("search_id", "state", "reviewer"),
    },
    "examinations": {
        "open": ("examiner", "state", "search_id"),
        "paged": ("examiner", "-created_at", "id"),
        "search": ("search_id", "state", "examiner"),
        "candidate": ("candidate_id", "examiner"),
    },
    "pairs": {"review": ("review_id", "outcome", "candidate_id")},
    "requests": {"paged": ("due_at", "id", "looked_for", "state"), "waiting": ("state", "due_at", "id", "decided_by")},
    "erasures": {"paged": ("-created_at", "id")},
    "entries": {
        "event": ("leaf.event", "n", "created_by", "created_at"),
        "person": ("created_by", "n", "created_at", "leaf.event"),
        "day": ("day(created_at)", "n", "created_by", "leaf.event"),
    },
    "items": {"of": ("record_id", "n")},
    "cosignatures": {"newest": ("name", "-size", "id")},
}
UNIQUE = frozenset({("faces", "face_no")})  # breaks ties, so two faces with one number must not be

STORED: dict[Storage, type[TypeEngine[Any]]] = {"TEXT": TEXT, "INTEGER": INTEGER, "REAL": REAL, "BLOB": BLOB}

metadata = MetaData()


def _table(kind: type, name: str) -> Table:
    layout: Layout[Any] = layout_of(kind)
    columns = [
        Column(
            column.name,
            STORED[column.storage](),
            primary_key=column is layout.key,
            nullable=column.optional,
            autoincrement=False,
        )
        for column in layout.columns
    ]
    # STRICT: SQLite itself refuses text in a number's column, whoever writes it.
    table = Table(name, metadata, *columns, sqlite_strict=True)
    indexes = INDEXES.get(name, {})
    begun = {parts[0] for parts in indexes.values()}  # an index serves as well for what it begins with
    for column in layout.columns:
        wanted = column.name.endswith("_id") or column.name in SOUGHT_BY
        if wanted and column is not layout.key and column.name not in begun:
            Index(f"ix_{name}_{column.name}", table.c[column.name], unique=(name, column.name) in UNIQUE)
    for index, parts in indexes.items():
        Index(f"ix_{name}_{index}", *(_part(table, part) for part in parts))
    return table


def _part(table: Table, part: str) -> ColumnElement[Any]:
    if part.startswith("-"):
        return table.c[part[1:]].desc()
    if part.startswith("day("):
        return day_of(table.c[part[4:-1]])
    column, _, name = part.partition(".")
    return said(table.c[column], name) if name else table.c[column]


def day_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The day of a time, as it is written in UTC. In these very words, as `said`."""
    return func.substr(column, text("1"), text("10"))


def said(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """What JSON in bytes has under a name; NULL in what is no JSON: an index must not keep an altered row from being found.

    An index serves a question only in its own words, so both take these.
    """
    read = func.json_extract(cast(column, TEXT), text(f"'$.{name}'"))
    return case((func.json_valid(cast(column, TEXT)) == text("1"), read))


TABLES: dict[type, Table] = {kind: _table(kind, name) for kind, name in RECORDS.items()}


def table_of(kind: type) -> Table:
    """Raises TypeError for a class that has no table."""
    try:
        return TABLES[kind]
    except KeyError:
        raise TypeError(f"{kind.__name__} has no table: only the classes of `tables.RECORDS` are stored") from None


counters = Table(
    "counters",
    metadata,
    Column("name", TEXT(), primary_key=True),
    Column("next_number", INTEGER(), nullable=False),
    sqlite_strict=True,
)

# How many records agree in these fields, kept by SQLite itself in the transaction that adds, changes or removes one, whoever
# writes: each search counts the references of each shelf several times [2 to 6 ms each for 100,000 by reading an index].
TALLIED: dict[type, tuple[str, ...]] = {Face: ("gallery_id", "source_id", "space_id", "state")}
face_counts = Table(
    "face_counts",
    metadata,
    *(Column(name, TEXT(), primary_key=True) for name in TALLIED[Face]),
    Column("faces", INTEGER(), nullable=False),
    sqlite_strict=True,
)


def _triggers() -> tuple[str, ...]:
    names = TALLIED[Face]
    new, old = (", ".join(f"{row}.{name}" for name in names) for row in ("NEW", "OLD"))
    more = (
        f"INSERT INTO face_counts ({', '.join(names)}, faces) VALUES ({new}, 1) "  # noqa: S608  # names of our own
        f"ON CONFLICT ({', '.join(names)}) DO UPDATE SET faces = faces + 1;"
    )
    less = f"UPDATE face_counts SET faces = faces - 1 WHERE ({', '.join(names)}) = ({old});"  # noqa: S608
    return (
        f"CREATE TRIGGER faces_added AFTER INSERT ON faces BEGIN {more} END",
        f"CREATE TRIGGER faces_removed AFTER DELETE ON faces BEGIN {less} END",
        f"CREATE TRIGGER faces_changed AFTER UPDATE ON faces WHEN ({new}) IS NOT ({old}) BEGIN {less} {more} END",
    )


for trigger in _triggers():
    event.listen(metadata, "after_create", DDL(trigger))  # type: ignore[no-untyped-call]  # DDL has no types
