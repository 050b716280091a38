"""A process that was stopped while it wrote the sealed copy of the index keeps nobody waiting for ever, an erasure least."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from beholden.actions import erase, follow
from beholden.errors import Locked, StoreNotClean
from beholden.index import alone
from beholden.index.segments import Segments
from beholden.keys.memory import MemoryKeys
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.faces import Face, FaceState
from tests.actions.test_index_on_disk import OnDisk, disk

__all__ = ["disk"]  # a fixture
WRITER = """
import sys, time
from pathlib import Path
from beholden.index.alone import taken
assert taken(Path(sys.argv[1]), wait=True) is not None
print("inside", flush=True)
time.sleep(600)
"""


@contextmanager
def stopped_inside(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock and was stopped."""
    with subprocess.Popen([sys.executable, "-c", WRITER, folder / "lock"], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "inside\n"
            os.kill(other.pid, signal.SIGSTOP)
            yield other
        finally:
            other.kill()


def test_an_erasure_says_which_process_was_stopped_and_is_finished_when_it_ended(
    disk: OnDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = disk.agency
    [face, *_] = agency.find(Face, state=FaceState.LIVE)
    request = agency.granted(face.id)
    with stopped_inside(disk.segments.folder) as other:
        monkeypatch.setattr(alone, "PATIENCE_S", 0.1)
        with pytest.raises(StoreNotClean, match=f"Process {other.pid} holds .*beholden worker --once"):
            erase.erase(agency.system, agency["stella"], request_id=request)
        [unfinished] = agency.find(Erasure)
        assert (unfinished.state, unfinished.receipt) == (ErasureState.ERASING, b"")
        assert face.face_no in {int(number) for one in disk.listed() for number in one.face_nos}, "it is there still"
        with agency.system.database.look() as look:
            follow.follow(agency.system, look)
        assert face.face_no not in agency.system.index.numbers(follow.shelf_of(face)), "and is compared no more"
    [finished] = erase.finish_erasures(agency.system, alone=False)
    assert finished.state is ErasureState.ERASED
    assert face.face_no not in {int(number) for one in disk.listed() for number in one.face_nos}


def test_one_who_gives_signs_of_life_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = MemoryKeys()
    keys.create(["system"])
    lock = tmp_path / "lock"
    monkeypatch.setattr(alone, "PATIENCE_S", 0.5)
    handle = alone.taken(lock, wait=True)
    assert handle is not None
    assert lock.read_bytes().split() == [str(os.getpid()).encode()]

    def work() -> None:
        for _ in range(20):
            time.sleep(0.1)
            alone.give_sign(handle)
        os.close(handle)

    thread = threading.Thread(target=work)
    thread.start()
    with Segments(tmp_path, keys).writing() as ours:
        assert ours
        thread.join()  # it had let go, and was about to end


def test_who_does_not_wait_is_told_at_once_and_who_waits_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "PATIENCE_S", 0.1)
    handle = alone.taken(tmp_path / "new" / "lock", wait=True)
    assert handle is not None
    assert alone.taken(tmp_path / "new" / "lock", wait=False) is None
    with pytest.raises(Locked, match=f"Process {os.getpid()} holds .* then do the same again"):
        alone.taken(tmp_path / "new" / "lock", wait=True)
    os.close(handle)
    again = alone.taken(tmp_path / "new" / "lock", wait=True)
    assert again is not None
    os.close(again)
