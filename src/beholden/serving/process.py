"""The process that serves: its sockets, its lines on standard error, and how it ends without breaking anything off."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from beholden.errors import Fault

DRAIN_S = 20  # for requests that run when it is told to end
IDLE_S = 15  # a connection on which nobody asks
MOST_TOGETHER = 200  # connections; more are answered 503 at once
LONGEST_HEAD = 32 * 1024


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
        bound.listen(256)
    except BaseException:
        bound.close()
        raise
    return bound


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def run(app: ASGIApp, sockets: list[socket.socket], *, proxy: str, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; then take nothing new, let what runs end (20 s), and return.

    What a proxy says of who asks is believed of `proxy` alone; of nobody where it is empty.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxy),
        forwarded_allow_ips=[proxy],
        limit_concurrency=MOST_TOGETHER,
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    with _ending_well():
        _Server(config, ready).run(sockets)


@contextmanager
def _ending_well() -> Iterator[None]:
    """uvicorn raises the signal again when it has ended, which would end the process before the log is sealed."""
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {one: signal.signal(one, lambda *_: None) for one in signals}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def lines_on_stderr() -> Iterator[None]:
    """Our lines with their time; of the server itself warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    loggers = {"beholden": logging.INFO, "uvicorn": logging.WARNING}
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
