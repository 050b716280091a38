"""Our exact index as the bench asks it, in a process of its own: `python -m beholden.benching.ours`.

What is asked and answered stands in `rivals.py`, which knows nothing of Beholden. Three questions more are of this one alone:
how fast memory is read here, how many searches at once share a pass, and what adding does to those who search meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from beholden.benching import identities, rivals
from beholden.benching.bandwidth import read_bandwidth
from beholden.benching.rivals import Numbers, Order
from beholden.index.choosing import best_scanner
from beholden.index.exact import RESIDENT_ROWS, ExactIndex
from beholden.index.segments import SYSTEM, Segments
from beholden.keys.memory import MemoryKeys
from beholden.ports.index import Shelf

SHELF = Shelf("gallery", "source", "space")
SECRET = b"a secret for the bench"
KEEP_EACH = 500_000  # rows; those in no segment stay in memory
READ = 256 * 2**20  # bytes read to see how fast memory is: more than any cache of the machines meant here
Answer = dict[str, Any]


class Searched:
    """The index with its rows, and what is asked of it.

    More rows than the index keeps in memory lie in sealed segments, as in a data folder; their keys are in memory alone.
    """

    def __init__(self, order: Order, resident: int = RESIDENT_ROWS) -> None:
        self.limit: int = order["limit"]
        self.threads: int = order["threads"]
        self.probes: identities.Rows = np.load(order["probes"])
        self.rows = len(rivals.opened(order["references"]))
        segments = None
        if self.rows > resident:
            keys = MemoryKeys()
            keys.create([SYSTEM])
            segments = Segments(Path(order["folder"]) / "segments", keys)
        self.scanner = best_scanner()
        self.engine = ExactIndex("exact:", segments, scanner=self.scanner, resident=resident)
        since = 0
        for start, some in rivals.batches(order, rivals.AT_ONCE):
            self.engine.hold(SHELF, SECRET, range(start, start + len(some)), list(some))
            since += len(some)
            if segments is not None and (since >= KEEP_EACH or start + len(some) == self.rows):
                with self.engine.writing():
                    self.engine.keep()
                since = 0

    def search(self, probe: Any) -> Numbers:
        return list(self.engine.nearest([probe], self.limit, [SHELF]).face_nos)

    def about(self, _: object) -> Answer:
        """What a search says of itself."""
        read = []
        for probe in self.probes[:10]:
            coverage = self.engine.nearest([probe], self.limit, [SHELF]).coverage
            # The kernel says how much it read, since it reads some of it again; others read all rows, once.
            read.append(getattr(self.scanner, "read_bytes", self.scanner.row_bytes(len(probe)) * self.rows))
        return {
            "scanner": coverage.engine,
            "rows": coverage.rows,
            "proven": coverage.proven,
            "rescored": coverage.rescored,
            "held_bytes_per_row": self.engine.size().memory / self.rows,
            "scanned_bytes_per_row": float(np.mean(read)) / self.rows,
        }

    def bandwidth(self, _: object) -> float:
        """Bytes read a second, the best of a few times."""
        return read_bandwidth(READ, self.threads)

    def concurrent(self, given: dict[str, int]) -> Answer:
        """Searches a second, one at a time and so many at once, in turns; the best of both."""
        at_once, searches = given["at_once"], given["searches"]
        best = {"one": 0.0, "at_once": 0.0}
        with ThreadPoolExecutor(at_once) as pool:
            for _ in range(given["rounds"]):
                for name, mapped in (("one", map), ("at_once", pool.map)):
                    asked = [self.probes[number % len(self.probes)] for number in range(searches)]
                    start = time.perf_counter()
                    for _found in mapped(self.search, asked):
                        pass
                    best[name] = max(best[name], searches / (time.perf_counter() - start))
        return {"at_once": at_once, "one_per_s": best["one"], "at_once_per_s": best["at_once"]}

    def adding(self, given: dict[str, int]) -> Answer:
        """The 99th percentile of searches, one after the other, while nothing is added and while so many faces are."""
        random = np.random.default_rng(given["seed"])
        dimension = self.probes.shape[1]
        batches = [
            list(identities.unit(random.standard_normal((given["batch"], dimension), dtype=np.float32)))
            for _ in range(given["count"] // given["batch"])
        ]
        quiet = self._searching(lambda turn: turn < given["searches"])
        added = threading.Event()
        seconds: list[float] = []
        numbers = count(self.rows, given["batch"])

        def add() -> None:
            start = time.perf_counter()
            try:
                for first, batch in zip(numbers, batches, strict=False):
                    self.engine.hold(SHELF, SECRET, range(first, first + len(batch)), batch)
            finally:
                seconds.append(time.perf_counter() - start)
                added.set()

        thread = threading.Thread(target=add)
        thread.start()
        busy = self._searching(lambda _: not added.is_set())
        thread.join()
        now = self.engine.rows([SHELF])
        self.engine.drop(range(self.rows, self.rows + given["count"]))
        return {
            "added": now - self.rows,
            "batch": given["batch"],
            "seconds": seconds[0],
            "searches": len(busy),
            "quiet_p99_ms": float(np.percentile(quiet, 99)),
            "adding_p99_ms": float(np.percentile(busy, 99)),
            "quiet_median_ms": float(np.median(quiet)),
            "adding_median_ms": float(np.median(busy)),
        }

    def _searching(self, going_on: Callable[[int], bool]) -> list[float]:
        taken: list[float] = []
        for turn in count():
            if taken and not going_on(turn):
                break
            start = time.perf_counter()
            self.search(self.probes[turn % len(self.probes)])
            taken.append((time.perf_counter() - start) * 1e3)
        return taken


def main() -> None:
    more: dict[str, Callable[[Any], Any]] = {}

    @contextmanager
    def engine(order: Order) -> Iterator[rivals.Search]:
        ours = Searched(order)
        more.update(about=ours.about, bandwidth=ours.bandwidth, concurrent=ours.concurrent, adding=ours.adding)
        yield ours.search

    rivals.serve(engine, more=more)


if __name__ == "__main__":
    main()
