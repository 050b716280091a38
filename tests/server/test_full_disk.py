"""A disk that fills up under a real server process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.server.running import SRC
from tests.small_disk import run_on

pytestmark = pytest.mark.enable_socket
ROOT = Path(__file__).parents[2]


def test_on_a_full_disk_reading_goes_on_acts_are_refused_and_after_room_is_made_all_goes_on(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": f"{SRC}{os.pathsep}{ROOT}"}
    disk = tmp_path / "disk"
    ran = run_on(disk, "100m", f"'{sys.executable}' -m tests.server.full_disk '{disk}'", env=env, cwd=ROOT, timeout=200)
    assert (ran.returncode, ran.stdout) == (0, "as it should be\n"), ran.stderr
