"""How long a system takes until it can search, with so many references: from the records alone, and from its sealed copy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from beholden.actions import follow
from beholden.benching.references import write_references
from beholden.benching.throwaway import make, own_folder
from beholden.errors import Fault
from beholden.keys.wrapping import KeyFile
from beholden.opening import open_folder

TO_AN_IMAGE = 1000  # faces, so that opening and closing files is not what is measured
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds. `opened`: until the folder is open; `held`: until then every reference is in the index and verified."""

    opened: float
    held: float


@dataclass(frozen=True, slots=True)
class Starts:
    rows: int
    dimension: int
    from_records: Started
    kept: float  # seconds that writing the sealed copy took
    from_segments: Started


def measure(rows: int, tell: Tell) -> Starts:
    """Nothing stays. Needs about 2.5 kB of disk a reference."""
    with own_folder() as folder:
        new = make(folder, "drawn:", KeyFile.make(folder / "key-file"))
        tell(f"{rows:,} references are written into the records")
        write_references(new.system, new.source, new.gallery, rows, to_an_image=min(rows, TO_AN_IMAGE))
        dimension = new.system.model.card.dimension
        new.system.close()
        tell("a start from the records alone")
        from_records, kept = _start(folder / "data", rows, keeping=True)
        tell("a start from the sealed copy")
        from_segments, _ = _start(folder / "data", rows, keeping=False)
    return Starts(rows, dimension, from_records, kept, from_segments)


def _start(data: Path, rows: int, *, keeping: bool) -> tuple[Started, float]:
    """Raises `Fault` if the index is not whole then, or was made from something else than what was to be measured."""
    start = time.perf_counter()
    system = open_folder(data)
    try:
        opened = time.perf_counter()
        with system.database.look() as look:
            follow.follow(system, look)
        held = time.perf_counter()
        size = system.index.size()
        if size.rows != rows or size.sealed_rows != (0 if keeping else rows):
            raise Fault(
                f"The index holds {size.rows} of {rows} references, {size.sealed_rows} sealed: that is no start."
            )
        if keeping:
            follow.keep(system)
        return Started(opened - start, held - opened), time.perf_counter() - held
    finally:
        system.close()
