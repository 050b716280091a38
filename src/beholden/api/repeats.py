"""A request that was sent twice is done once: that it was done is in the records, its answer for a day in memory.

The answer is given again to the same session of the same person only, and only as long as no record that it is about has
changed, nor the person's roles. Else the request is put to the act once more, which refuses it as it would refuse any such
request now, or says that it was done already (docs/why/0013-what-a-server-forgets.md).
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from beholden.actions.standing import Named, Standing, standing, stands
from beholden.api.about import noting
from beholden.api.who import person_of, sent_under, system_of, who_of
from beholden.errors import BadInput, BeholdenError, Changed
from beholden.records.people import Person

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
    standing: Standing | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


class Repeats:
    def __init__(self) -> None:
        self._told: OrderedDict[tuple[str, str], Told] = OrderedDict()
        self._lock = threading.Lock()

    async def once(
        self, request: Request, body: bytes, do: Callable[[], Awaitable[Response]], *, keep: bool
    ) -> Response:
        """What `do` answers, or what it answered before. Raises `BadInput` for a key of another request, `Changed` for one
        under way and, by the act, for one whose answer is not to be given again. Only what was done is remembered: who was
        refused may try again."""
        person, system = person_of(request), system_of(request)
        key = (person.id, request.headers["idempotency-key"])
        if not 0 < len(key[1]) <= MAX_KEY:
            raise BadInput(f"an Idempotency-Key has 1 to {MAX_KEY} characters; give a random one")
        before = self._begin(key, _digest(request, body), system.clock.now())
        if before is not None and await run_in_threadpool(_still_stands, request, before):
            again = Response(before.body, before.status, dict(before.headers))
            again.headers["Idempotency-Replayed"] = "true"
            return again
        sent_under(request, key[1])
        if before is not None:
            return await do()  # the act says why it is not done again
        with noting() as named:
            try:
                response = await do()
            except BaseException:
                self._forget(key)
                raise
        hangs_on = await run_in_threadpool(_standing, request, person, named) if keep else None
        self._end(key, response, hangs_on)
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
            return there

    def _end(self, key: tuple[str, str], response: Response, hangs_on: Standing | None) -> None:
        with self._lock:
            told = self._told.get(key)
            if not 200 <= response.status_code < 300:
                self._told.pop(key, None)
            elif told is not None:
                told.status = response.status_code
                if hangs_on is not None and len(response.body) <= MAX_ANSWER:
                    told.body, told.standing = bytes(response.body), hangs_on
                told.headers = [(name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers]

    def _forget(self, key: tuple[str, str]) -> None:
        with self._lock:
            self._told.pop(key, None)


def _standing(request: Request, person: Person, named: Sequence[Named]) -> Standing | None:
    """What the answer hangs on, or None where the person changed while it was made: then it is not given again."""
    _, officer = who_of(request)
    try:
        found = standing(system_of(request), officer, *named)
    except BeholdenError:
        return None
    return found if found.person == (person.id, person.version) else None


def _still_stands(request: Request, told: Told) -> bool:
    system, officer = who_of(request)
    return told.body is not None and told.standing is not None and stands(system, officer, told.standing)


KEPT_HEADERS = ("content-type", "location", "etag")


def _digest(request: Request, body: bytes) -> bytes:
    """Of what is asked. A form's boundary is random, and says nothing."""
    kind, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    if boundary:
        body = body.replace(boundary.strip('"; ').encode("latin-1"), b"")
    asked = f"{request.method} {request.url.path}?{request.url.query} {kind}\n".encode()
    return hashlib.sha256(asked + body).digest()
