"""A small agency reached by REST, in memory: each person with their own bearer key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from beholden.server import make_app
from beholden.serving.rates import Limits, Rate
from tests.agency import Agency

OFTEN = Rate(1_000_000, 1_000_000)


@dataclass
class Rest:
    """What a program does: requests as a person of the agency."""

    agency: Agency
    app: FastAPI
    http: TestClient

    def ask(self, method: str, path: str, name: str = "", **more: Any) -> Response:
        headers = dict(more.pop("headers", {}))
        if name:
            headers["Authorization"] = f"Bearer {self.agency[name].session}"
        return self.http.request(method, path, headers=headers, **more)

    def get(self, name: str, path: str, **more: Any) -> Any:
        """The document of an answer that must be good."""
        answer = self.ask("GET", path, name, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, name: str, path: str, body: object = None, **more: Any) -> Any:
        answer = (
            self.ask("POST", path, name, json=body, **more)
            if "files" not in more
            else self.ask("POST", path, name, **more)
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def refused(self, status: int, method: str, path: str, name: str = "", **more: Any) -> dict[str, Any]:
        """The problem of an answer that must be one, of this status."""
        answer = self.ask(method, path, name, **more)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        told: dict[str, Any] = answer.json()
        assert list(told) == ["type", "title", "status", "detail", "reasons", "entry"]
        assert told["status"] == status
        return told


def rest_of(agency: Agency) -> Rest:
    """The whole server, guards and all, without limits on how often somebody may ask: tests do so in no time."""
    app = make_app(agency.system, limits=Limits(address=OFTEN, person=OFTEN))
    return Rest(agency, app, TestClient(app, base_url="http://localhost/v1", raise_server_exceptions=False))


@contextmanager
def pages_of(agency: Agency, *, follow: bool = False) -> Iterator[Rest]:
    """The same server, asked for its pages."""
    there = rest_of(agency)
    there.http.base_url, there.http.follow_redirects = "http://localhost", follow
    with there.http:
        yield there
