"""Does what waits in the records: templates for faces that wait, erasures that were interrupted, entries not yet sealed."""

from __future__ import annotations

from threading import Event

from beholden.actions import log, recover
from beholden.actions.enrol import embed_waiting
from beholden.ports.system import System


def work(system: System) -> int:
    """One round; how many faces were embedded."""
    recover.recover(system)
    done = 0
    while count := embed_waiting(system):
        done += count
    log.seal(system)
    return done


def run(system: System, stop: Event, *, pause_s: float = 2.0) -> None:
    """Round after round until `stop` is set."""
    while not stop.is_set():
        work(system)
        stop.wait(pause_s)
