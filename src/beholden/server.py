"""One application: the pages, the REST under `/v1`, `/health` and `/metrics`, and the guards that stand before all of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from http import HTTPStatus
from time import monotonic
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from beholden import __version__, web
from beholden.actions import audit
from beholden.actions.vital import vital
from beholden.api.app import QUIET, make_api, named_by
from beholden.api.problems import Problem, allowed
from beholden.database.revisions import HEAD
from beholden.errors import BadInput, BeholdenError, Missing, SignInRefused, TooOften, TurnedAway
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.serving import figures as counted
from beholden.serving.arrival import Arrival, is_data, is_local
from beholden.serving.bodies import Bodies
from beholden.serving.figures import Figures
from beholden.serving.headers import Headers
from beholden.serving.heads import Heads
from beholden.serving.rates import Limits, Often, Rates
from beholden.serving.telling import Telling
from beholden.serving.upkeep import Upkeep
from beholden.web.complete import make_ready
from beholden.web.csrf import COOKIE
from beholden.web.onward import page_around
from beholden.web.page import error_page, see_other

LIMITS = Limits()
FULL_BELOW = 1 << 20  # bytes free: an act with its entry in the log finds no room, whether or not one was tried yet


def make_app(
    system: System,
    *,
    names: Sequence[str] = (),
    behind_proxy: bool = False,
    metrics_key: str = "",
    limits: Limits = LIMITS,
    now: Callable[[], float] = monotonic,
) -> FastAPI:
    """The application of this system, to be given to a server, or to a test's client under `http://localhost`.

    `names`: under which it answers beside localhost. `behind_proxy`: everything comes encrypted to a proxy. `now`: seconds
    that only grow. Nothing runs by itself: `app.state.upkeep` is to be started by whoever serves it. Raises `Fault` for an
    installation without all of its pages.
    """
    make_ready()
    app = FastAPI(title="Beholden", openapi_url=None, redirect_slashes=False, telemetry=QUIET)
    app.state.system = system
    app.state.metrics_key = metrics_key
    app.state.figures = figures = Figures(lambda: vital(system))
    app.state.rates = Rates(limits, now=now)
    app.state.upkeep = Upkeep(system, figures)
    app.add_api_route("/health", health)
    app.add_api_route("/metrics", metrics)
    app.mount("/v1", make_api(system, rates=app.state.rates))
    app.include_router(web.router)
    app.add_exception_handler(BeholdenError, _known)
    app.add_exception_handler(RequestValidationError, _not_as_asked)
    app.add_exception_handler(HTTPException, _of_the_protocol)
    # The last is the outermost: what a guard stops has its headers, its line and its figures as well.
    app.add_middleware(Heads)
    app.add_middleware(Bodies, picture=system.media.max_bytes, answer=answer, known=_known_here)
    app.add_middleware(Often, rates=app.state.rates, cookie=COOKIE, answer=answer)
    app.add_middleware(Arrival, names=names, behind_proxy=behind_proxy, answer=answer)
    app.add_middleware(Telling, figures=figures, answer=answer)
    app.add_middleware(Headers)
    return app


def answer(request: Request, error: BeholdenError) -> Response:
    """A problem for a program, a page for a person; both say what happened and what to do."""
    if is_data(request.url.path):
        response: Response = problem(error)
        response.headers.update(dict(named_by(request.app.state.system)))
    else:
        response = error_page(request, error)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def problem(error: BeholdenError) -> Problem:
    return Problem(error.problem(), status_code=error.status)


def health(request: Request) -> Response:
    """Whether it works; to somebody on this machine, or with the key, also how it is. Nobody is named."""
    system: System = request.app.state.system
    upkeep: Upkeep = request.app.state.upkeep
    told: dict[str, Any] = {"version": __version__, "revision": HEAD}
    problems = [task.problem for task in upkeep.tasks if task.started and task.problem]
    warnings = []
    try:
        now = vital(system)
    except BeholdenError as error:
        problems.append(f"{error.title}: {error}")
    else:
        told |= {
            "free_bytes": now.free_bytes,
            "waiting_templates": now.waiting,
            "unsealed_entries": now.unsealed,
            "witnesses": now.witnesses,
            "unwitnessed_entries": now.unwitnessed,
            "unwitnessed_age_s": now.unwitnessed_s,
        }
        if now.unwitnessed_s > 60 * system.rules.max_unwitnessed_minutes:
            problems.append("no witness has seen the log for longer than the policy allows: nothing is searched")
        if now.free_bytes < FULL_BELOW:
            problems.append("The disk is full: nothing more is recorded, and every act is refused; make room")
        if now.low:
            warnings.append("the disk is nearly full: nothing more is taken in; make room")
    if upkeep.worker.started:
        told["worker_age_s"] = round(upkeep.worker.age_s, 1)
    told |= {"problems": problems, "warnings": warnings}
    status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
    return JSONResponse({"ok": not problems, **(told if _may_watch(request) else {})}, status)


def metrics(request: Request) -> Response:
    if not _may_watch(request):
        raise Missing("there is nothing at this address for you")
    return Response(request.app.state.figures.text(), media_type=counted.CONTENT_TYPE)


def _may_watch(request: Request) -> bool:
    key: str = request.app.state.metrics_key
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    return is_local(request.scope) or (bool(key) and secrets.compare_digest(key.encode(), shown.encode()))


def _known_here(request: Request) -> bool:
    """Whether somebody is signed in who asks: by the cookie at the pages, by the bearer key at the REST."""
    system: System = request.app.state.system
    _, _, given = request.headers.get("authorization", "").partition(" ")
    secret = given.strip() if is_data(request.url.path) else request.cookies.get(COOKIE, "")
    try:
        with system.database.look() as look:
            audit.signed_in(look, Officer("", secret), system.clock.now())
    except SignInRefused:
        return False
    return True


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, BeholdenError)
    seat = getattr(request.state, "seat", None)
    if error.entry is None and seat is not None and not isinstance(error, SignInRefused | TurnedAway):
        system, officer = seat
        audit.write_stopped(system, officer, error)  # before any act began: a record that is not theirs, say
    request.state.rules = [reason.rule_id for reason in error.reasons]  # counted by `Telling`
    return answer(request, error)


def _not_as_asked(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()[:20])
    return answer(request, BadInput(f"the address or the form is not as it must be ({wrong}); load the page again"))


def _of_the_protocol(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told: BeholdenError
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET" and not is_data(request.url.path):
        return see_other(request, page_around(request))  # a form was refused, and its answer is loaded again
    if error.status_code == HTTPStatus.NOT_FOUND:
        told = Missing("there is nothing at this address; check it")
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        told = TurnedAway("this address is not to be used so; load the page again", status=error.status_code)
    else:
        told = TurnedAway(f"the request cannot be read ({error.detail}); send it again", status=error.status_code)
    response = answer(request, told)
    response.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = allowed(request)
    return response
