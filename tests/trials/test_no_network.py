"""The whole story with the network taken away: what the libraries might try is the kernel's to refuse, not ours to promise."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

STORY = (
    "import json, socket, sys; from pathlib import Path; from rich.console import Console; from beholden.demo import story;"
    "told = story.run(Path(sys.argv[1]), console=Console(quiet=True), json_out=True, people=3);"
    "print(json.dumps([[name for _, name in socket.if_nameindex()], told.references, dict(told.rejected)]))"
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


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], int, dict[str, str]]:
    """The story without a network: the interfaces that there were, the references enrolled, and what was not taken."""
    if in_no_network("true").returncode:
        pytest.skip("this machine does not let us make a network namespace")
    reach = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    assert "Network is unreachable" in in_no_network(sys.executable, "-c", reach).stderr
    ran = in_no_network(sys.executable, "-c", STORY, str(tmp_path_factory.mktemp("demo") / "new"))
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    interfaces, references, rejected = json.loads(ran.stdout)
    return interfaces, references, rejected


def test_req_123_intake_search_and_erasure_work_with_the_network_denied(
    told: tuple[list[str], int, dict[str, str]],
) -> None:
    interfaces, references, _ = told
    assert interfaces == ["lo"]
    assert references > 10


def test_req_03_a_web_archive_is_taken_in_with_the_network_denied(told: tuple[list[str], int, dict[str, str]]) -> None:
    _, _, rejected = told
    reasons = {why.partition(":")[0] for record, why in rejected.items() if record.startswith("site.warc#")}
    assert reasons == {"scope.outside", "opt-out.robots-tag"}
