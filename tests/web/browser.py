"""A browser for tests: signs in as a person of the small agency, loads pages, and sends their forms as a person would."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from httpx2 import Response
from starlette.testclient import TestClient

from beholden.server import make_app
from beholden.web.csrf import COOKIE, token_of
from beholden.web.forms import new_number
from tests.agency import Agency

Sent = Mapping[str, str | Sequence[str]]


@dataclass
class Browser:
    """One person's window. `page` is what it shows."""

    agency: Agency
    name: str = ""
    client: TestClient = field(init=False)
    page: Response = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(make_app(self.agency.system), base_url="http://localhost", follow_redirects=False)
        if self.name:
            self.client.cookies.set(COOKIE, self.agency[self.name].session)

    @property
    def text(self) -> str:
        """What the page says, without its tags, every run of spaces as one."""
        return " ".join(_Text.of(self.page.text).split())

    def open(self, path: str, **headers: str) -> Response:
        self.page = self.client.get(path, headers=headers)
        return self.page

    def send(self, path: str, fields: Sent | None = None, *, files: Mapping[str, tuple[str, bytes]] | None = None,
             follow: bool = True) -> Response:  # fmt: skip
        """A form of the page: with the token of the session, and a number of its own, as the browser has them."""
        told = {"csrf": token_of(self.client.cookies.get(COOKIE) or ""), "once": new_number(), **(fields or {})}
        self.page = self.client.post(path, data=told, files=files, headers={"Sec-Fetch-Site": "same-origin"})
        if follow and self.page.status_code == 303:
            self.open(self.page.headers["location"])
        return self.page

    def forms(self) -> list[str]:
        """Where the forms of this page lead that are sent with POST."""
        return re.findall(r'<form method="post" action="([^"]+)"', self.page.text)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @classmethod
    def of(cls, html: str) -> str:
        there = cls()
        there.feed(html)
        return " ".join(there.said)
