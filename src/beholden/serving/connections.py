"""Connections: whoever sends slowest now, or takes no answer, makes room for everybody else."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, cast

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from beholden.serving.arrival import is_loopback
from beholden.serving.bodies import KNOWN
from beholden.serving.headers import ALWAYS, DATA_POLICY
from beholden.serving.rates import network_of

CONNECTIONS = logging.getLogger("beholden.connections")
MOST_TOGETHER = 200
MOST_OF_STRANGER = 20  # of an address that is neither the proxy nor this machine, where there is a proxy
HEAD_S = 10.0  # until the head of a request is whole
STALL_S = 30.0  # until more of an answer is taken
TAKEN = 16 * 1024  # bytes that count as more
WINDOW_S = 1.0  # pace is that of the last one or two of these: who sent much at once and stalls is not quick
GRACE_S = (
    1.0  # who has just come, or begun to ask, is not slow yet: a head takes 0.3 s from the other side of the world
)
SLOW = 4096  # bytes a second, as for a body
TOLD_EVERY_S = 60.0

UNREADABLE = b"this is no request that can be read (HTTP/1.1); check what sends it, then send it again\n"


class Crowd:
    """Who is connected to one server at this moment, and who of them must go."""

    def __init__(
        self,
        *,
        proxy: str,
        most: int = MOST_TOGETHER,
        head_s: float = HEAD_S,
        stall_s: float = STALL_S,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._proxy = network_of(proxy)
        self._most = most
        self._head_s, self._stall_s = head_s, stall_s
        self._told_at = -TOLD_EVERY_S
        self.now = now

    def make_room(self, new: Connection, there: set[Connection]) -> None:
        """Cut off the first of those who keep us waiting, or `new` where everybody else is being answered."""
        if self._is_stranger(new) and sum(one.network == new.network for one in there) > MOST_OF_STRANGER:
            new.cut()
            return
        if len(there) <= self._most:
            return
        now = self.now()
        if now - self._told_at >= TOLD_EVERY_S:
            self._told_at = now
            CONNECTIONS.warning("%d connections: those that send slowest are cut off", len(there))
        waiting = [one for one in there if one.keeps_us_waiting]
        networks = Counter(one.network for one in waiting)
        min(waiting, key=lambda one: one.place(now, networks[one.network])).cut()

    def look(self, there: Iterable[Connection]) -> None:
        """To be called every second: whoever is late is cut off."""
        now = self.now()
        for one in [*there]:
            if one.is_late(now, self._head_s, self._stall_s):
                one.cut()

    def _is_stranger(self, one: Connection) -> bool:
        """Behind a proxy, whoever comes past it: the proxy's own connections are those of everybody."""
        return bool(self._proxy) and one.network != self._proxy and not (one.client and is_loopback(one.client[0]))


class Connection(H11Protocol):
    """One connection: what came since when, and what is not taken yet."""

    def __init__(
        self,
        crowd: Crowd,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._crowd = crowd
        self._since, self._came = crowd.now(), 0
        self._unsent, self._took_at = 0, self._since
        self._window_at, self._in_window, self._before = self._since, 0, 0

    @property
    def network(self) -> str:
        return network_of(self.client[0]) if self.client else ""

    @property
    def _between(self) -> bool:
        """No request of it is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def keeps_us_waiting(self) -> bool:
        return self._between or self.cycle.more_body or self._unsent > 0

    @property
    def _is_known(self) -> bool:
        """The body that comes is that of somebody who is signed in."""
        return not self._between and bool(self.scope.get("state", {}).get(KNOWN))

    def place(self, now: float, of_network: int) -> tuple[int, int, float, float]:
        """Among those who keep us waiting: the smallest goes first.

        Who is slow; then strangers who are not; then who has just come, the eldest first; at last who is signed in and
        sends. Within each, those of the network that has most; and of these the slowest, at last the eldest.
        """
        pace = self.pace(now)
        if now - self._since < GRACE_S and not self._unsent:
            return 2, -of_network, 0, self._since
        if pace < SLOW:
            return 0, -of_network, pace, self._since
        return 3 if self._is_known else 1, -of_network, pace, self._since

    def pace(self, now: float) -> float:
        """Bytes a second at which it sends its request now, or takes its answer."""
        if self._unsent:
            return TAKEN / max(now - self._took_at, WINDOW_S)
        self._turn(now)
        return (self._before + self._in_window) / (now - self._window_at + WINDOW_S)

    def _turn(self, now: float) -> None:
        passed = now - self._window_at
        if passed >= WINDOW_S:
            self._before = self._in_window if passed < 2 * WINDOW_S else 0
            self._window_at, self._in_window = now, 0

    def is_late(self, now: float, head_s: float, stall_s: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if not unsent or not self._unsent or abs(self._unsent - unsent) >= TAKEN:
            self._unsent, self._took_at = unsent, now
        if unsent:
            return now - self._took_at > stall_s
        begun = self._came > 0 or self.cycle is None  # else it is kept open between two requests: uvicorn ends that
        return self._between and begun and now - self._since > head_s

    def cut(self) -> None:
        self.connections.discard(self)  # at once: who comes next is counted before the loop tells us that it is gone
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._crowd.make_room(self, cast("set[Connection]", self.connections))

    def data_received(self, data: bytes) -> None:
        if self._between and self._came == 0 and self.cycle is not None:
            self._since = self._crowd.now()
        self._came += len(data)
        self._turn(self._crowd.now())
        self._in_window += len(data)
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._since, self._came = self._crowd.now(), len(self.conn.trailing_data[0])
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """In our words, with the headers of every answer; nothing where an answer is on its way already."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.cut()
            return
        told = {
            **ALWAYS,
            "Content-Security-Policy": DATA_POLICY,
            "Cache-Control": "no-store",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(UNREADABLE)),
            "Connection": "close",
        }
        head = h11.Response(status_code=400, headers=list(told.items()), reason=b"Bad Request")
        for event in (head, h11.Data(data=UNREADABLE), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _should_upgrade(self) -> bool:
        return False  # nothing here is spoken but HTTP: who asks for more is answered in it, without a line about it
