"""The log is read page by page by those who watch over the system, and that they read it is in it."""

from __future__ import annotations

import pytest

from beholden.actions import cases, log, people, review
from beholden.actions.log import ToldEntry
from beholden.errors import BadInput, LogBroken, Missing
from beholden.records.audit import Entry, Item
from beholden.records.faces import Face
from tests.agency import PURPOSE, Agency, last, rules_of


def walked(agency: Agency, name: str = "aude", event: str = "", limit: int = 7) -> list[ToldEntry]:
    read: list[ToldEntry] = []
    after = ""
    while True:
        page = log.read_entries(agency.system, agency[name], event=event, after=after, limit=limit)
        read += page.shown
        after = page.next
        if not after:
            return read


def test_its_pages_together_are_the_log_as_it_was_when_reading_began_the_newest_first(agency: Agency) -> None:
    agency.ready(1, 2)
    before = agency.leaves()
    read = walked(agency)
    assert [entry.n for entry in read] == [leaf["n"] for leaf in reversed(before)]
    for entry, leaf in zip(read, reversed(before), strict=True):
        assert (entry.event, entry.operation, entry.outcome) == (leaf["event"], leaf["operation"], leaf["outcome"])
        assert (entry.role, entry.purpose, list(entry.rules)) == (leaf["role"], leaf["purpose"], leaf["rules"])
        assert [name for name, _ in entry.values] == [item["name"] for item in leaf["items"]]
        assert dict(entry.values) == {name: values[-1] for name, values in agency.told(entry.n).items()}
        assert entry.erased == 0


def test_it_is_narrowed_to_one_event(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    agency.search(ready.authority)
    agency.search(ready.authority)
    read = walked(agency, "pia", "search.started", limit=1)
    assert [entry.event for entry in read] == ["search.started"] * 2
    assert {entry.purpose for entry in read} == {PURPOSE}
    assert read[0].n > read[1].n
    assert walked(agency, event="erasure.started") == []
    with pytest.raises(BadInput, match=r"knows no event 'search\.stopped'"):
        walked(agency, event="search.stopped")


def test_reading_it_is_in_it(agency: Agency) -> None:
    agency.case()
    newest = agency.leaves()[-1]["n"]
    log.read_entries(agency.system, agency["aude"], event="case.opened", limit=10)
    leaf = agency.leaves()[-1]
    assert (leaf["event"], leaf["operation"], leaf["n"]) == ("log.read", "consultation", newest + 1)
    assert agency.told(leaf["n"]) | {"person": [], "client": []} == {
        "person": [],
        "client": [],
        "event": ["case.opened"],
        "entries": [1],
        "from": [newest],
        "to": [newest],
    }


@pytest.mark.parametrize("name", ["stella", "ines", "sven", "rosa", "ada"])
def test_others_do_not_read_it(agency: Agency, name: str) -> None:
    assert rules_of(agency, log.read_entries, agency.system, agency[name]) == ["role-reads-log"]


def test_who_owes_a_blind_opinion_does_not_read_it(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2).authority)
    agency.change_roles("pia", "examiner")
    review.open_review(agency.system, agency["pia"], search_id=found.id)
    agency.change_roles("pia", "privacy_officer")
    with pytest.raises(Missing, match="lock the opinion that you owe first"):
        log.read_entries(agency.system, agency["pia"])
    assert last(agency) == ("log.read", "failed", [])


def test_what_was_erased_is_a_value_less(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    enrolled = walked(agency, event="image.enrolled")
    agency.erase(agency.find(Face)[0].id)
    after = walked(agency, event="image.enrolled")
    assert len(after) == len(enrolled)
    assert sum(entry.erased for entry in after) > 0
    assert all(len(now.values) + now.erased == len(then.values) for now, then in zip(after, enrolled, strict=True))
    assert ready.source.id


def test_an_altered_entry_is_told_and_not_passed_over(agency: Agency) -> None:
    entry = agency.find(Entry, order="-n", limit=1)[0]
    with agency.system.database.begin() as tx:
        tx.remove(entry)
        tx.add(Entry(entry.n, entry.kept, b"\xff", entry.leaf_hash))
    with pytest.raises(LogBroken, match=f"entry {entry.n} was altered"):
        log.read_entries(agency.system, agency["aude"])


@pytest.mark.parametrize("after", ["x", "WzEsMl0x", "WyJhIiwxXQ", "Wy0xLC0xXQ"])
def test_a_forged_cursor_is_no_page(agency: Agency, after: str) -> None:
    with pytest.raises(BadInput, match="no such page"):
        log.read_entries(agency.system, agency["aude"], after=after)


def test_it_is_narrowed_to_what_one_person_did_by_name_or_id(agency: Agency) -> None:
    agency.case()
    whole = walked(agency)
    for who in ("ines", agency.ids["ines"]):
        read = [entry.n for entry in log.read_entries(agency.system, agency["aude"], person=who, limit=200).shown]
        assert read == [entry.n for entry in whole if ("person", agency.ids["ines"]) in entry.values]
        assert read
    assert agency.told(agency.leaves()[-1]["n"])["of"] == [agency.ids["ines"]]
    assert log.read_entries(agency.system, agency["aude"], person="nobody").shown == ()
    assert "nobody" not in str(agency.told(agency.leaves()[-1]["n"]))


def test_it_is_narrowed_to_what_names_a_record_and_to_several_things_at_once(agency: Agency) -> None:
    case = agency.case()
    other = cases.open_case(agency.system, agency["ivo"], reference="2026-118", title="Cellar", purpose=PURPOSE)
    read = log.read_entries(agency.system, agency["aude"], record=case.id)
    assert [(entry.event, dict(entry.values)["case"]) for entry in read.shown] == [("case.opened", case.id)]
    read = log.read_entries(agency.system, agency["aude"], record=case.id, limit=1)
    assert [entry.event for entry in read.shown] == ["log.read"]  # which named it as well
    found = log.read_entries(agency.system, agency["aude"], record=case.id, event="case.opened", person="ines")
    assert len(found.shown) == 1
    assert not log.read_entries(agency.system, agency["aude"], record=case.id, event="case.opened", person="ivo").shown
    assert log.read_entries(agency.system, agency["aude"], record=other.id, event="case.opened").shown
    for unknown in ("0" * 32, "100 %", "' OR 1"):
        assert log.read_entries(agency.system, agency["aude"], record=unknown).shown == ()
        assert agency.told(agency.leaves()[-1]["n"])["record"] == ["unknown"]


def test_nobody_learns_from_it_what_an_erased_record_was_part_of(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2).authority)
    face = agency.find(Face)[0]
    assert log.read_entries(agency.system, agency["aude"], record=face.id).shown
    agency.erase(face.id)
    assert log.read_entries(agency.system, agency["aude"], record=face.id).shown == ()
    with agency.system.database.look() as look:
        assert look.find(Item, record_id=face.id) == []
    assert log.read_entries(agency.system, agency["aude"], record=found.id).shown


def test_it_is_narrowed_to_a_day_of_utc(agency: Agency) -> None:
    agency.case()
    today = agency.clock.now().date()
    agency.clock.pass_by(days=1)
    agency.officers["aude"] = people.sign_in_as(agency.system, name="aude")
    later = agency.leaves()[-1]["n"]
    old = log.read_entries(agency.system, agency["aude"], day=today.isoformat(), limit=200).shown
    assert old
    assert {entry.at.date() for entry in old} == {today}
    new = log.read_entries(agency.system, agency["aude"], day="2026-11-23", limit=200).shown
    assert [entry.n for entry in new] == [later + 1, later]
    assert log.read_entries(agency.system, agency["aude"], day="2025-01-01").shown == ()
    for wrong in ("yesterday", "2026-13-01", "22.11.2026"):
        with pytest.raises(BadInput, match="is no day"):
            log.read_entries(agency.system, agency["aude"], day=wrong)
