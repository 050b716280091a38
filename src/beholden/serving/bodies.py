"""Bodies are read whole, into memory, within bytes and seconds, before anything is done with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholden.errors import BeholdenError, TurnedAway
from beholden.serving.turning_away import Answer, turn_away

SMALL = 256 * 1024  # a form
DOCUMENT = 1024 * 1024  # JSON of a program that is signed in
FORMS = ("", "application/x-www-form-urlencoded", "text/plain")
MORE = 1024 * 1024  # around a picture: its fields and the seams between them
CHUNK_S = 20.0  # until the next bytes come
FORM_S = 60.0  # until all of a form is here, or as much of a picture: 4 KiB a second
WHOLE_S = 300.0
LET_COME_S = 5.0  # what is too much anyway
TEXT = (b"utf-8", b"utf8", b"us-ascii")  # a form in another encoding is none of a browser that has our page
KNOWN = "known"  # in the state of a request whose large body comes from somebody who is signed in
AT_ONCE = 4  # bodies of full size that are in memory together


class ClientGone(Exception):
    """Who asked has hung up; nobody is there to be answered."""


@dataclass(slots=True)
class Allowance:
    """Bytes of large bodies in memory at this moment, and the most that there may be.

    The first of each, as many as a form has, are not counted: however much is being sent, a form still comes through.
    """

    most: int
    taken: int = 0


def keep_uploads_in_memory(most: int) -> None:
    """A picture that somebody sends must not lie in clear in the system's folder of temporary files.

    Above `spool_max_size` (1 MiB) Starlette would write it there, where no erasure looks.
    """
    MultiPartParser.spool_max_size = most + 1


class Bodies:
    """Only who is signed in, as `known` finds, may send much: `picture` bytes; else it is what a form needs."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        picture: int,
        answer: Answer,
        known: Callable[[Request], bool],
        chunk_s: float = CHUNK_S,
        form_s: float = FORM_S,
        whole_s: float = WHOLE_S,
    ) -> None:
        self._app = app
        self._large = picture + MORE
        self._answer = answer
        self._known = known
        self._chunk_s, self._form_s, self._whole_s = chunk_s, form_s, whole_s
        self._allowance = Allowance(AT_ONCE * self._large)
        keep_uploads_in_memory(self._large)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        held = [0]
        try:
            try:
                _check_encoding(headers)
                body = await self._read(scope, receive, held)
            except BeholdenError as error:
                if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and "expect" not in headers:
                    await _let_come(receive)
                await turn_away(self._answer, error, scope, receive, send)
            else:
                await self._app(scope, _given(body, receive), send)
        except ClientGone:
            return
        finally:
            self._allowance.taken -= held[0]

    async def _most(self, scope: Scope) -> int:
        """For a body that is larger than a form. The proof is looked up: else anybody could fill the memory for bodies."""
        kind = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
        if kind in FORMS or not await run_in_threadpool(self._known, Request(scope)):
            return SMALL
        scope.setdefault("state", {})[KNOWN] = True  # a flood of strangers does not cut this one off
        return DOCUMENT if kind.endswith("json") else self._large

    async def _read(self, scope: Scope, receive: Receive, held: list[int]) -> bytes:
        told = _length(Headers(scope=scope))
        most = SMALL if told <= SMALL else await self._most(scope)
        asked = told > SMALL
        if told > most:
            raise _too_much(most)
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._form_s) as limit:
                end = asyncio.get_running_loop().time() + self._whole_s
                more = True
                while more:
                    message = await asyncio.wait_for(receive(), self._chunk_s)
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    part: bytes = message.get("body", b"")
                    size += len(part)
                    if size > most and not asked:
                        most, asked = await self._most(scope), True
                    if size > most:
                        raise _too_much(most)
                    if size > SMALL:
                        limit.reschedule(end)
                    self._take(size - SMALL - held[0], held)
                    parts.append(part)
                    more = message.get("more_body", False)
        except TimeoutError:
            raise TurnedAway("the request came too slowly; send it again", status=408) from None
        return b"".join(parts)

    def _take(self, size: int, held: list[int]) -> None:
        if size <= 0:
            return
        if self._allowance.taken + size > self._allowance.most:
            raise TurnedAway("too much is being sent by others at this moment; try again in a minute", status=503)
        self._allowance.taken += size
        held[0] += size


async def _let_come(receive: Receive) -> None:
    """Who is cut off while still sending sees a broken connection instead of why."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LET_COME_S):
            while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
                pass  # kept nowhere


def _given(body: bytes, receive: Receive) -> Receive:
    """The body at once; afterwards whatever the client does, such as hanging up."""
    waiting = [body]

    async def give() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return give


def _check_encoding(headers: Headers) -> None:
    """The form's reader takes any codec of Python by its name, and reads in the loop that answers everybody.

    200 KB "in punycode" held it for 11 s [measured], from anybody; "utf-7" makes halves of characters, which are no text.
    """
    _, told = parse_options_header(headers.get("content-type", ""))
    if told.get(b"charset", TEXT[0]).lower() not in TEXT:
        raise TurnedAway("text is taken as UTF-8 alone; send it so, without another charset", status=415)


def _length(headers: Headers) -> int:
    told = headers.get("content-length", "0")
    return int(told) if told.isdigit() and len(told) < 20 else 0


def _too_much(most: int) -> TurnedAway:
    return TurnedAway(f"more than the {most:,} bytes that are taken here; send a smaller file or less text", status=413)
