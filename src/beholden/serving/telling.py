"""One line for each request, and its figures: by the route, so that no id and no query is written down."""

from __future__ import annotations

import logging
import os
import traceback
from http import HTTPMethod
from time import perf_counter

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholden.errors import BeholdenError
from beholden.serving.figures import Figures
from beholden.serving.headers import STATIC
from beholden.serving.turning_away import Answer, turn_away

ACCESS = logging.getLogger("beholden.access")
FAULTS = logging.getLogger("beholden.faults")
NO_ROUTE = "(none)"
PLAIN = "Something went wrong that nobody foresaw. Tell whoever keeps this server: its log says where.\n"
METHODS = frozenset(HTTPMethod)


class Telling:
    """Counts and notes every request; an error that nobody foresaw becomes an answer that gives nothing away."""

    def __init__(self, app: ASGIApp, *, figures: Figures, answer: Answer) -> None:
        self._app = app
        self._figures = figures
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            try:
                await self._app(scope, receive, noting)
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for an answer
                note_fault(error)
                if not status:  # else half an answer is out: the connection breaks, and nobody takes it for a whole one
                    await turn_away(self._answer, unforeseen(error), scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - the page that tells of errors has one itself
            note_fault(error)
            if not status:
                await PlainTextResponse(PLAIN, 500, {"Connection": "close"})(scope, receive, noting)
        finally:
            self._note(scope, status, perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = route_of(scope)
        self._figures.requests.labels(method, route, str(status)).inc()
        self._figures.seconds.labels(route).observe(seconds)
        for rule in scope["state"].get("rules", ()):  # noted by the door that told of the refusal
            self._figures.refusals.labels(rule).inc()
        ACCESS.info("%s %s %s %.0f ms", method, route, status or "gone", seconds * 1000)


def route_of(scope: Scope) -> str:
    """The route's address with the names of its parts, `/v1/cases/{case_id}`; never what stood in their place."""
    route = scope.get("route")
    template = getattr(route, "path_format", None)
    if not isinstance(route, BaseRoute) or not isinstance(template, str):
        return NO_ROUTE
    if scope["path"].startswith(STATIC):
        return f"{STATIC}…"
    given = {name: str(value) for name, value in scope.get("path_params", {}).items()}
    try:
        end = template.format_map(given)
    except (KeyError, IndexError, ValueError):
        return NO_ROUTE
    # A router that was included knows its own part only; what stands before it has no parts of its own.
    path: str = scope["path"]
    before = path.removesuffix(end)
    if (before == path and end) or any(value and value in before.split("/") for value in given.values()):
        return NO_ROUTE
    return before + template


def unforeseen(error: Exception) -> BeholdenError:
    return BeholdenError(
        f"an error that nobody foresaw ({type(error).__name__}); what was under way was not done. "
        "Tell whoever keeps this server: its log says where"
    )


def note_fault(error: Exception) -> None:
    """Where it happened; not its words, which may hold what somebody typed. BEHOLDEN_DEBUG=1 tells all."""
    if os.environ.get("BEHOLDEN_DEBUG") == "1":
        FAULTS.error("%s", "".join(traceback.format_exception(error)))
        return
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
    FAULTS.error("%s at %s", type(error).__name__, " < ".join(reversed(places)))
