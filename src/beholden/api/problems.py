"""Every refusal and every failure as one document (RFC 9457): what happened, each reason, and what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from beholden.actions import audit
from beholden.errors import BadInput, BeholdenError, Changed, Missing, Reason, TooOften, TurnedAway
from beholden.serving.languages import preferred

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MEDIA_TYPE = "application/problem+json"
MOST_REASONS = 50  # of one body; a thousand wrong fields need not each be listed
# The same for what is unknown and for what is hidden: neither is told apart from the other.
NOTHING_THERE = (
    "there is nothing with this id for you now; check the id. Nothing may wait for you any more, you may owe an opinion "
    "that must be locked first, or a supervisor must assign you to the case"
)
UNEXPECTED = "the server failed in a way that nobody foresaw; what was not finished was not kept. Its own log says more"


class Problem(JSONResponse):
    media_type = MEDIA_TYPE


def handle(app: FastAPI) -> None:
    """Every error of this app leaves it as a problem."""
    app.add_exception_handler(BeholdenError, _known)
    app.add_exception_handler(RequestValidationError, _not_as_described)
    app.add_exception_handler(HTTPException, _of_the_protocol)
    app.add_exception_handler(Exception, _unforeseen)


def _known(request: Request, error: Exception) -> Problem:
    assert isinstance(error, BeholdenError)
    who = getattr(request.state, "who", None)
    if error.entry is None and who is not None and not isinstance(error, TurnedAway):
        system, officer = who  # stopped before any act: a record that is not theirs, say
        audit.write_stopped(system, officer, error)
    language = preferred(request.headers.get("accept-language", ""))
    told = error.problem(language)
    if isinstance(error, Missing):
        told["detail"] = NOTHING_THERE
    if isinstance(error, Changed) and "if-match" in request.headers:
        told["status"] = HTTPStatus.PRECONDITION_FAILED.value
    request.state.rules = [reason.rule_id for reason in error.reasons]  # counted by whoever serves this
    headers = {"Content-Language": language} if any(reason.also for reason in error.reasons) else {}
    if told["status"] == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(error.wait_s)
    return Problem(told, status_code=_status(told["status"]), headers=headers)


def _not_as_described(_: Request, error: Exception) -> Problem:
    """Each field that is not as described; of what was given, nothing is said back."""
    assert isinstance(error, RequestValidationError)
    reasons = [
        Reason(
            rule_id="request.as-described",
            why=f"{'.'.join(str(part)[:100] for part in wrong['loc'])}: {_wrong(wrong)}",
            source="the description of this door, /v1/openapi.json",
            how_to_proceed="give the request as it is described there; nothing of this one was kept",
        )
        for wrong in error.errors()[:MOST_REASONS]
    ]
    return _bad_input("; ".join(reason.why for reason in reasons), reasons)


def _wrong(wrong: dict[str, Any]) -> str:
    if wrong["type"] == "json_invalid":
        return f"this is not JSON that has one meaning ({wrong['ctx']['error']})"
    return str(wrong["msg"])[:300]


def _of_the_protocol(request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _bad_input("the body cannot be read as what its Content-Type says", [])
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Problem(Missing(NOTHING_THERE).problem(), status_code=error.status_code)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = allowed(request)
    return _plain(error.status_code, HTTPStatus(error.status_code).description, headers)


def allowed(request: Request) -> str:
    """The methods of an address: an operation knows its own alone, and an address may have several."""
    scope, routes = request.scope, request.app.routes
    of = [one for one in METHODS if any(route.matches({**scope, "method": one})[0] is Match.FULL for route in routes)]
    return ", ".join(of)


def _unforeseen(_: Request, __: Exception) -> Problem:
    return Problem(BeholdenError(UNEXPECTED).problem(), status_code=BeholdenError.status)


def _plain(status: int, detail: str, headers: dict[str, str]) -> Problem:
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Problem(told | {"reasons": [], "entry": None}, status_code=status, headers=headers)


def _bad_input(detail: str, reasons: list[Reason]) -> Problem:
    told = BadInput(detail).problem() | {"reasons": [reason.told() for reason in reasons]}
    return Problem(told, status_code=BadInput.status)


def _status(told: object) -> int:
    return told if isinstance(told, int) else BeholdenError.status
