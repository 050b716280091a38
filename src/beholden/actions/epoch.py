"""A new key epoch: all keys wrapped anew, so that no older backup opens what was erased since, or for other custodians."""

from __future__ import annotations

from collections.abc import Sequence

from beholden.actions import audit
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.people import Officer, Person

INTENT = "epoch"  # the note beside the keys that an epoch was asked for and is not on record yet


def begin_key_epoch(system: System, officer: Officer) -> int:
    """Wrap all keys anew: without the earlier kek.json no backup opens what was erased. The epoch that begins."""
    with audit.act(system, "epoch.begun", officer) as act:
        with act.begin():
            act.permit()  # the intent is on record before any key is touched
        system.keys.note(INTENT, b"begun")
        return _turn(system, act.person)


def change_custodians(system: System, officer: Officer, *, recipients: Sequence[str], threshold: int) -> int:
    """Let `threshold` of these custodians, and no longer those of before, open the keys together. The epoch that begins.

    `recipients`: their age recipients. Raises `BadInput` for a set that cannot be, and where custodians do not open the keys.
    """
    with audit.act(system, "custodians.changed", officer) as act:
        with act.look():
            act.permit()
        named = [
            audit.Told("custodians", list(recipients), audit.SYSTEM),
            audit.Told("threshold", threshold, audit.SYSTEM),
        ]
        for one in named:
            act.tell(one.name, one.value, one.record_id)
        _write(system, act.person, "custodians.changed", named, outcome="begun")  # who, before any key is touched
        system.keys.note(INTENT, b"begun")
        try:
            epoch = system.keys.change_custodians(recipients, threshold)
        except BadInput:
            system.keys.note(INTENT, b"")  # nothing was turned
            raise
        _finished(system, act.person, "custodians.changed", epoch, named)
        return epoch


def finish_key_epoch(system: System) -> bool:
    """Begin the epoch that was asked for when a crash came; whether there was one. Nobody else has the folder open.

    A crash after the keys were turned and before that was on record turns them once more, which harms nothing.
    """
    if not system.keys.noted(INTENT):
        return False
    _turn(system, None)
    return True


def _turn(system: System, person: Person | None) -> int:
    epoch = system.keys.begin_epoch()
    _finished(system, person, "epoch.begun", epoch)
    return epoch


def _finished(system: System, person: Person | None, event: str, epoch: int, named: Sequence[audit.Told] = ()) -> None:
    _write(system, person, event, [*named, audit.Told("epoch", epoch, audit.SYSTEM)], outcome="done")
    system.keys.note(INTENT, b"")


def _write(system: System, person: Person | None, event: str, told: Sequence[audit.Told], outcome: str) -> None:
    with system.database.begin() as tx:
        audit.write(system, tx, event, person=person, now=system.clock.now(), told=told, outcome=outcome)
