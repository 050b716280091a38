"""Addresses of the web in one form, and the places that cover them. They are only text here: nothing is ever fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from beholden.errors import BadInput

MOST_URL = 4_000  # characters, as of a cell of a manifest
_HOST = re.compile(r"[a-z0-9_-]++(?:\.[a-z0-9_-]++)*+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})|[^!$&'()*+,/:;=?@A-Za-z0-9._~-]")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OWN_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A web address in one form: no fragment, no user, no dot segments, escapes in capitals, the scheme's own port left out."""

    text: str
    host: str  # with its port where that is not the scheme's own
    path: str


@dataclass(frozen=True, slots=True)
class Place:
    """A host, or with a leading "*." every host below it, and the part of its paths that begins so."""

    host: str
    path: str  # begins with "/"; covers itself and what lies below it, never a name that only begins alike


def place_in(words: str) -> Place:
    """Of "photos.example", "photos.example/portraits/", "*.photos.example" or an address. Raises `BadInput`."""
    told = words.strip()
    below = told.startswith("*.")
    at = address(told if "://" in told else f"https://{told.removeprefix('*.')}")
    labels = at.host.partition(":")[0].split(".") if at else []
    if at is None or "?" in told or "#" in told or "*" in told.removeprefix("*.") or (below and len(labels) < 2):
        raise BadInput(
            f"{words[:80]!r} names no place on the web; write a host and a path, as in photos.example/portraits/"
        )
    return Place(f"*.{at.host}" if below else at.host, at.path)


def covered(places: Sequence[Place], at: Address) -> bool:
    return any(_covers(place, at) for place in places)


def whole_hosts(places: Sequence[Place]) -> tuple[Place, ...]:
    """All of the hosts of which these are parts: what a site says to robots lies at its top."""
    return tuple(Place(host, "/") for host in dict.fromkeys(place.host for place in places))


def _covers(place: Place, at: Address) -> bool:
    if place.host.startswith("*."):
        if not at.host.endswith(place.host[1:]):
            return False
    elif at.host != place.host:
        return False
    return place.path == at.path or at.path.startswith(place.path if place.path.endswith("/") else f"{place.path}/")


def address(words: str, base: Address | None = None) -> Address | None:
    """In its one form, so that two ways of writing it are the same; None if it is no address of the web.

    A path that means another one once a server has undone its escapes ("/portraits/..%2Fprivate/") is none either: it would
    lie inside a scope by its letters only.
    """
    told = words.strip(" \t\r\n\f")
    if len(told) > MOST_URL or _CONTROL.search(re.sub(r"[\t\r\n]", "", told)):
        return None
    front, query_mark, query = told.partition("#")[0].partition("?")
    told = front.replace("\\", "/") + query_mark + query  # as browsers read it
    try:
        parts = urlsplit(urljoin(base.text, told) if base else told)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        if not host.isascii():
            host = host[:300].encode("idna").decode("ascii")
    except (ValueError, UnicodeError):  # a port that is no number, brackets that do not close, a host that cannot be
        return None
    if parts.scheme not in _OWN_PORT or "@" in parts.netloc or len(host) > 253 or not _HOST.fullmatch(host):
        return None
    path = _without_dots(_escaped(parts.path or "/"))
    if any(segment in (".", "..") for segment in re.split(r"[/\\]", unquote(path))):
        return None
    where = host if port in (None, _OWN_PORT[parts.scheme]) else f"{host}:{port}"
    asked = f"?{_escaped(parts.query)}" if parts.query else ""
    text = f"{parts.scheme}://{where}{path}{asked}"
    return Address(text, where, path) if len(text) <= MOST_URL else None


def _escaped(words: str) -> str:
    """Escapes in capitals, none where a letter would do, and one for whatever must have one."""

    def one(found: re.Match[str]) -> str:
        if digits := found[1]:
            letter = chr(int(digits, 16))
            return letter if _UNRESERVED.fullmatch(letter) else f"%{digits.upper()}"
        return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))

    return _ESCAPE.sub(one, words)


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:] if path.startswith("/") else path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", "..") and (not kept or kept[-1]):
        kept.append("")
    return "/" + "/".join(kept)
