"""One server a folder, known to every other process, and forgotten when it is gone, however it went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from beholden.errors import Fault, Locked
from beholden.serving import holding
from beholden.serving.holding import LOCK, Server, hold, server_of


def test_who_serves_a_folder_is_known_while_it_serves(tmp_path: Path) -> None:
    assert server_of(tmp_path) is None
    with hold(tmp_path) as held:
        assert server_of(tmp_path) == Server(os.getpid(), "")
        held.say("http://localhost:8000")
        assert server_of(tmp_path) == Server(os.getpid(), "http://localhost:8000")
    assert server_of(tmp_path) is None
    assert (tmp_path / LOCK).read_bytes() == b""
    assert (tmp_path / LOCK).stat().st_mode & 0o077 == 0


def test_a_second_server_is_refused_and_told_who_has_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "PATIENCE_S", 0.0)
    with hold(tmp_path) as held:
        with pytest.raises(Locked, match=f"is served already, by process {os.getpid()}: use that one"), hold(tmp_path):
            pass
        held.say("http://localhost:8000")
        with pytest.raises(Locked, match="at http://localhost:8000: use that one, or stop it first"), hold(tmp_path):
            pass
    with hold(tmp_path):
        pass


def test_a_server_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib\nfrom beholden.serving.holding import hold\n"
        "with hold(pathlib.Path(sys.argv[1])) as held:\n    held.say('http://localhost:1')\n"
        "    print('held', flush=True)\n    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert server_of(tmp_path) == Server(other.pid, "http://localhost:1")
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    assert server_of(tmp_path) is None
    with hold(tmp_path):
        assert server_of(tmp_path) == Server(os.getpid(), "")


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert server_of(tmp_path / "none") is None
    with pytest.raises(Fault, match="cannot be opened"), hold(tmp_path / "none"):
        pass
