"""How a file, a person and a page are known again without being named."""

from __future__ import annotations

import hashlib

from beholden.ports.system import System
from beholden.records.audit import canonical


def mark_of(system: System, content: bytes) -> str:
    """How a file is known again: a stolen disk must not confirm a known file, so it is no plain digest."""
    return mark_of_digest(system, hashlib.sha256(content).digest())


def mark_of_digest(system: System, digest: bytes) -> str:
    return system.keys.hmac("file", digest).hex()


def person_mark_of(system: System, source_id: str, person_ref: str) -> str:
    """How a source's word for a person is known again. Two sources that both say "1" do not speak of one person."""
    return system.keys.hmac("person_ref", canonical([source_id, person_ref])).hex() if person_ref else ""


def page_mark_of(system: System, page_url: str) -> str:
    return system.keys.hmac("page_url", page_url.encode()).hex() if page_url else ""
