"""The files that pages load, under an address that changes with their content, so that browsers may keep them.

Every page loads one style sheet and one classic script, each joined here of several files: two requests in the place of
many. They go out compressed where the browser takes that; a page itself never does, since it holds a token beside words
that somebody typed (BREACH, 2013).
"""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from functools import cache, partial
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.errors import Missing

FOLDER = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"  # a year: other content has another address
PARTS = "parts"  # a style sheet for each kind of page, all of them joined after the common one
# In this order: the policy for markup stands before the first library that could make any.
JOINED = {
    "page.js": ("trusted.js", "vendor/htmx.min.js", "vendor/hx-csp.min.js"),
    "page.css": ("own.css",),
}

# Modules that one page needs together, in the order in which they need each other: one request in the place of four.
MODULES = {"examination.js": ("viewers/plane.js", "viewers/points.js", "viewers.js", "viewers/examination.js")}
_IMPORT = re.compile(r'^(import [^;"]* from )"([^"]+)";$', re.MULTILINE)

router = APIRouter()


@cache
def contents() -> dict[str, bytes]:
    """Every file that is served, by its path. Nothing else can be asked for, however the address is written.

    Raises `OSError` where a part of a joined one is missing.
    """
    single = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in KINDS and path.is_file()
    }
    return single | {name: _joined(name) for name in JOINED} | {name: _module(name) for name in MODULES}


def _joined(name: str) -> bytes:
    parts = [FOLDER / part for part in JOINED[name]]
    if name.endswith(".css"):
        parts += sorted((FOLDER / PARTS).glob("*.css"))
    between = b"\n;\n" if name.endswith(".js") else b"\n"
    return between.join(part.read_bytes() for part in parts)


def _module(name: str) -> bytes:
    """What a part imports of another part stands above it; what it imports of others is found from where the whole lies."""
    parts = MODULES[name]

    def placed(part: str, found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(part), found[2]))
        return "" if target in parts else f'{found[1]}"./{target}";'

    said = [_IMPORT.sub(partial(placed, part), (FOLDER / part).read_text("utf-8")) for part in parts]
    return "\n".join(said).encode()


@cache
def compressed(name: str) -> bytes:
    """Made once; the same bytes whenever it is made."""
    return gzip.compress(contents()[name], 9, mtime=0)


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
def static_file(request: Request, of: str, name: str) -> Response:
    if of != digest() or name not in contents():
        raise Missing("there is no such file; load the page again")
    headers, content = {"Cache-Control": KEPT, "Vary": "Accept-Encoding"}, contents()[name]
    if takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"], content = "gzip", compressed(name)
    return Response(content, media_type=KINDS[Path(name).suffix], headers=headers)


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding names gzip and does not forbid it by `q=0` (RFC 9110, section 12.5.3)."""
    for part in header[:1000].split(","):
        coding, _, weight = part.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "").lower().rstrip("0").rstrip(".") not in ("q=", "q=0")
    return False
