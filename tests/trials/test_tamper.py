"""Whoever edits the log, the records or the settings of a real system behind its back is found out, and told where."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import log
from beholden.errors import BeholdenError, Fault, LogBroken, Untrusted, WrongVersion
from beholden.opening import LAYOUT, open_folder, upgrade_folder
from beholden.policy import handover
from tests.agency import Agency, agency_on_disk
from tests.trials.place import LONG, Place, export, make_place, verify

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


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = make_place(tmp_path)
    agency = place.enter()
    agency.ready(1, 2)
    agency.system.close()
    place.enter().system.close()  # publishes every entry
    yield place


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
        ("UPDATE entries SET leaf = replace(leaf, 'done', 'gone') WHERE n = 7", "entry 7 was altered"),
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


def test_an_entry_put_in_between_is_named_and_nothing_more_is_signed(place: Place) -> None:
    size = _checked(place)
    _edit(
        place,
        *(f"UPDATE entries SET n = {n + 1} WHERE n = {n}" for n in range(size - 1, 6, -1)),
        "INSERT INTO entries SELECT * FROM (SELECT 7 AS n, * FROM (SELECT * FROM entries WHERE n = 6)) LIMIT 0",
        _copy_of_entry(place, 6, 7),
    )
    with pytest.raises(LogBroken, match="entry 7 of the records is not the one that was published"):
        _checked(place)


def _copy_of_entry(place: Place, n: int, to: int) -> str:
    connection = sqlite3.connect(place.data / "records.db")
    columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(entries)")]
    connection.close()
    chosen = ", ".join(str(to) if name == "n" else name for name in columns)
    return f"INSERT INTO entries ({', '.join(columns)}) SELECT {chosen} FROM entries WHERE n = {n}"
