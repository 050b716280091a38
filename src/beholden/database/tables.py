"""One table a record, one column a field, derived from the records themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BLOB,
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
    func,
    text,
)
from sqlalchemy.types import TypeEngine

from beholden.database.rows import Layout, Storage, layout_of
from beholden.records.audit import Checkpoint, Entry, Item
from beholden.records.authenticators import Link, Passkey, Spent, Totp
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
    Passkey: "passkeys",
    Totp: "totps",
    Link: "links",
    Spent: "spent",
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
# The orders in which lists are read page by page. After the key stands what a list is narrowed by, so that SQLite
# passes over what is not shown without reading its row.
PAGED: dict[str, tuple[str, ...]] = {
    "people": ("name", "id"),
    "sources": ("name", "id", "controller", "citation", "jurisdiction"),
    "galleries": ("name", "id"),
    "cases": ("reference", "id", "title", "assigned"),
    "exhibits": ("case_id", "-created_at", "id", "origin", "state"),
    "authorities": ("-created_at", "id", "case_id"),
    "searches": ("-started_at", "id", "case_id", "state"),
    "requests": ("due_at", "id", "looked_for", "state"),
}
OWN = frozenset({("reviews", "reviewer"), ("examinations", "examiner")})  # asked for by every list: who owes an opinion
SAID = frozenset({("entries", "leaf", "event")})
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
        wanted = column.name.endswith("_id") or column.name in SOUGHT_BY or (name, column.name) in OWN
        if wanted and column is not layout.key:
            Index(f"ix_{name}_{column.name}", table.c[column.name], unique=(name, column.name) in UNIQUE)
    if name in PAGED:
        columns = [table.c[one.removeprefix("-")] for one in PAGED[name]]
        falling = zip(columns, PAGED[name], strict=True)
        Index(f"ix_{name}_paged", *(one.desc() if order.startswith("-") else one for one, order in falling))
    for _, column_name, said_name in (one for one in SAID if one[0] == name):
        Index(f"ix_{name}_{said_name}", said(table.c[column_name], said_name))
    return table


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
