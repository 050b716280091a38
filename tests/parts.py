"""Ports that wrap the real ones: one counts, one watches, one runs out of room. Everything else is done by the real part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from beholden.database.memory import MemoryStore
from beholden.database.sql import SqlDatabase
from beholden.errors import NoRoom
from beholden.keys.memory import MemoryKeys
from beholden.ports.database import Database, Look, Transaction
from beholden.ports.index import Index, Neighbours, Shelf
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, Model, ModelCard, Template
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.faces import Box, Landmarks
from beholden.testing.drawn import DrawnModel


class CountedIndex:
    """The real index, with the depth of each question it was asked; `before` is done first, each time."""

    def __init__(self, real: Index, before: Callable[[], object] = lambda: None) -> None:
        self.real = real
        self.before = before
        self.depths: list[int] = []

    @property
    def applied(self) -> int:
        return self.real.applied

    def hold(self, shelf: Shelf, secret: bytes, face_nos: Sequence[int], templates: Sequence[Template]) -> None:
        self.real.hold(shelf, secret, face_nos, templates)

    def begin_anew(self, shelf: Shelf, secret: bytes) -> None:
        self.real.begin_anew(shelf, secret)

    def drop(self, face_nos: Sequence[int]) -> None:
        self.real.drop(face_nos)

    def reached(self, change_no: int) -> None:
        self.real.reached(change_no)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def rows(self, shelves: Sequence[Shelf]) -> int:
        return self.real.rows(shelves)

    def nearest(
        self, templates: Sequence[Template], limit: int, shelves: Sequence[Shelf], *, entry: int = -1
    ) -> Neighbours:
        self.depths.append(limit)
        self.before()
        return self.real.nearest(templates, limit, shelves, entry=entry)

    def calls(self) -> Sequence[int]:
        return self.real.calls()


class OppositeModel:
    """The real model, but that every second template points the other way."""

    def __init__(self, real: Model) -> None:
        self.real = real
        self.turned = 1

    @property
    def card(self) -> ModelCard:
        return self.real.card

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:
        return self.real.find(pixels, thorough=thorough)

    def face_at(self, pixels: Pixels, box: Box, landmarks: Landmarks = ()) -> FoundFace | None:
        return self.real.face_at(pixels, box, landmarks)

    def smallest_face(self, height: int, width: int, *, thorough: bool = False) -> int:
        return self.real.smallest_face(height, width, thorough=thorough)

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        one = np.zeros(self.card.dimension, dtype=np.float32)
        one[0], self.turned = self.turned, -self.turned
        return [Embedded(one.copy(), made.quality) for made in self.real.embed(pixels, faces)]


class PoorModel(DrawnModel):
    """The drawn model, that gives the embedded faces these qualities in turn, the last one to all that follow."""

    def __init__(self, *quality: int) -> None:
        super().__init__()
        self.quality = list(quality)

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        return [poorly(made, self._next()) for made in super().embed(pixels, faces)]

    def _next(self) -> int:
        return self.quality.pop(0) if len(self.quality) > 1 else self.quality[0]


def poorly(made: Embedded, quality: int) -> Embedded:
    """The same template, with this quality."""
    return replace(made, quality=replace(made.quality, unified=quality))


class FullDatabase:
    """The real database on a disk that has no room for a log entry while `full` says so."""

    def __init__(self, real: Database, full: Callable[[], bool]) -> None:
        self.real = real
        self.full = full

    @contextmanager
    def look(self) -> Iterator[Look]:
        with self.real.look() as look:
            yield look

    @contextmanager
    def begin(self, *, together: bool = False) -> Iterator[Transaction]:
        with self.real.begin(together=together) as tx:
            yield _NoEntries(tx, self.full)  # what it does not have itself, it passes on

    def purge(self) -> None:
        self.real.purge()

    def close(self) -> None:
        self.real.close()


class _NoEntries:
    def __init__(self, real: Transaction, full: Callable[[], bool]) -> None:
        self._real = real
        self._full = full

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def add(self, *records: object) -> None:
        if self._full() and any(isinstance(record, Entry) for record in records):
            raise NoRoom("the disk of the records is full: make room and try again")
        self._real.add(*records)


class Meanwhile:
    """The real database; before the first write begins, somebody else does something there."""

    def __init__(self, real: Database, other: Callable[[], object]) -> None:
        self.real = real
        self.others = [other]

    @contextmanager
    def look(self) -> Iterator[Look]:
        with self.real.look() as look:
            yield look

    @contextmanager
    def begin(self, **how: Any) -> Iterator[Transaction]:
        if self.others:
            self.others.pop()()
        with self.real.begin(**how) as tx:
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def beside(system: System, other: Callable[[], object]) -> System:
    """The system of a process beside which another one does this."""
    return replace(system, database=Meanwhile(system.database, other))


class PlainCredentials:
    """argon2id takes a tenth of a second a time by design; its own contract test is elsewhere."""

    def keep(self, passphrase: str) -> str:
        return f"kept:{passphrase}"

    def check(self, passphrase: str, stored: str) -> bool:
        return stored == f"kept:{passphrase}"


def copy_memory(here: System, there: System) -> None:
    """Give one system in memory the records and keys of another."""
    assert isinstance(here.keys, MemoryKeys)
    assert isinstance(there.keys, MemoryKeys)
    for name in ("_kek", "_keys", "_secrets", "_signers"):
        setattr(there.keys, name, copy(getattr(here.keys, name)))
    assert isinstance(here.database, SqlDatabase)
    assert isinstance(there.database, SqlDatabase)
    before, after = here.database._store, there.database._store
    assert isinstance(before, MemoryStore)
    assert isinstance(after, MemoryStore)
    before._held.backup(after._held)
