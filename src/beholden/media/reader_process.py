"""A process of ours in which strangers' files are read, and our end of its socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import weakref
from typing import Any

from beholden.errors import Fault
from beholden.media.cell import MOST_SAID

BEGINNING = 60  # seconds to import and try out the decoders, on a machine that is busy


class ReaderProcess:
    """A running process and our end of its socket. It ends when that is closed, so also when we do."""

    def __init__(self, wanted: tuple[str, ...], module: str, patience: float) -> None:
        guard, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no word of it from outside
                [sys.executable, "-s", "-P", "-m", module, str(theirs.fileno()), ",".join(wanted)],
                env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "OMP_NUM_THREADS": "1"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # decoders of TIFF write there whatever a file makes them
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._guard, self._process, self._of = guard, process, os.getpid()
        self.result = os.memfd_create("pixels")
        self.end = weakref.finalize(self, _end, guard, self.result, process, self._of)
        guard.settimeout(BEGINNING)
        try:
            ready = guard.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            self.end()
            raise Fault(
                "the process that reads pictures could not be begun; `beholden check` says which wall is missing"
            )
        guard.settimeout(patience)

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        """Whether it runs, and is ours: after a fork it is the parent's."""
        return self._of == os.getpid() and self._process.poll() is None

    def ask(self, content: bytes) -> bytes:
        given = os.memfd_create("content")
        try:
            _write(given, content)
            socket.send_fds(self._guard, [b"read"], [given, self.result])
        finally:
            os.close(given)
        return self._guard.recv(MOST_SAID)

    def ask_more(self, words: bytes) -> bytes:
        """What the process says next; empty where it ended."""
        self._guard.send(words)
        return self._guard.recv(MOST_SAID)

    def ended(self) -> str:
        """How it ended by itself: the signal's name, or its exit status."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "no word"
        return signal.Signals(-status).name if status < 0 else f"exit {status}"


def _end(guard: socket.socket, result: int, process: subprocess.Popen[bytes], of: int) -> None:
    guard.close()
    os.close(result)
    if of != os.getpid():
        process.returncode = 0  # the parent's, who waits for it
    elif process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)  # with the child that reads a file now
        process.wait()


def _write(fd: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(fd, left) :]


def told(said: bytes) -> dict[str, Any]:
    """The report as it came: what is no report says nothing."""
    try:
        report = json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}
