"""The demo's system, served: one link for each of its people, good once, and a clean end."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from beholden.demo.stage import ADA, INVITED
from tests.edges.terminal import run
from tests.server.test_process import FORM

PROGRAM = """
import sys
from pathlib import Path
from rich.console import Console
from beholden.cli import demo
from beholden.demo import story
told = story.run
story.run = lambda folder, **how: told(folder, **how | {"console": Console(quiet=True), "people": 3})
demo.demo(Path(sys.argv[1]), serve=True, port=0)
"""


@pytest.mark.enable_socket
def test_the_demo_serves_its_system_with_a_link_for_each_of_its_people(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "new")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while len([line for line in lines if "#" in line]) < 1 + len(INVITED):
                line = process.stdout.readline()
                assert line, process.communicate()[1]
                lines.append(line.rstrip())
            links = [line.strip() for line in lines if "#" in line]
            people = [line.strip() for line in lines if re.match(r"  \S.*, ", line)]
            assert people == [f"{player.name}, {player.office}" for player in (ADA, *INVITED)]
            (address,) = {link.partition("/sign-in/link#")[0] for link in links}
            assert re.fullmatch(r"http://localhost:\d+", address)
            assert any(f"is at {address}. Ctrl-C ends it." in line for line in lines)
            host = address.removeprefix("http://")
            token = links[3].partition("#")[2]
            assert sign_in(host, token) == (303, True)
            assert sign_in(host, token)[1] is False  # good once
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
        finally:
            if process.poll() is None:
                process.kill()
    assert process.returncode == 0, err
    assert "What was done in it is kept" in err
    assert token not in err
    ran = run("check", "--data", str(tmp_path / "new" / "data"), "--as", "Aude Petit")
    assert ran.code == 0, ran


def sign_in(host: str, token: str) -> tuple[int, bool]:
    """The status, and whether a session was given."""
    connection = http.client.HTTPConnection("127.0.0.1", int(host.partition(":")[2]), timeout=20)
    try:
        connection.request("POST", "/sign-in/link", urlencode({"token": token}), {"Host": host, **FORM})
        answer = connection.getresponse()
        answer.read()
        return answer.status, "beholden_session=" in (answer.getheader("Set-Cookie") or "")
    finally:
        connection.close()


def test_a_server_prints_no_document(tmp_path: Path) -> None:
    ran = run("demo", str(tmp_path / "new"), "--serve", "--json")
    assert ran.code == 2
    assert not (tmp_path / "new").exists()
