"""A problem that the server tells becomes the error that it was there, with every reason and the entry of the log."""

from __future__ import annotations

import inspect

from httpx2 import Response
from pydantic import ValidationError

from beholden import __version__, errors
from beholden.api.shapes.fields import Problem
from beholden.errors import BadInput, BeholdenError, Fault, Reason, Refused, TooOften, TurnedAway

MEDIA_TYPE = "application/problem+json"
WAIT_S = 60  # where a server does not say how long
CLASSES: dict[str, type[BeholdenError]] = {
    f"urn:beholden:{name}": one
    for name, one in inspect.getmembers(errors, inspect.isclass)
    if issubclass(one, BeholdenError)
}


def error_of(response: Response) -> BeholdenError:
    """What an answer that is none says went wrong; `status` is that of the answer."""
    kind = response.headers.get("content-type", "").partition(";")[0]
    try:
        told = Problem.model_validate_json(response.content) if kind == MEDIA_TYPE else None
    except ValidationError:
        told = None
    error = _strange(response) if told is None else _told(told, response.headers.get("retry-after", ""))
    error.status = response.status_code
    return error


def unreadable(response: Response) -> Fault:
    """An answer that is not of the shape that this client knows."""
    there = response.headers.get("beholden-version")
    if there is None:
        return _strange(response)
    return Fault(
        f"the answer is not as this client knows it: the server is of version {there}, the client of version "
        f"{__version__}. What was asked may have been done; install the client of the server's version, and look"
    )


def not_as_described(error: ValidationError) -> BadInput:
    """What was given is no such body; nothing was sent."""
    reasons = [
        Reason(
            rule_id="request.as-described",
            why=f"{'.'.join(str(part)[:100] for part in wrong['loc'])}: {wrong['msg'][:300]}",
            source="the description of the door, /v1/openapi.json",
            how_to_proceed="give it as it is described there; nothing was sent",
        )
        for wrong in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return BadInput("; ".join(reason.why for reason in reasons), *reasons)


def _told(told: Problem, retry_after: str) -> BeholdenError:
    kind = CLASSES.get(told.type, BeholdenError)
    reasons = [
        Reason(one.rule_id, one.why, one.source, one.how_to_proceed, lacks=tuple(one.lacks)) for one in told.reasons
    ]
    if issubclass(kind, Refused):
        return kind(*reasons, entry=told.entry)
    if issubclass(kind, TooOften):
        return kind(told.detail, wait_s=int(retry_after) if retry_after.isdecimal() else WAIT_S)
    if issubclass(kind, TurnedAway) or told.type == "about:blank":  # stopped before it came to any act
        return TurnedAway(told.detail, status=told.status)
    return kind(told.detail, *reasons, entry=told.entry)


def _strange(response: Response) -> Fault:
    return Fault(
        f"{response.url.scheme}://{response.url.netloc.decode()} answered {response.status_code}, and not as a server of "
        "Beholden does; check the address, and what stands between here and there. A redirect is not followed"
    )
