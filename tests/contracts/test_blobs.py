"""The adapters of the `Blobs` port keep its contract; files leave nothing behind."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from beholden.blobs.files import FileBlobs
from beholden.blobs.memory import MemoryBlobs
from beholden.errors import BadInput, Fault
from beholden.ports.blobs import Blobs
from beholden.testing.blobs_contract import BlobsContract


class TestMemoryBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return MemoryBlobs("memory:")

    def damage(self, blobs: Blobs, address: str) -> None:
        assert isinstance(blobs, MemoryBlobs)
        blobs._held[address] = b"X" + blobs._held[address][1:]


class TestFileBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> Blobs:
        return FileBlobs(f"files:{tmp_path}/blobs")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "blobs"

    def damage(self, blobs: Blobs, address: str) -> None:
        assert isinstance(blobs, FileBlobs)
        with open(blobs._path(address), "r+b") as file:
            file.write(b"X")

    def test_they_are_there_when_the_folder_is_opened_again(self, blobs: Blobs, folder: Path) -> None:
        address = blobs.put(b"sealed")
        assert FileBlobs(f"files:{folder}").get(address) == b"sealed"

    def test_each_is_one_file_two_letters_deep_that_only_its_owner_reads(self, blobs: Blobs, folder: Path) -> None:
        address = blobs.put(b"sealed")
        assert [path for path in folder.rglob("*") if path.is_file()] == [folder / address[:2] / address]
        assert (folder / address[:2] / address).stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("size", [1, 4096, 2_500_000])
    def test_a_purged_file_is_overwritten_with_zeros_before_its_name_goes(
        self, blobs: Blobs, folder: Path, tmp_path: Path, size: int
    ) -> None:
        address = blobs.put(b"s" * size)
        other_name = tmp_path / "other name of the same bytes on disk"
        os.link(folder / address[:2] / address, other_name)
        blobs.purge(address)
        assert not (folder / address[:2] / address).exists()
        assert other_name.read_bytes() == bytes(size)

    def test_a_damaged_file_is_overwritten_before_it_is_put_again(
        self, blobs: Blobs, folder: Path, tmp_path: Path
    ) -> None:
        address = blobs.put(b"sealed bytes")
        os.link(folder / address[:2] / address, tmp_path / "other")
        self.damage(blobs, address)
        blobs.put(b"sealed bytes")
        assert (tmp_path / "other").read_bytes() == bytes(12)

    def test_what_a_crash_left_half_written_is_shredded_on_opening(
        self, blobs: Blobs, folder: Path, tmp_path: Path
    ) -> None:
        address = blobs.put(b"sealed")
        half = folder / address[:2] / "0123456789abcdef.part"
        half.write_bytes(b"half a sealed picture")
        os.link(half, tmp_path / "other")
        again = FileBlobs(f"files:{folder}")
        assert not half.exists()
        assert (tmp_path / "other").read_bytes() == bytes(21)
        assert list(again.addresses()) == [address]

    def test_what_a_living_process_is_writing_is_left_alone(self, blobs: Blobs, folder: Path) -> None:
        address = blobs.put(b"sealed")
        half = folder / address[:2] / "0123456789abcdef.part"
        with half.open("wb") as file:
            file.write(b"half")
            fcntl.flock(file, fcntl.LOCK_EX)
            FileBlobs(f"files:{folder}")
            assert half.exists()
        FileBlobs(f"files:{folder}")
        assert not half.exists()

    def test_a_half_written_file_is_no_blob(self, blobs: Blobs, folder: Path) -> None:
        address = blobs.put(b"sealed")
        (folder / address[:2] / "0123456789abcdef.part").write_bytes(b"half")
        (folder / "notes.txt").write_text("not ours")
        assert list(blobs.addresses()) == [address]

    def test_a_killed_writer_leaves_nothing_after_the_next_opening(self, folder: Path) -> None:
        FileBlobs(f"files:{folder}")
        script = (
            "import os, signal, sys\n"
            "from beholden.blobs import files\n"
            "files.os.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
            f"files.FileBlobs('files:{folder}').put(b'killed before the rename')\n"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
        assert [path.suffix for path in folder.rglob("*") if path.is_file()] == [".part"]
        again = FileBlobs(f"files:{folder}")
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        assert again.get(again.put(b"killed before the rename")) == b"killed before the rename"

    def test_a_folder_that_cannot_be_written_says_which(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("a file, no folder")
        with pytest.raises(Fault, match="file/blobs"):
            FileBlobs(f"files:{tmp_path}/file/blobs")

    @pytest.mark.parametrize("address", ["files:", "files:relative", "/folder", "memory:", ""])
    def test_another_kind_of_address_is_refused(self, address: str) -> None:
        with pytest.raises(BadInput, match="files:"):
            FileBlobs(address)


def test_memory_takes_no_other_address() -> None:
    with pytest.raises(BadInput, match="memory:"):
        MemoryBlobs("files:/somewhere")
