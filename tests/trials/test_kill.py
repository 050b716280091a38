"""kill -9 at random moments of enrolling, searching and erasing: nothing told is lost, nothing is half-erased."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import beholden_verify
from tests.trials.nursery import Nursery, nursery
from tests.trials.place import LONG, Place, check_whole, export, make_place
from tests.trials.told import check_nowhere, check_told

KILLS = 300 if LONG else 100
IN_ONE_FOLDER = 30 if LONG else 25
OPENING = (
    8_000  # lines of ours that run while a folder is opened; an enrolment has 4,000, a search 8,000, an erasure 20,000
)
WORKING = 60_000
WORKING_S = 0.4  # some ten acts


@pytest.mark.timeout(900)  # a minute on a calm machine
def test_what_was_told_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    entries = 0
    with nursery() as children:
        for kill in range(KILLS):
            if kill % IN_ONE_FOLDER == 0:
                place = make_place(tmp_path / f"place {kill}")
            _kill_one(children, place, chance)
            agency = place.enter()
            try:
                entries = check_whole(agency)
                lines = place.lines()
                heads = check_told(agency, lines)
                report = export(agency, place.folder / f"bundle {kill}")
                # The check and the export are entries too, and so is the incident that a check may open.
                assert report["size"] - entries in (2, 3)
            finally:
                agency.system.close()
            check_nowhere(place, heads)
            if kill % IN_ONE_FOLDER == IN_ONE_FOLDER - 1 or kill == KILLS - 1:
                told += Counter(line["act"] for line in lines)
                told["entries"] += entries
                verify_in_another_process(place.folder / f"bundle {kill}")
    print(f"{KILLS} kills; told before them: {dict(told)}")
    assert told["enrolled"] and told["searched"] and told["erased"]


def _kill_one(children: Nursery, place: Place, chance: random.Random) -> None:
    """By the clock, or at a line: the first finds the waits for the disk, the second the moments between them."""
    seed, while_opening = chance.randrange(1 << 32), chance.random() < 0.15
    if while_opening or chance.random() < 0.5:
        children.start(
            place,
            seed=seed,
            lines=chance.randrange(1, OPENING if while_opening else WORKING),
            while_opening=while_opening,
        )
    else:
        opened = _times_opened(place)
        child = children.start(place, seed=seed)
        while _times_opened(place) == opened:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, WORKING_S))
        os.kill(child, signal.SIGKILL)
    assert children.ended() == -signal.SIGKILL


def _times_opened(place: Place) -> int:
    return sum(line["act"] == "opened" for line in place.lines())


def verify_in_another_process(bundle: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", beholden_verify.__file__, "log", str(bundle), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
