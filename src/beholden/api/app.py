"""The REST door put together: its routes, its errors, its description, and which model and version answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholden import __version__
from beholden.api import (
    api_keys,
    archives,
    asides,
    authorities,
    cases,
    certificates,
    comparisons,
    disclosures,
    erasures,
    evidence,
    examinations,
    exhibits,
    exigents,
    galleries,
    images,
    incidents,
    log,
    measuring,
    notices,
    orders,
    patterns,
    people,
    photographs,
    pictures,
    problems,
    readiness,
    requests,
    restrictions,
    reviews,
    searches,
    sessions,
    soughts,
    sources,
)
from beholden.api.description import describe
from beholden.api.repeats import Repeats
from beholden.ports.system import System
from beholden.serving.rates import Limits, Rates

ROUTERS = tuple(
    noun.router
    for noun in (
        *(
            sessions,
            api_keys,
            people,
            certificates,
            sources,
            galleries,
            images,
            archives,
            asides,
            cases,
            exhibits,
            evidence,
            soughts,
            authorities,
            exigents,
            searches,
        ),
        *(comparisons, reviews, examinations, disclosures, requests, photographs, restrictions, erasures),
        *(measuring, pictures),
        *(notices, incidents, patterns, orders, log, readiness),
    )
)
# FastAPI traces requests by itself, and a variable of the environment can tell it to send that elsewhere.
QUIET: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


class Named:
    """Every answer says which model and which version it comes from."""

    def __init__(self, app: ASGIApp, *, headers: Sequence[tuple[str, str]]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = MutableHeaders(scope=message)
                for name, value in self._headers:
                    there[name] = value
            await send(message)

        await self._app(scope, receive, named)


def named_by(system: System) -> tuple[tuple[str, str], ...]:
    """The headers that every answer under `/v1` has, a guard's too."""
    card = system.model.card
    return ("Beholden-Version", __version__), ("Beholden-Model", f"{card.name}/{card.space_id[:16]}")


def make_api(system: System, *, rates: Rates | None = None) -> FastAPI:
    """An app of its own, to be mounted at `/v1`: what goes wrong in it is told as a problem, never as a page.

    `rates`: how often somebody may try to sign in, counted together with the pages.
    """
    app = FastAPI(
        title="Beholden",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name,
        telemetry=QUIET,
    )
    app.state.system = system
    app.state.rates = Rates(Limits()) if rates is None else rates
    app.state.repeats = Repeats()
    app.state.searching = CapacityLimiter(searches.AT_ONCE)
    app.state.cursor_secret = secrets.token_bytes(32)
    for router in ROUTERS:
        app.include_router(router)
    problems.handle(app)
    app.add_middleware(Named, headers=named_by(system))
    app.openapi = describe(app)  # type: ignore[method-assign]  # how FastAPI wants a description changed
    return app


def _name(route: APIRoute) -> str:
    """An operation is called as the function that does it."""
    return str(route.name)
