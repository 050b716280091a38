"""If-Match: an act is done only while the record is still the version that was read, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from beholden.errors import BadInput, Changed
from beholden.ports.database import Database, Look, Transaction
from beholden.ports.keys import Keys
from beholden.ports.system import System


class Unchanged:
    """The database, whose first transaction begins only where the record has this version."""

    def __init__(self, real: Database, kind: type[Any], id: str, version: int) -> None:
        self._real = real
        self._kind, self._id, self._version = kind, id, version
        self._checked = False

    def look(self) -> AbstractContextManager[Look]:
        return self._real.look()

    @contextmanager
    def begin(self, *, together: bool = False) -> Iterator[Transaction]:
        with self._real.begin(together=together) as tx:
            if not self._checked:
                self._checked = True  # the next one puts on record how this one ended
                if tx.get(self._kind, self._id).version != self._version:
                    raise Changed("it is no longer the version that If-Match names; read it again")
            yield tx

    def seal_under(self, keys: Keys) -> None:
        self._real.seal_under(keys)

    def seal_left(self, limit: int) -> int:
        return self._real.seal_left(limit)

    def purge(self) -> None:
        self._real.purge()

    def close(self) -> None:
        self._real.close()


def expecting(system: System, if_match: str, kind: type[Any], id: str) -> System:
    """The system for one act. Raises `BadInput` for what is no version."""
    if if_match in ("", "*"):
        return system
    version = if_match.strip().removeprefix('"').removesuffix('"')
    if not version.isascii() or not version.isdigit() or len(version) > 15:
        raise BadInput('If-Match takes one version, as the ETag was given: "3"')
    return replace(system, database=Unchanged(system.database, kind, id, int(version)))
