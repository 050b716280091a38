"""Several at once on one folder: no act is lost, no search is incomplete for long, and the last use is used once."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import recover
from beholden.actions.search import run_search
from beholden.errors import BeholdenError, Refused
from beholden.records.authority import Authority, AuthorityState
from beholden.records.searches import Search
from tests.agency import Agency, agency_on_disk
from tests.trials.nursery import nursery
from tests.trials.place import LONG, Place, check_whole, export, make_place
from tests.trials.told import check_nowhere, check_told

ACTS = 400 if LONG else 30
KILLS = 40 if LONG else 3
LOCKS = Path("/proc/locks")


@pytest.mark.parametrize("kills", [0, KILLS])
def test_two_processes_in_one_folder_lose_nothing(tmp_path: Path, kills: int) -> None:
    """With `kills`, one of them is killed again and again beside the other, and started anew."""
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    place = make_place(tmp_path)
    with nursery() as one, nursery() as other:
        one.start(place, seed=seed, acts=ACTS)
        for _ in range(kills):
            other.start(place, seed=chance.randrange(1 << 32), lines=chance.randrange(1, 60_000))
            assert other.ended() == -signal.SIGKILL
        other.start(place, seed=seed + 1, acts=ACTS // 2)
        assert [one.ended(), other.ended()] == [0, 0]
    lines = place.lines()
    told = Counter(line["act"] for line in lines)
    print(dict(told), Counter(line["error"] for line in lines if "error" in line))
    assert {"enrolled", "searched", "erased"} <= set(told)
    agency = place.enter()
    try:
        check_whole(agency)
        heads = check_told(agency, lines)
        export(agency, tmp_path / "bundle")
    finally:
        agency.system.close()
    check_nowhere(place, heads)


@pytest.mark.skipif(not LOCKS.exists(), reason="only Linux tells which process has which locks")
def test_a_byte_scan_leaves_the_locks_of_sqlite_where_they_are(tmp_path: Path) -> None:
    """Else another process takes this one for gone, and cuts the write-ahead log that this one has mapped."""
    place = make_place(tmp_path)
    agency = place.enter()
    try:
        before = _locks(place)
        agency.system.stores.scan([os.urandom(32)])
        assert _locks(place) == before
        assert {"records.db", "records.db-shm", "keys.db", "keys.db-shm"} <= before
    finally:
        agency.system.close()


def _locks(place: Place) -> set[str]:
    """The SQLite files on which this process has a lock."""
    files = [*place.data.glob("*.db*"), *place.keys.glob("*.db*")]
    by_inode = {str(path.stat().st_ino): path.name for path in files}
    held = [line.split() for line in LOCKS.read_text().splitlines() if "POSIX" in line]
    inodes = [lock[5].rpartition(":")[2] for lock in held if lock[4] == str(os.getpid())]
    return {by_inode[inode] for inode in inodes if inode in by_inode}


def _at_once(agency: Agency, times: int, act: Callable[[], object]) -> list[Any]:
    """What becomes of an act that so many threads do at one moment: what it returns, or the error."""
    ready, outcomes = threading.Barrier(times), list[Any]()

    def do() -> None:
        ready.wait()
        try:
            outcomes.append(act())
        except BeholdenError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=do) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == times
    return outcomes


def test_of_two_who_use_the_last_search_one_does(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    try:
        ready = agency.ready(1, 2, 3)
        for _ in range(20 if LONG else 5):
            agency.clock.count += 1
            last = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=1))
            outcomes = _at_once(
                agency,
                2,
                lambda last=last: run_search(  # type: ignore[misc]
                    agency.system, agency["ines"], authority_id=last.id, sought_id=last.sought_id
                ),
            )
            assert sorted(type(one).__name__ for one in outcomes) == ["Refused", "Search"]
            refused = next(one for one in outcomes if isinstance(one, Refused))
            assert "no search is left" in str(refused) or "used" in str(refused), str(refused)
            assert agency.get(Authority, last.id).used == 1
            assert len(agency.find(Search, authority_id=last.id)) == 1
        recover.recover(agency.system)
        check_whole(agency)
    finally:
        agency.system.close()


def test_of_two_who_approve_one_does(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    try:
        ready = agency.ready(1)
        for _ in range(20 if LONG else 5):
            agency.clock.count += 1
            asked = agency.request(ready.case, ready.sought, ready.gallery)
            outcomes = _at_once(agency, 2, lambda asked=asked: agency.approve(asked))  # type: ignore[misc]
            assert sorted(type(one).__name__ for one in outcomes) == ["Authority", "Refused"]
            assert agency.get(Authority, asked.id).state is AuthorityState.ACTIVE
        recover.recover(agency.system)
        check_whole(agency)
    finally:
        agency.system.close()


def test_who_enrols_while_others_search_is_searched_next(tmp_path: Path) -> None:
    """Threads of one process share one index; a search sees whole enrolments only."""
    agency = agency_on_disk(tmp_path)
    try:
        ready = agency.ready(1, 2, 3)
        agency.clock.count += 1
        authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=20))
        numbers = iter(range(10, 1000))
        acts: list[Callable[[], object]] = [
            *[lambda: agency.search(authority)] * 6,
            *[lambda: agency.enrol(ready.source, ready.gallery, next(numbers))] * 6,
            lambda: agency.erase(agency.enrol(ready.source, ready.gallery, next(numbers)).faces[0].id),
        ]
        random.shuffle(acts)
        chosen = iter(acts)
        outcomes = _at_once(agency, len(acts), lambda: next(chosen)())
        assert [one for one in outcomes if isinstance(one, BeholdenError)] == []
        found = agency.search(authority)
        assert found.coverage.references == 3 + 6
        assert found.coverage.proven
        recover.recover(agency.system)
        check_whole(agency)
    finally:
        agency.system.close()
