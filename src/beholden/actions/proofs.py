"""A proof of one entry for whoever has nothing else of the log: its place, the checkpoint, and all who signed that."""

from __future__ import annotations

from beholden.actions import audit, log
from beholden.actions.desk import owes_opinion
from beholden.actions.witnessing import seal_and_ask
from beholden.errors import Missing
from beholden.formats import proofs, tiles
from beholden.ports.system import System
from beholden.records.people import Officer


def prove_entry(system: System, officer: Officer, *, n: int) -> bytes:
    """A `.tlog-proof` of entry `n` (c2sp.org/tlog-proof), with the leaf as its `extra`: no value in it is opened.

    The log is sealed and its witnesses are asked first. Raises `Missing` for an entry that is not there, and to somebody
    who owes a blind opinion.
    """
    with audit.act(system, "entry.proven", officer) as act:
        with act.begin() as tx:
            act.permit()
            if owes_opinion(tx, act.person):
                raise Missing("there is no log for you now: lock the opinion that you owe first")
            act.tell("proven", n, audit.SYSTEM)
        seal_and_ask(system)
        note = system.witness.read(tiles.CHECKPOINT)
        size = tiles.open_head(note, log.vkeys(system)).size
        leaf = tiles.leaf(system.witness.read, n, size)
        steps = tuple(tiles.inclusion(system.witness.read, n, size))
    return proofs.written(proofs.Proof(n, steps, note, leaf))
