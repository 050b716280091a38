"""How a guard stops a request: in the same words and the same shape as any refusal."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from beholden.errors import BeholdenError

Answer = Callable[[Request, BeholdenError], Response]  # a page or a problem, as the request wants it


async def turn_away(answer: Answer, error: BeholdenError, scope: Scope, receive: Receive, send: Send) -> None:
    response = await run_in_threadpool(answer, Request(scope), error)  # a page may read who is signed in
    response.headers["Connection"] = "close"  # what is left of its body is not read
    await response(scope, receive, send)
