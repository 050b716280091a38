"""The two lines over which requests go: one that waits, and one that is awaited."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from typing import Any, TypeVar

import httpx2

from beholden.api.shapes.fields import Page
from beholden.client.calls import Call
from beholden.client.exchange import Exchange
from beholden.errors import BadInput

CONNECT_S = 10.0

T = TypeVar("T")


class Line:
    def __init__(self, exchange: Exchange, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        self.exchange = exchange
        self._http = httpx2.Client(**_how(timeout_s, tls))

    def ask(self, call: Call[T]) -> T:
        under_way = self.exchange.begin(call)
        while True:
            try:
                response = self._http.send(under_way.request)
            except httpx2.HTTPError as error:
                under_way.failed(error)
            else:
                return self.exchange.read(call, response)

    def all(self, call: Call[Page[T]]) -> Iterator[T]:
        """A list, page after page."""
        page: Page[T] | None = None
        while page is None or page.next:
            page = self.ask(_next(call, self.exchange.page, page))
            yield from page.items

    def close(self) -> None:
        self.exchange.bearer = ""
        self._http.close()


class AsyncLine:
    def __init__(self, exchange: Exchange, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        self.exchange = exchange
        self._http = httpx2.AsyncClient(**_how(timeout_s, tls))

    async def ask(self, call: Call[T]) -> T:
        under_way = self.exchange.begin(call)
        while True:
            try:
                response = await self._http.send(under_way.request)
            except httpx2.HTTPError as error:
                under_way.failed(error)
            else:
                return self.exchange.read(call, response)

    async def all(self, call: Call[Page[T]]) -> AsyncIterator[T]:
        """A list, page after page."""
        page: Page[T] | None = None
        while page is None or page.next:
            page = await self.ask(_next(call, self.exchange.page, page))
            for one in page.items:
                yield one

    async def close(self) -> None:
        self.exchange.bearer = ""
        await self._http.aclose()


def exchange_at(address: str, bearer: str, page: int) -> Exchange:
    """Raises `BadInput` for what is no address of a server, and for one to which the key would go unencrypted."""
    try:
        url = httpx2.URL(address)
    except httpx2.InvalidURL:
        url = httpx2.URL()
    rest = url.path.strip("/") or url.query or url.fragment or url.userinfo
    if url.scheme not in ("http", "https") or not url.host or rest:
        raise BadInput(f"{address!r} is no address of a server; give it as the server prints it: http://localhost:8000")
    if url.scheme == "http" and not _is_here(url.host):
        raise BadInput(
            f"passphrases and photographs would cross the network to {url.host} unencrypted; use the https:// address of "
            "the proxy in front of the server"
        )
    if not (bearer.isascii() and bearer.isprintable()) or " " in bearer:
        raise BadInput("this is no bearer key; give the one that signing in gave")
    return Exchange(f"{url.scheme}://{url.netloc.decode()}", bearer, page)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _how(timeout_s: float, tls: ssl.SSLContext | None) -> dict[str, Any]:
    """Nothing of the environment: a proxy named there would be given the key. No redirect: it would be, too."""
    if tls is not None and (tls.verify_mode is not ssl.CERT_REQUIRED or not tls.check_hostname):
        raise BadInput(
            "this would talk to anybody who claims to be the server; give a context that checks certificates"
        )
    return {
        "verify": True if tls is None else tls,
        "trust_env": False,
        "follow_redirects": False,
        "timeout": httpx2.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)),
    }


def _next(call: Call[Page[T]], limit: int, page: Page[T] | None) -> Call[Page[T]]:
    after = page.next if page is not None else None
    return Call(call.operation, {**call.given, "limit": limit, "cursor": after})
