"""Does what waits in the records: templates and fingerprints, erasures that were interrupted, entries not yet sealed."""

from __future__ import annotations

from threading import Event
from time import monotonic

from beholden.actions import log, recover
from beholden.actions.account import note_calls
from beholden.actions.beside import prepare_beside
from beholden.actions.embed import embed_waiting
from beholden.actions.fingerprint import fingerprint_waiting
from beholden.ports.system import System

BESIDE_S = 30.0  # of a round: templates of a second model take hours, and what else waits must not


def work(system: System, failed: set[str] | None = None) -> int:
    """One round; how many faces were embedded. `failed` gathers those that could not be, so that no round tries them again."""
    recover.tend(system)
    failed = set() if failed is None else failed
    done, tried = 0, -1
    while done + len(failed) > tried:
        tried = done + len(failed)
        done += embed_waiting(system, failed=failed)
    while fingerprint_waiting(system, failed=failed):
        pass
    log.seal(system)
    note_calls(system)
    until = monotonic() + BESIDE_S
    # Last: a pack that cannot be opened keeps nothing else waiting.
    while prepare_beside(system) and monotonic() < until:
        pass
    return done


def run(system: System, stop: Event, *, pause_s: float = 2.0) -> None:
    """Round after round until `stop` is set."""
    failed: set[str] = set()
    while not stop.is_set():
        work(system, failed)
        stop.wait(pause_s)
