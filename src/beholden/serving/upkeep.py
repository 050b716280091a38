"""What a server does by itself: the worker's rounds, the log sealed soon after every act, its witnesses asked then, and the
index brought up to the records and kept on disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from beholden import worker
from beholden.actions import follow, log, witnessing
from beholden.actions.vital import unsealed
from beholden.errors import BeholdenError, Missing, NoRoom
from beholden.formats import notes, tiles
from beholden.ports.system import System
from beholden.serving.bundled import bundled_of
from beholden.serving.figures import Figures
from beholden.serving.telling import note_fault

UPKEEP = logging.getLogger("beholden.upkeep")
SEAL_S = 0.5  # and sealing itself: an act is in a signed checkpoint within a second
WORK_S = 3.0
ASK_S = 0.25
INDEX_S = 3.0
KEEP_CHANGES = 5000  # since the sealed copy of the index was written: to embed so many takes longer than to write them
KEEP_AGAIN_S = 60.0  # after a copy could not be written
AGAIN_S = 10.0  # a witness that could not be asked is left alone for so long
LATE_S = 600.0  # a round that takes longer is stuck: 32 faces and some erasures are minutes at most


class Task:
    """Round after round in a thread of its own, until it is stopped. A round that fails is told, and the next one tried."""

    def __init__(self, name: str, do: Callable[[], object], *, every_s: float, figures: Figures) -> None:
        self.name = name
        self.failure = ""  # of the last round, in words; empty when it went well
        self._do, self._every_s, self._figures = do, every_s, figures
        self._stop = threading.Event()
        self._ended_at = monotonic()  # the last round
        self._thread = threading.Thread(target=self._run, name=f"beholden {name}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The round that is under way ends first."""
        self._stop.set()
        if self.started:
            self._thread.join()

    @property
    def started(self) -> bool:
        return self._thread.ident is not None

    @property
    def age_s(self) -> float:
        """Seconds since the last round ended."""
        return monotonic() - self._ended_at

    @property
    def problem(self) -> str:
        if not self._thread.is_alive():
            return f"the {self.name} has stopped"
        if self.age_s > LATE_S:
            return f"the {self.name} has not ended a round for {self.age_s:.0f} seconds"
        return f"the {self.name} failed: {self.failure}" if self.failure else ""

    def _run(self) -> None:
        while not self._stop.is_set():
            self.round()
            self._stop.wait(self._every_s)

    def round(self) -> None:
        try:
            self._do()
        except BeholdenError as error:
            self._failed(f"{type(error).__name__}: {error.title}")
        except Exception as error:  # noqa: BLE001 - the next round may do better, and health tells of this one
            note_fault(error)
            self._failed(type(error).__name__)
        else:
            self.failure = ""
            self._figures.rounds.labels(self.name, "done").inc()
        self._ended_at = monotonic()

    def _failed(self, words: str) -> None:
        if words != self.failure:  # once, not every second
            UPKEEP.error("the %s failed: %s; `beholden check` looks at every part", self.name, words)
        self.failure = words
        self._figures.rounds.labels(self.name, "failed").inc()


class Upkeep:
    """The tasks of one server."""

    def __init__(self, system: System, figures: Figures, *, seal_s: float = SEAL_S, work_s: float = WORK_S) -> None:
        self._system = replace(system, client="worker")
        self._failed: set[str] = set()
        self._low = False
        self.worker = Task("worker", self.work, every_s=work_s, figures=figures)
        self.sealer = Task("sealer", self.seal, every_s=seal_s, figures=figures)
        # In a thread of its own: a witness far away must not hold up the sealing.
        self.asker = Task("asker", self.ask, every_s=ASK_S, figures=figures)
        # In a thread of its own too: what a start must read can take a minute, and what is written some seconds.
        self.keeper = Task("keeper", self.keep, every_s=INDEX_S, figures=figures)
        self._least_changes, self._unwritten = KEEP_CHANGES, False
        self._kept, self._keep_at = (
            -1,
            0.0,
        )  # the last change that the sealed copy has, and when it may be written again
        self.bundled = bundled_of(self._system.cosigners)
        self._ask_at, self._asked, self._told = 0.0, "", ""

    @property
    def tasks(self) -> tuple[Task, ...]:
        return (self.worker, self.sealer, self.keeper, *((self.asker,) if self._system.cosigners else ()))

    def start(self) -> None:
        for task in self.tasks:
            task.start()

    def stop(self) -> None:
        """Nothing is left unsealed, unless sealing fails: then the next start does it or says why not."""
        for task in self.tasks:
            task.stop()
        if self.keeper.started:
            self._keep_at, self._least_changes = 0.0, 1
            self.keeper.round()
        self.sealer.round()
        if self._system.cosigners:
            self._ask_at = 0.0
            self.asker.round()
        for one in self.bundled:
            one.stop()

    def work(self) -> None:
        free, least = self._system.stores.room(), self._system.rules.min_room_bytes
        if (low := free < least) != self._low:
            UPKEEP.warning(
                "%d MiB are free on the disk of the data folder: %s",
                free // 2**20,
                f"nothing more is taken in below {least // 2**20} MiB; make room"
                if low
                else "things are taken in again",
            )
        self._low = low
        worker.work(self._system, self._failed)

    def seal(self) -> None:
        if unsealed(self._system):  # a look costs next to nothing; sealing takes the turn of a writer
            log.seal(self._system)

    def keep(self) -> None:
        """The first round holds what a search will ask for. A copy that cannot be written keeps nobody from searching."""
        may_write = monotonic() >= self._keep_at
        if not (may_write and follow.many_new(self._system)):
            changes = follow.bring_up(self._system) - self._kept
            if changes < self._least_changes or not may_write:
                return
        try:
            kept = follow.keep(self._system, wait=False)
        except NoRoom as error:
            self._keep_at = monotonic() + KEEP_AGAIN_S
            if not self._unwritten:  # once, not every minute
                UPKEEP.warning(
                    "the sealed copy of the index cannot be written: %s A start takes longer without it.", error
                )
            self._unwritten = True
        else:
            if kept is None:  # another process writes it, and will be done by a later round
                return
            self._kept = kept
            if self._unwritten:
                UPKEEP.info("the sealed copy of the index is written again")
            self._unwritten = False

    def ask(self) -> None:
        """Whoever stays silent is told of once, and asked again after a while; how late it is, health tells."""
        for one in self.bundled:
            one.keep()
        if monotonic() < self._ask_at:
            return
        if (note := self._published()) == self._asked:
            return
        problems = [f"{one.name}: {one.problem}" for one in witnessing.ask_witnesses(self._system) if one.problem]
        self._ask_at, self._asked = (monotonic() + AGAIN_S, "") if problems else (0.0, note)
        if (words := "; ".join(problems)) != self._told:
            UPKEEP.warning("not every witness has seen the log (%s)", words) if words else UPKEEP.info(
                "witnessed again"
            )
        self._told = words

    def _published(self) -> str:
        """The checkpoint without who signed it; empty before the first one."""
        try:
            return notes.text_of(self._system.witness.read(tiles.CHECKPOINT))
        except Missing:
            return ""
