"""Who sits at the browser: the session's cookie, checked against the records with every page."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from beholden.actions import sessions
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.csrf import COOKIE


def system_of(request: Request) -> System:
    """The system as the pages use it."""
    system: System = request.app.state.system
    return replace(system, client=sessions.PAGES)


def sit_down(request: Request) -> tuple[System, Officer]:
    """The system, and who is signed in. Raises `SignInRefused`, which becomes the way to sign in."""
    system = system_of(request)
    seat = (system, sessions.awake(system, request.cookies.get(COOKIE, "")))
    request.state.seat = seat
    return seat


def take_seat(request: Request, response: Response, officer: Officer) -> None:
    """From here on this browser acts for this person. Scripts cannot read the cookie, and no other site can send it."""
    response.set_cookie(
        COOKIE, officer.session, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/"
    )


def leave(request: Request, response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/")


Here = Annotated[System, Depends(system_of)]
Seat = Annotated[tuple[System, Officer], Depends(sit_down)]
