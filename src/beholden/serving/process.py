"""The process that serves: its sockets, its lines on standard error, and how it ends without breaking anything off."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from beholden.errors import Fault
from beholden.serving.arrival import LONGEST_HEAD
from beholden.serving.connections import Connection, Crowd

DRAIN_S = 20  # for requests that run when it is told to end
IDLE_S = 15  # a connection on which nobody asks
# An act asks SQLite some forty things, and after each answer its thread waits for its turn to run Python: as long as this
# where another computes. With Python's 5 ms, whoever writes kept all others waiting [100 searches at once: half as many a second].
SWITCH_S = 0.0001
BACKLOG = 128  # accepted at a time, before any of them can be cut off: each is an open file


def listen(host: str, port: int) -> list[socket.socket]:
    """The sockets to serve on. Raises `Fault` when somebody else has the port.

    Of this machine alone, both `127.0.0.1` and `::1`: browsers try either for "localhost", and whoever had the other one
    would be given what people type.
    """
    hosts = ("127.0.0.1", "::1") if host in ("127.0.0.1", "localhost", "::1") else (host,)
    sockets: list[socket.socket] = []
    try:
        for one in hosts:
            try:
                sockets.append(_bound(one, port))
            except OSError as error:
                if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    continue  # a machine without IPv6
                raise Fault(f"{one} port {port} cannot be had ({error.strerror}); choose another --port") from error
            port = sockets[0].getsockname()[1]
    except BaseException:
        for bound in sockets:
            bound.close()
        raise
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(kind, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


class Ending:
    """Whether somebody told the process to end. Told again, it goes on ending: what was begun is not broken off."""

    def __init__(self) -> None:
        self.told = False

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.told = True


@contextmanager
def ending_well() -> Iterator[Ending]:
    """From the first thread to the last seal. uvicorn handles the signals between, and raises them again at its end."""
    ending = Ending()
    before = {one: signal.signal(one, ending) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ending
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, crowd: Crowd, ending: Ending, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._crowd = crowd
        self._ending = ending
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.should_exit |= self._ending.told  # before uvicorn took the signals over
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # tenths of a second
            self._crowd.look(cast("set[Connection]", self.server_state.connections))
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True  # a second Ctrl-C breaks nothing off either
        self._ending(sig, frame)


def run(app: ASGIApp, sockets: list[socket.socket], *, proxy: str, ending: Ending, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; then take nothing new, let what runs end, and return.

    Requests that still come, or answers that nobody takes, are waited for 20 s; an act that runs, as long as it takes.
    What a proxy says of who asks is believed of `proxy` alone; of nobody where it is empty.
    """
    crowd = Crowd(proxy=proxy)
    config = uvicorn.Config(
        app,
        http=partial(Connection, crowd),  # type: ignore[arg-type]  # called as its class would be
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=[proxy],
        backlog=BACKLOG,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        _Server(config, crowd, ending, ready).run(sockets)
    finally:
        sys.setswitchinterval(before)


@contextmanager
def lines_on_stderr() -> Iterator[None]:
    """Our lines with their time; of what we stand on only its faults.

    uvicorn and the reader of forms warn of every request that they cannot read, and anybody can send many.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    loggers = {
        "beholden": logging.INFO,
        "uvicorn": logging.ERROR,
        "python_multipart": logging.ERROR,
        "asyncio": logging.ERROR,
    }
    for name, level in loggers.items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.propagate = False
        logger.addHandler(handler)
    try:
        yield
    finally:
        for name in loggers:
            logging.getLogger(name).removeHandler(handler)
            logging.getLogger(name).propagate = True
