"""Reveal a chip: what a page shows veiled is given clear, once, to whoever the page was made for. One look, one entry."""

from __future__ import annotations

from beholden.actions import audit
from beholden.errors import KeyDestroyed, Missing
from beholden.ports.system import System
from beholden.records.people import Officer


def reveal_chip(system: System, officer: Officer, *, of: str, id: str, under: str) -> None:
    """Put on record that it is given. The caller holds the chip, and has looked that all it hangs on still stands.

    `of` is what it is on the page: exhibit-face, probe, pair, examination, lead, or given (of a photograph given with a request,
    and of the records beside it); each has its readers, by role. `id` names the face; to who is blind the pair's handle, whose
    two sides are one look, for the log is read by others. `under` is the record whose key seals the entry.
    Raises `Missing` for a record that was erased meanwhile.
    """
    with audit.act(system, "chip.revealed", officer) as act:
        with act.look():
            pass  # who acts is known before anything is told
        act.tell("of", of, under)
        act.tell("shown", id, under)
        try:
            with act.begin():
                act.permit(of=of)
        except KeyDestroyed:
            raise Missing("this face is held no more; load the page again") from None
