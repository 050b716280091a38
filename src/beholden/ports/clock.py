"""The time, and the next public id: the two things a test must be able to fix."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The time in UTC, aware, cut to the millisecond."""

    def new_id(self) -> str:
        """32 random hexadecimal digits: an id tells nothing of when it was made."""
