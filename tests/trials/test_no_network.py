"""The whole story with the network taken away: what the libraries might try is the kernel's to refuse, not ours to promise."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STORY = (
    "import socket, sys; from pathlib import Path; from rich.console import Console; from beholden.demo import story;"
    "told = story.run(Path(sys.argv[1]), console=Console(quiet=True), json_out=True, people=3);"
    "print([name for _, name in socket.if_nameindex()], told.references)"
)


def in_no_network(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run in a network namespace of its own, in which not even the loopback is up."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no `unshare` on this machine to take the network away with")
    return subprocess.run(
        [unshare, "--net", "--map-root-user", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env={**os.environ, "HOME": "/nonexistent"},
        check=False,
    )


def test_req_123_intake_search_and_erasure_work_with_the_network_denied(tmp_path: Path) -> None:
    if in_no_network("true").returncode:
        pytest.skip("this machine does not let us make a network namespace")
    reach = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    assert "Network is unreachable" in in_no_network(sys.executable, "-c", reach).stderr
    told = in_no_network(sys.executable, "-c", STORY, str(tmp_path / "demo"))
    assert told.returncode == 0, told.stderr
    assert told.stderr == ""
    interfaces, _, references = told.stdout.strip().rpartition(" ")
    assert interfaces == "['lo']"
    assert int(references) > 10
