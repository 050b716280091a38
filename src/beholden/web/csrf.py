"""The token that every form of a page carries: another site that makes a browser post here does not know it."""

from __future__ import annotations

import hashlib
import hmac

from fastapi import Request

from beholden.errors import Reason, Refused

COOKIE = "beholden_session"

FOREIGN = Reason(
    rule_id="web.own-form",
    why="the form was not one that this system gave you in this session",
    source="REQ 113",
    how_to_proceed="load the page again and send its form; what was typed is still in your browser's history",
)


def token(request: Request) -> str:
    """HMAC of the session's secret; empty without a session."""
    return token_of(request.cookies.get(COOKIE, ""))


def token_of(secret: str) -> str:
    return hmac.new(secret.encode(), b"beholden/csrf/v1", hashlib.sha256).hexdigest() if secret else ""


def check(request: Request, given: str) -> None:
    """Raises `Refused` for a form without the token of this session."""
    right = token(request)
    if not right or not hmac.compare_digest(right.encode(), given.encode()):
        raise Refused(FOREIGN)
