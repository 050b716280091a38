"""Processes that work in a place until they have done enough, or are killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.trials.place import Place

ROOT = Path(__file__).parents[2]


class Nursery:
    """Makes children to kill."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(
        self,
        place: Place,
        *,
        seed: int,
        lines: int = 0,
        acts: int = 0,
        while_opening: bool = False,
        index: bool = False,
    ) -> int:
        """A child that works in the place; its process id."""
        asked = {
            "folder": str(place.folder),
            "seed": seed,
            "lines": lines,
            "acts": acts,
            "while_opening": while_opening,
            "index": index,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def ended(self) -> int:
        """Wait for the child; its exit code, negative if a signal ended it."""
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.trials.child"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()
