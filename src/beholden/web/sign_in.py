"""Signing in by passphrase, passkey, one-time token or one-time link, and signing out."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from beholden.actions import browsers, links, passkeys, people
from beholden.errors import BadInput, BeholdenError, SignInRefused
from beholden.records.people import Officer
from beholden.serving.rates import DEVICE, attempt
from beholden.web.csrf import COOKIE
from beholden.web.forms import Typed, own_form, read
from beholden.web.onward import knows_passkeys, onward, site_of
from beholden.web.page import render, see_other
from beholden.web.who import Here, Seat, leave, system_of, take_seat
from beholden.web.words import named

REMEMBERED_S = 180 * 24 * 3600  # half a year since the last sign-in

router = APIRouter()

# A form of somebody who is not signed in has no session to be bound to: that it comes from a page of ours, the guard sees.
Open = Annotated[Typed, Depends(read)]


@router.get("/sign-in")
def show_sign_in(request: Request, next: str = "/") -> Response:
    return sign_in_page(request, next)


@router.post("/sign-in")
def sign_in(request: Request, system: Here, form: Open) -> Response:
    """Whoever gets it wrong is not told whether the name, the passphrase or the code was."""
    attempt(request, form.text("name"))
    try:
        officer = people.sign_in(
            system, name=form.text("name"), passphrase=form.get("passphrase", ""), code=form.text("code")
        )
    except BeholdenError as error:
        return sign_in_page(request, form.text("next"), error, form)
    return seated(request, officer, form.text("next"))


@router.get("/sign-in/passkey/options")
def passkey_options(request: Request, system: Here) -> Response:
    return JSONResponse(passkeys.options_to_sign_in(system, site=site_of(request)))


@router.post("/sign-in/passkey")
def sign_in_with_passkey(request: Request, system: Here, form: Open) -> Response:
    attempt(request)
    try:
        officer = passkeys.sign_in_with_passkey(system, site=site_of(request), answer=form.get("answer", ""))
    except BeholdenError as error:
        return sign_in_page(request, form.text("next"), error)
    return seated(request, officer, form.text("next"))


@router.get("/sign-in/link")
def show_link(request: Request) -> Response:
    return render(request, "sign_in_link.html.jinja")


@router.post("/sign-in/link")
def use_link(request: Request, system: Here, form: Open) -> Response:
    """The token stands behind the `#` of the link, so that no log and no other page ever has it; a script brings it here."""
    attempt(request)
    try:
        officer = links.use_link(system, token=form.text("token"))
    except BeholdenError as error:
        return render(request, "sign_in_link.html.jinja", error=error)
    return seated(request, officer, "/")


@router.get("/sign-in/first")
def show_first(request: Request) -> Response:
    return render(request, "sign_in_first.html.jinja")


@router.post("/sign-in/first")
def first(request: Request, system: Here, form: Open) -> Response:
    """Use the one-time token, and choose a passphrase."""
    attempt(request)
    try:
        if form.get("passphrase", "") != form.get("again", ""):
            raise BadInput(named("The two passphrases differ; type the same one twice."))
        officer = people.accept(
            system, name=form.text("name"), token=form.text("token"), passphrase=form.get("passphrase", "")
        )
    except BeholdenError as error:
        return render(request, "sign_in_first.html.jinja", error=error, typed={"name": form.text("name")})
    return seated(request, officer, "/")


@router.post("/sign-out", dependencies=[Depends(own_form)])
def sign_out(request: Request, seat: Seat) -> Response:
    people.sign_out(*seat)
    response = see_other(request, "/sign-in", done="signed-out")
    leave(request, response)
    return response


def sign_in_page(
    request: Request, next: str, error: BeholdenError | None = None, typed: Typed | None = None
) -> Response:
    told: dict[str, Any] = {"typed": {"name": typed.text("name")}} if typed else {}
    return render(
        request,
        "sign_in.html.jinja",
        error=error,
        next=onward(next),
        passkeys=knows_passkeys(request),
        provider=request.app.state.system.provider is not None,
        **told,
    )


def seated(request: Request, officer: Officer, next: str) -> Response:
    """The session that this browser had before ends: two people at one machine do not share one."""
    if before := request.cookies.get(COOKIE):
        with suppress(SignInRefused):
            people.sign_out(system_of(request), Officer("", before))
    response = see_other(request, "/")
    response.headers["location"] = onward(next)
    take_seat(request, response, officer)
    _remember(request, response, officer)
    return response


def _remember(request: Request, response: Response, officer: Officer) -> None:
    """From here on, whoever tries out this person's name elsewhere does not keep them from signing in here."""
    device = browsers.remember(system_of(request), request.cookies.get(DEVICE, ""), officer.name)
    response.set_cookie(
        DEVICE,
        device,
        max_age=REMEMBERED_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/sign-in",
    )
