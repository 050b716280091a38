"""A full disk, and files that cannot grow: refused in words, logged, nothing half-written; with room, all goes on."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.small_disk import run_on

ROOT = Path(__file__).parents[2]
SMALL = {"early": "112m", "data": "40m", "keys": "2m", "short": "1m"}


@pytest.mark.parametrize("scenario", SMALL)
def test_nothing_is_half_written_when_there_is_no_room(scenario: str, tmp_path: Path) -> None:
    """`early`: refused while there is room to say so; `data`, `keys`: that disk fills up in the middle; `short`: RLIMIT_FSIZE."""
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    disk = tmp_path / "disk"
    ran = run_on(
        disk,
        SMALL[scenario],
        f"'{sys.executable}' -m tests.trials.full {scenario} '{tmp_path}' '{disk}' {seed}",
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
    )
    print(ran.stdout)
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["as it should be"]), ran.stderr
