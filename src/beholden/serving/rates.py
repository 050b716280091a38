"""How often somebody may ask, and how often somebody may try to sign in."""

from __future__ import annotations

import hashlib
import math
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from time import monotonic

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from beholden.actions import browsers
from beholden.errors import TooOften
from beholden.records.people import Officer
from beholden.serving.headers import STATIC
from beholden.serving.turning_away import Answer, turn_away

DEVICE = "beholden_device"  # the cookie by which a browser is known
MOST_KEYS = 50_000  # remembered at a time: a flood of addresses must not fill the memory


@dataclass(frozen=True, slots=True)
class Rate:
    at_once: int
    a_minute: float


@dataclass(frozen=True, slots=True)
class Limits:
    """An address may be that of a whole office, so it has more than a person; a name is tried less often than either."""

    address: Rate = Rate(600, 3000)
    person: Rate = Rate(200, 600)
    attempts_of_address: Rate = Rate(20, 20)
    attempts_on_name: Rate = Rate(
        20, 10
    )  # from anywhere: guessing is slow, and a colleague cannot be shut out for long
    attempts_of_address_on_name: Rate = Rate(5, 5)
    attempts_without_name: Rate = Rate(20, 20)  # of an address, with what nobody can guess: a passkey, a token, a link
    attempts_of_device: Rate = Rate(5, 5)  # on each name that signed in there before
    attempts_of_session: Rate = Rate(5, 5)


class Rates:
    """Buckets that fill with time; who finds theirs empty must wait."""

    def __init__(self, limits: Limits, *, now: Callable[[], float] = monotonic) -> None:
        self.limits = limits
        self._now = now
        self._guard = threading.Lock()
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()  # → tokens, as of when

    def wait(self, kind: str, key: str, rate: Rate) -> float:
        """Take one; 0, or the seconds to wait when there is none."""
        now = self._now()
        with self._guard:
            left, since = self._left.pop((kind, key), (float(rate.at_once), now))
            left = min(rate.at_once, left + (now - since) * rate.a_minute / 60)
            wait = 0.0 if left >= 1 else (1 - left) * 60 / rate.a_minute
            self._left[kind, key] = (left if wait else left - 1, now)
            if len(self._left) > MOST_KEYS:
                self._left.popitem(last=False)
        return wait

    def attempt(self, address: str, name: str | None, device: str = "") -> None:
        """Somebody tries to sign in. Raises `TooOften` before anything is looked at.

        From a `device` where this very person signed in before, tries are counted apart: whatever strangers try, there they
        come in. A passkey, a token or a link names nobody and cannot be guessed: no wrong passphrase stops them.
        """
        on = "" if name is None else _mark(unicodedata.normalize("NFKC", name).strip().casefold())
        if device:
            tries = [("attempts of device", f"{device} {on}", self.limits.attempts_of_device)]
        elif on:
            tries = [
                ("attempts of address", address, self.limits.attempts_of_address),
                ("attempts of address on name", f"{address} {on}", self.limits.attempts_of_address_on_name),
                ("attempts on name", on, self.limits.attempts_on_name),
            ]
        else:
            tries = [("attempts without name", address, self.limits.attempts_without_name)]
        for kind, key, rate in tries:
            if wait := self.wait(kind, key, rate):
                raise _too_often("too many attempts to sign in", wait)

    def attempt_again(self, session: str) -> None:
        """Somebody who is signed in shows anew who they are. Raises `TooOften` before anything is looked at.

        By their session alone: whoever tries out a name from elsewhere must not keep its owner from their work.
        """
        if wait := self.wait("attempts of session", _mark(session), self.limits.attempts_of_session):
            raise _too_often("too many attempts to confirm who you are", wait)


def attempt(request: Request, name: str | None = None) -> None:
    """To be called before a passphrase and a code are looked at, with the name; before a passkey, token or link, without."""
    rates: Rates = request.app.state.rates
    device = browsers.id_of(request.app.state.system, request.cookies.get(DEVICE, ""), name or browsers.ANYBODY)
    rates.attempt(address_of(request.scope), name, device)


def attempt_again(request: Request, officer: Officer) -> None:
    """To be called before what somebody gives who is signed in already is looked at."""
    rates: Rates = request.app.state.rates
    rates.attempt_again(officer.session)


@dataclass
class Often:
    """Stops who asks too often: by address, and by the bearer key or the cookie that is shown."""

    app: ASGIApp
    rates: Rates
    cookie: str
    answer: Answer
    free: tuple[str, ...] = field(default=("/health", "/metrics", STATIC))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(self.free):
            request = Request(scope)
            shown = request.headers.get("authorization") or request.cookies.get(self.cookie, "")
            wait = self.rates.wait("address", address_of(scope), self.rates.limits.address)
            if shown and not wait:
                wait = self.rates.wait("person", _mark(shown), self.rates.limits.person)
            if wait:
                await turn_away(self.answer, _too_often("too many requests", wait), scope, receive, send)
                return
        await self.app(scope, receive, send)


def address_of(scope: Scope) -> str:
    """Of who asks."""
    return network_of(str(scope["client"][0])) if scope.get("client") else ""


def network_of(host: str) -> str:
    """An address; of IPv6 the network, as a household has as many addresses as it likes."""
    try:
        address = ip_address(host)
    except ValueError:
        return host  # a socket of this machine, or a test
    return host if address.version == 4 else str(ip_network((address, 64), strict=False).network_address)


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _too_often(what: str, wait: float) -> TooOften:
    seconds = math.ceil(wait)
    return TooOften(f"{what}; wait {seconds} second{'' if seconds == 1 else 's'}, then try again", wait_s=seconds)
