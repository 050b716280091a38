"""The files that pages load, under an address that changes with their content, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from beholden.errors import Missing

FOLDER = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"  # a year: other content has another address

router = APIRouter()


@cache
def contents() -> dict[str, bytes]:
    """Every file that is served, by its path. Nothing else can be asked for, however the address is written."""
    return {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in KINDS and path.is_file()
    }


@cache
def digest() -> str:
    """One for all of them: a module that imports its neighbour finds it under the same digest."""
    listed = "".join(f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in contents().items())
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a file. Raises `KeyError` for one that is not there: a page never asks for it."""
    if name not in contents():
        raise KeyError(f"there is no static file {name}")
    return f"/static/{digest()}/{name}"


@router.get("/static/{of}/{name:path}", include_in_schema=False)
def static_file(of: str, name: str) -> Response:
    if of != digest() or name not in contents():
        raise Missing("there is no such file; load the page again")
    kind = KINDS[Path(name).suffix]
    return Response(contents()[name], media_type=kind, headers={"Cache-Control": KEPT})
