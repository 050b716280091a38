"""The browsers in which somebody signed in before: strangers who try out a name elsewhere do not keep its owner from them."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode

from beholden.ports.system import System

ANYBODY = ""
MOST = 8  # people of one browser who are remembered; the first of them is forgotten
MARK = 22  # characters, of 16 bytes
FORM = re.compile(rf"[\w-]{{{MARK}}}(\.[\w-]{{{MARK}}}){{2,{MOST + 1}}}", re.ASCII)


def id_of(system: System, device: str, name: str = ANYBODY) -> str:
    """The browser's random number if this person signed in there (without a name: if anybody did), else nothing.

    What the browser keeps names nobody, and opens nothing: it is no proof of who somebody is.
    """
    if not FORM.fullmatch(device):
        return ""
    id, *marks = device.split(".")
    wanted = _mark(system, id, name).encode()
    return id if any(hmac.compare_digest(wanted, one.encode()) for one in marks) else ""


def remember(system: System, device: str, name: str) -> str:
    """What the browser is to keep from now on, after this person signed in there."""
    if not (id := id_of(system, device)):
        id = _text(secrets.token_bytes(16))
        device = f"{id}.{_mark(system, id, ANYBODY)}"
    mark = _mark(system, id, name)
    _, anybody, *people = device.split(".")
    return ".".join((id, anybody, *[one for one in people if one != mark][1 - MOST :], mark))


def _mark(system: System, id: str, name: str) -> str:
    return _text(system.keys.hmac("device", f"{id}\n{name.strip()}".encode(errors="replace"))[:16])


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
