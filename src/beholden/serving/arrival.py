"""From where a request may come: under a name of ours, through the proxy where there is one, from a page of ours."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from beholden.errors import TurnedAway
from beholden.serving.headers import DATA
from beholden.serving.turning_away import Answer, turn_away

OURSELVES = ("localhost", "127.0.0.1", "[::1]")
SAFE = ("GET", "HEAD", "OPTIONS")
LONGEST_HEAD = 32 * 1024
MOST_HEADERS = 100  # a browser sends about 20
WATCHED = ("/health", "/metrics")  # for whoever watches the machine; no person's browser needs them


class Arrival:
    """Stops what comes under a strange name, in the clear past the proxy, or from a page of somebody else."""

    def __init__(self, app: ASGIApp, *, names: Sequence[str], behind_proxy: bool, answer: Answer) -> None:
        self._app = app
        self._names = {name.lower() for name in (*OURSELVES, *names)}
        self._behind_proxy = behind_proxy
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (error := self._wrong(scope)):
            await turn_away(self._answer, error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _wrong(self, scope: Scope) -> TurnedAway | None:
        headers = Headers(scope=scope)
        if len(headers.raw) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers.raw) > LONGEST_HEAD:
            return TurnedAway(
                "the request's head is too long; clear this site's cookies, then load it again", status=431
            )
        if "transfer-encoding" in headers and ("content-length" in headers or scope.get("http_version") == "1.0"):
            # A proxy that reads the other length sees where another request begins than we do (RFC 9112, section 6.1).
            return TurnedAway("the request tells its length in two ways; send it with one", status=400)
        hosts = headers.getlist("host")
        # Else a page elsewhere, under a name that it lets point to this machine, would be of one origin with us.
        if len(hosts) != 1 or bare(hosts[0]) not in self._names:
            return TurnedAway("this server does not answer under that name; use the address that it prints", status=421)
        if self._behind_proxy and scope["scheme"] != "https" and scope["path"] not in WATCHED:
            return TurnedAway(
                "this server is reached through its proxy, encrypted; use the proxy's address", status=403
            )
        if scope["method"] not in SAFE and not is_data(scope["path"]) and not from_here(scope, headers):
            return TurnedAway("the form was sent from another site; open the page here and send it again", status=403)
        return None


def bare(host: str) -> str:
    """The name without its port, lower case."""
    name, colon, port = host.strip().lower().rpartition(":")
    return name if colon and port.isascii() and port.isdigit() and len(port) <= 5 else host.strip().lower()


def is_data(path: str) -> bool:
    """REST: a cookie proves nothing there, so no other site can borrow one."""
    return path == DATA or path.startswith(DATA + "/")


def from_here(scope: Scope, headers: Headers) -> bool:
    """By what the browser says of where the request began; one that says nothing is not believed."""
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    return headers.get("origin") == f"{scope['scheme']}://{headers['host'].lower()}"


def is_local(scope: Scope) -> bool:
    """Whether somebody on this very machine asks, and not through a proxy."""
    headers = Headers(scope=scope)
    if scope["scheme"] != "http" or "x-forwarded-for" in headers or "forwarded" in headers or scope["client"] is None:
        return False
    return is_loopback(scope["client"][0])


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
