"""Signing in, and confirming who one is, by the agency's own sign-in: there, back, and one press of a button on our side.

The button is there since the browser gives our session to no page that another site led to: what it sends is from here.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from beholden.actions import provider
from beholden.errors import BeholdenError
from beholden.serving.rates import attempt, attempt_again
from beholden.web.account import confirm_page, confirmed
from beholden.web.onward import onward, site_of
from beholden.web.page import render
from beholden.web.sign_in import Open, seated, sign_in_page
from beholden.web.who import Here, Seat, sit_down

router = APIRouter()
KEPT = "beholden-provider"  # the cookie: the state that this browser was sent away with, and where it was going
BACK = "/sign-in/provider/back"
SIGN_IN, CONFIRM = "sign-in", "confirm"
MOST_CHARS = 4_000


@router.get("/sign-in/provider")
def go_to_sign_in(request: Request, system: Here, next: str = "/") -> Response:
    attempt(request)
    try:
        sent = provider.to_sign_in(system, redirect=_back(request))
    except BeholdenError as error:
        return sign_in_page(request, next, error)
    return _away(request, sent, SIGN_IN, next)


@router.get("/confirm/provider")
def go_to_confirm(request: Request, seat: Seat, next: str = "/") -> Response:
    attempt_again(request, seat[1])
    try:
        sent = provider.to_confirm(*seat, redirect=_back(request))
    except BeholdenError as error:
        return confirm_page(request, seat, next, error)
    return _away(request, sent, CONFIRM, next)


@router.get(BACK)
def come_back(request: Request, code: str = "", state: str = "") -> Response:
    """Does nothing yet, whatever led here."""
    return render(request, "sign_in_provider.html.jinja", code=code[:MOST_CHARS], state=state[:MOST_CHARS])


@router.post("/sign-in/provider")
def arrive(request: Request, system: Here, form: Open) -> Response:
    """The form of the page above, which knows of no session: the state stands for it, and is good in that session alone."""
    purpose, kept, next = _kept(request)
    told = {"redirect": _back(request), "code": form.text("code"), "state": form.text("state"), "kept": kept}
    if purpose == CONFIRM:
        seat = sit_down(request)
        attempt_again(request, seat[1])
        try:
            provider.confirm_by_provider(seat[0], seat[1], **told)
        except BeholdenError as error:
            return _forget(request, confirm_page(request, seat, next, error))
        return _forget(request, confirmed(request, next))
    attempt(request)
    try:
        officer = provider.sign_in_by_provider(system, **told)
    except BeholdenError as error:
        return _forget(request, sign_in_page(request, next, error))
    return _forget(request, seated(request, officer, next))


def _back(request: Request) -> str:
    """The address that the provider must know as ours. The guards let nothing in under a name that is not ours."""
    return site_of(request).origin + BACK


def _away(request: Request, sent: provider.Sent, purpose: str, next: str) -> Response:
    response = RedirectResponse(sent.address, status_code=303)
    response.set_cookie(
        KEPT,
        f"{purpose}.{sent.state}.{quote(onward(next), safe='')}",
        max_age=int(provider.LIFE.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/sign-in",
    )
    return response


def _kept(request: Request) -> tuple[str, str, str]:
    """What for this browser was sent away, with which state, and where it was going; empty texts for what it does not say."""
    purpose, _, rest = request.cookies.get(KEPT, "").partition(".")
    state, _, next = rest.partition(".")
    return purpose, state, onward(unquote(next))


def _forget(request: Request, response: Response) -> Response:
    response.delete_cookie(
        KEPT, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/sign-in"
    )
    return response
