"""One's own account: passkeys, one-time codes, where one is signed in; and confirming who one is."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from beholden.actions import api_keys, passkeys, provider, sessions, totp
from beholden.errors import BeholdenError
from beholden.serving.rates import attempt_again
from beholden.web.forms import Form, Typed, own_form
from beholden.web.onward import knows_passkeys, onward, site_of
from beholden.web.page import render, see_other
from beholden.web.who import Seat, leave

router = APIRouter()
OWN = Depends(own_form)  # where nothing was typed, the token of the session is still asked for


@router.get("/account")
def show_account(request: Request, seat: Seat) -> Response:
    return _account(request, seat)


@router.get("/account/passkeys/options")
def options_to_add(request: Request, seat: Seat) -> Response:
    return JSONResponse(passkeys.options_to_add(*seat, site=site_of(request)))


@router.post("/account/passkeys")
def add_passkey(request: Request, seat: Seat, form: Form) -> Response:
    try:
        passkeys.add_passkey(*seat, site=site_of(request), answer=form.get("answer", ""), name=form.text("name"))
    except BeholdenError as error:
        return _account(request, seat, error)
    return see_other(request, "/account", done="added")


@router.post("/account/passkeys/remove")
def remove_passkey(request: Request, seat: Seat, form: Form) -> Response:
    try:
        passkeys.remove_passkey(*seat, passkey_id=form.text("passkey"))
    except BeholdenError as error:
        return _account(request, seat, error)
    return see_other(request, "/account", done="removed")


@router.post("/account/codes", dependencies=[OWN])
def begin_codes(request: Request, seat: Seat) -> Response:
    """The secret is shown in the answer itself, once: it has no address of its own."""
    try:
        begun = totp.begin_totp(*seat)
    except BeholdenError as error:
        return _account(request, seat, error)
    return render(request, "account_codes.html.jinja", begun=begun)


@router.post("/account/codes/confirm")
def confirm_codes(request: Request, seat: Seat, form: Form) -> Response:
    attempt_again(request, seat[1])
    try:
        totp.confirm_totp(*seat, code=form.text("code"))
    except BeholdenError as error:
        return render(request, "account_codes.html.jinja", error=error, begun=None)
    return see_other(request, "/account", done="codes")


@router.post("/account/codes/remove", dependencies=[OWN])
def remove_codes(request: Request, seat: Seat) -> Response:
    try:
        totp.remove_totp(*seat)
    except BeholdenError as error:
        return _account(request, seat, error)
    return see_other(request, "/account", done="removed")


@router.post("/account/link/confirm")
def confirm_link(request: Request, seat: Seat, form: Form) -> Response:
    attempt_again(request, seat[1])
    try:
        provider.confirm_link(*seat, subject=form.text("subject"))
    except BeholdenError as error:
        return _account(request, seat, error, form)
    return see_other(request, "/account", done="confirmed")


@router.post("/account/sessions/end")
def end_session(request: Request, seat: Seat, form: Form) -> Response:
    try:
        sessions.end_session(*seat, session_id=form.text("session"))
    except BeholdenError as error:
        return _account(request, seat, error)
    return see_other(request, "/account", done="ended")


@router.post("/account/sessions/end-all", dependencies=[OWN])
def end_every_session(request: Request, seat: Seat) -> Response:
    try:
        sessions.end_every_session(*seat)
    except BeholdenError as error:
        return _account(request, seat, error)
    response = see_other(request, "/sign-in", done="signed-out")
    leave(request, response)
    return response


@router.post("/account/keys")
def make_key(request: Request, seat: Seat, form: Form) -> Response:
    """The key is shown in the answer itself, once: it has no address of its own."""
    try:
        days = form.number("days", "number of days") if form.text("days") else 0
        made, secret = api_keys.make_key(*form.once(seat), name=form.text("name"), days=days)
    except BeholdenError as error:
        return _account(request, seat, error, form)
    return render(request, "account_key.html.jinja", made=made, secret=secret)


@router.post("/account/keys/revoke")
def revoke_key(request: Request, seat: Seat, form: Form) -> Response:
    try:
        api_keys.revoke_key(*seat, key_id=form.text("key"))
    except BeholdenError as error:
        return _account(request, seat, error)
    return see_other(request, "/account", done="removed")


@router.get("/confirm")
def show_confirm(request: Request, seat: Seat, next: str = "/") -> Response:
    return confirm_page(request, seat, next)


@router.get("/confirm/options")
def options_to_confirm(request: Request, seat: Seat) -> Response:
    return JSONResponse(passkeys.options_to_confirm(*seat, site=site_of(request)))


@router.post("/confirm")
def confirm(request: Request, seat: Seat, form: Form) -> Response:
    """Nothing is done but that: the page from which somebody came is shown again, and they do there what they meant to."""
    attempt_again(request, seat[1])
    try:
        sessions.refresh(*seat, passphrase=form.get("passphrase", ""), code=form.text("code"))
    except BeholdenError as error:
        return confirm_page(request, seat, form.text("next"), error)
    return confirmed(request, form.text("next"))


@router.post("/confirm/passkey")
def confirm_with_passkey(request: Request, seat: Seat, form: Form) -> Response:
    attempt_again(request, seat[1])
    try:
        passkeys.confirm_with_passkey(*seat, site=site_of(request), answer=form.get("answer", ""))
    except BeholdenError as error:
        return confirm_page(request, seat, form.text("next"), error)
    return confirmed(request, form.text("next"))


def _account(request: Request, seat: Seat, error: BeholdenError | None = None, typed: Typed | None = None) -> Response:
    return render(
        request,
        "account.html.jinja",
        error=error,
        typed=typed or {},
        days=seat[0].rules.key_days,
        account=sessions.account(*seat),
        passkeys=knows_passkeys(request),
    )


def confirm_page(request: Request, seat: Seat, next: str, error: BeholdenError | None = None) -> Response:
    return render(
        request,
        "confirm.html.jinja",
        error=error,
        account=sessions.account(*seat),
        next=onward(next),
        passkeys=knows_passkeys(request),
    )


def confirmed(request: Request, next: str) -> Response:
    path = onward(next)
    response = see_other(request, "/")
    response.headers["location"] = f"{path}{'&' if '?' in path else '?'}done=confirmed"
    return response
