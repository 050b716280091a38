"""An operation of the door, and one call of it with what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from beholden.api.shapes.fields import Given

T = TypeVar("T")


class Sent(Enum):
    """Whether a request may be sent again when the connection broke before its answer came."""

    ONCE = "never again: nobody can know whether it was done"
    KEYED = "under the same Idempotency-Key, by which the server does it once"
    FREELY = "doing it twice is as doing it once"


class Upload:
    """A body that is a file: `content` and `file_name`, and a text field for everything else that is given."""

    def __init__(self, part: str) -> None:
        self.part = part


@dataclass(frozen=True, slots=True)
class Operation:
    """As the description of the door has it: `POST /cases/{case_id}/assign`."""

    method: str
    path: str
    body: type[Given] | Upload | None
    answer: Any  # a shape, `bytes`, or `NoneType`
    sent: Sent

    @property
    def is_open(self) -> bool:
        """How one signs in, and what a signature carries: nobody is signed in."""
        return self.path in ("/sessions", "/sessions/first", "/orders") and self.method == "POST"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One operation with what it is given, by name."""

    operation: Operation
    given: Mapping[str, Any] = field(repr=False)  # passphrases and photographs: in no traceback
