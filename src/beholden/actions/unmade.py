"""What was sealed for a record that was then not made is destroyed again, whatever stopped it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from beholden.errors import Fault
from beholden.ports.system import System


@dataclass(slots=True, eq=False)
class Sealed:
    """The keys and the blob that are made for a record before the transaction that adds it."""

    keys: list[str] = field(default_factory=list)  # noted before they are made
    blob: str = ""
    stands: bool = False  # set right before the commit: that may have held, whatever it raises


@contextmanager
def taken_back(system: System, *sealed: Sealed) -> Iterator[None]:
    """Destroy at the end what does not stand, as far as the disk allows: after Ctrl-C too no key outlives what never was."""
    try:
        yield
    finally:
        unmade = [one for one in sealed if not one.stands and (one.keys or one.blob)]
        with suppress(Fault):  # the next start sweeps up what is left
            if names := [name for one in unmade for name in one.keys]:
                system.keys.destroy(names)
            for one in unmade:
                system.blobs.purge(one.blob)
