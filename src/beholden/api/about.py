"""Which records a request was about, noted as it is done: an answer that is given again hangs on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from beholden.actions.standing import Named

# The list itself is shared with the threads in which endpoints run: each has a copy of the context, and the same list.
_noted: ContextVar[list[Named] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[list[Named]]:
    """The records that are named from here on."""
    noted: list[Named] = []
    before = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(before)


def note(*named: Named) -> None:
    noted = _noted.get()
    if noted is not None:
        noted.extend(named)
