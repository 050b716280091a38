"""A witness that can be asked: `POST /add-checkpoint` over HTTP, on a loopback port or a Unix socket, and nothing else."""

from __future__ import annotations

import os
import socket
import socketserver
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from beholden.errors import BadInput, BeholdenError, Fault
from beholden.formats.add_checkpoint import MAX_BODY, TEXT
from beholden.ports.cosigners import Answer
from beholden.witness.keeper import Keeper

PATH = "/add-checkpoint"
PATIENCE_S = 5.0  # for one that asks to have said all of it
SOCKET = "socket"  # in the folder of a bundled witness
LONGEST_PATH = 100  # a Unix socket's address has 108 bytes


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE_S
    server_version = "beholden-witness"
    sys_version = ""
    server: _Served

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != PATH:
            self._give(_plain(404, "this witness answers to POST /add-checkpoint alone"))
        elif not length.isdecimal() or len(length) > 9:
            self._give(_plain(411, "the question does not say how long it is"))
        elif int(length) > MAX_BODY:
            self._give(_plain(413, f"a question has at most {MAX_BODY} bytes"))
        else:
            self._give(self._answer(self.rfile.read(int(length))))

    def do_GET(self) -> None:
        self._give(_plain(404, "this witness answers to POST /add-checkpoint alone"))

    def _answer(self, body: bytes) -> Answer:
        try:
            return self.server.keeper.add_checkpoint(body, at=datetime.now(UTC))
        except BeholdenError as error:  # a damaged memory or a full disk: nothing is cosigned
            print(f"beholden-witness: {error}", file=sys.stderr, flush=True)
            return _plain(500, "the witness is at fault and cosigned nothing")

    def _give(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody needs a line for every checkpoint."""

    def address_string(self) -> str:
        return "somebody"  # a Unix socket gives no address


class _Served(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    keeper: Keeper

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who broke the connection off misses the answer and asks again."""


class _ServedAtPath(_Served):
    address_family = socket.AF_UNIX


class Witness:
    """A witness at an address, bound and not yet answering. `stop` may be called from another thread."""

    def __init__(self, keeper: Keeper, listen: str) -> None:
        """`listen` is `unix:/path`, or `HOST:PORT` on this machine. Raises `BadInput` for another, `Fault` if it is taken."""
        kind, _, place = listen.partition(":")
        self.path = Path(place) if kind == "unix" else None
        try:
            if self.path is not None:
                _clear(self.path)
                with short(self.path) as address:
                    self._server: _Served = _ServedAtPath(address, _Handler)  # type: ignore[arg-type]  # of a Unix socket it is a path
                self.path.chmod(0o600)
                self.address = listen
            else:
                host, port = _loopback(listen)
                self._server = _Served((host, port), _Handler)
                self.address = f"http://{host}:{self._server.server_address[1]}"
        except OSError as error:
            raise Fault(f"{listen} cannot be listened on ({error.strerror}); choose another --listen") from error
        self._server.keeper = keeper

    def run(self) -> None:
        """Answer until it is stopped."""
        try:
            self._server.serve_forever(poll_interval=0.1)
        finally:
            self._server.server_close()
            if self.path is not None:
                self.path.unlink(missing_ok=True)

    def stop(self) -> None:
        self._server.shutdown()


def until_end_of(stream: Callable[[], bytes], stop: Callable[[], None]) -> None:
    """Stop when whoever started us is gone: then the other end of our standard input closes, however it ended."""
    while stream():
        pass
    stop()


@contextmanager
def short(path: Path) -> Iterator[str]:
    """An address of the socket at a path, which may be longer than an address can be."""
    if len(os.fsencode(path)) <= LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _clear(path: Path) -> None:
    """Take away a socket that a crash left; one that somebody answers at stays. Raises `Fault` then."""
    with socket.socket(socket.AF_UNIX) as asking, short(path) as address:
        try:
            asking.connect(address)
        except FileNotFoundError:
            return
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise Fault(f"a witness answers at {path} already: use that one, or stop it first")


def _loopback(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    try:
        if ip_address(host).is_loopback and ip_address(host).version == 4 and 0 <= int(port) <= 65535:
            return host, int(port)
    except ValueError:
        pass  # said below
    raise BadInput(
        f"{listen!r} is no address of this machine: give 127.0.0.1:PORT or unix:/path, and put a proxy that encrypts "
        "in front of a witness that others ask"
    )


def _plain(status: int, words: str) -> Answer:
    return Answer(status, TEXT, f"{words}\n".encode())
