"""Processes that help this one with work for many cores: begun afresh, each with its own tools, and ended with this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from threading import Thread
from types import TracebackType
from typing import Any, Generic, TypeVar

Tools = TypeVar("Tools")
Given = TypeVar("Given")
Made = TypeVar("Made")

Broken = BrokenProcessPool  # what a future of a helper raises that was killed, often because the memory is too small


class Helpers(Generic[Tools]):
    """So many processes. Neither keys nor records reach them: only what is given with each piece of work does.

    `tools` opens what every piece of work needs, once in each process. It and the work are functions of modules, or
    partials of such: they are found again by their names.
    """

    def __init__(self, count: int, tools: Callable[[], Tools]) -> None:
        self.count = count
        self._pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _begin, (tools,))

    def ask(self, work: Callable[[Tools, Given], Made], given: Given) -> Future[Made]:
        """Begin a piece of work. Raises `Broken` when a helper was killed."""
        with _left_alone_by_ctrl_c():
            return self._pool.submit(_do, work, given)

    def __enter__(self) -> Helpers[Tools]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """What was not begun is dropped; what is under way is waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _left_alone_by_ctrl_c() -> Iterator[None]:
    """A process begun in here never hears of Ctrl-C: this one does, and ends it in good order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_openers: list[Callable[[], Any]] = []  # of this helper


def _begin(tools: Callable[[], Any]) -> None:
    _openers.append(tools)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A helper whose parent was killed would otherwise wait for work for ever, the model in its memory."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@cache
def _open_tools() -> Any:
    return _openers[0]()


def _do(work: Callable[[Any, Any], Made], given: Any) -> Made:
    return work(_open_tools(), given)
