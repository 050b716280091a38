"""Many files on their way in: some looked up, some being read by other processes, some recorded; never more than fit in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace

from beholden.actions.enrol import Batch, Enrolled, Given
from beholden.actions.preparing import Order, Parts, Prepared, prepare, prepare_by
from beholden.errors import BeholdenError, Fault
from beholden.ports.system import System
from beholden.processes import Broken, Helpers
from beholden.records.people import Officer

TOGETHER = 8  # files that are recorded in one transaction: it holds the others up for 20 ms at most [measured]
AHEAD = 2  # batches for each process: one that it reads, and one that it finds when it has done that
MOST_BYTES = 256 * 1024 * 1024  # of files that wait in memory to be read or recorded
LOOK_AGAIN_S = 0.2  # how often it is asked whether to stop, while a process reads

Preparers = Helpers[Parts]


@dataclass(frozen=True, slots=True)
class Into:
    """Where files go, and how."""

    source_id: str
    gallery_id: str
    embed_now: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class _UnderWay:
    batch: Batch
    size: int  # bytes
    orders: tuple[tuple[int, Order], ...]
    asked: tuple[Future[Prepared], ...]  # as `orders`; none without other processes


def enrol_in_turn(
    system: System,
    officer: Officer,
    given: Iterable[Given],
    into: Into,
    *,
    preparers: Preparers | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[list[Enrolled | BeholdenError]]:
    """What became of the files, batch by batch and in their order: each is recorded when it is given.

    Without `preparers` every file is a batch of its own and is read here, when its turn has come. `BadInput` and `Changed`
    are about one file; any other error is the last, and is to be raised. Once `stop` says so, no further batch is recorded.
    Raises as `Batch` does, and `Fault` when a process ends that reads.
    """
    together, ahead = (TOGETHER, AHEAD * preparers.count) if preparers else (1, 0)
    under_way: deque[_UnderWay] = deque()
    for some in _batches(given, together):
        if stop():
            break
        under_way.append(_begin(system, officer, some, into, preparers))
        while under_way and (len(under_way) > ahead or sum(one.size for one in under_way) > MOST_BYTES):
            yield from _end(system, under_way.popleft(), stop)
    while under_way and not stop():
        yield from _end(system, under_way.popleft(), stop)


@contextmanager
def _told_if_broken() -> Iterator[None]:
    try:
        yield
    except Broken as broken:
        raise Fault(
            "a process that reads pictures ended by itself, often because the memory is too small: what was recorded "
            "stays, so give the same again, with fewer processes"
        ) from broken


def _batches(given: Iterable[Given], together: int) -> Iterator[list[Given]]:
    some: list[Given] = []
    for one in given:
        some.append(one)
        if len(some) == together:
            yield some
            some = []
    if some:
        yield some


def _begin(system: System, officer: Officer, given: list[Given], into: Into, preparers: Preparers | None) -> _UnderWay:
    batch = Batch(system, officer, given, source_id=into.source_id, gallery_id=into.gallery_id)
    # A dictionary as it is: a view that cannot be changed does not travel to another process.
    rules = replace(system.rules, retention_days=dict(system.rules.retention_days))
    orders = [(number, Order(given[number].content, rules, into.embed_now)) for number in batch.look_up()]
    asked = []
    if preparers is not None:
        for number, order in orders:
            with batch.reading(number), _told_if_broken():
                asked.append(preparers.ask(prepare_by, order))
    return _UnderWay(batch, sum(len(one.content) for one in given), tuple(orders), tuple(asked))


def _end(system: System, under_way: _UnderWay, stop: Callable[[], bool]) -> Iterator[list[Enrolled | BeholdenError]]:
    batch = under_way.batch
    for place, (number, order) in enumerate(under_way.orders):
        with batch.reading(number), _told_if_broken():
            if not under_way.asked:
                prepared = prepare(system.media, system.model, order.rules, order.content, embed_now=order.embed_now)
                batch.take(number, prepared)
                continue
            future = under_way.asked[place]
            while not wait([future], timeout=LOOK_AGAIN_S).done:
                if stop():
                    return
            batch.take(number, future.result())
    yield batch.record()
