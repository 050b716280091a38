"""The statement of use (REQ 82): counted from the log alone, signed, and recounted by the stand-alone verifier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import beholden_verify
from beholden.actions import exporting, log, statement
from beholden.actions.statement import Issued, make_statement
from beholden.errors import BadInput, Refused, Untrusted
from beholden.formats import statements
from beholden.formats.statements import Figure, Statement
from tests.agency import Agency, last, small_agency


@pytest.fixture(scope="module")
def agency() -> Agency:
    made = small_agency()
    ready = made.ready(1, 2, 3)
    for _ in range(ready.authority.searches):
        made.search(ready.authority)
    with pytest.raises(Refused):  # its uses are used
        made.search(ready.authority)
    return made


def issued(agency: Agency, name: str = "aude", **how: bool) -> Issued:
    day = timedelta(days=1)
    return make_statement(
        agency.system, agency[name], begins_at=agency.clock.at - day, ends_at=agency.clock.at + day, **how
    )


def recounted(agency: Agency, note: bytes, folder: Path) -> list[str]:
    """The verifier's problems, from the bundle and the agency's keys."""
    exporting.export(agency.system, agency["aude"], folder=folder / "bundle")
    (folder / "statement.note").write_bytes(note)
    keys = beholden_verify.parse_keys(
        "KEYS", "".join(f"{key}\n" for key in log.vkeys(agency.system)).encode(), comments=True
    )
    there = beholden_verify.files_below(folder / "bundle")
    said = beholden_verify.open_line("statement", note, keys)
    read = lambda path: (folder / "bundle" / path).read_bytes() if path in there else b""  # noqa: E731
    return list(beholden_verify.LogCheck(there, read, keys, None, 0, said).problems)


def figures(made: Issued) -> dict[str, int | None]:
    return {one.name: one.count for one in made.statement.figures}


@pytest.mark.parametrize("how", [{}, {"public": True}, {"people": True}])
def test_req_82_a_statement_is_signed_and_the_verifier_counts_the_same(
    agency: Agency, tmp_path: Path, how: dict[str, bool]
) -> None:
    made = issued(agency, **how)
    assert statements.read(made.note, log.vkeys(agency.system)) == made.statement
    assert recounted(agency, made.note, tmp_path) == []
    told = agency.told(
        next(n for n in range(len(agency.leaves()) - 1, 0, -1) if agency.leaves()[n]["event"] == "statement.made")
    )
    assert (told["public"], told["people"]) == ([how.get("public", False)], [how.get("people", False)])


def test_req_82_it_says_how_often_and_what_for(agency: Agency) -> None:
    leaves = agency.leaves()
    done = [leaf for leaf in leaves if (leaf["event"], leaf["outcome"]) == ("search.started", "done")]
    refused = [leaf for leaf in leaves if (leaf["event"], leaf["outcome"]) == ("search.started", "refused")]
    made = issued(agency)
    said = figures(made)
    assert (said["searches"], said["searches refused"]) == (len(done), len(refused))
    assert said["searches"] > 0 < len(refused)
    assert sum(count or 0 for count in made.statement.rows.values()) == made.statement.size
    purposes = {row[4] for row in made.statement.rows if row[:2] == ("search.started", "done")}
    assert purposes == {leaf["purpose"] for leaf in done}
    assert made.statement.engine is not None
    assert made.statement.engine["unaccounted"] == 0


def test_the_public_form_tells_no_few_searches_by_the_count_of_the_engine(agency: Agency) -> None:
    whole, public = issued(agency).statement.engine, issued(agency, public=True).statement.engine
    assert whole is not None
    assert public is not None
    assert 0 < int(whole["answered"] or 0) < 5 or int(whole["calls"] or 0) - int(whole["answered"] or 0) < 5
    assert public == {**whole, "calls": None, "answered": None, "accounted_ratio": None}


def test_req_82_people_are_named_only_where_that_is_asked(agency: Agency) -> None:
    ids = set(agency.ids.values())
    assert not ids & {value for row in issued(agency).statement.rows for value in row}
    named = {value.strip('"') for row in issued(agency, people=True).statement.rows for value in row}
    assert agency.ids["ines"] in named


def test_a_statement_that_was_altered_or_counts_otherwise_is_not_borne_out(agency: Agency, tmp_path: Path) -> None:
    made = issued(agency)
    row = next(row for row, count in made.statement.rows.items() if row[:2] == ("search.started", "done"))
    wrong = replace(made.statement, rows={**made.statement.rows, row: 0})
    note = statements.written(wrong, *log.receipt_key(agency.system))
    (tmp_path / "a").mkdir()
    assert "the statement: the log does not bear out its rows" in recounted(agency, note, tmp_path / "a")
    with pytest.raises(Untrusted):
        statements.read(made.note.replace(b'"size":', b'"size": '), log.vkeys(agency.system))
    for other in (b"", log.seal(agency.system)):
        with pytest.raises(Untrusted):
            statements.read(other, log.vkeys(agency.system))


def test_who_may_not_export_the_log_makes_no_statement(agency: Agency) -> None:
    for name in ("ines", "stella", "ada"):
        with pytest.raises(Refused):
            issued(agency, name)
    assert last(agency) == ("statement.made", "refused", ["role-exports-log"])
    assert issued(agency, "pia").statement.rows


def test_a_time_that_ends_before_it_begins_and_names_in_public_are_refused(agency: Agency) -> None:
    at = agency.clock.at
    with pytest.raises(BadInput, match="two ends"):
        make_statement(agency.system, agency["aude"], begins_at=at, ends_at=at)
    with pytest.raises(BadInput, match="names nobody"):
        issued(agency, public=True, people=True)


def test_only_entries_of_the_time_are_counted(agency: Agency) -> None:
    at = agency.clock.at + timedelta(days=300)
    made = make_statement(agency.system, agency["aude"], begins_at=at, ends_at=at + timedelta(days=1))
    assert made.statement.rows == {}
    assert set(figures(made).values()) == {0}


def stated(rows: dict[tuple[str, ...], int], *of: tuple[str, tuple[tuple[str, ...], ...]]) -> Statement:
    made = tuple(statements.figure(name, rows, heads) for name, heads in of)
    return Statement("o", "a", "b", 1, "", ("event", "purpose"), dict(rows), made)


def test_small_counts_are_withheld_and_none_can_be_worked_out_from_a_sum() -> None:
    rows = {("search", "a"): 3, ("search", "b"): 40, ("search", "c"): 50, ("other", "a"): 90, ("third", ""): 7}
    told = statements.withheld(
        stated(rows, ("searches", (("search",),)), ("few", (("search", "a"),)), ("none", (("x",),)))
    )
    assert told.rows == {**rows, ("search", "a"): None, ("search", "b"): None}
    assert told.figures == (
        Figure("searches", 93, (("search",),)),
        Figure("few", None, (("search", "a"),)),
        Figure("none", 0, (("x",),)),
    )


def test_the_size_of_the_log_tells_no_single_row_that_is_withheld() -> None:
    rows = {("a", ""): 2, ("b", ""): 60, ("c", ""): 70}
    assert statements.withheld(stated(rows)).rows == {("a", ""): None, ("b", ""): None, ("c", ""): 70}


def test_figures_are_sums_that_a_reader_can_make() -> None:
    for name, heads in statement.FIGURES.items():
        assert all(len(head) in (2, 3) and "." in head[0] for head in heads), name
