"""Stores in memory, for tests and trials: they scan what they are given to read, with the scan that the disk has."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from beholden.errors import BadInput
from beholden.ports.stores import Copying, Scan
from beholden.stores.needles import Needles

Reader = Callable[[], Iterable[tuple[str, bytes]]]


class MemoryStores:
    """Implements `ports.stores.Stores`. Each reader gives ("store/file", all its bytes), anew for every scan."""

    def __init__(self, readers: Sequence[Reader] = (), *, room_bytes: int = 1 << 40) -> None:
        self._readers = tuple(readers)
        self.room_bytes = room_bytes  # a test may fill the disk by setting it
        self._ballast = True

    def scan(self, needles: Sequence[bytes]) -> Scan:
        sought = Needles(needles)
        stores: dict[str, None] = {}
        files = scanned = 0
        found: list[str] = []
        for reader in self._readers:
            for name, content in reader():
                stores[name.split("/", 1)[0]] = None
                length, places = sought.find_in(io.BytesIO(content))
                files, scanned = files + 1, scanned + length
                found.extend(f"{name} at byte {place}" for place in places)
        return Scan(tuple(stores), files, scanned, len(needles), tuple(found))

    def room(self) -> int:
        return self.room_bytes

    def drop_ballast(self) -> bool:
        had, self._ballast = self._ballast, False
        return had

    def restore_ballast(self) -> bool:
        self._ballast = True
        return True

    def alone(self) -> AbstractContextManager[bool]:
        return nullcontext(True)

    def begin_copy(self, to: Path, keys_to: Path) -> Copying:
        raise BadInput(
            f"what is in memory alone is not copied to {to} and {keys_to}: make a data folder with `beholden init`"
        )

    def close(self) -> None:
        """There is nothing to let go of."""
