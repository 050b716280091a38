"""What people wrote lies sealed in the file, field by field, and whoever reads through the database has it in clear."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.actions.recover import KEYED
from beholden.database.rows import layout_of
from beholden.database.sql import SqlDatabase
from beholden.database.tables import RECORDS
from beholden.database.upgrade import AT_ONCE, SEALED, seal_fields, sealed_fields, upgrade
from beholden.errors import Fault, StoreNotClean
from beholden.keys.memory import MemoryKeys
from beholden.ports.database import Containing, Holding, KeyOf, NoneOf, OneOf, Place
from beholden.records.authority import Authority, AuthorityState, Grounds, Necessity, Urgency
from beholden.records.cases import Case, CaseState
from beholden.records.disclosures import Disclosure, DisclosureState
from beholden.records.erasure import Erasure
from beholden.records.examination import Examination
from beholden.records.retention import Kept
from beholden.records.sealed import Sealed
from beholden.testing.examples import KEPT, NOON, a_case
from tests.contracts.test_database_rows import values_of

# What lies open, and why that must be: whatever else holds a text is sealed, or this test fails.
NAMES = "lists are ordered by it, and the index over it must be in that order"
TERM = "a term of the policy pack"
TERM_OF_OURS = "one of a list of terms"
MADE = "made by Beholden, and no words of anybody"
OPEN = {
    "people.name": NAMES,
    "sources.name": NAMES,
    "galleries.name": NAMES,
    "cases.reference": NAMES,
    "sources.purposes": TERM,
    "galleries.purposes": TERM,
    "cases.purpose": TERM,
    "cases.look_again_on": "a day, and refused where it is none",
    "authorities.purpose": TERM,
    "exigents.ground": TERM,
    "certificates.bands": "ages in years",
    "people.credential": "argon2id, which is made to lie open",
    "sources.document_sha256": "a digest of the instrument, which whoever has it may compare",
    "searches.coverage": "numbers, and the name of the engine that compared",
    "archive_counts.host": "part of the id under which an agreement's days are counted",
    "archive_counts.day": "part of the same id",
    "examinations.components": "terms for what was seen",
    "examinations.scale": TERM_OF_OURS,
    "examinations.tools": TERM_OF_OURS,
    "orders.scope": "terms, and ids of what the order is about; its words are sealed",
    "cosignatures.name": "published by the witness",
    "cosignatures.line": "published by the witness",
    "linked.issuer": "the address of the agency's own sign-in, as in the settings",
    "recovery_keys.vkey": "a public key",
    "outside_examiners.vkey": "a public key",
    "outside_examiners.recipient": "a public key, checked to be one",
    "sent_examinations.nonce": "random, made here; nothing is opened by it",
    "sent_examinations.packet_sha256": "a digest of what left, with a random number in it",
    **dict.fromkeys(
        (
            *("sessions.client", "images.blob", "images.kind", "exhibits.blob", "exhibits.kind", "photographs.blob"),
            *("photographs.needles", "photographs.summary", "erasures.keys", "erasures.blobs", "erasures.needles"),
            *("erasures.summary", "reviews.seed", "samples.root", "samples.seed", "day_counts.event", "day_counts.day"),
            *("searches.model", "searches.model_files", "comparisons.model", "comparisons.model_files"),
            *("sequestrations.keys", "sequestrations.needles", "sequestrations.summary"),
            *("upgrades.old_model", "upgrades.new_model", "upgrades.needles"),
            *("evaluations.model", "evaluations.report_sha256", "calibrations.model", "items.name"),
        ),
        MADE,
    ),
    **dict.fromkeys(
        (
            *(
                "exhibits.stack",
                "exhibit_faces.edited_from",
                "cases.assigned",
                "authorities.follows",
                "authorities.like",
            ),
            *(
                "reviews.reviewer",
                "examinations.examiner",
                "examinations.supersedes",
                "notices.about",
                "incidents.about",
            ),
            "erasures.already_erased",
            *("upgrades.old_space", "upgrades.new_space", "upgrades.space_in_force"),
        ),
        "an id",
    ),
}
ID = ("_id", "_ids", "_by", "_key", "mark")  # how a field ends that holds ids of records, or an HMAC
ENDED_BY = "ended_by"  # which is why, in words


def holds_text(hint: Any) -> bool:
    if is_dataclass(hint):
        return hint is not Kept and any(holds_text(part) for part in get_type_hints(hint).values())
    return hint is str or any(holds_text(part) for part in get_args(hint))


def test_each_text_is_sealed_or_is_listed_here_with_why_it_lies_open() -> None:
    sealed, texts = set(sealed_fields()), set()
    for kind, table in RECORDS.items():
        _, *others = fields(kind)
        hints = get_type_hints(kind)
        texts |= {
            f"{table}.{one.name}"
            for one in others
            if holds_text(hints[one.name]) and (one.name == ENDED_BY or not one.name.endswith(ID))
        }
    assert texts - sealed - OPEN.keys() == set(), (
        "a text that somebody may have written lies open: see records/sealed.py"
    )
    assert OPEN.keys() & sealed == set()
    assert OPEN.keys() - texts == set(), "what is listed is no text of any record"


# Whose key it is where a field is sealed under that of another record than its own.
OWNER = {"viewed.examination_id": Examination, **{f"{table}.id": kind for kind, table in RECORDS.items()}}


def test_a_field_is_sealed_only_under_a_key_that_no_start_sweeps_away() -> None:
    """A key that no record of `KEYED` names is destroyed at the next start, and the text with it."""
    wrong = [
        f"{RECORDS[kind]}.{column.name}"
        for kind in RECORDS
        for column in layout_of(kind).sealed
        if column.sealed_by and OWNER.get(f"{RECORDS[kind]}.{column.sealed_by}") not in KEYED
    ]
    assert wrong == []


WORDS = "the marker of a text 4711"


def an_authority(id: str) -> Authority:
    return Authority(
        id=id,
        version=0,
        kept=KEPT,
        case_id="case",
        sought_id="sought",
        purpose="victim-id-cse",
        urgency=Urgency.PRIOR,
        necessity=Necessity(f"{WORDS} a", f"{WORDS} b", f"{WORDS} c"),
        gallery_ids=("gallery",),
        starts_at=NOON,
        ends_at=NOON,
        searches=1,
        used=0,
        requested_by="ines",
        decided_by="",
        reason=WORDS,
        follows="",
        state=AuthorityState.REQUESTED,
        grounds=Grounds("", WORDS, ""),
    )


@pytest.fixture
def keys() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    upgrade(f"sqlite:///{tmp_path}/records.db")
    return tmp_path / "records.db"


@pytest.fixture
def database(path: Path, keys: MemoryKeys) -> Iterator[SqlDatabase]:
    database = SqlDatabase(f"sqlite:///{path}")
    database.seal_under(keys)
    yield database
    database.close()


def lying(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.iterdir())


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of([values_of(kind) for kind in RECORDS if layout_of(kind).sealed]), max_size=8))
def test_whatever_was_written_is_read_again(drawn: list[Any]) -> None:
    database, keys = SqlDatabase("sqlite://"), MemoryKeys()
    database.seal_under(keys)
    records = {(type(one), one.id): one for one in drawn}
    keys.create(sorted({id for _, id in records if id and "\0" not in id})[::2])  # the others have no key of their own
    with database.begin() as tx:
        tx.add(*records.values())
    with database.look() as look:
        assert [look.get(kind, key) for kind, key in records] == list(records.values())
    database.close()


@pytest.mark.parametrize("text", ["\x1eo1:", "\x1ec1:AAAA", "\x1e", "\0", "x" * 20_000, "Zoë — 中文", "'; --"])
def test_no_text_is_taken_for_a_seal(database: SqlDatabase, text: str) -> None:
    case = a_case(1, title=text, outcome=text)
    with database.begin() as tx:
        tx.add(case)
    with database.begin() as tx:
        assert tx.change(tx.get(Case, case.id), outcome=f"{text}.").outcome == f"{text}."
    with database.look() as look:
        assert (look.get(Case, case.id).title, look.get(Case, case.id).outcome) == (text, f"{text}.")
        assert len(look.find(Case, title=text)) == ("\0" not in text or text == "\0")


def test_the_file_holds_none_of_it_and_empty_fields_say_that_they_are_empty(
    database: SqlDatabase, keys: MemoryKeys, path: Path
) -> None:
    keys.create(["with a key"])
    both = [an_authority("with a key"), an_authority("without")]
    with database.begin() as tx:
        tx.add(*both, a_case(1, title=WORDS))
    with database.begin() as tx:
        tx.change(tx.get(Authority, "without"), differs=f"{WORDS} anew")
    assert WORDS.encode() not in lying(path)
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT necessity, reason, differs, questions FROM authorities ORDER BY id"
        ).fetchall()
    connection.close()
    assert [[field[:4] for field in row] for row in rows] == [
        ["\x1eo1:", "\x1eo1:", "", "[]"],
        ["\x1ec1:", "\x1ec1:", "\x1ec1:", "[]"],
    ]
    with database.look() as look:
        assert look.find(Authority) == [both[0], replace(both[1], version=1, differs=f"{WORDS} anew")]


def test_it_goes_with_the_key_of_its_record_and_other_records_stay(database: SqlDatabase, keys: MemoryKeys) -> None:
    keys.create(["gone", "kept", "disclosed"])
    told = Disclosure("disclosed", 0, KEPT, "case", "search", (WORDS,), WORDS, b"", b"", DisclosureState.MADE)
    with database.begin() as tx:
        tx.add(an_authority("gone"), an_authority("kept"), told)
    keys.destroy(["gone", "disclosed"])
    with database.look() as look:
        gone = look.get(Authority, "gone")
        assert (gone.necessity, gone.reason, gone.grounds) == (Necessity("", "", ""), "", Grounds("", "", ""))
        assert (gone.purpose, gone.state) == ("victim-id-cse", AuthorityState.REQUESTED)
        assert look.get(Authority, "kept") == an_authority("kept")
        assert look.get(Disclosure, "disclosed") == replace(told, recipients=(), basis="")
        assert [one.id for one in look.find(Authority, reason=WORDS)] == ["kept"]
        assert [one.id for one in look.find(Authority, reason="")] == ["gone"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE authorities SET reason = (SELECT reason FROM authorities WHERE id = 'other') WHERE id = 'one'",
        "UPDATE authorities SET reason = differs WHERE id = 'one'",
        "UPDATE authorities SET reason = substr(reason, 1, 40) WHERE id = 'one'",
        "UPDATE authorities SET reason = substr(reason, 1, 8) WHERE id = 'one'",
        "UPDATE authorities SET reason = reason || '!' WHERE id = 'one'",
    ],
)
@pytest.mark.parametrize("keyed", [True, False])
def test_a_sealed_text_opens_in_no_other_row_and_no_other_field(
    database: SqlDatabase, keys: MemoryKeys, path: Path, change: str, keyed: bool
) -> None:
    if keyed:
        keys.create(["one", "other"])
    with database.begin() as tx:
        tx.add(*(replace(an_authority(id), differs=f"{WORDS} too") for id in ("one", "other")))
    with sqlite3.connect(path) as connection:
        connection.execute(change)
    connection.close()
    with database.look() as look:
        with pytest.raises(Fault, match="restore"):
            look.get(Authority, "one")
        with pytest.raises(Fault):
            look.find(Authority, reason="nothing")
        assert look.get(Authority, "other").reason == WORDS


def test_lists_are_narrowed_and_ordered_by_what_it_says(database: SqlDatabase, keys: MemoryKeys) -> None:
    titles = ["Ätna", "attic", "", "cellar", "Bank"]
    keys.create([f"case {n}" for n in range(5)] + [f"authority {n}" for n in range(5)])
    with database.begin() as tx:
        for n, title in enumerate(titles):
            tx.add(a_case(n, title=title, outcome=title))
            tx.add(replace(an_authority(f"authority {n}"), case_id=f"case {n}", reason=title, questions=()))
            told = (title, "Interpol")
            tx.add(Disclosure(f"d{n}", 0, KEPT, "c", "s", told, "", b"", b"", DisclosureState.MADE))

    def found(**where: Any) -> list[int]:
        with database.look() as look:
            return [titles.index(case.title) for case in look.find(Case, **where)]

    with database.look() as look:
        assert found(outcome="attic") == [1]
        assert found(title=OneOf(["Bank", "cellar", "x"])) == [3, 4]
        assert found(title=NoneOf(["Bank", "cellar"])) == [0, 1, 2]
        assert found(containing=Containing("ÄT", ("title", "reference"))) == [0]
        assert found(containing=Containing("A", ("outcome",))) == [0, 1, 3, 4]
        assert found(order="title") == [2, 4, 1, 3, 0]
        assert found(order="-title", after=Place("attic", "case 1"), limit=1) == [4]
        cases = KeyOf(Case, containing=Containing("ll", ("title",)))
        assert [one.id for one in look.find(Authority, case_id=cases)] == ["authority 3"]
        assert [one.id for one in look.find(Authority, case_id=cases, limit=9)] == ["authority 3"]
        assert look.count(Case, title="attic") == 1
        assert [one.id for one in look.find(Disclosure, recipients=Holding("cellar"))] == ["d3"]
        with pytest.raises(TypeError, match="lies sealed"):
            look.find(Erasure, receipt=b"x")


@dataclass(frozen=True, slots=True)
class Numbered:
    id: str
    n: Annotated[int, Sealed()]


def test_a_number_cannot_be_sealed() -> None:
    with pytest.raises(TypeError, match="lies as a number"):
        layout_of(Numbered)


def old(path: Path, count: int) -> list[Any]:
    """As an older version left it: in clear."""
    before = SqlDatabase(f"sqlite:///{path}")
    records = [*(an_authority(f"a{n}") for n in range(count)), *(a_case(n, title=WORDS) for n in range(count))]
    with before.begin() as tx:
        tx.add(*records)
    before.close()
    assert WORDS.encode() in lying(path)
    return records


def test_what_an_older_version_left_in_clear_is_read_and_then_sealed(
    path: Path, database: SqlDatabase, keys: MemoryKeys
) -> None:
    keys.create(["a0"])
    records = old(path, 3)
    with database.look() as look:
        assert [*look.find(Authority), *look.find(Case)] == records
        assert len(look.find(Case, title=WORDS)) == 3
    assert database.seal_left(2) == 2  # as where a crash ends it: the rest goes on
    with database.look() as look:
        assert [*look.find(Authority), *look.find(Case)] == records
    seal_fields(database, keys)
    assert WORDS.encode() not in lying(path)
    with database.look() as look:
        assert [*look.find(Authority), *look.find(Case)] == records
    assert keys.noted(SEALED).decode().split("\n") == sealed_fields()
    assert database.seal_left(AT_ONCE) == 0


def test_a_row_that_is_sealed_in_part_is_sealed_whole(path: Path, database: SqlDatabase, keys: MemoryKeys) -> None:
    """As where a later version marks one more field."""
    keys.create(["a"])
    with database.begin() as tx:
        tx.add(an_authority("a"))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE authorities SET differs = ?", (WORDS,))
    connection.close()
    assert (database.seal_left(9), database.seal_left(9)) == (1, 0)
    with database.look() as look:
        assert look.get(Authority, "a") == replace(an_authority("a"), differs=WORDS)


def test_a_reader_that_keeps_the_file_from_forgetting_leaves_it_to_the_next_opening(
    path: Path, keys: MemoryKeys
) -> None:
    old(path, 1)
    hasty = SqlDatabase(f"sqlite:///{path}", patience=0.05)
    hasty.seal_under(keys)
    with hasty.look() as look:
        look.find(Case)
        seal_fields(hasty, keys)
    assert keys.noted(SEALED) == b""
    seal_fields(hasty, keys)
    assert (keys.noted(SEALED) != b"", WORDS.encode() in lying(path)) == (True, False)
    hasty.close()


def test_it_is_done_once(path: Path, database: SqlDatabase, keys: MemoryKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    seal_fields(database, keys)
    monkeypatch.setattr(SqlDatabase, "purge", lambda self: (_ for _ in ()).throw(StoreNotClean("asked again")))
    monkeypatch.setattr(SqlDatabase, "seal_left", lambda self, limit: (_ for _ in ()).throw(AssertionError("again")))
    seal_fields(database, keys)


def test_nothing_is_sealed_without_keys(path: Path) -> None:
    bare = SqlDatabase(f"sqlite:///{path}")
    with pytest.raises(Fault, match="without keys"):
        bare.seal_left(1)
    bare.close()


def test_state_and_version_of_a_sealed_case_are_in_clear_for_sqlite(database: SqlDatabase, path: Path) -> None:
    with database.begin() as tx:
        tx.add(a_case(1, title=WORDS))
    with sqlite3.connect(path) as connection:
        row = connection.execute("SELECT state, version, reference FROM cases").fetchone()
    connection.close()
    assert row == (CaseState.OPEN, 1, "R-1")
