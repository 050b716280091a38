"""The witness that comes with the system: a process of its own beside the server, begun anew if it ends, stopped with it."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Sequence

from beholden.ports.cosigners import Cosigner
from beholden.witness.asking import AskedWitness, child_environment

WITNESS = logging.getLogger("beholden.witness")
ENDING_S = 5.0


class Bundled:
    """One of them. It ends when its standard input does: so it outlives no server, however that one ends."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = 0

    @property
    def pid(self) -> int:
        """0 while none runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    def keep(self) -> None:
        """Start it, if it does not run; returns when it can be asked or has failed, which it tells itself."""
        if self.pid:
            return
        self.stop()
        if self._begun:
            WITNESS.warning("the witness in %s had ended and is started anew", self._folder)
        self._begun += 1
        self._process = subprocess.Popen(  # noqa: S603 - this very Python, and a folder that the settings name
            [sys.executable, "-m", "beholden.witness", self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C ends the server, which has one more checkpoint to show it
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def stop(self) -> None:
        if (process := self._process) is None:
            return
        self._process = None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def bundled_of(cosigners: Sequence[Cosigner]) -> tuple[Bundled, ...]:
    """Those whose folder the settings name."""
    return tuple(Bundled(one.folder) for one in cosigners if isinstance(one, AskedWitness) and one.folder)
