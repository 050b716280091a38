"""A full disk, and files that cannot grow: refused in words, logged, nothing half-written; with room, all goes on."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = {"early": "112m", "data": "40m", "keys": "2m", "short": "1m"}


@pytest.mark.parametrize("scenario", SMALL)
def test_nothing_is_half_written_when_there_is_no_room(scenario: str, tmp_path: Path) -> None:
    """`early`: refused while there is room to say so; `data`, `keys`: that disk fills up in the middle; `short`: RLIMIT_FSIZE."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare (util-linux) is not installed: a small disk cannot be made")
    disk = tmp_path / "disk"
    disk.mkdir()
    shell = [unshare, "--user", "--map-root-user", "--mount", "sh", "-ec"]
    mount = f"mount -t tmpfs -o size={SMALL[scenario]} none '{disk}'"
    if subprocess.run([*shell, mount], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets nobody but root mount a small disk of their own")
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    command = f"'{sys.executable}' -m tests.trials.full {scenario} '{tmp_path}' '{disk}' {seed}"
    ran = subprocess.run(
        [*shell, f"{mount}; exec {command}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    print(ran.stdout)
    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["as it should be"]), ran.stderr
