"""Several processes with one sealed copy of the index: nobody who searches waits for one that writes it, or has stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beholden.actions import follow, index
from beholden.index.segments import Segments
from beholden.records.faces import Face, FaceState
from beholden.serving.upkeep import Upkeep
from tests.actions.test_index_on_disk import PERSONS, OnDisk, disk, kept, numbers, shown
from tests.server.test_upkeep import figures_of

__all__ = ["disk"]  # the fixture

ROOT = Path(__file__).parents[2]
LOCKS = """
import fcntl, sys
lock = open(sys.argv[1], "r+b")
fcntl.flock(lock, fcntl.LOCK_EX)
print("has it", flush=True)
sys.stdin.read()
"""
REBUILDS = """
import sys
from pathlib import Path
from beholden.actions import follow
from beholden.opening import open_folder

system, told = open_folder(Path(sys.argv[1]), recover=False), []

def tell(done, of):
    told.append(done)
    if len(told) == 2:
        print('half done', flush=True)
        sys.stdin.readline()

follow.AT_ONCE, follow.KEEP_EACH = 2, 2
follow.make_anew(system, tell)
print('done', flush=True)
system.close()
"""


@contextmanager
def another_process(script: str, *told: str, says: str) -> Iterator[subprocess.Popen[str]]:
    """It has come as far as to say so."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *told], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == says
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def folder_of(disk: OnDisk) -> Path:
    return disk.folder / "data" / "engine" / "segments"


@contextmanager
def locked_elsewhere(disk: OnDisk) -> Iterator[None]:
    with another_process(LOCKS, str(folder_of(disk) / "lock"), says="has it"):
        yield


def at_once(do: Callable[[], object]) -> object:
    """What it gives, and an error if it waits for the other process, which never ends by itself."""
    given: list[object] = []
    thread = threading.Thread(target=lambda: given.append(do()), daemon=True)
    thread.start()
    thread.join(60)
    assert given, "it waits, or failed"
    return given[0]


def test_a_start_searches_by_the_copy_that_another_process_is_about_to_change(disk: OnDisk) -> None:
    other = disk.again()
    with locked_elsewhere(disk):
        assert at_once(lambda: shown(other, disk)) == list(PERSONS)
        assert at_once(lambda: index.size_of_index(other.system, other["ada"]).sealed_rows) == len(PERSONS)
        assert at_once(lambda: index.check_index(other.system, other["ada"]).holds) is True
    other.system.close()


def test_the_keeper_waits_for_nobody_and_keeps_nobody_waiting(disk: OnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.serving.upkeep.KEEP_CHANGES", 1)
    system = disk.agency.system
    upkeep = Upkeep(system, figures_of(disk.agency))
    disk.agency.enrol(disk.ready.source, disk.ready.gallery, 6)
    with locked_elsewhere(disk):
        assert at_once(lambda: upkeep.keeper.round() or upkeep.keeper.failure) == ""
        assert at_once(lambda: shown(disk.agency, disk)) == [*PERSONS, 6]
        assert len(kept(disk)) == len(PERSONS), "this round was left out"
        waiting = threading.Thread(target=follow.keep, args=(system,))
        waiting.start()  # one that waits, as a command does, stands in no search's way
        assert at_once(lambda: shown(disk.agency, disk)) == [*PERSONS, 6]
        assert waiting.is_alive()
    waiting.join(60)
    upkeep.keep()
    assert kept(disk) == numbers(disk.agency)


def test_what_another_process_rewrote_is_taken_up_while_a_third_one_holds_the_lock(disk: OnDisk) -> None:
    other = disk.again()
    assert shown(other, disk) == list(PERSONS)
    face = disk.agency.find(Face, order="face_no")[2]
    disk.agency.erase(face.id)
    assert other.system.index.stale
    with locked_elsewhere(disk):
        assert at_once(lambda: shown(other, disk)) == [1, 2, 4, 5]
        assert not other.system.index.stale
    other.system.close()


@pytest.mark.parametrize("at", [3, -1])
def test_a_damaged_copy_is_not_used_though_it_cannot_be_thrown_away_now(disk: OnDisk, at: int) -> None:
    [one] = disk.listed()
    content = bytearray(one.path.read_bytes())
    content[at] ^= 4
    one.path.write_bytes(content)
    other = disk.again()
    with locked_elsewhere(disk):
        assert at_once(lambda: shown(other, disk)) == list(PERSONS)
        assert at_once(lambda: shown(other, disk)) == list(PERSONS)
        assert one.path.exists()
    follow.keep(other.system)
    assert not one.path.exists()
    assert kept(disk) == numbers(other)
    other.system.close()


def test_a_copy_that_says_what_the_records_do_not_is_left_to_the_next_who_writes(disk: OnDisk) -> None:
    segments = disk.segments
    with segments.writing():
        segments.put_in_force(segments.listed()[0], 10**6, segments.in_force().stamp)
    other = disk.again()
    with locked_elsewhere(disk):
        assert at_once(lambda: shown(other, disk)) == list(PERSONS)
        assert segments.listed()[1] == 10**6
    follow.keep(other.system)
    assert segments.listed()[1] == other.system.index.applied
    assert kept(disk) == numbers(other)
    other.system.close()


def test_while_another_process_makes_the_index_anew_searches_go_on_by_the_one_before(disk: OnDisk) -> None:
    [before] = disk.listed()
    fresh = disk.again()
    with another_process(REBUILDS, str(disk.folder / "data"), says="half done") as rebuilding:
        assert [one.id for one in disk.listed()] == [before.id], "nothing is in force before all is"
        assert len(list(folder_of(disk).glob("*.segment"))) > 1
        assert at_once(lambda: shown(disk.agency, disk)) == list(PERSONS)
        assert at_once(lambda: shown(fresh, disk)) == list(PERSONS)
        assert follow.keep(disk.agency.system, wait=False) is None
        assert not disk.agency.system.index.stale
        assert rebuilding.stdin is not None
        assert rebuilding.stdout is not None
        rebuilding.stdin.write("go on\n")
        rebuilding.stdin.flush()
        assert rebuilding.stdout.readline().strip() == "done"
        assert rebuilding.wait(60) == 0
    assert disk.agency.system.index.stale
    assert shown(disk.agency, disk) == list(PERSONS)
    assert kept(disk) == numbers(disk.agency)
    assert before.id not in {one.id for one in disk.listed()}
    assert {path.name for path in folder_of(disk).glob("*.segment")} == {one.path.name for one in disk.listed()}
    fresh.system.close()


def test_a_rebuild_that_ends_half_way_leaves_the_copy_as_it_was(disk: OnDisk) -> None:
    [before] = disk.listed()
    with another_process(REBUILDS, str(disk.folder / "data"), says="half done"):
        pass  # and is killed
    assert [one.id for one in disk.listed()] == [before.id]
    disk.agency.system.close()
    disk.agency = disk.again(recover=True)
    assert {path.name for path in folder_of(disk).glob("*.segment")} == {before.path.name}
    assert shown(disk.agency, disk) == list(PERSONS)


def test_what_another_process_made_anew_is_destroyed_by_nobody_who_only_looked(disk: OnDisk) -> None:
    assert shown(disk.agency, disk) == list(PERSONS)
    other = disk.again()
    index.rebuild(other.system, other["ada"])
    index.size_of_index(disk.agency.system, disk.agency["ada"])
    assert disk.agency.system.index.stale
    follow.keep(disk.agency.system)
    assert kept(disk) == numbers(disk.agency)
    other.system.close()


def test_a_copy_of_what_the_records_were_before_they_were_put_back_is_not_believed(
    disk: OnDisk, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """The same numbers are given again, to others: their references would be compared by the rows of those before."""
    data, safe = disk.folder / "data", tmp_path_factory.mktemp("safe")
    disk.agency.system.database.purge()
    for path in data.glob("*.db*"):
        shutil.copy(path, safe)
    for person in (6, 7, 8):
        disk.agency.enrol(disk.ready.source, disk.ready.gallery, person)
    follow.keep(disk.agency.system)
    disk.agency.system.close()
    for path in data.glob("*.db*"):
        path.unlink()
    for path in safe.iterdir():
        shutil.copy(path, data)
    first = disk.again()
    for person in (11, 12, 13):
        first.enrol(disk.ready.source, disk.ready.gallery, person)
    first.system.close()
    again = disk.again()
    with again.system.database.look() as look:
        index.agrees(again.system, look)
    assert "the log does not go on from where it was written" in caplog.text
    for face in again.find(Face, state=FaceState.LIVE):
        [template] = follow.open_templates(again.system, [face])
        assert template is not None
        nearest = again.system.index.nearest([template], 1, [follow.shelf_of(face)])
        assert nearest.face_nos == (face.face_no,)
        assert nearest.scores[0] > 0.999
    again.system.close()


def test_a_folder_or_a_link_beside_the_segments_keeps_nobody_from_being_erased(disk: OnDisk) -> None:
    folder = folder_of(disk)
    (folder / "lost+found").mkdir()
    (folder / "aside").symlink_to(disk.folder)
    (folder / ".nfs000 1").write_bytes(b"left by the machine")
    erased = disk.agency.find(Face, order="face_no")[0]
    disk.agency.erase(erased.id)
    assert kept(disk) == numbers(disk.agency, state=FaceState.LIVE)
    assert Segments(folder, disk.agency.system.keys).tidy()
    assert {path.name for path in folder.iterdir() if path.suffix != ".segment"} == {
        "catalogue",
        "lock",
        "lost+found",
        "aside",
    }
