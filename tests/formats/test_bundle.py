"""The bundle folder: exactly the files of its log, what was opened, and nothing half written."""

from __future__ import annotations

import json
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from beholden.errors import BadInput, LogBroken, NoRoom, Untrusted
from beholden.formats import bundle, tiles
from beholden.testing.sealed_log import SealedLog, Signer


@pytest.fixture
def log() -> SealedLog:
    sealed = SealedLog()
    for count in (100, 200, 3):
        sealed.add(count)
    return sealed


@pytest.fixture
def small_files() -> Iterator[None]:
    """The kernel lets this process write no file of more than 32 KiB: as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 * 1024, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_bundle_has_the_files_of_its_size_and_no_others(log: SealedLog, tmp_path: Path) -> None:
    files = log.write(tmp_path / "bundle")
    earlier = {f"checkpoints/{size}" for size in (100, 300, 303)}
    assert set(files) == {"checkpoint", "keys.txt", "opened.jsonl", *earlier, *tiles.tile_paths(303)}
    assert files["checkpoint"] == files["checkpoints/303"] == log.checkpoints[303]
    assert files["keys.txt"] == f"{log.signer.vkey}\n".encode()
    assert all(files[path] == log.witness.read(path) for path in tiles.tile_paths(303))


def test_what_was_opened_stands_in_canonical_lines_in_the_order_of_the_log(log: SealedLog, tmp_path: Path) -> None:
    log.opened.reverse()
    lines = log.write(tmp_path / "bundle")["opened.jsonl"].split(b"\n")
    salt = next(item.salt for item in log.opened if item.n == 17).hex()
    assert lines[17].decode() == f'{{"n":17,"name":"image","salt":"{salt}","value":"image 17 é"}}'
    assert [json.loads(line)["n"] for line in lines[:-1]] == list(range(303))


def test_entries_that_are_not_sealed_yet_are_not_opened(log: SealedLog, tmp_path: Path) -> None:
    log.entry(303)
    assert log.write(tmp_path / "bundle")["opened.jsonl"].count(b"\n") == 303


def test_a_partial_tile_that_gave_way_to_the_full_one_is_cut_out_of_it(log: SealedLog, tmp_path: Path) -> None:
    at_303 = log.write(tmp_path / "before")
    checkpoint = log.checkpoints.pop(303)
    log.add(300)
    log.checkpoints.pop(603)
    log.witness.publish({"checkpoint": checkpoint})
    assert "tile/0/001.p/47" not in log.witness.paths()
    assert log.write(tmp_path / "after") == at_303


def test_a_log_without_entries_makes_a_bundle_too(tmp_path: Path) -> None:
    log = SealedLog()
    log.seal([])
    assert set(log.write(tmp_path / "b")) == {"checkpoint", "checkpoints/0", "keys.txt", "opened.jsonl"}


def test_a_folder_that_holds_anything_is_refused_and_left_alone(log: SealedLog, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    for folder in (tmp_path, tmp_path / "mine"):
        with pytest.raises(BadInput, match="not an empty folder"):
            log.write(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_folder_is_used(log: SealedLog, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "checkpoint" in log.write(tmp_path / "empty")


def test_a_bundle_is_not_made_with_keys_that_do_not_open_it(log: SealedLog, tmp_path: Path) -> None:
    with pytest.raises(Untrusted):
        bundle.write_bundle(tmp_path / "b", log.witness.read, log.witness.paths(), [], [Signer("other").vkey], {})
    assert not (tmp_path / "b").exists()


def test_a_checkpoint_under_a_wrong_size_is_not_passed_on(log: SealedLog, tmp_path: Path) -> None:
    with pytest.raises(LogBroken, match="kept for 5 entries"):
        bundle.write_bundle(
            tmp_path / "b", log.witness.read, log.witness.paths(), [], [log.signer.vkey], {5: log.checkpoints[100]}
        )


def test_a_published_log_with_a_tile_missing_makes_no_bundle(log: SealedLog, tmp_path: Path) -> None:
    paths = [path for path in log.witness.paths() if path != "tile/entries/000"]
    with pytest.raises(LogBroken, match="tile/entries/000"):
        bundle.write_bundle(tmp_path / "b", log.witness.read, paths, [], [log.signer.vkey], {})
    assert not (tmp_path / "b").exists()


def test_a_full_disk_leaves_no_half_of_a_bundle(log: SealedLog, tmp_path: Path, small_files: None) -> None:
    with pytest.raises(NoRoom, match="another disk"):
        log.write(tmp_path / "bundle")
    assert [path for path in (tmp_path / "bundle").rglob("*") if path.is_file()] == []
