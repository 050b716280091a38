"""What the parts of a system are called for, and how long that takes."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

Spent = dict[str, list[float]]  # part.call → times, seconds of this thread's processor, seconds by the clock


def nothing_spent() -> Spent:
    return defaultdict(lambda: [0.0, 0.0, 0.0])


class Timed:
    """A part of the system whose calls are counted and timed, by the clock and by the processor of this thread."""

    def __init__(self, part: Any, name: str, spent: Spent) -> None:
        self._part, self._name, self._spent = part, name, spent

    def __getattr__(self, called: str) -> Any:
        there = getattr(self._part, called)
        if not callable(there):
            return there

        def call(*given: Any, **named: Any) -> Any:
            clock, processor = time.perf_counter(), time.thread_time()
            try:
                return there(*given, **named)
            finally:
                spent = self._spent[f"{self._name}.{called}"]
                spent[0] += 1
                spent[1] += time.thread_time() - processor
                spent[2] += time.perf_counter() - clock

        return call
