"""A request that was sent twice is done once: its answer is kept for a day, in memory, for who sent it.

In memory, because an answer is neither to outlive the keys of what it tells of nor to lie on the disk. After a restart of the
server a key is new again, and a search that is repeated consumes another use (docs/why/0013-what-a-server-forgets.md).
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request, Response

from beholden.api.who import person_of, system_of
from beholden.errors import BadInput, Changed

KEPT = timedelta(hours=24)
MOST = 10_000  # keys of all people; the oldest goes first
MAX_KEY = 200  # characters
MAX_ANSWER = 2**16  # bytes


@dataclass(slots=True)
class Told:
    """What was asked under a key, and what was answered; no answer while it is being done."""

    digest: bytes
    until: datetime
    status: int = 0
    body: bytes | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


class Repeats:
    def __init__(self) -> None:
        self._told: OrderedDict[tuple[str, str], Told] = OrderedDict()
        self._lock = threading.Lock()

    async def once(
        self, request: Request, body: bytes, do: Callable[[], Awaitable[Response]], *, keep: bool
    ) -> Response:
        """What `do` answers, or what it answered before. Raises `BadInput` for a key of another request, `Changed` for one
        under way or one whose answer is given once. Only what was done is remembered: who was refused may try again."""
        key = (person_of(request).id, request.headers["idempotency-key"])
        if not 0 < len(key[1]) <= MAX_KEY:
            raise BadInput(f"an Idempotency-Key has 1 to {MAX_KEY} characters; give a random one")
        now = system_of(request).clock.now()
        before = self._begin(key, _digest(request, body), now)
        if before is not None:
            again = Response(before.body, before.status, dict(before.headers))
            again.headers["Idempotency-Replayed"] = "true"
            return again
        try:
            response = await do()
        except BaseException:
            self._forget(key)
            raise
        self._end(key, response, keep=keep)
        return response

    def _begin(self, key: tuple[str, str], digest: bytes, now: datetime) -> Told | None:
        with self._lock:
            while self._told and (next(iter(self._told.values())).until <= now or len(self._told) >= MOST):
                self._told.popitem(last=False)
            there = self._told.get(key)
            if there is None:
                self._told[key] = Told(digest, now + KEPT)
                return None
            if there.digest != digest:
                raise BadInput("this Idempotency-Key was given with another request; give a new one with each")
            if not there.status:
                raise Changed("this request is being done at this moment; ask again in a moment")
            if there.body is None:
                raise Changed("this was done already, under this key, and its answer is given once only")
            return there

    def _end(self, key: tuple[str, str], response: Response, *, keep: bool) -> None:
        with self._lock:
            told = self._told.get(key)
            if not 200 <= response.status_code < 300:
                self._told.pop(key, None)
            elif told is not None:
                told.status = response.status_code
                if keep and len(response.body) <= MAX_ANSWER:
                    told.body = bytes(response.body)
                told.headers = [(name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers]

    def _forget(self, key: tuple[str, str]) -> None:
        with self._lock:
            self._told.pop(key, None)


KEPT_HEADERS = ("content-type", "location", "etag")


def _digest(request: Request, body: bytes) -> bytes:
    """Of what is asked. A form's boundary is random, and says nothing."""
    kind, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    if boundary:
        body = body.replace(boundary.strip('"; ').encode("latin-1"), b"")
    asked = f"{request.method} {request.url.path}?{request.url.query} {kind}\n".encode()
    return hashlib.sha256(asked + body).digest()
