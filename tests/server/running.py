"""A real server process, for tests: started on a data folder, asked over its socket, and ended by a signal."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import beholden

SRC = Path(beholden.__file__).parents[1]
COMMAND = (sys.executable, "-c", "import sys; from beholden.cli import main; sys.exit(main())", "serve")


@dataclass
class Served:
    process: subprocess.Popen[str]
    address: str
    data: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def get(self, path: str, host: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(host, self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def raw(self, sent: bytes, *, ends: bool = False) -> bytes:
        """All that is answered to these very bytes until the server closes; with `ends` nothing more is sent."""
        with self.connected() as there:
            there.sendall(sent)
            if ends:
                there.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: there.recv(65536), b""))

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    @property
    def health(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.get("/health")[1])
        return told

    def ended(self, by: signal.Signals) -> tuple[int, str, str]:
        """The exit code, and what it wrote after its address."""
        self.process.send_signal(by)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err

    def takes_nothing_new(self) -> bool:
        """Waits until it does."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                self.connected().close()
            except OSError:
                return True
            time.sleep(0.02)
        return False


@contextmanager
def served(data: Path, *arguments: str, command: Sequence[str] = COMMAND) -> Iterator[Served]:
    with subprocess.Popen(
        [*command, "--data", str(data), "--port", "0", *arguments],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, process.communicate()[1]
            yield Served(process, address, data)
        finally:
            if process.poll() is None:
                process.kill()
