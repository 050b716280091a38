"""Whatever is done to the index, in whatever order, it holds and finds what a plain dictionary does; with every scanner."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from beholden.index import chunks, shelves
from beholden.index.choosing import best_scanner
from beholden.index.exact import ExactIndex
from beholden.index.segments import Segments
from beholden.index.turning import summed, turn_of, turned
from beholden.keys.memory import MemoryKeys
from beholden.ports.index import Coverage, Neighbours, Shelf
from tests.contracts.test_index import scanners_here

DIMENSION = 12
SHELVES = [Shelf("g1", "s1", "m"), Shelf("g1", "s2", "m"), Shelf("g2", "s1", "m")]
DRAWN = np.random.default_rng(3).standard_normal((24, DIMENSION))
POOL = (DRAWN / np.linalg.norm(DRAWN, axis=1, keepdims=True)).astype(np.float32)
POOL[1] = -POOL[0]  # few, so that ties are many
POOL[3] = np.nextafter(POOL[2], np.float32(2))

known_turn = functools.cache(turn_of)

numbers = st.lists(st.integers(0, 40), max_size=14)
which = st.integers(0, len(POOL) - 1)
some_shelves = st.lists(st.sampled_from(SHELVES), max_size=4)

Kept = dict[int, tuple[Shelf, int, bytes]]  # by face number: its shelf, which template, and the secret it is turned by


class IndexAgainstDictionary(RuleBasedStateMachine):
    scanner = "numpy"

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.keys = MemoryKeys()
        self.keys.create(["system"])
        self.held: Kept = {}
        self.disk: Kept = {}
        self.turns = {"g1": 0, "g2": 0}
        self.change = self.reached = self.disk_reached = -1
        self.resident = 0

    @initialize(resident=st.sampled_from([0, 10, 10**6]))
    def begin(self, resident: int) -> None:
        self.resident = resident
        self.open()

    def open(self) -> None:
        segments = Segments(Path(self.folder.name) / "segments", self.keys)
        self.index = ExactIndex("exact:", segments, scanner=best_scanner(self.scanner), resident=self.resident)

    def secret(self, shelf: Shelf) -> bytes:
        return f"{shelf.gallery_id} {self.turns[shelf.gallery_id]}".encode()

    @rule(shelf=st.sampled_from(SHELVES), faces=st.lists(st.tuples(st.integers(0, 40), which), max_size=20))
    def hold(self, shelf: Shelf, faces: list[tuple[int, int]]) -> None:
        self.index.hold(shelf, self.secret(shelf), [face for face, _ in faces], [POOL[at] for _, at in faces])
        self.held |= {face: (shelf, at, self.secret(shelf)) for face, at in faces}
        self.change = self.reached = self.change + 1
        self.index.reached(self.change)

    @rule(faces=numbers)
    def drop(self, faces: list[int]) -> None:
        self.index.drop(faces)
        self.held = {face: told for face, told in self.held.items() if face not in faces}

    @rule(faces=numbers)
    def expunge(self, faces: list[int]) -> None:
        on_disk = {face for face in faces if face in self.disk}
        needles = self.index.expunge(faces)
        assert bool(needles) == bool(on_disk)
        self.held = {face: told for face, told in self.held.items() if face not in faces}
        self.disk = {face: told for face, told in self.disk.items() if face not in faces}
        self.disk_reached = self.disk_reached if self.disk else -1

    @rule(gallery=st.sampled_from(["g1", "g2"]))
    def turn(self, gallery: str) -> None:
        self.turns[gallery] += 1
        for shelf in SHELVES:
            if shelf.gallery_id == gallery:
                self.index.begin_anew(shelf, self.secret(shelf))
                assert self.index.rows([shelf]) == 0
                of_it = [(face, at) for face, (where, at, _) in self.held.items() if where == shelf]
                self.hold(shelf, of_it)

    @rule()
    def keep(self) -> None:
        with self.index.writing():
            self.index.keep()
        self.disk, self.disk_reached = dict(self.held), self.reached if self.held else -1
        assert self.index.keep() == 0
        size = self.index.size()
        assert (size.rows, size.sealed_rows, bool(size.disk)) == (len(self.held), len(self.held), bool(self.held))

    @rule()
    def start_again(self) -> None:
        self.open()
        assert self.index.restore() == len(self.disk)
        assert self.index.applied == self.disk_reached
        self.held, self.reached = dict(self.disk), self.disk_reached
        for shelf in SHELVES:
            self.check_numbers(shelf)
            self.index.begin_anew(shelf, self.secret(shelf))
            self.held = {
                face: told for face, told in self.held.items() if told[0] != shelf or told[2] == self.secret(shelf)
            }

    @rule()
    def forget(self) -> None:
        self.index.forget()
        self.held, self.disk, self.reached, self.disk_reached = {}, {}, -1, -1

    @rule(probes=st.lists(which, min_size=1, max_size=3), limit=st.integers(0, 45), asked=some_shelves)
    def nearest(self, probes: list[int], limit: int, asked: list[Shelf]) -> None:
        here = [(face, told) for face, told in self.held.items() if told[0] in asked]
        scored = []
        for face, (shelf, at, _) in here:
            turn = known_turn(self.secret(shelf), DIMENSION)
            row = turned(turn, POOL[at : at + 1]).astype(np.float64)
            scores = [float(summed(row * turned(turn, POOL[one : one + 1]).astype(np.float64))[0]) for one in probes]
            scored.append((-max(scores), face))
        best = sorted(scored)[:limit]
        wanted = Neighbours(
            tuple(face for _, face in best),
            tuple(-score for score, _ in best),
            Coverage(len(set(asked)), len(here), proven=True),
        )
        assert self.index.nearest([POOL[one] for one in probes], limit, asked) == wanted

    def check_numbers(self, shelf: Shelf) -> None:
        of_it = sorted(face for face, told in self.held.items() if told[0] == shelf)
        assert self.index.numbers(shelf).tolist() == of_it
        assert self.index.rows([shelf]) == len(of_it)

    @invariant()
    def holds_what_the_dictionary_does(self) -> None:
        if not hasattr(self, "index"):
            return
        for shelf in SHELVES:
            self.check_numbers(shelf)
        assert self.index.shelves() == sorted({shelf for shelf, _, _ in self.held.values()})
        assert self.index.applied == self.reached
        assert not self.index.stale

    @invariant()
    def nothing_stays_behind_the_rows_in_use(self) -> None:
        for held in self.index._store.held.values() if hasattr(self, "index") else ():
            for chunk in held.chunks:
                assert chunk.count
                assert not chunk.face_nos[chunk.count :].any()
                assert chunk.rows is None or not chunk.rows[chunk.count :].any()

    def teardown(self) -> None:
        self.folder.cleanup()


@pytest.mark.parametrize("scanner", scanners_here())
def test_the_index_holds_and_finds_what_a_plain_dictionary_does(scanner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small parts, so that a shelf has many of them.
    for module, name, rows in ((chunks, "LEAST_ROWS", 2), (shelves, "LEAST_ROWS", 2)):
        monkeypatch.setattr(module, name, rows)
    for module in (chunks, shelves):
        monkeypatch.setattr(module, "MOST_ROWS", 8)
    machine = type("Machine", (IndexAgainstDictionary,), {"scanner": scanner})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
