"""What is sent and what an answer says, without sending anything: the same for both clients.

The bearer key is in this memory and nowhere else.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from types import NoneType
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from beholden import __version__
from beholden.api.shapes.people import Session
from beholden.client import errors
from beholden.client.calls import Call, Operation, Sent, Upload
from beholden.errors import BadInput, Fault

T = TypeVar("T")


class Exchange:
    def __init__(self, origin: str, bearer: str, page: int) -> None:
        self.origin = origin
        self.bearer = bearer
        self.page = page

    def begin(self, call: Call[T]) -> Try:
        """Raises `BadInput` for what no server would take; nothing is sent then."""
        operation, given = call.operation, dict(call.given)
        try:
            path = _path(operation.path, given)
            headers = self._headers(operation, given.pop("version", None))
            request = httpx2.Request(
                operation.method, f"{self.origin}/v1{path}", headers=headers, **_content(operation.body, given)
            )
        except ValidationError as error:
            raise errors.not_as_described(error) from None
        except UnicodeEncodeError:
            raise BadInput("a text has a character that is none; type it again. Nothing was sent") from None
        except httpx2.InvalidURL:
            raise BadInput("an id or a filter is longer than any server takes; nothing was sent") from None
        return Try(request, operation.sent)

    def read(self, call: Call[T], response: httpx2.Response) -> T:
        """The answer in its shape. Raises what went wrong as the error that it was on the server."""
        if not response.is_success:
            raise errors.error_of(response)
        answer: Any = call.operation.answer
        told: Any = None
        if answer is bytes:
            told = response.content
        elif answer is not NoneType:
            try:
                told = TypeAdapter(answer).validate_json(response.content)
            except ValidationError:
                raise errors.unreadable(response) from None
        if isinstance(told, Session):
            self.bearer = told.bearer
        if call.operation.method == "DELETE" and call.operation.path in ("/sessions/current", "/sessions"):
            self.bearer = ""
        read: T = told
        return read

    def _headers(self, operation: Operation, version: int | None) -> dict[str, str]:
        headers = {"Accept": "*/*", "User-Agent": f"beholden/{__version__}"}
        if self.bearer and not operation.is_open:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if operation.sent is Sent.KEYED:
            headers["Idempotency-Key"] = secrets.token_urlsafe(24)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if operation.body is not None and not isinstance(operation.body, Upload):
            headers["Content-Type"] = "application/json"
        return headers


class Try:
    """A request under way: sent, and sent once more at most."""

    def __init__(self, request: httpx2.Request, sent: Sent) -> None:
        self.request = request
        self._sent = sent
        self._broke = False

    def failed(self, error: httpx2.HTTPError) -> None:
        """Returns where it is to be sent again, as it was; else raises `Fault` with what is known of it.

        It is sent again at once or not at all: a server that was started anew meanwhile does not know the key any more, and
        would do it a second time. Starting takes longer than this does.
        """
        there = f"{self.request.url.scheme}://{self.request.url.netloc.decode()}"
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            if self._broke:
                raise Fault(f"the connection to {there} broke, and nothing answers there now; {UNKNOWN}") from error
            raise Fault(
                f"nothing answers at {there} ({_words(error)}); nothing was sent. Start the server with `beholden serve`, or "
                "check the address"
            ) from error
        if isinstance(error, httpx2.TimeoutException):
            raise Fault(f"{there} did not answer in time; {UNKNOWN}") from error
        if isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError):
            if self._broke or self._sent is Sent.ONCE:
                raise Fault(f"the connection to {there} broke before its answer came; {UNKNOWN}") from error
            self._broke = True
            return
        raise Fault(f"the exchange with {there} failed ({_words(error)}); {UNKNOWN}") from error


UNKNOWN = "what was asked may have been done. Look before you ask for it again"


def _words(error: httpx2.HTTPError) -> str:
    return str(error) or type(error).__name__


def _path(template: str, given: dict[str, Any]) -> str:
    """The path with what it names, which is taken out of `given`."""
    parts = []
    for part in template.split("/"):
        if part.startswith("{"):
            value = str(given.pop(part[1:-1]))
            if value in ("", ".", ".."):
                raise BadInput(f"{part[1:-1]} is no id: {value!r}; nothing was sent")
            part = quote(value, safe="")
        parts.append(part)
    return "/".join(parts)


def _content(body: type[BaseModel] | Upload | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The body, or the query where there is none. An empty text is not sent: it says nothing."""
    if body is None:
        return {"params": {name: value for name, value in given.items() if value not in ("", None)}}
    if isinstance(body, Upload):
        file = (given["file_name"], given["content"], "application/octet-stream")
        fields = {name: value for name, value in given.items() if name not in ("file_name", "content") and value}
        return {"files": {body.part: file}, "data": fields}
    return {"content": body(**given).model_dump_json().encode()}
