"""A bundle opens what its reader is to read: everything, one case, or a time; and to one recipient alone where it says so."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from beholden.actions import exporting, log, review
from beholden.actions.exporting import Scope
from beholden.errors import BadInput, Missing
from beholden.formats import cosignatures
from beholden.keys.packed import packed_for, recipient_of
from beholden.records.people import Person, Role
from tests.actions.test_witnessing import watched
from tests.agency import Agency, last
from tests.trials.place import verify


def opened_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "opened.jsonl").read_bytes().splitlines()]


def test_a_bundle_of_one_case_opens_that_case_alone_and_proves_the_whole_log(agency: Agency, tmp_path: Path) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    other = agency.case()
    exporting.export(agency.system, agency["aude"], folder=tmp_path / "b", scope=Scope(ready.case.id))
    assert last(agency) == ("log.exported", "done", [])
    told = agency.told(len(agency.leaves()) - 1)
    assert told["case"] == [ready.case.id]
    opened = opened_in(tmp_path / "b")
    values = [one["value"] for one in opened]
    assert {ready.case.id, ready.authority.id, ready.sought.id, found.id} <= {
        value for value in values if isinstance(value, str)
    }
    assert other.id not in values
    events = {agency.leaves()[one["n"]]["event"] for one in opened}
    assert {"case.opened", "authority.approved", "search.started", "search.finished"} <= events
    assert not events & {"person.added", "source.proposed", "image.enrolled", "session.opened"}
    report = verify("log", tmp_path / "b", log.vkeys(agency.system))
    assert (report["holds"], report["size"]) == (True, len(agency.leaves()))
    with pytest.raises(Missing):
        exporting.export(agency.system, agency["aude"], folder=tmp_path / "c", scope=Scope("0" * 32))
    assert not (tmp_path / "c").exists()


def test_a_bundle_of_a_time_opens_what_was_done_in_it(agency: Agency, tmp_path: Path) -> None:
    agency.case()
    begins = agency.clock.at + timedelta(hours=1)
    agency.clock.pass_by(hours=1)
    inside = agency.case()
    ends = begins + timedelta(hours=1)
    agency.clock.pass_by(hours=1)
    agency.case()
    exporting.export(agency.system, agency["aude"], folder=tmp_path / "b", scope=Scope(begins_at=begins, ends_at=ends))
    leaves = agency.leaves()
    assert {leaves[one["n"]]["event"] for one in opened_in(tmp_path / "b")} == {"case.opened"}
    assert [one["value"] for one in opened_in(tmp_path / "b") if one["name"] == "case"] == [inside.id]
    exporting.export(agency.system, agency["aude"], folder=tmp_path / "after", scope=Scope(begins_at=ends))
    assert {leaves[one["n"]]["event"] for one in opened_in(tmp_path / "after") if one["n"] < len(leaves)} >= {
        "case.opened"
    }
    exporting.export(agency.system, agency["aude"], folder=tmp_path / "before", scope=Scope(ends_at=begins))
    assert max(one["n"] for one in opened_in(tmp_path / "before")) < min(one["n"] for one in opened_in(tmp_path / "b"))
    with pytest.raises(BadInput, match="ends before it begins"):
        exporting.export(
            agency.system, agency["aude"], folder=tmp_path / "c", scope=Scope(begins_at=ends, ends_at=begins)
        )


def test_every_checkpoint_of_a_bundle_carries_its_cosignatures(agency: Agency, tmp_path: Path) -> None:
    near = watched(agency, tmp_path)
    for _ in range(3):
        agency.case()
        agency.clock.pass_by(hours=1)
        exporting.seal_and_ask(agency.system)
    exporting.export(agency.system, agency["aude"], folder=tmp_path / "b")
    kept = [path.read_bytes() for path in (tmp_path / "b" / "checkpoints").iterdir()]
    assert len(kept) >= 3
    for note in [*kept, (tmp_path / "b" / "checkpoint").read_bytes()]:
        assert [one.name for one in cosignatures.read(note, [near.vkey])] == [near.name]
    assert near.vkey in (tmp_path / "b" / "keys.txt").read_text()
    assert verify("log", tmp_path / "b", log.vkeys(agency.system), "--witnesses", "1")["holds"]


def test_a_packed_bundle_is_opened_by_its_recipient_alone(agency: Agency, tmp_path: Path) -> None:
    reader, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    name = str(reader.to_public())
    exporting.export(agency.system, agency["aude"], folder=tmp_path / "b" / "bundle", scope=Scope(recipient=name))
    assert agency.told(len(agency.leaves()) - 1)["recipient"] == [name]
    sealed = packed_for(name, tmp_path / "b")
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(sealed, [reader]))) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert verify("log", tmp_path / "out" / "bundle", log.vkeys(agency.system))["holds"]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [other])
    assert recipient_of(name) == name
    with pytest.raises(BadInput, match="no age recipient"):
        recipient_of("age1nobody")


def test_who_became_a_privacy_officer_with_a_list_open_has_no_bundle_before_the_opinion(
    agency: Agency, tmp_path: Path
) -> None:
    found = agency.search(agency.ready(1, 2).authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    agency.change(agency.get(Person, agency.ids["rosa"]), roles=(Role.PRIVACY_OFFICER,))
    with pytest.raises(Missing, match="lock the opinion that you owe first"):
        exporting.export(agency.system, agency["rosa"], folder=tmp_path / "bundle")
    assert last(agency) == ("log.exported", "failed", [])
    assert not (tmp_path / "bundle").exists()
