"""One reading of the rows for all who ask at the same time, and an order between those who read and those who change."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from beholden.errors import Fault

LINGER = 0.1  # of what the last pass took: as much longer a search may take, at the most

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gate:
    """Lets one in at a time, in the order in which they came: `threading.Lock` lets whoever is quick go first, so that
    many searches could keep a change waiting for ever, and many changes a search."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def entered(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        try:
            turn.acquire()
        except BaseException:  # interrupted at the keyboard: nobody may wait for who has gone
            with self._lock:
                waits = turn in self._waiting
                if waits:
                    self._waiting.remove(turn)
            if not waits:
                self._leave()
            raise

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class _Waiting(Generic[Asked, Answer]):
    """Somebody who asked, until they are answered."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class Gathering(Generic[Asked, Answer]):
    """Whoever asks while the rows are read waits; then the first of those who wait reads once, for all of them.

    `answer_all` gives one answer, or one error, for each that it is given, and is called inside the gate.
    """

    def __init__(self, gate: Gate, answer_all: Callable[[Sequence[Asked]], Sequence[Answer | BaseException]]) -> None:
        self._gate = gate
        self._answer_all = answer_all
        self._lock = threading.Lock()
        self._here = threading.Condition(self._lock)  # as many wait as came before
        self._waiting: list[_Waiting[Asked, Answer]] = []
        self._expected = 1  # as many as were answered together lately
        self._last_s = 0.0  # what the last pass took
        self._led = False  # whether one of those who wait is to read for them

    def ask(self, asked: Asked) -> Answer:
        """Raises the error that `answer_all` gave for this one, or what stopped it."""
        mine: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._lock:
            self._waiting.append(mine)
            leads, self._led = not self._led, True
            if len(self._waiting) >= self._expected:
                self._here.notify()
        if leads:
            self._lead()
        mine.done.acquire()
        if isinstance(mine.answer, BaseException):
            raise mine.answer
        assert mine.answer is not None
        return mine.answer

    def _lead(self) -> None:
        taken: list[_Waiting[Asked, Answer]] = []
        try:
            with self._gate.entered():
                self._linger()
                taken = self._take()
                began = time.perf_counter()
                answers = self._answer_all([one.asked for one in taken])
                self._last_s = time.perf_counter() - began
            for one, answer in zip(taken, answers, strict=True):
                one.answer = answer
        except BaseException as error:
            taken = taken or self._take()
            for one in taken:  # who waits must hear of it, but is not interrupted by somebody else's keyboard
                one.answer = (
                    error if isinstance(error, Exception) else Fault("The search was interrupted: search again.")
                )
            raise
        finally:
            for one in taken:
                one.done.release()

    def _linger(self) -> None:
        """Those who were just answered ask again a moment later; without waiting for them, one search and fifteen take
        turns, and each waits for two passes."""
        with self._lock:
            if len(self._waiting) < self._expected:
                self._here.wait_for(lambda: len(self._waiting) >= self._expected, LINGER * self._last_s)

    def _take(self) -> list[_Waiting[Asked, Answer]]:
        with self._lock:
            taken, self._waiting, self._led = self._waiting, [], False
            self._expected = max(len(taken), self._expected - 1)
        return taken
