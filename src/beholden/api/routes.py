"""How every request goes: who asks, then the body, then the act, then its answer, once for each key."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Set
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from beholden.api import who
from beholden.api.reading import FORM_ROOM, MAX_JSON, StrictRequest
from beholden.api.repeats import Repeats

OPEN: dict[str, Any] = {"security": []}  # an operation that needs no sign-in: how one signs in
UPLOAD = "x-upload"  # an operation that takes a file, with the most bytes of it, or a picture's as the system has it
GIVEN_ONCE = "x-given-once"  # its answer is not kept for a repetition: it has a photograph or a secret in it
REOPENS = "x-reopens"  # doing it again gives the same again, so that a key changes nothing
PICTURE = -1


class Route(APIRoute):
    """Signs in before it reads, reads strictly, and answers a repeated request with the first answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        asked_by = _query_of(self.dependant)
        marks = self.openapi_extra or {}
        needs_sign_in = marks.get("security") != []

        async def answer(given: Request) -> Response:
            if needs_sign_in:
                await run_in_threadpool(who.signed_in, given)
            _check_query(given, asked_by)
            request = StrictRequest(given.scope, given.receive)
            request.limit = _limit(given, marks.get(UPLOAD))
            if (
                not (needs_sign_in and given.method == "POST" and "idempotency-key" in given.headers)
                or REOPENS in marks
            ):
                return _unless_known(request, await handle(request))
            repeats: Repeats = given.app.state.repeats
            body = await request.body()
            return await repeats.once(request, body, lambda: handle(request), keep=GIVEN_ONCE not in marks)

        return answer


def _query_of(dependant: Dependant) -> frozenset[str]:
    """What an operation takes in its query, by whichever of its parts."""
    own = frozenset(one.alias for one in dependant.query_params)
    return own.union(*(_query_of(one) for one in dependant.dependencies))


def _check_query(request: Request, asked_by: Set[str]) -> None:
    """A parameter that does not exist is a mistyped one: passed over, a list would answer as if nothing had been asked."""
    if unknown := [name for name in dict.fromkeys(request.query_params) if name not in asked_by]:
        wrong = "there is no such parameter; there are: " + (", ".join(sorted(asked_by)) or "none")
        raise RequestValidationError([{"type": "extra", "loc": ("query", name), "msg": wrong} for name in unknown])


def _limit(request: Request, upload: int | None) -> int:
    if upload is None:
        return MAX_JSON
    return FORM_ROOM + (who.system_of(request).media.max_bytes if upload == PICTURE else upload)


def _unless_known(request: Request, response: Response) -> Response:
    """304 where the asker says that they have this version."""
    tag, known = response.headers.get("etag"), request.headers.get("if-none-match", "")
    if request.method != "GET" or tag is None or response.status_code != 200:
        return response
    if known.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return Response(status_code=304, headers={"ETag": tag})
    return response
