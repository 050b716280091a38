"""Power cuts of the database, simulated below the very SQLite build that the product uses: no acknowledged entry is lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3.dbapi2
import pytest

from beholden.actions import log
from tests.trials.place import LONG, Place, make_place
from tests.trials.power_child import HEAD

CUTS = 1500 if LONG else 150
ACTS = 120 if LONG else 40
OPENED = 20 if LONG else 4  # of the cuts, in which the whole system is opened again
SECTOR = 512
SOURCE = Path(__file__).with_name("traced_vfs.c")


@dataclass(frozen=True)
class Told:
    """One record of the trace."""

    op: str  # Write, Truncate, Sync, Delete, Acknowledged
    path: str  # of an acknowledged entry its leaf hash
    offset: int  # of a truncation the size, of an acknowledged entry its number
    data: bytes


@dataclass
class Disk:
    """What is sure to be on the disk, and what may be."""

    sure: dict[str, bytearray]
    pending: dict[str, list[Told]] = field(default_factory=dict)

    def take(self, told: Told) -> None:
        if told.op in "WT":
            self.pending.setdefault(told.path, []).append(told)
        elif told.op == "S":
            for one in self.pending.pop(told.path, []):
                _apply(self.sure.setdefault(told.path, bytearray()), one)
        elif told.op == "D":
            self.pending.pop(told.path, None)
            self.sure.pop(told.path, None)

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """What is there when the power comes back: of what was not synced any part, in any order, torn between sectors."""
        left = {path: bytearray(content) for path, content in self.sure.items()}
        for path, waiting in self.pending.items():
            for one in waiting:
                fate = chance.random()
                if fate < 0.4:
                    _apply(left.setdefault(path, bytearray()), one)
                elif fate < 0.7 and one.op == "W":
                    for part in _sectors(one):
                        if chance.random() < 0.5:
                            _apply(left.setdefault(path, bytearray()), part)
        return {path: bytes(content) for path, content in left.items()}


def _apply(content: bytearray, told: Told) -> None:
    if told.op == "T":
        del content[told.offset :]
        return
    end = told.offset + len(told.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[told.offset : end] = told.data


def _sectors(told: Told) -> Iterator[Told]:
    at = 0
    while at < len(told.data):
        length = SECTOR - (told.offset + at) % SECTOR
        yield Told("W", told.path, told.offset + at, told.data[at : at + length])
        at += length


def _read(trace: bytes) -> Iterator[Told]:
    at = 0
    while at < len(trace):
        op, path, offset, length = HEAD.unpack_from(trace, at)
        at += HEAD.size
        name = trace[at : at + path].decode()
        at += path
        data = trace[at : at + length] if chr(op) == "W" else b""
        at += len(data)
        yield Told(chr(op), name, offset, data)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The VFS. Without SQLite's headers it is skipped, unless `BEHOLDEN_REQUIRE` names `sqlite`: then it fails."""
    if subprocess.run(
        ["gcc", "-E", "-x", "c", "-"], input=b"#include <sqlite3ext.h>\n", capture_output=True
    ).returncode:
        absent = "there is no sqlite3ext.h: install libsqlite3-dev"
        if "sqlite" in os.environ.get("BEHOLDEN_REQUIRE", ""):
            pytest.fail(f"BEHOLDEN_REQUIRE names sqlite, but {absent}")
        pytest.skip(absent)
    built = tmp_path_factory.mktemp("vfs") / "tracedvfs.so"
    flags = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-D_DEFAULT_SOURCE", "-shared", "-fPIC", "-O2")
    subprocess.run(["gcc", *flags, "-o", built, SOURCE], check=True)
    return built


def worked(folder: Path, library: Path, synchronous: str) -> tuple[Place, Path, list[Told]]:
    """A place as it was before, the place in which a process then worked, and what it did below SQLite."""
    before = make_place(folder / "before")
    place = before.copied(folder / "place")
    trace = folder / "trace"
    subprocess.run(
        [sys.executable, "-m", "tests.trials.power_child", place.folder, library, str(ACTS), synchronous],
        check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"BEHOLDEN_TRACE": str(trace)},
    )
    told = list(_read(trace.read_bytes()))
    assert sum(one.op == "A" for one in told) == ACTS
    return before, place.folder, told


def lost(before: Place, worked_in: Path, trace: list[Told], folder: Path, chance: random.Random) -> list[str]:
    """What is wrong after `CUTS` cuts: an acknowledged entry that is not there, or a database that is damaged."""
    cuts = sorted(chance.randrange(1, len(trace) + 1) for _ in range(CUTS))
    opened = set(chance.sample(range(CUTS // 2, CUTS), OPENED))
    disk = Disk(
        {str(worked_in / one.relative_to(before.folder)): bytearray(one.read_bytes()) for one in _files(before)}
    )
    wrong: list[str] = []
    done = 0
    acknowledged: dict[int, str] = {}
    for number, cut in enumerate(cuts):
        for one in trace[done:cut]:
            if one.op == "A":
                acknowledged[one.offset] = one.path
            else:
                disk.take(one)
        done = cut
        there = folder / f"cut {number}"
        place = before.copied(there)
        for path in _files(place):
            path.unlink()
        for path, content in disk.cut(chance).items():
            (there / Path(path).relative_to(worked_in)).write_bytes(content)
        wrong += [f"cut {number}: {what}" for what in _missing(there, acknowledged)]
        if number in opened and not wrong:
            # The log was sealed when the process began, before its first act: it stands there as it stood at the cut.
            shutil.rmtree(place.data / "log")
            shutil.copytree(worked_in / "data" / "log", place.data / "log")
            _open(place, len(acknowledged))
        shutil.rmtree(there)
    return wrong


def _files(place: Place) -> list[Path]:
    """The databases with what belongs to them, but for the shared memory, which no disk keeps."""
    found = [*place.data.rglob("*.db*"), *place.keys.rglob("*.db*")]
    return [path for path in found if not path.name.endswith("-shm")]


def _missing(folder: Path, acknowledged: dict[int, str]) -> list[str]:
    for database in sorted(folder.rglob("*.db")):
        with closing(pysqlite3.dbapi2.connect(str(database))) as connection:
            [(whole,)] = connection.execute("PRAGMA integrity_check(1)").fetchall()
            if whole != "ok":
                return [f"{database.name} is damaged: {whole}"]
            if database.name == "records.db":
                there = dict(connection.execute("SELECT n, leaf_hash FROM entries").fetchall())
    return [f"entry {n} is lost" for n, leaf in acknowledged.items() if there.get(n, b"").hex() != leaf]


def _open(place: Place, acts: int) -> None:
    """As after any crash: what is half-done is finished, every entry agrees with the checkpoints, and every value opens."""
    agency = place.enter()
    try:
        log.seal(agency.system)
        with agency.system.database.look() as look:
            assert log.check_log(agency.system, look) > acts
        shown = log.read_entries(agency.system, agency["aude"], event="case.opened", limit=200).shown
        assert len(shown) >= acts
        assert all(one.values and not one.erased for one in shown)
    finally:
        agency.system.close()


@pytest.mark.timeout(900)
def test_req_92_no_power_cut_loses_an_acknowledged_entry(tmp_path: Path, library: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    before, place, trace = worked(tmp_path, library, "FULL")
    assert lost(before, place, trace, tmp_path, random.Random(seed)) == []


@pytest.mark.timeout(900)
def test_the_harness_notices_a_database_that_syncs_too_little(tmp_path: Path, library: Path) -> None:
    before, place, trace = worked(tmp_path, library, "NORMAL")
    wrong = lost(before, place, trace, tmp_path, random.Random(1))
    assert sum("is lost" in one for one in wrong) > CUTS / 3
