"""Whoever edits the log, the records or the settings of a real system behind its back is found out, and told where."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
from pathlib import Path

import pytest

from beholden.actions import log
from beholden.database import revisions
from beholden.database.revisions import HEAD
from beholden.errors import Fault, LogBroken, Untrusted, WrongVersion
from beholden.opening import open_folder, upgrade_folder
from beholden.policy import handover
from beholden.policy.packs import shipped
from beholden.settings import LAYOUT
from tests.agency import agency_on_disk
from tests.trials.place import LONG, Place, check_whole, export, make_place, verify

FLIPS = 200


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The bundle of a small real system, and the keys that an outsider has of it."""
    folder = tmp_path_factory.mktemp("exported")
    agency = agency_on_disk(folder)
    try:
        ready = agency.ready(1, 2, 3)
        agency.search(ready.authority)
        agency.erase(agency.enrol(ready.source, ready.gallery, 4).faces[0].id)
        export(agency, folder / "bundle")
        return folder / "bundle", log.vkeys(agency.system)
    finally:
        agency.system.close()


def test_every_changed_byte_of_an_exported_log_is_found(exported: tuple[Path, list[str]]) -> None:
    bundle, keys = exported
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    contents = {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    places = [(path, at) for path, content in contents.items() for at in range(len(content))]
    # Every file at its first and last byte at least; the rest at random, or everywhere in the long form.
    few = [(path, at) for path, content in contents.items() for at in {0, len(content) - 1}]
    for path, at in places if LONG else few + chance.sample(places, FLIPS - len(few)):
        content = bytearray(contents[path])
        content[at] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        report = verify("log", bundle, keys)
        path.write_bytes(contents[path])
        assert not report["holds"], f"{path.relative_to(bundle)} at byte {at} (seed {seed})"
        if "entries" in path.parts:
            entry = _entry_at(contents[path], at)
            assert report["first_bad_entry"] == entry, (at, report["problems"])
            assert f"entry {entry} " in " ".join(report["problems"])
    assert verify("log", bundle, keys)["holds"]


def _entry_at(bundle: bytes, place: int) -> int:
    """Which entry's bytes, its length among them, hold the byte at this place of an entry bundle."""
    at = n = 0
    while True:
        at += 2 + struct.unpack_from(">H", bundle, at)[0]
        if place < at:
            return n
        n += 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make_place(tmp_path_factory.mktemp("made"))
    agency = place.enter()
    agency.ready(1, 2)
    agency.system.close()
    place.enter().system.close()  # publishes every entry
    return place


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    return made.copied(tmp_path / "copied")


def _edit(place: Place, *statements: str) -> None:
    """As somebody with the disk and a copy of SQLite would."""
    connection = sqlite3.connect(place.data / "records.db")
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def _checked(place: Place) -> int:
    system = open_folder(place.data, recover=False)
    try:
        with system.database.look() as look:
            return log.check_log(system, look)
    finally:
        system.close()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE entries SET leaf = cast(replace(leaf, 'done', 'gone') AS BLOB) WHERE n = 7", "entry 7 was altered"),
        ("UPDATE entries SET leaf_hash = zeroblob(32) WHERE n = 7", "entry 7 was altered"),
        (
            "UPDATE entries SET (leaf, leaf_hash) = (SELECT leaf, leaf_hash FROM entries WHERE n = 8) WHERE n = 7",
            "entry 7 of the records is not the one that was published",
        ),
        ("DELETE FROM entries WHERE n = 7", "entry 7 is missing"),
        (
            "DELETE FROM entries WHERE n = (SELECT max(n) FROM entries)",
            "entry {last} of the records is not the one that was published",
        ),
        ("UPDATE entries SET n = n + 1000 WHERE n = (SELECT max(n) FROM entries)", "entry {last} is missing"),
    ],
)
def test_an_edited_entry_is_named(place: Place, statement: str, named: str) -> None:
    size = _checked(place)
    _edit(place, statement)
    with pytest.raises(LogBroken, match=named.format(last=size - 1)):
        _checked(place)


def test_an_entry_put_in_between_is_named(place: Place) -> None:
    size = _checked(place)
    connection = sqlite3.connect(place.data / "records.db")
    columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(entries)")]
    connection.close()
    chosen = ", ".join("7" if name == "n" else name for name in columns)
    _edit(
        place,
        *(f"UPDATE entries SET n = {n + 1} WHERE n = {n}" for n in range(size - 1, 6, -1)),
        f"INSERT INTO entries ({', '.join(columns)}) SELECT {chosen} FROM entries WHERE n = 6",
    )
    with pytest.raises(LogBroken, match="entry 7 of the records is not the one that was published"):
        _checked(place)


def _lived_on(place: Place) -> None:
    agency = place.enter()
    agency.case()
    agency.system.close()
    place.enter().system.close()  # publishes what was done


def test_old_records_under_a_newer_log_are_not_signed_anew(place: Place) -> None:
    old = (place.data / "records.db").read_bytes()
    _lived_on(place)
    (place.data / "records.db").write_bytes(old)
    with pytest.raises(LogBroken, match=r"older than the log.*restore the newest backup"):
        open_folder(place.data)
    with pytest.raises(LogBroken, match="entry"):
        _checked(place)


def test_old_records_put_back_by_mistake_cost_no_key_of_what_came_after_them(place: Place) -> None:
    old = (place.data / "records.db").read_bytes()
    _lived_on(place)
    new = (place.data / "records.db").read_bytes()
    (place.data / "records.db").write_bytes(old)
    with pytest.raises(LogBroken):
        open_folder(place.data)
    (place.data / "records.db").write_bytes(new)
    agency = place.enter()
    try:
        assert check_whole(agency) > 0  # every picture and template of the later time still opens
    finally:
        agency.system.close()


@pytest.mark.parametrize("put_back", ["an old log", "no log"])
def test_a_replaced_log_is_not_signed_anew(place: Place, put_back: str) -> None:
    """Else whoever edits the records could have the product itself sign the edited history."""
    published = place.data / "log"
    shutil.copytree(published, place.folder / "kept")
    _lived_on(place)
    shutil.rmtree(published)
    if put_back == "an old log":
        shutil.copytree(place.folder / "kept", published)
    _edit(place, "UPDATE entries SET leaf = cast(replace(leaf, 'done', 'gone') AS BLOB) WHERE n = 7")
    with pytest.raises(LogBroken, match="it was replaced; restore its folder"):
        open_folder(place.data)


def test_an_old_copy_of_the_data_is_refused_by_the_keys(place: Place) -> None:
    shutil.copytree(place.data, place.folder / "old data")
    _lived_on(place)
    shutil.rmtree(place.data)
    (place.folder / "old data").rename(place.data)
    with pytest.raises(LogBroken, match="restore"):
        open_folder(place.data)


def test_an_old_copy_of_everything_is_found_by_whoever_kept_a_checkpoint(place: Place) -> None:
    """With the keys put back too, the system itself cannot know: so checkpoints must be kept elsewhere."""
    folders = (place.data, place.keys)
    for folder in folders:
        shutil.copytree(folder, place.folder / f"old {folder.name}")
    _lived_on(place)
    _lived_on(place)
    kept = place.folder / "kept"
    kept.write_bytes((place.data / "log" / "checkpoint").read_bytes())
    for folder in folders:
        shutil.rmtree(folder)
        (place.folder / f"old {folder.name}").rename(folder)
    agency = place.enter()
    try:
        export(agency, place.folder / "bundle")
        keys = log.vkeys(agency.system)
    finally:
        agency.system.close()
    report = verify("log", place.folder / "bundle", keys, "--old-checkpoint", str(kept))
    assert not report["holds"]
    assert "the old checkpoint" in report["problems"][0]


def _set(place: Place, name: str, value: str) -> None:
    path = place.data / "beholden.toml"
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{f'{name} = {value}' if line.startswith(name) else line}\n" for line in lines))


def _setting(place: Place, name: str) -> str:
    lines = (place.data / "beholden.toml").read_text().splitlines()
    return next(line.partition(" = ")[2].strip('"') for line in lines if line.startswith(name))


def test_settings_of_another_system_are_refused(place: Place) -> None:
    origin = _setting(place, "origin")
    for other in (origin.replace("synthetic", "operational"), origin + "0"):
        _set(place, "origin", f'"{other}"')
        with pytest.raises(Fault, match="restore the settings file"):
            open_folder(place.data)
    _set(place, "origin", f'"{origin}"')
    open_folder(place.data).close()


def test_a_policy_pack_is_refused_without_the_signatures_of_both_bodies(place: Place) -> None:
    note = place.data / "policy" / "ca-2020.note"
    signed = note.read_bytes()
    for altered in (signed.rpartition("\n— ".encode())[0] + b"\n", signed.replace(b"beholden", b"beholdem", 1), b""):
        note.write_bytes(altered)
        with pytest.raises(Untrusted):
            open_folder(place.data)
    note.unlink()
    with pytest.raises(Untrusted, match="missing"):
        open_folder(place.data)
    note.write_bytes(signed)
    open_folder(place.data).close()


def test_bodies_other_than_those_at_the_start_cannot_sign(place: Place) -> None:
    """Settings, note and keys replaced together agree with each other, and not with log entry 0."""
    others = {body: handover.make_signer(body)[0] for body in handover.BODIES}
    agency, oversight, note = handover.sign_pack(shipped("ca-2020"), others["agency"], others["oversight"])
    (place.data / "policy" / "ca-2020.note").write_bytes(note)
    with pytest.raises(Untrusted):
        open_folder(place.data)
    _set(place, "agency", f'"{agency}"')
    _set(place, "oversight", f'"{oversight}"')
    with pytest.raises(Untrusted, match="other keys of the agency or the oversight body than log entry 0"):
        open_folder(place.data)


def test_a_folder_of_a_newer_beholden_is_refused_by_its_layout_and_by_its_tables(place: Place) -> None:
    before = place.files()
    _set(place, "layout", str(LAYOUT + 1))
    for way_in in (open_folder, upgrade_folder):
        with pytest.raises(WrongVersion, match="install that version"):
            way_in(place.data)
    _set(place, "layout", str(LAYOUT))
    assert place.files() == before
    assert upgrade_folder(place.data) == (HEAD, HEAD)
    _edit(place, "UPDATE alembic_version SET version_num = '9999'")
    for way_in in (open_folder, upgrade_folder):
        with pytest.raises(WrongVersion, match="use the newer Beholden that made it"):
            way_in(place.data)
    _edit(place, f"UPDATE alembic_version SET version_num = '{HEAD}'")
    open_folder(place.data).close()


def test_a_folder_of_an_older_beholden_says_how_to_upgrade_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the Beholden that will have one step more sees this one's folders; the step itself: `test_database_upgrade`."""
    monkeypatch.setattr(revisions, "REVISIONS", (*revisions.REVISIONS, "9999"))
    monkeypatch.setattr(revisions, "HEAD", "9999")
    before = place.files()
    with pytest.raises(WrongVersion, match="make a backup, then run `beholden check --upgrade`"):
        open_folder(place.data)
    assert {name: content for name, content in place.files().items() if not name.endswith(("-wal", "-shm"))} == {
        name: content for name, content in before.items() if not name.endswith(("-wal", "-shm"))
    }


def test_a_copy_of_the_data_folder_beside_the_original_is_refused_and_destroys_nothing(place: Place) -> None:
    copy = place.folder / "copy-of-data"
    shutil.copytree(place.data, copy)
    agency = place.enter()
    try:
        agency.system.database.purge()
        before = agency.system.keys.names()
    finally:
        agency.system.close()
    with pytest.raises(Fault, match="is a copy of it"):
        open_folder(copy)
    agency = place.enter()
    try:
        assert agency.system.keys.names() == before
    finally:
        agency.system.close()
    place.data.rename(place.folder / "moved")
    open_folder(place.folder / "moved").close()
