"""HEAD: a page is answered as to GET, without its content. REST says of each address what it takes."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholden.serving.arrival import is_data


class Heads:
    """Makes a GET of every HEAD outside the REST: browsers and watchers ask so whether something is there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or is_data(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def without_content(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        scope["method"] = "GET"  # in place: the route that is found is written into this scope, and counted
        try:
            await self._app(scope, receive, without_content)
        finally:
            scope["method"] = "HEAD"
