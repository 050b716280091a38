"""Where a person goes on after signing in or confirming who they are: a page of ours that only shows, never an act."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.routing import Match

from beholden.errors import BeholdenError, Missing
from beholden.ports.authenticators import Site

MOST = 1_000  # characters of an address
DOORS = ("/sign-in", "/sign-out", "/confirm", "/v1", "/static")  # signing in leads into none of these again


def onward(asked: str) -> str:
    """The page that was asked for; the first page for whatever is none of ours, however it is written."""
    if len(asked) > MOST or not asked.startswith("/") or not asked.isascii() or not asked.isprintable():
        return "/"
    if asked.startswith("//") or "\\" in asked or urlsplit(asked).netloc:  # browsers read \ as /
        return "/"
    path = urlsplit(asked).path
    return "/" if any(path == door or path.startswith(door + "/") for door in DOORS) else asked


def page_around(request: Request) -> str:
    """The nearest page above what was sent: of `/sources/1/approve` it is `/sources/1`. Loading it does nothing."""
    return onward(_nearest(request))


def shown_at(request: Request, error: BeholdenError | None) -> str:
    """Where what is shown now can be loaded again, in another language say: empty for this very address."""
    if request.method in ("GET", "HEAD"):
        return ""
    return "/" if isinstance(error, Missing) else _nearest(request)  # around what is missing there is no page either


def _nearest(request: Request) -> str:
    path = request.url.path.rstrip("/")
    while path:
        scope = {**request.scope, "method": "GET", "path": path, "root_path": ""}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            return path
        path = path.rpartition("/")[0]
    return "/"


def asks_who_acts(error: BeholdenError) -> bool:
    """Whether it was refused since the sign-in is some minutes old: confirming who acts opens it."""
    return any(reason.rule_id.startswith("session-is-fresh") for reason in error.reasons)


def site_of(request: Request) -> Site:
    """Where the browser is. The guards let nothing in under a name that is not ours.

    In clear, the port is the one that we listen on, whatever the request says: all that runs on this machine may use the
    passkeys of "localhost", and what a person signed for a page on another port must open nothing here.
    """
    url = request.url
    if url.scheme == "https":  # the proxy's; this process does not know its port
        return Site(rp_id=url.hostname or "", origin=f"{url.scheme}://{url.netloc}")
    _, port = request.scope.get("server") or ("", None)
    origin = f"{url.scheme}://{url.hostname}" + (f":{port}" if port not in (None, 80) else "")
    return Site(rp_id=url.hostname or "", origin=origin)


def knows_passkeys(request: Request) -> bool:
    """Browsers bind a passkey to a name, never to an address of numbers."""
    host = request.url.hostname or ""
    return not (":" in host or host.replace(".", "").isdigit())
