"""Checking, rebuilding and starting: what does not hold is told, what a crash left is finished, what lives is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from beholden.actions import check, enrol, epoch, erase, exhibits, follow, index, people, recover, replay
from beholden.database.sql import SqlTransaction
from beholden.errors import Fault, IndexIncomplete, Missing
from beholden.index.choosing import best_scanner
from beholden.media.pillow import PillowMedia
from beholden.records.audit import Entry
from beholden.records.disclosures import Notice
from beholden.records.exhibits import Exhibit
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image
from beholden.records.incidents import Incident, IncidentKind
from beholden.records.searches import Search, SearchState
from beholden.stores.memory import MemoryStores
from beholden.worker import work
from tests.agency import Agency, Ready, draw, last, rules_of


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2)


def failing(agency: Agency) -> dict[str, str]:
    findings = check.check(agency.system, agency["aude"])
    assert [one.part for one in findings] == [
        "log",
        "pictures",
        "templates",
        "counts",
        "index",
        "engine",
        "erasures",
        "restrictions",
        "model",
        "reader",
        "room",
        "notices",
        "training",
        "incidents",
    ]
    wrong = {one.part: one.words for one in findings if not one.holds}
    assert agency.told(len(agency.leaves()) - 1).get("does_not_hold", []) == list(wrong)
    return wrong


def test_a_sound_system_holds_in_every_part(agency: Agency, ready: Ready) -> None:
    words = {one.part: one.words for one in check.check(agency.system, agency["ada"])}
    entries = len(agency.leaves()) - 1
    missing = agency.system.media.missing_walls
    assert words == {
        "log": f"{entries:,} entries agree with the signed checkpoints",
        "pictures": "2 images and 1 exhibits are whole",
        "templates": "2 templates open, 0 faces wait for theirs",
        "counts": "2 references are counted as they are",
        "index": f"2 references of 1 source in a gallery, as the records have it; the scanner is {best_scanner().name}",
        "engine": "0 calls of the engine: 0 by searches, 0 for photographs that were given, 0 after erasures, 0 by replays, "
        "0 unfinished, 0 unaccounted",
        "erasures": "0 erasures, all with a receipt",
        "restrictions": "records held as evidence, restricted, not erased: 0 (requests: 0)",
        "model": "drawn, 128 dimensions, files as pinned",
        "reader": "strangers' files are read behind walls" + (f", without {', '.join(missing)}" if missing else ""),
        "room": f"{(1 << 40) // 2**20:,} MiB are free for 2 images",
        "notices": f"{len(agency.find(Notice)):,} notices wait to be sent",
        "training": "everybody whose role asks for training has a certificate that counts",
        "incidents": "0 incidents are not closed",
    }
    assert failing(agency) == {}


def test_req_100_who_has_no_training_that_counts_is_named_and_nothing_is_broken_by_it(agency: Agency) -> None:
    agency.clock.pass_by(days=366)
    for name in ("ada", "aude"):
        agency.officers[name] = people.sign_in_as(agency.system, name=name)
    agency.certify(agency.ids["ines"], "investigator")
    [said] = [one for one in check.check(agency.system, agency["ada"]) if one.part == "training"]
    assert said.holds
    named = said.words.partition(";")[0]
    assert named.startswith("no certificate counts for edda (examiner), ")
    assert "paul (privacy officer)" in named
    assert "ines" not in named
    for number in range(3):
        people.add_person(agency.system, agency["ada"], name=f"steward {number}", roles=("steward",))
        people.sign_in_as(agency.system, name=f"steward {number}")
    [said] = [one for one in check.check(agency.system, agency["ada"]) if one.part == "training"]
    assert " and 2 more; `beholden people certify` enters one" in said.words


def test_each_part_that_does_not_hold_is_named_and_hides_no_other(agency: Agency, ready: Ready) -> None:
    face = agency.find(Face, order="face_no")[0]
    image = agency.get(Image, face.image_id)
    agency.search(ready.authority)
    agency.system.blobs.purge(image.blob)
    agency.system.index.drop([face.face_no])
    entry = agency.find(Entry, n=0)[0]
    with agency.system.database.begin() as tx:
        tx.remove(entry)
        tx.add(replace(entry, leaf=entry.leaf + b" "))
    stores = agency.system.stores
    assert isinstance(stores, MemoryStores)
    stores.room_bytes = 0
    other = agency.find(Face, order="face_no")[1]
    agency.change(other, space_id="f" * 32)
    agency.system.keys.destroy([other.id])
    wrong = failing(agency)
    assert set(wrong) == {"log", "pictures", "templates", "index", "model", "room"}
    assert wrong["log"] == "entry 0 was altered in the records"
    assert wrong["pictures"].startswith(f"1 pictures are damaged, first {image.id}")
    assert "templates of another model" in wrong["model"]
    assert "only 0 MiB are free" in wrong["room"]


@pytest.mark.parametrize(
    ("altered", "seen"),
    [
        ("UPDATE face_counts SET faces = 1 WHERE state = 'live'", "1 are counted as live, and 2 are there"),
        ("DELETE FROM face_counts", "0 are counted as live, and 2 are there"),
    ],
)
def test_a_changed_count_of_references_is_told_stops_every_comparison_and_is_made_anew(
    agency: Agency, ready: Ready, altered: str, seen: str
) -> None:
    search = agency.search(ready.authority)
    agency.unsealed(search, 1)
    alter(agency, altered)
    wrong = failing(agency)
    assert set(wrong) == {"counts", "index"} if "UPDATE" in altered else {"counts"}
    assert seen in wrong["counts"]
    assert "beholden index rebuild" in wrong["counts"]
    assert {one.what for one in agency.find(Incident)} == {IncidentKind.INTEGRITY}
    with pytest.raises(IndexIncomplete, match="2 references of a shelf for which the records have"):
        agency.search(ready.authority)
    with pytest.raises(IndexIncomplete, match="2 references of a shelf for which the records have"):
        replay.replay_search(
            agency.system, agency["aude"], search_id=search.id, reason="a doubt about the list of this search"
        )
    assert index.rebuild(agency.system, agency["ada"]) == 2
    assert failing(agency) == {}
    assert agency.search(ready.authority).coverage == search.coverage


def alter(agency: Agency, text: str) -> None:
    """As somebody who writes to the database past Beholden."""
    with agency.system.database.begin() as tx:
        assert isinstance(tx, SqlTransaction)
        tx._ask(text, ())


def test_a_reader_without_walls_is_told_where_pictures_of_people_are_read(agency: Agency, ready: Ready) -> None:
    bare = replace(agency.system, media=PillowMedia())
    [synthetic] = [one for one in check.check(bare, agency["aude"]) if one.part == "reader"]
    [operational] = [
        one for one in check.check(replace(bare, profile="operational"), agency["aude"]) if one.part == "reader"
    ]
    assert (synthetic.holds, operational.holds) == (True, False)
    assert "without limits and without landlock and without seccomp" in operational.words
    assert "libseccomp" in operational.words


def test_req_113_no_file_is_read_without_the_walls_that_the_policy_asks_for(agency: Agency, ready: Ready) -> None:
    bare = replace(agency.system, media=PillowMedia(), profile="operational")
    told = {"case_id": ready.case.id, "file": "a.png", "why": "seized", "origin": "seized-device"}
    assert "reader-is-walled" in rules_of(agency, exhibits.add_exhibit, bare, agency["ines"], b"no picture", **told)


def test_an_unfinished_erasure_is_told(agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erase, "_remember", crash)
    with pytest.raises(KeyboardInterrupt):
        agency.erase(agency.find(Face, order="face_no")[0].id)
    monkeypatch.undo()
    assert failing(agency) == {"erasures": "1 erasures are not finished; run `beholden worker --once`"}
    recover.recover(agency.system)
    assert failing(agency) == {}


def test_checking_and_rebuilding_are_for_those_who_may(agency: Agency) -> None:
    assert rules_of(agency, check.check, agency.system, agency["ines"]) == ["role-checks-system"]
    assert rules_of(agency, index.rebuild, agency.system, agency["aude"]) == ["role-administrator-keeps-stores"]


def test_a_new_epoch_leaves_every_key_as_it_was(agency: Agency, ready: Ready) -> None:
    first = epoch.begin_key_epoch(agency.system, agency["ada"])
    assert epoch.begin_key_epoch(agency.system, agency["ada"]) == first + 1
    assert failing(agency) == {}
    assert not epoch.finish_key_epoch(agency.system), "nothing was left to finish"


def test_an_epoch_that_a_crash_stopped_is_finished_by_the_next_opening(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(_: object) -> int:
        raise KeyboardInterrupt  # nothing catches it, as a kill: what comes after is never reached

    with monkeypatch.context() as crash:
        crash.setattr(type(agency.system.keys), "begin_epoch", ends)
        with pytest.raises(KeyboardInterrupt):
            epoch.begin_key_epoch(agency.system, agency["ada"])
    assert "epoch" not in agency.told(len(agency.leaves()) - 1), "asked for, and not begun"
    recover.recover(agency.system)
    assert agency.leaves()[-1]["event"] == "epoch.begun"
    (began,) = agency.told(len(agency.leaves()) - 1)["epoch"]
    assert not epoch.finish_key_epoch(agency.system), "it is finished once"
    assert agency.system.keys.begin_epoch() == began + 1
    assert failing(agency) == {}


def test_an_index_is_made_again_from_the_records(agency: Agency, ready: Ready) -> None:
    agency.search(ready.authority)
    agency.erase(agency.find(Face, order="face_no")[0].id)
    assert index.rebuild(agency.system, agency["ada"]) == 1
    assert agency.told(len(agency.leaves()) - 1)["references"] == [1]
    assert agency.search(ready.authority).people == 1


def test_a_template_whose_key_is_gone_is_not_held_by_the_index(agency: Agency, ready: Ready) -> None:
    face = agency.find(Face, order="face_no")[0]
    agency.system.keys.destroy([face.id])
    with agency.system.database.look() as look:
        follow.follow(agency.system, look)
    assert agency.system.index.rows([follow.shelf_of(face)]) == 1


def test_a_search_that_died_with_its_process_is_failed_by_the_next_start(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    agency.change(found, state=SearchState.STARTED, ended_at=None)
    assert recover.recover(agency.system).searches == 1
    assert agency.get(Search, found.id).state is SearchState.FAILED
    assert last(agency) == ("search.finished", "failed", [])
    said = agency.told(len(agency.leaves()) - 1)
    assert (said["search"], said["error"]) == ([found.id], ["Interrupted"])


def test_keys_and_pictures_that_no_record_names_are_swept_up(agency: Agency, ready: Ready) -> None:
    agency.system.keys.create(["a" * 32])
    address = agency.system.blobs.put(agency.system.keys.seal("a" * 32, b"half done", "image/picture"))
    assert recover.recover(agency.system) == recover.Recovered(0, 0, 0, 1, 1)
    assert "a" * 32 not in agency.system.keys.names()
    with pytest.raises(Missing):
        agency.system.blobs.get(address)
    assert failing(agency) == {}


class Busy(MemoryStores):
    """Another process has the folder open."""

    @contextmanager
    def alone(self) -> Iterator[bool]:
        yield False


def test_the_worker_leaves_alone_what_only_a_start_may_sweep(agency: Agency, ready: Ready) -> None:
    agency.system.keys.create(["a" * 32])
    agency.change(agency.search(ready.authority), state=SearchState.STARTED)
    recover.tend(agency.system)
    assert "a" * 32 in agency.system.keys.names()
    assert agency.find(Search)[0].state is SearchState.STARTED


def test_while_another_process_works_nothing_of_its_is_swept_up(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    agency.change(found, state=SearchState.STARTED)
    agency.system.keys.create(["a" * 32])
    assert recover.recover(agency.with_parts(stores=Busy()).system) == recover.Recovered(0, 0, 0, 0, 0)
    assert "a" * 32 in agency.system.keys.names()
    assert agency.get(Search, found.id).state is SearchState.STARTED


def test_a_removal_that_was_interrupted_is_finished(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhibit, _ = exhibits.add_exhibit(
        agency.system, agency["ines"], draw(8), case_id=ready.case.id, file="a", origin="synthetic", why="seized"
    )

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exhibits, "purge_removed", crash)
    with pytest.raises(KeyboardInterrupt):
        exhibits.remove_exhibit(agency.system, agency["ines"], exhibit_id=exhibit.id, reason="wrong")
    monkeypatch.undo()
    assert agency.system.blobs.get(agency.get(Exhibit, exhibit.id).blob)
    assert recover.recover(agency.system).exhibits == 1
    assert recover.recover(agency.system).exhibits == 0
    with pytest.raises(Missing):
        agency.system.blobs.get(exhibit.blob)


def test_an_error_of_an_erasure_that_is_not_on_record_stops_the_start(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Fault("the log cannot be published")

    monkeypatch.setattr(erase, "finish_erasures", broken)
    with pytest.raises(Fault, match="cannot be published"):
        recover.recover(agency.system)


def test_the_worker_embeds_what_waits_and_seals_the_log(agency: Agency, ready: Ready) -> None:
    enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(5),
        source_id=ready.source.id,
        gallery_id=ready.gallery.id,
        taken_from=enrol.TakenFrom("5.png"),
        embed_now=False,
    )
    assert work(agency.system) == 1
    assert work(agency.system) == 0
    assert {face.state for face in agency.find(Face)} == {FaceState.LIVE}
