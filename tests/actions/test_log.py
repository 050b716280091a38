"""The published log: sealed, exported, and never signed over what does not continue it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from beholden.actions import exporting, log
from beholden.errors import BadInput, LogBroken
from beholden.formats import tiles
from beholden.records.audit import Checkpoint, Entry
from beholden.records.tree import leaf_hash
from beholden.witness.memory import MemoryWitness
from tests.agency import Agency, last, rules_of


def checked(agency: Agency) -> int:
    with agency.system.database.look() as look:
        return log.check_log(agency.system, look)


def head(agency: Agency) -> tiles.TreeHead:
    return tiles.open_head(agency.system.witness.read(tiles.CHECKPOINT), log.vkeys(agency.system))


def test_sealing_publishes_every_entry_once(agency: Agency) -> None:
    assert checked(agency) == len(agency.leaves())
    note = log.seal(agency.system)
    assert head(agency).size == len(agency.leaves())
    assert log.seal(agency.system) == note
    assert len(agency.find(Checkpoint)) == 1
    agency.case()
    assert log.seal(agency.system) != note
    assert head(agency).size == len(agency.leaves()) == checked(agency)


def test_an_entry_that_is_altered_is_named(agency: Agency) -> None:
    log.seal(agency.system)
    entry = agency.find(Entry, n=3)[0]
    altered = entry.leaf.replace(b"done", b"d0ne")
    with agency.system.database.begin() as tx:
        tx.remove(entry)
        tx.add(Entry(3, entry.kept, altered, entry.leaf_hash))
    with pytest.raises(LogBroken, match="entry 3 was altered in the records"):
        checked(agency)
    with agency.system.database.begin() as tx:
        tx.remove(entry)
        tx.add(Entry(3, entry.kept, altered, leaf_hash(altered)))
    with pytest.raises(LogBroken, match="entry 3 of the records is not the one that was published"):
        checked(agency)


def remove(agency: Agency, *numbers: int) -> None:
    with agency.system.database.begin() as tx:
        tx.remove(*(entry for n in numbers for entry in tx.find(Entry, n=n)))


def test_an_entry_that_is_missing_is_named(agency: Agency) -> None:
    log.seal(agency.system)
    remove(agency, 3)
    with pytest.raises(LogBroken, match="entry 3 is missing from the records"):
        checked(agency)


def test_nothing_is_signed_over_a_gap_or_an_altered_entry(agency: Agency) -> None:
    log.seal(agency.system)
    size = head(agency).size
    agency.case()
    agency.case()
    entry = agency.find(Entry, n=size)[0]
    remove(agency, size)
    with pytest.raises(LogBroken, match=f"entry {size} is missing from the records or was altered; nothing was signed"):
        log.seal(agency.system)
    with agency.system.database.begin() as tx:
        tx.add(Entry(size, entry.kept, entry.leaf + b" ", entry.leaf_hash))
    with pytest.raises(LogBroken, match="nothing was signed"):
        log.seal(agency.system)
    assert head(agency).size == size


def test_records_that_end_before_the_published_log_or_go_on_from_another_entry_are_told(agency: Agency) -> None:
    log.seal(agency.system)
    final = agency.find(Entry, order="-n", limit=1)[0]
    remove(agency, final.n)
    with pytest.raises(LogBroken, match=f"entry {final.n} of the records is not the one"):
        checked(agency)
    with pytest.raises(LogBroken, match="they are older than the log, or were altered"):
        log.seal(agency.system)


def test_a_published_log_that_was_emptied_is_not_signed_anew(agency: Agency) -> None:
    log.seal(agency.system)
    emptied = agency.with_parts(witness=MemoryWitness())
    with pytest.raises(LogBroken, match="it was replaced"):
        log.seal(emptied.system)
    with pytest.raises(LogBroken, match="it was replaced"):
        checked(emptied)


def test_the_log_is_exported_by_those_who_may_into_a_folder_of_its_own(agency: Agency, tmp_path: Path) -> None:
    assert rules_of(agency, exporting.export, agency.system, agency["ines"], folder=tmp_path / "b") == [
        "role-exports-log"
    ]
    exported = exporting.export(agency.system, agency["aude"], folder=tmp_path / "b")
    assert exported == len(agency.leaves())
    assert agency.leaves()[-1]["event"] == "log.exported"
    opened = [json.loads(line) for line in (tmp_path / "b" / "opened.jsonl").read_text().splitlines()]
    assert {one["n"] for one in opened} == set(range(exported))
    with pytest.raises(BadInput):
        exporting.export(agency.system, agency["pia"], folder=tmp_path / "b")
    assert last(agency) == ("log.exported", "failed", [])


def test_one_checkpoint_an_hour_is_kept_for_outsiders_and_the_last(agency: Agency) -> None:
    sizes = []
    for _ in range(4):
        agency.clock.pass_by(minutes=40)
        agency.case()
        log.seal(agency.system)
        sizes.append(head(agency).size)
    kept = agency.find(Checkpoint, order="size")
    assert [one.at for one in kept] == [kept[0].at + n * timedelta(minutes=40) for n in range(4)]
    assert set(log.hourly(kept)) == {sizes[0], sizes[1], sizes[3]}
