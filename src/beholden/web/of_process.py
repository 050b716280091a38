"""What there is one of in a process: begun when it is first asked for, and kept beside the application."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

_making = Lock()


def the_one(state: Any, name: str, make: Callable[[], T]) -> T:
    """`state` is the application's. Of two who ask at the same moment, one makes it."""
    with _making:
        if not hasattr(state, name):
            setattr(state, name, make())
    found: T = getattr(state, name)
    return found
