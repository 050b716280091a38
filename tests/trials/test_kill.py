"""kill -9 at random moments of enrolling, searching and erasing: nothing told is lost, nothing is half-erased."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import beholden_verify
from tests.trials.killing import kill_one
from tests.trials.nursery import nursery
from tests.trials.place import LONG, check_whole, export, make_place
from tests.trials.told import check_nowhere, check_told

KILLS = 300 if LONG else 100
IN_ONE_FOLDER = 30 if LONG else 25


@pytest.mark.no_cover  # what chance reaches is not counted as tried
@pytest.mark.timeout(900)  # a minute on a calm machine
def test_what_was_told_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    chance = random.Random(seed)
    told: Counter[str] = Counter()
    entries = 0
    made = make_place(tmp_path / "made")
    with nursery() as children:
        for kill in range(KILLS):
            if kill % IN_ONE_FOLDER == 0:
                place = made.copied(tmp_path / f"place {kill}")
            kill_one(children, place, chance)
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


def verify_in_another_process(bundle: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", beholden_verify.__file__, "log", str(bundle), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
