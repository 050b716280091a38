"""The index's sealed copy beside the records: taken up by a start, never believed against them, and free of who was erased."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from beholden.actions import check, erase, follow, index, turn
from beholden.errors import BadInput, Fault, IndexIncomplete, Missing, NoRoom, Refused, SegmentBroken
from beholden.index.exact import ExactIndex
from beholden.index.frames import Segment
from beholden.index.segments import Segments
from beholden.keys.vault import Vault
from beholden.opening import open_folder
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from tests.agency import Agency, Ready, agency_on_disk

PERSONS = (1, 2, 3, 4, 5)


@dataclass
class OnDisk:
    """An agency whose index was kept; `again` is the same folder opened by another process, which has loaded nothing."""

    agency: Agency
    ready: Ready
    folder: Path

    def again(self, *, recover: bool = False) -> Agency:
        opened = open_folder(self.folder / "data", recover=recover)
        return self.agency.with_parts(
            **{
                name: getattr(opened, name)
                for name in ("database", "blobs", "index", "prints", "keys", "stores", "witness", "policy", "model")
            }
        )

    @property
    def segments(self) -> Segments:
        return Segments(self.folder / "data" / "engine" / "segments", self.agency.system.keys)

    def listed(self) -> list[Segment]:
        return self.segments.listed()[0]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[OnDisk]:
    agency = agency_on_disk(tmp_path)
    ready = agency.ready(*PERSONS)
    follow.keep(agency.system)
    yield OnDisk(agency, ready, tmp_path)
    agency.system.close()


def shown(agency: Agency, disk: OnDisk) -> list[int]:
    return sorted(agency.ranks_by_person(agency.search(disk.ready.authority)))


def kept(disk: OnDisk) -> list[int]:
    return sorted(number for one in disk.listed() for number in one.face_nos.tolist())


def numbers(agency: Agency, **where: object) -> list[int]:
    return sorted(face.face_no for face in agency.find(Face, **where))


def test_a_search_with_an_older_snapshot_leaves_the_copy_that_another_process_has_just_written(disk: OnDisk) -> None:
    other = disk.again()
    try:
        follow.bring_up(other.system)
        with other.system.database.look() as older:
            disk.agency.enrol(disk.ready.source, disk.ready.gallery, 6)
            follow.keep(disk.agency.system)
            follow.follow(other.system, older)
        assert kept(disk) == numbers(disk.agency)
        assert len(kept(disk)) == 6
        assert shown(other, disk) == shown(disk.agency, disk)
    finally:
        other.system.close()


def test_a_start_opens_no_template_that_the_segments_hold(disk: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept(disk) == numbers(disk.agency)
    other = disk.again()
    opened: list[int] = []
    real = Vault.open_many
    monkeypatch.setattr(
        Vault, "open_many", lambda vault, items, context: opened.append(len(items)) or real(vault, items, context)
    )
    assert follow.bring_up(other.system) == disk.agency.system.index.applied
    assert sum(opened) == 0
    assert shown(other, disk) == list(PERSONS)
    other.system.close()


def test_what_came_after_the_segments_is_made_from_the_records(disk: OnDisk) -> None:
    disk.agency.enrol(disk.ready.source, disk.ready.gallery, 6)
    other = disk.again()
    assert shown(other, disk) == [*PERSONS, 6]
    assert len(kept(disk)) == len(PERSONS), "a search writes nothing"
    follow.keep(other.system)
    assert kept(disk) == numbers(other)
    other.system.close()


def test_req_64_an_erased_face_is_in_no_segment_and_the_receipt_says_where_it_was_looked_for(disk: OnDisk) -> None:
    [before] = disk.listed()
    name, content = before.path.name, before.path.read_bytes()
    face = disk.agency.find(Face, order="face_no")[1]
    erased = disk.agency.erase(face.id)
    assert dict(erased.summary)["stores"] == "data, keys, index, segments"
    [after] = disk.listed()
    assert after.path.name != name
    assert kept(disk) == numbers(disk.agency, state=FaceState.LIVE)
    assert before.id not in {key.removeprefix("segment/") for key in disk.agency.system.keys.names()}
    heads = [content[at : at + 32] for at in range(0, len(content) - 32, 32)]
    left = [
        path.read_bytes() for part in ("data", "keys") for path in (disk.folder / part).rglob("*") if path.is_file()
    ]
    assert not any(head in other for head in heads for other in left)
    other = disk.again()
    assert shown(other, disk) == [1, 3, 4, 5]
    other.system.close()


def test_req_75_an_erasure_by_another_process_reaches_one_that_holds_the_index(disk: OnDisk) -> None:
    other = disk.again()
    assert shown(other, disk) == list(PERSONS)
    face = disk.agency.find(Face, order="face_no")[2]
    disk.agency.erase(face.id)
    assert other.system.index.stale
    assert shown(other, disk) == [1, 2, 4, 5]
    assert not other.system.index.stale
    follow.keep(other.system)
    assert face.face_no not in kept(disk)
    other.system.close()


def test_an_erasure_before_the_index_was_loaded_rewrites_the_segments(disk: OnDisk) -> None:
    other = disk.again()
    face = other.find(Face, order="face_no")[0]
    other.erase(face.id)
    assert other.system.index.applied == -1, "nothing asked it to load"
    assert kept(disk) == numbers(other, state=FaceState.LIVE)
    other.system.close()


@pytest.mark.parametrize("where", ["_destroy", "_replace", "write"])
def test_req_64_a_start_finishes_an_erasure_that_a_crash_left_in_the_segments(
    disk: OnDisk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    face = disk.agency.find(Face, order="face_no")[0]
    request_id = disk.agency.granted(face.id)
    with monkeypatch.context() as crashing:
        crashing.setattr(Segments, where, crash)
        with pytest.raises(KeyboardInterrupt):
            erase.erase(disk.agency.system, disk.agency["stella"], request_id=request_id)
    disk.agency.system.close()
    other = disk.again(recover=True)
    [erasure] = other.find(Erasure)
    assert erasure.state is ErasureState.ERASED
    disk.agency = other
    assert kept(disk) == numbers(other, state=FaceState.LIVE)
    folder = disk.folder / "data" / "engine" / "segments"
    assert {path.name for path in folder.iterdir()} - {"lock", "catalogue"} == {one.path.name for one in disk.listed()}
    sealing = {name for name in other.system.keys.names() if name.startswith("segment/")}
    assert sealing == {f"segment/{one.id}" for one in disk.listed()}


def test_a_segment_that_cannot_be_read_keeps_nobody_from_being_erased(
    disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise SegmentBroken("a byte of it was changed")

    monkeypatch.setattr(ExactIndex, "expunge", broken)
    erased = disk.agency.erase(disk.agency.find(Face, order="face_no")[0].id)
    assert erased.state is ErasureState.ERASED
    assert disk.listed() == [], "nothing of what cannot be read is kept"
    assert shown(disk.agency, disk) == [2, 3, 4, 5]


def test_an_index_that_cannot_be_asked_what_is_left_is_thrown_away_by_the_erasure(
    disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise IndexIncomplete("a row of the segment cannot be read")

    with monkeypatch.context() as breaking:
        breaking.setattr(ExactIndex, "nearest", broken)
        erased = disk.agency.erase(disk.agency.find(Face, order="face_no")[0].id)
    assert (erased.state, dict(erased.summary)["post_delete_rank"]) == (ErasureState.ERASED, "null")
    assert dict(erased.summary)["self_test"].startswith("0 of 1 templates searched"), (
        "no test is told that was not made"
    )
    assert "thrown away" in dict(erased.summary)["self_test"]
    assert disk.listed() == []
    assert shown(disk.agency, disk) == [2, 3, 4, 5]


@pytest.mark.parametrize("at", [3, 90, 200, -1])
def test_a_flipped_byte_is_noticed_and_what_it_broke_is_made_from_the_records(
    disk: OnDisk, at: int, caplog: pytest.LogCaptureFixture
) -> None:
    [one] = disk.listed()
    content = bytearray(one.path.read_bytes())
    content[at] ^= 4
    one.path.write_bytes(content)
    other = disk.again()
    assert shown(other, disk) == list(PERSONS)
    assert disk.listed() == []
    told = index.check_index(other.system, other["ada"])
    assert not told.holds
    assert one.path.name in told.words
    checked = index.check_index(other.system, other["ada"])
    assert (checked.holds, checked.words) == (True, "5 references of 1 source in a gallery, as the records have it")
    follow.keep(other.system)
    assert kept(disk) == numbers(other)
    other.system.close()


def test_a_check_reads_every_byte_and_says_what_to_do(disk: OnDisk) -> None:
    checked = index.check_index(disk.agency.system, disk.agency["aude"])
    assert checked.holds
    assert "5 lie in sealed segments, every byte as it was written" in checked.words
    [one] = disk.listed()
    content = bytearray(one.path.read_bytes())
    content[-1] ^= 1
    one.path.write_bytes(content)
    found = [finding for finding in check.check(disk.agency.system, disk.agency["aude"]) if not finding.holds]
    assert [finding.part for finding in found] == ["index"]
    assert "not as the index wrote it" in found[0].words
    assert index.check_index(disk.agency.system, disk.agency["aude"]).holds, "it was thrown away, and memory is whole"
    assert disk.agency.told(len(disk.agency.leaves()) - 1)["holds"] == [True]


@pytest.mark.parametrize("at", [3, 200, -1])
def test_a_check_in_a_process_of_its_own_tells_which_file_was_changed(disk: OnDisk, at: int) -> None:
    [one] = disk.listed()
    content = bytearray(one.path.read_bytes())
    content[at] ^= 4
    one.path.write_bytes(content)
    other = disk.again()
    checked = index.check_index(other.system, other["ada"])
    assert not checked.holds
    assert one.path.name in checked.words
    assert other.told(len(other.leaves()) - 1)["holds"] == [False]
    assert index.check_index(other.system, other["ada"]).holds, "it was thrown away, and the records are whole"
    other.system.close()


@pytest.mark.parametrize(
    ("numbered", "applied", "said"),
    [([10**6], 0, "references that the records do not have"), ([], 10**6, "ahead of the records")],
)
def test_a_copy_that_says_what_the_records_do_not_is_thrown_away_whole(
    disk: OnDisk, caplog: pytest.LogCaptureFixture, numbered: list[int], applied: int, said: str
) -> None:
    segments, [one] = disk.segments, disk.listed()
    face_nos = np.array([*one.face_nos.tolist(), *numbered])
    rows = np.vstack([one.rows(np.arange(one.count)), *[one.rows(np.array([0]))] * len(numbered)])
    with segments.writing():
        other = segments.write(one.shelf, one.mark, face_nos, rows)
        segments.put_in_force([other], disk.agency.system.index.applied + applied, segments.in_force().stamp)
    opened = disk.again()
    with caplog.at_level(logging.WARNING, logger="beholden.index"):
        assert shown(opened, disk) == list(PERSONS)
    assert said in caplog.text
    assert disk.listed() == []
    opened.system.close()


def test_a_reference_that_a_segment_lacks_is_made_from_its_record(
    disk: OnDisk, caplog: pytest.LogCaptureFixture
) -> None:
    segments, [one] = disk.segments, disk.listed()
    staying = np.arange(one.count)[1:]
    with segments.writing():
        other = segments.write(one.shelf, one.mark, one.face_nos[staying], one.rows(staying))
        segments.put_in_force([other], disk.agency.system.index.applied, segments.in_force().stamp)
    opened = disk.again()
    with caplog.at_level(logging.WARNING, logger="beholden.index"):
        assert shown(opened, disk) == list(PERSONS)
    assert "lacked 1 references" in caplog.text
    opened.system.close()


def test_a_gallery_that_was_turned_since_is_made_from_the_records(disk: OnDisk) -> None:
    turn.turn_gallery(disk.agency.system, disk.agency["pia"], gallery_id=disk.ready.gallery.id)
    other = disk.again()
    assert shown(other, disk) == list(PERSONS)
    assert other.get(Gallery, disk.ready.gallery.id)
    follow.keep(other.system)
    [one] = disk.listed()
    third = disk.again()
    assert shown(third, disk) == list(PERSONS)
    assert sorted(one.face_nos.tolist()) == numbers(third)
    other.system.close()
    third.system.close()


@pytest.mark.parametrize("where", ["copy", "records"])
def test_too_little_memory_is_a_refusal_that_says_how_much_is_needed(
    disk: OnDisk, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "records":
        disk.segments.clear()
        monkeypatch.setattr(follow, "AT_ONCE", 2)
    segments = Segments(disk.folder / "data" / "engine" / "segments", disk.agency.system.keys)
    small = disk.agency.with_parts(index=ExactIndex("exact:", segments, free=lambda: 1000))
    with pytest.raises(Fault, match=r"MiB more memory.*MiB are free"):
        small.search(disk.ready.authority)
    assert small.system.index.size().rows == 0
    sized = index.size_of_index(small.system, small["ada"], rows=10**7, dimension=128)
    assert (sized.fits, sized.free_bytes, sized.held_rows) == (False, 1000, 0)
    enough = replace(small.system, index=ExactIndex("exact:", segments, free=lambda: 10**9))
    assert shown(replace(small, system=enough), disk) == list(PERSONS)


def test_what_is_made_from_the_records_and_not_kept_needs_room_for_every_row(
    disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.segments.clear()
    monkeypatch.setattr(follow, "AT_ONCE", 2)
    monkeypatch.setattr(follow, "KEEP_EACH", 2)
    segments = Segments(disk.folder / "data" / "engine" / "segments", disk.agency.system.keys)
    made = ExactIndex("exact:", segments, resident=0, free=lambda: told)
    told = (made.expected_bytes(5, 128) + made.expected_bytes(5, 128, sealed=False)) // 2
    system = replace(disk.agency.system, index=made)
    with pytest.raises(Fault, match=f"needs {made.expected_bytes(5, 128, sealed=False) / 2**20:,.0f} MiB more"):
        follow.bring_up(system)
    assert follow.many_new(system)
    told = 10**9
    follow.keep(system)
    assert kept(disk) == numbers(disk.agency)
    assert not follow.many_new(system)


def test_its_size_is_told_in_advance(disk: OnDisk) -> None:
    system, ada = disk.agency.system, disk.agency["ada"]
    now = index.size_of_index(system, ada)
    assert (now.rows, now.dimension, now.held_rows, now.sealed_rows, now.fits) == (5, 128, 5, 5, True)
    assert now.sealed_bytes == disk.listed()[0].path.stat().st_size
    many = index.size_of_index(system, ada, rows=10**7, dimension=128)
    assert many.expected_bytes <= 200 * 10**7, "REQ: 200 bytes a row"
    assert many.unsealed_bytes - many.expected_bytes == 512 * (10**7 - 125_000), "float32 rows that no segment has"
    for wrong in ({"rows": -1}, {"dimension": 10**6}, {"rows": 10**12}):
        with pytest.raises(BadInput):
            index.size_of_index(system, ada, **wrong)
    entries = disk.agency.leaves()
    assert index.size_of_index(system, disk.agency["aude"]) == now
    with pytest.raises(Missing, match="an administrator or an auditor"):
        index.size_of_index(system, disk.agency["ines"])
    assert disk.agency.leaves() == entries, "numbers of a machine say nothing of anybody"
    with pytest.raises(Refused):
        index.check_index(system, disk.agency["ines"])


def test_what_is_made_anew_is_kept_and_told_on_the_way(disk: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "AT_ONCE", 2)
    monkeypatch.setattr(follow, "KEEP_EACH", 2)
    [before] = disk.listed()
    told: list[tuple[int, int]] = []
    rows = index.rebuild(disk.agency.system, disk.agency["ada"], told=lambda done, of: told.append((done, of)))
    assert rows == 5
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert before.id not in {one.id for one in disk.listed()}
    assert kept(disk) == numbers(disk.agency)
    assert shown(disk.agency, disk) == list(PERSONS)


def test_a_full_disk_keeps_nobody_from_searching(disk: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise NoRoom("The disk is full: make room, then do the same again.")

    disk.agency.enrol(disk.ready.source, disk.ready.gallery, 6)
    monkeypatch.setattr(Segments, "write", full)
    with pytest.raises(NoRoom):
        follow.keep(disk.agency.system)
    assert shown(disk.agency, disk) == [*PERSONS, 6]
    assert len(kept(disk)) == len(PERSONS), "what was in force is"
    with pytest.raises(NoRoom):
        index.rebuild(disk.agency.system, disk.agency["ada"])
    assert shown(disk.agency, disk) == [*PERSONS, 6], "the index in memory is whole"
