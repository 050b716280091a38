"""Both places of publication keep the contract of the port; a folder also survives what disks do."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from beholden.errors import Fault, NoRoom
from beholden.ports.witness import Witness
from beholden.testing.witness_contract import WitnessContract
from beholden.witness.files import FileWitness
from beholden.witness.memory import MemoryWitness


class TestMemoryWitness(WitnessContract):
    @pytest.fixture
    def witness(self) -> Witness:
        return MemoryWitness()


class TestFileWitness(WitnessContract):
    @pytest.fixture
    def witness(self, tmp_path: Path) -> Witness:
        return FileWitness(f"log:{tmp_path}/published")


@pytest.fixture
def small_files() -> Iterator[None]:
    """The kernel lets this process write no file of more than 64 KiB: as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_the_folder_is_found_again(tmp_path: Path) -> None:
    FileWitness(f"log:{tmp_path}/p").publish({"checkpoint": b"c", "tile/0/000": b"h"})
    again = FileWitness(f"log:{tmp_path}/p")
    assert {path: again.read(path) for path in again.paths()} == {"checkpoint": b"c", "tile/0/000": b"h"}


@pytest.mark.parametrize("address", ["/a/folder", "log:relative", "files:/a", ""])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(Fault, match="log:/the/absolute/folder"):
        FileWitness(address)


def test_a_full_disk_leaves_the_published_file_as_it_was_and_the_checkpoint_unwritten(
    tmp_path: Path, small_files: None
) -> None:
    witness = FileWitness(f"log:{tmp_path}/p")
    witness.publish({"checkpoint": b"old", "tile/entries/000.p/2": b"old"})
    with pytest.raises(NoRoom, match="make room"):
        witness.publish({"checkpoint": b"new", "tile/entries/000.p/2": bytes(65 * 1024)})
    assert {path: witness.read(path) for path in witness.paths()} == {
        "checkpoint": b"old",
        "tile/entries/000.p/2": b"old",
    }
    assert list((tmp_path / "p" / ".unfinished").iterdir()) == []
    witness.publish({"checkpoint": b"new"})
    assert witness.read("checkpoint") == b"new"


def test_all_files_and_their_folders_are_on_the_disk_before_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = FileWitness(f"log:{tmp_path}/p")
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(opened: int) -> None:
        fsync(opened)
        done.append("fsync " + os.readlink(f"/proc/self/fd/{opened}").removeprefix(f"{tmp_path}/p").lstrip("/"))

    def noted_replace(old: Path, new: Path) -> Path:
        done.append(f"name {new.relative_to(tmp_path / 'p')}")
        return replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    witness.publish({"checkpoint": b"c", "tile/0/000": b"h"})
    assert done[:2] == ["fsync .unfinished/file", "name tile/0/000"]
    assert sorted(done[2:-3]) == ["fsync ", "fsync tile", "fsync tile/0"]
    assert done[-3:] == ["fsync .unfinished/file", "name checkpoint", "fsync "]


def test_what_a_killed_process_left_unfinished_is_not_published(tmp_path: Path) -> None:
    FileWitness(f"log:{tmp_path}/p")
    left = tmp_path / "p" / ".unfinished" / "file"
    left.write_bytes(b"half a ti")
    witness = FileWitness(f"log:{tmp_path}/p")
    assert witness.paths() == []
    witness.publish({"tile/0/000": b"whole"})
    assert (witness.paths(), left.exists()) == (["tile/0/000"], False)


def test_a_folder_that_cannot_be_made_is_a_fault_with_its_cause(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Fault, match=os.strerror(errno.ENOTDIR)):
        FileWitness(f"log:{tmp_path}/file/p")


def test_two_that_publish_at_once_take_turns_and_readers_see_whole_files(tmp_path: Path) -> None:
    address = f"log:{tmp_path}/p"
    FileWitness(address).publish({"checkpoint": bytes(9000)})
    torn: list[bytes] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen = FileWitness(address).read("checkpoint")
            if len(seen) != 9000 or len(set(seen)) != 1:
                torn.append(seen)

    reader = threading.Thread(target=read)
    reader.start()
    program = (
        "import sys; from beholden.witness.files import FileWitness; w = FileWitness(sys.argv[1])\n"
        "for _ in range(40): w.publish({'checkpoint': bytes([int(sys.argv[2])]) * 9000})"
    )
    both = [subprocess.Popen([sys.executable, "-c", program, address, str(byte)]) for byte in (1, 2)]
    codes = [process.wait(30) for process in both]
    stop.set()
    reader.join()
    assert (codes, torn) == ([0, 0], [])
