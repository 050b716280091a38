"""kill -9 at random moments of adding, erasing, rebuilding and keeping: the segments are whole or nothing, and nobody is back."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from beholden.actions.follow import follow, live_numbers
from beholden.index.frames import key_name
from beholden.index.segments import Segments
from beholden.records.faces import Face, FaceState
from tests.agency import Agency
from tests.trials.killing import kill_one
from tests.trials.nursery import nursery
from tests.trials.place import LONG, Place, check_whole, make_place
from tests.trials.told import check_nowhere, check_told

KILLS = 200 if LONG else 8
IN_ONE_FOLDER = 20
BEFORE = 40  # acts, so that there is something to lose


@pytest.mark.no_cover  # what chance reaches is not counted as tried
@pytest.mark.timeout(3600 if LONG else 900)  # 15 s on a calm machine; the long form some minutes
def test_req_64_75_no_kill_leaves_a_half_segment_or_brings_an_erased_face_back(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    restored = 0
    made = make_place(tmp_path / "made")
    with nursery() as children:
        for kill in range(KILLS):
            if kill % IN_ONE_FOLDER == 0:
                place = made.copied(tmp_path / f"place {kill}")
                children.start(place, seed=chance.randrange(1 << 32), acts=BEFORE, index=True)
                assert children.ended() == 0
            kill_one(children, place, chance, index=True)
            agency = place.enter()
            try:
                restored += _check_segments(agency, place)
                check_whole(agency)
                heads = check_told(agency, place.lines())
            finally:
                agency.system.close()
            check_nowhere(place, heads)
            if kill % IN_ONE_FOLDER == IN_ONE_FOLDER - 1 or kill == KILLS - 1:
                told += Counter(line["act"] for line in place.lines())
    print(f"{KILLS} kills, {restored} references taken up from segments; told before them: {dict(told)}")
    assert told["enrolled"] and (told["kept"] or told["rebuilt"])


def _check_segments(agency: Agency, place: Place) -> int:
    """After a start: just the files that are in force, each with its key and no other; no live face is wrong in them."""
    system, folder = agency.system, place.data / "engine" / "segments"
    segments = Segments(folder, system.keys)
    listed, applied = segments.listed()
    assert segments.doubt == ""
    assert segments.check() == sum(one.count for one in listed)
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    assert there - {"lock", "catalogue"} == {f"{one.id}.segment" for one in listed}
    keys = {name for name in system.keys.names() if name.startswith("segment/")}
    assert keys == {key_name(one.id) for one in listed}
    erased = {face.face_no for face in agency.find(Face, state=FaceState.ERASED)}
    for one in listed:
        assert erased.isdisjoint(one.face_nos.tolist())
    with system.database.look() as look:
        follow(system, look)
        for shelf in system.index.shelves():
            assert system.index.numbers(shelf).tolist() == live_numbers(look, shelf).tolist()
    return sum(one.count for one in listed) if applied >= 0 else 0
