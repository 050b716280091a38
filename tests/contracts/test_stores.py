"""Stores on disk and in memory keep the contract; on disk, with real locks, real links and files that go away."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from beholden.errors import Fault, Locked, StoreNotClean
from beholden.ports.stores import Stores
from beholden.stores.disk import DiskStores
from beholden.stores.memory import MemoryStores
from beholden.testing.stores_contract import StoresContract, chance

BALLAST = 100_000


class TestMemoryStores(StoresContract):
    def stores_with(self, files: Mapping[str, bytes]) -> Stores:
        return MemoryStores([lambda: {"data/.": b"", "keys/.": b""}.items(), files.items])


class TestDiskStores(StoresContract):
    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path) -> None:
        self.tmp_path, self.number = tmp_path, 0

    def stores_with(self, files: Mapping[str, bytes]) -> Stores:
        self.number += 1
        root = self.tmp_path / str(self.number)
        for name in ("data/x", "keys/x", *files):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (root / name).write_bytes(content)
        return DiskStores(root / "data", root / "keys", ballast_bytes=BALLAST)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").mkdir()
    return tmp_path / "data"


def opened(data: Path) -> DiskStores:
    return DiskStores(data, data.parent / "keys", ballast_bytes=BALLAST)


def test_a_missing_folder_is_a_fault_that_names_it(data: Path) -> None:
    with pytest.raises(Fault, match="elsewhere"):
        DiskStores(data, data.parent / "elsewhere")
    with pytest.raises(Fault, match="elsewhere"):
        DiskStores(data.parent / "elsewhere", data)


def test_the_ballast_takes_real_room_and_is_whole(data: Path) -> None:
    stores = opened(data)
    about = (data / "ballast").stat()
    assert about.st_size == BALLAST
    assert about.st_blocks * 512 >= BALLAST
    (data / "ballast").write_bytes(b"cut short")
    assert stores.restore_ballast()
    assert (data / "ballast").stat().st_size == BALLAST
    assert stores.drop_ballast()
    assert not (data / "ballast").exists()
    stores.close()
    opened(data).close()
    assert (data / "ballast").stat().st_size == BALLAST, "opening puts it back"


def test_without_room_the_ballast_is_not_put_back_and_no_half_is_left(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = opened(data)
    stores.drop_ballast()
    full = "/dev/full"  # the kernel's own full disk: every write answers ENOSPC
    really = os.open

    def to_a_full_disk(path: object, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith("ballast.part"):
            return really(full, os.O_WRONLY)
        return really(path, flags, mode)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", to_a_full_disk)
    assert not stores.restore_ballast()
    assert not list(data.glob("ballast*"))
    monkeypatch.undo()
    assert stores.restore_ballast()
    stores.close()


def is_alone(stores: DiskStores) -> bool:
    with stores.alone() as alone:
        return alone


def test_who_opens_the_folder_of_one_who_is_alone_waits(data: Path) -> None:
    from threading import Event, Thread

    one, came = opened(data), Event()

    def come() -> None:
        opened(data).close()
        came.set()

    with one.alone() as alone:
        assert alone
        other = Thread(target=come)
        other.start()
        assert not came.wait(0.3)
    assert came.wait(10)
    other.join()
    one.close()


def test_two_that_have_the_folder_open_are_not_alone(data: Path) -> None:
    one = opened(data)
    assert is_alone(one)
    two = opened(data)
    assert not is_alone(one)
    assert not is_alone(two)
    assert not is_alone(one), "asking does not give up one's own place"
    two.close()
    assert is_alone(one)
    one.close()


def test_another_process_is_seen_until_it_ends(data: Path) -> None:
    holding = (
        "import sys, pathlib; from beholden.stores.disk import DiskStores; data = pathlib.Path(sys.argv[1]);"
        "held = DiskStores(data, data.parent / 'keys', ballast_bytes=10); "
        "print(held.alone().__enter__(), flush=True); sys.stdin.read()"
    )
    one = opened(data)
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "False\n"
        assert not is_alone(one)
        other.kill()
        other.wait()
        assert is_alone(one), "the lock of a killed process is gone with it"
    one.close()


def test_a_folder_that_another_holds_for_itself_is_locked(data: Path) -> None:
    import fcntl

    with open(data / "lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Locked, match="for itself"):
            opened(data)
    opened(data).close()


def test_closed_stores_are_locked_and_close_twice(data: Path) -> None:
    stores = opened(data)
    stores.close()
    stores.close()
    with pytest.raises(Locked):
        is_alone(stores)
    with pytest.raises(Locked):
        stores.restore_ballast()


def test_files_behind_links_are_scanned_and_a_circle_of_links_ends(data: Path, tmp_path: Path) -> None:
    needle = chance(1, 32)
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "a").write_bytes(needle)
    (tmp_path / "b").write_bytes(b"12345" + needle)
    (data / "moved").symlink_to(tmp_path / "away")
    (data / "file").symlink_to(tmp_path / "b")
    (data / "round").symlink_to(data)
    (data / "nothing").symlink_to(tmp_path / "not there")
    stores = opened(data)
    assert set(stores.scan([needle]).found) == {"data/moved/a at byte 0", "data/file at byte 5"}
    stores.close()


def test_what_is_no_regular_file_is_passed_over(data: Path) -> None:
    os.mkfifo(data / "pipe")
    stores = opened(data)
    assert stores.scan([chance(1, 32)]).found == ()
    stores.close()


def test_a_file_that_goes_away_meanwhile_is_fine(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (data / name).write_bytes(b"x")
    stores = opened(data)
    before = stores.scan([chance(1, 16)])
    really = open

    def gone_before_it_opens(path: Path, *how: object, **more: object) -> object:
        if path.name == "b":
            path.unlink()
        return really(path, *how, **more)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", gone_before_it_opens)
    assert stores.scan([chance(1, 16)]).files == before.files - 1
    stores.close()


@pytest.mark.parametrize("barred", ["data/closed", "keys/closed"])
def test_a_file_that_cannot_be_read_fails_the_scan(data: Path, barred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = data.parent / barred
    path.write_bytes(b"x")
    path.chmod(0)
    stores = opened(data)
    if os.geteuid() == 0:  # root reads everything: let the kernel's answer to others be given
        really = open

        def refused(name: Path, *how: object, **more: object) -> object:
            if name == path:
                raise PermissionError(13, "Permission denied", str(name))
            return really(name, *how, **more)  # type: ignore[call-overload]

        monkeypatch.setattr("builtins.open", refused)
    with pytest.raises(StoreNotClean, match="closed"):
        stores.scan([chance(1, 16)])
    monkeypatch.undo()
    stores.close()


def test_a_read_that_fails_half_way_fails_the_scan(data: Path) -> None:
    # /proc/self/mem is a regular file whose first page cannot be read: the kernel answers EIO.
    (data / "damaged").symlink_to("/proc/self/mem")
    stores = opened(data)
    with pytest.raises(StoreNotClean, match="damaged"):
        stores.scan([chance(1, 16)])
    stores.close()
