"""The headers of an answer: which version of a record it is, and where what was made can be read."""

from __future__ import annotations

import base64
from typing import Protocol

from fastapi import Request, Response

from beholden.api.about import note


class Versioned(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


def tag(response: Response, record: Versioned) -> None:
    """The version as an ETag. Nothing that a blind reader may see has one."""
    response.headers["ETag"] = f'"{record.version}"'


def made(request: Request, response: Response, noun: str, record: Versioned) -> None:
    """201 says where."""
    lies(request, response, noun, record)
    tag(response, record)


def lies(request: Request, response: Response, noun: str, record: Versioned) -> None:
    """Where what was made can be read; of what a blind reader may see, nothing more."""
    note((type(record), record.id))
    response.headers["Location"] = f"{request.scope.get('root_path', '')}/{noun}/{record.id}"


def text(content: bytes) -> str:
    """Bytes as JSON can have them."""
    return base64.b64encode(content).decode()
