"""One table a record, one column a field, derived from the records themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BLOB, INTEGER, REAL, TEXT, Column, Index, MetaData, Table
from sqlalchemy.types import TypeEngine

from beholden.database.rows import Layout, Storage, layout_of
from beholden.records.audit import Checkpoint, Entry, Item
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.disclosures import DisclosedReference, Disclosure, Notice
from beholden.records.erasure import Erasure
from beholden.records.evaluation import Calibration, Evaluation
from beholden.records.examination import Examination
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Aside, Block, Image
from beholden.records.people import Person, Session
from beholden.records.requests import Request
from beholden.records.review import Pair, Review
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source

RECORDS: dict[type, str] = {
    Person: "people",
    Session: "sessions",
    Source: "sources",
    Gallery: "galleries",
    Image: "images",
    Aside: "asides",
    Block: "blocks",
    Face: "faces",
    Case: "cases",
    Exhibit: "exhibits",
    ExhibitFace: "exhibit_faces",
    Sought: "sought",
    Authority: "authorities",
    Search: "searches",
    Candidate: "candidates",
    Review: "reviews",
    Pair: "pairs",
    Examination: "examinations",
    Disclosure: "disclosures",
    DisclosedReference: "disclosed_references",
    Notice: "notices",
    Request: "requests",
    Erasure: "erasures",
    Evaluation: "evaluations",
    Calibration: "calibrations",
    Entry: "entries",
    Item: "items",
    Checkpoint: "checkpoints",
}

# What `find` narrows by, apart from every field that ends in `_id`.
SOUGHT_BY = frozenset(
    {"mark", "pixel_mark", "person_mark", "page_mark", "folder_mark", "state", "change_no", "face_no", "n"}
)
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
    for column in layout.columns:
        if column is not layout.key and (column.name.endswith("_id") or column.name in SOUGHT_BY):
            Index(f"ix_{name}_{column.name}", table.c[column.name], unique=(name, column.name) in UNIQUE)
    return table


TABLES: dict[type, Table] = {kind: _table(kind, name) for kind, name in RECORDS.items()}

counters = Table(
    "counters",
    metadata,
    Column("name", TEXT(), primary_key=True),
    Column("next_number", INTEGER(), nullable=False),
    sqlite_strict=True,
)
