"""A backup is tried by putting it back: all of one moment, opened by what unlocks it, and by nothing that was left in it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from beholden import restoring
from beholden.actions import backup, cases, epoch
from beholden.actions.recover import recover
from beholden.errors import BadInput, Fault, NotProven, Refused, Untrusted
from beholden.opening import open_folder
from beholden.records.audit import Entry
from beholden.records.cases import Case
from beholden.records.faces import Face, FaceState
from beholden.restoring import Restored, restore
from beholden.stores.memory import MemoryStores
from tests.agency import Agency, Ready, agency_on_disk, small_agency


@dataclass
class Kept:
    """An agency at work, a backup of it, and a copy of its kek.json."""

    folder: Path
    agency: Agency
    ready: Ready

    @property
    def parts(self) -> tuple[Path, Path, Path]:
        return self.folder / "a" / "data", self.folder / "b" / "keys", self.folder / "kek.json"

    def make(self) -> backup.Backup:
        data, keys, kek = self.parts
        shutil.copy(self.folder / "live" / "keys" / "kek.json", kek)
        return backup.make_backup(self.agency.system, self.agency["ada"], to=data, keys_to=keys)

    def restore(self, *, trial: bool = False) -> Restored:
        new = self.folder / "new"
        return restore(*self.parts, data=new / "data", keys=new / "keys", trial=trial)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    live = tmp_path / "live"
    live.mkdir()
    agency = agency_on_disk(live)
    yield Kept(tmp_path, agency, agency.ready(1, 2))
    agency.system.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")} if folder.exists() else set()


def test_what_was_backed_up_is_there_again_and_is_worked_on(kept: Kept) -> None:
    made = kept.make()
    with kept.agency.system.database.look() as look:
        before = (look.find(Case), look.find(Face))
    restored = kept.restore()
    assert (restored.entries, restored.files) == (made.entries, made.files)
    assert kept.agency.leaves()[-1]["event"] == "backup.made"
    kept.agency.system.close()
    system = open_folder(kept.folder / "new" / "data")
    again = Agency(system, kept.agency.clock, kept.agency.officers, kept.agency.ids)
    with system.database.look() as look:
        assert (look.find(Case), look.find(Face)) == before
        assert look.count(Entry) == made.entries
    found = again.search(kept.ready.authority)
    assert found.people == 2
    kept.agency = again


def test_nothing_in_either_place_opens_the_keys(kept: Kept) -> None:
    kept.make()
    data, keys, _ = kept.parts
    assert "keys.db" not in names(data)
    assert names(keys) == {"keys.db", "manifest.note"}
    assert names(data) & {"kek.json", "ballast", "lock", "handover", "records.db-wal"} == set()
    assert {"records.db", "beholden.toml", "checkpoint", "ca-2020.note", "manifest.note"} <= names(data)
    content = b"".join(path.read_bytes() for part in (data, keys) for path in part.rglob("*") if path.is_file())
    assert (kept.folder / "live" / "key-file").read_bytes().strip() not in content
    assert {path.stat().st_mode & 0o77 for part in (data, keys) for path in part.rglob("*")} == {0}


def test_a_trial_looks_at_every_part_and_leaves_nothing(kept: Kept) -> None:
    kept.make()
    tried = kept.restore(trial=True)
    assert [(one.part, one.words) for one in tried.findings if not one.holds] == []
    assert {"log", "pictures", "templates", "index", "erasures"} <= {one.part for one in tried.findings}
    assert names(kept.folder / "new") == set()
    again = kept.restore(trial=True)
    assert again.entries == tried.entries


@pytest.mark.parametrize(
    ("to", "keys_to", "words"),
    [
        ("x", "x", "in one place"),
        ("x", "x/keys", "in one place"),
        ("x/data", "x", "in one place"),
        ("live/data/x", "y", "one inside the other"),
        ("x", "live/keys/y", "one inside the other"),
        (".", "y", "one inside the other"),
        ("full", "y", "not empty"),
        ("x", "live/key-file", "not empty"),
    ],
)
def test_places_that_are_not_apart_or_not_empty_are_refused(kept: Kept, to: str, keys_to: str, words: str) -> None:
    (kept.folder / "full").mkdir()
    (kept.folder / "full" / "mine").touch()
    before = names(kept.folder)
    with pytest.raises(BadInput, match=words):
        backup.make_backup(kept.agency.system, kept.agency["ada"], to=kept.folder / to, keys_to=kept.folder / keys_to)
    assert names(kept.folder) == before
    assert kept.agency.leaves()[-1]["outcome"] == "failed"


def test_only_an_administrator_takes_a_backup(kept: Kept) -> None:
    with pytest.raises(Refused, match="administrator"):
        backup.make_backup(kept.agency.system, kept.agency["ines"], to=kept.folder / "x", keys_to=kept.folder / "y")
    assert not (kept.folder / "x").exists()
    assert not (kept.folder / "y").exists()


def test_a_system_in_memory_has_no_backup(tmp_path: Path) -> None:
    agency = small_agency()
    assert isinstance(agency.system.stores, MemoryStores)
    with pytest.raises(BadInput, match="in memory"):
        backup.make_backup(agency.system, agency["ada"], to=tmp_path / "x", keys_to=tmp_path / "y")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_fails_leaves_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    (kept.folder / "y").mkdir()  # was there before: it stays, and empty
    monkeypatch.setattr("beholden.stores.backups.digests", full)
    with pytest.raises(Fault, match="full"):
        backup.make_backup(kept.agency.system, kept.agency["ada"], to=kept.folder / "x", keys_to=kept.folder / "y")
    monkeypatch.setattr("beholden.stores.backups._copy", full)
    with pytest.raises(Fault, match="full"):
        backup.make_backup(kept.agency.system, kept.agency["ada"], to=kept.folder / "x", keys_to=kept.folder / "y")
    assert not (kept.folder / "x").exists()
    assert list((kept.folder / "y").iterdir()) == []


def test_it_is_of_one_moment_while_others_write(kept: Kept) -> None:
    stop, opened = threading.Event(), []

    def work() -> None:
        while not stop.is_set():
            opened.append(
                cases.open_case(
                    kept.agency.system,
                    kept.agency["ines"],
                    reference=f"R-{len(opened)}",
                    title=f"title {len(opened)}",
                    purpose="victim-id-cse",
                )
            )

    worker = threading.Thread(target=work)
    worker.start()
    try:
        while len(opened) < 2:
            stop.wait(0.01)
        kept.make()
    finally:
        stop.set()
        worker.join()
    assert [one for one in kept.restore(trial=True).findings if not one.holds] == []
    kept.restore()
    system = open_folder(kept.folder / "new" / "data", recover=False)
    with system.database.look() as look:
        found = {one.reference: one.title for one in look.find(Case) if one.reference.startswith("R-")}
    system.close()
    assert 0 < len(found) <= len(opened)
    assert found == {one.reference: one.title for one in opened[: len(found)]}


def test_a_picture_that_is_erased_meanwhile_is_not_in_it(kept: Kept) -> None:
    data, keys, _ = kept.parts
    system = kept.agency.system
    with system.database.begin():
        copying = system.stores.begin_copy(data, keys)
    gone = next(iter(system.blobs.addresses()))
    system.blobs.purge(gone)
    assert not any(gone in name for name in copying.finish())
    copying.take_back()
    assert not data.exists()
    assert not keys.exists()


@pytest.mark.parametrize(
    "part", ["altered", "missing", "added", "signed by nobody", "of two backups", "no backup", "kek"]
)
def test_what_is_not_as_it_was_backed_up_is_not_put_back(kept: Kept, part: str) -> None:
    kept.make()
    data, keys, kek = kept.parts
    error, words = NotProven, part
    if part == "altered":
        with (data / "records.db").open("r+b") as file:
            file.seek(100)
            file.write(b"\0\0\0\0")
    elif part == "missing":
        next(path for path in (data / "blobs").rglob("*") if path.is_file()).unlink()
    elif part == "added":
        (data / "log" / "more").write_bytes(b"x")
    elif part == "signed by nobody":
        text = (data / "manifest.note").read_text()
        for folder in (data, keys):
            (folder / "manifest.note").write_text(text.replace("keys/keys.db", "keys/keyz.db"))
        error, words = Untrusted, "signature|signed"  # type: ignore[assignment]
    elif part == "of two backups":
        (keys / "manifest.note").write_text("another")
        words = "of two backups"
    elif part == "no backup":
        (keys / "manifest.note").unlink()
        error, words = BadInput, "no backup in"  # type: ignore[assignment]
    else:
        kek.unlink()
        error, words = BadInput, "give the copy of kek.json"  # type: ignore[assignment]
    with pytest.raises(error, match=words):
        kept.restore()
    assert names(kept.folder / "new") == set()


def test_a_folder_with_something_in_it_is_left_as_it_is(kept: Kept) -> None:
    kept.make()
    new = kept.folder / "new"
    (new / "keys").mkdir(parents=True)
    (new / "keys" / "mine").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        kept.restore()
    assert (new / "keys" / "mine").read_text() == "mine"
    with pytest.raises(BadInput, match="one in the other"):
        restore(*kept.parts, data=new / "x", keys=new / "x" / "keys")


def test_after_a_key_epoch_an_older_backup_opens_nothing_that_was_erased(kept: Kept) -> None:
    kept.make()
    agency = kept.agency
    erased = agency.find(Face, state=FaceState.LIVE)[0]
    agency.erase(erased.id)
    epoch.begin_key_epoch(agency.system, agency["ada"])
    shutil.copy(kept.folder / "live" / "keys" / "kek.json", kept.parts[2])  # the old one was destroyed, as it must be
    with pytest.raises(Fault, match="different backups"):
        kept.restore()
    assert names(kept.folder / "new") == set()


def test_with_the_keys_of_today_a_backup_of_yesterday_is_told_to_be_older_than_the_log(kept: Kept) -> None:
    """Only the data were put back by hand: the keys know how far the log had gone."""
    kept.make()
    agency = kept.agency
    agency.case()
    recover(agency.system)
    agency.system.close()
    live = kept.folder / "live" / "data"
    shutil.rmtree(live)
    shutil.copytree(kept.parts[0], live)
    with pytest.raises(NotProven):
        open_folder(live)


def test_what_unlocks_the_keys_may_have_moved(kept: Kept) -> None:
    kept.make()
    kept.agency.system.close()
    moved = kept.folder / "moved-key-file"
    (kept.folder / "live" / "key-file").rename(moved)
    new = kept.folder / "new"
    restored = restore(*kept.parts, data=new / "data", keys=new / "keys", unlock=f"key-file:{moved}")
    assert restored.findings == ()
    open_folder(new / "data").close()
    assert restoring.read_settings(new / "data").keys == new / "keys"
