"""A server process on a new synthetic system, and the terminal of its administrator beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import beholden
from beholden.demo.stage import ADA
from tests.edges.terminal import run

SRC = Path(beholden.__file__).parents[1]


@dataclass(frozen=True)
class Served:
    address: str
    data: Path

    def does(self, *arguments: str) -> Any:
        """The document of a command that the administrator gives while the server runs."""
        ran = run("--data", str(self.data), "--as", ADA.name, *arguments, "--json")
        assert ran.code == 0, ran
        return ran.document

    def link(self, name: str) -> str:
        """The address of a one-time link for this person."""
        return f"{self.address}/sign-in/link#{self.does('people', 'link', name)['token']}"


def make(folder: Path, *more: str) -> Path:
    """The data folder of a new system, in which nobody is yet but its administrator."""
    data = folder / "data"
    ran = run(
        *("init", "--data", str(data), "--keys", str(folder / "keys"), "--profile", "synthetic"),
        *("--administrator", ADA.name, "--unlock-file", str(folder / "unlock.key"), *more, "--json"),
    )
    assert ran.code == 0, ran
    return data


@contextmanager
def serve(data: Path) -> Iterator[Served]:
    """Until the end of the block; then the server must end by itself, and have told of no fault."""
    command = [sys.executable, "-c", "import sys; from beholden.cli import main; sys.exit(main())", "serve"]
    lines = data.parent / "server.txt"  # a pipe that nobody reads would stop the server when it is full
    with (
        lines.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            [*command, "--data", str(data), "--port", "0"],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, lines.read_text(encoding="utf-8")
            yield Served(address, data)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
        finally:
            if process.poll() is None:
                process.kill()
    told = lines.read_text(encoding="utf-8")
    assert "Traceback" not in told, told
