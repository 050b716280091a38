"""The sealed copy of the index, read back after another process changed it: what did not change is not read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from beholden.errors import Fault, IndexIncomplete
from beholden.index import turning
from beholden.index.exact import ExactIndex
from beholden.index.frames import Segment
from beholden.index.scanning import Rows
from beholden.index.segments import Segments
from beholden.index.turning import ALONE, summed, turn_of, turned
from beholden.ports.index import Shelf
from beholden.testing.index_contract import ONE, SECRETS, THREE, TWO, hold, unit
from tests.contracts.test_index_copies import HELD, Place, broken, check, keys, place, tell_secrets, without

__all__ = ["keys", "place"]  # fixtures


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Shelf]:
    """The shelf of each segment that is read whole, while it is read."""
    found: list[Shelf] = []
    real = Segment.each

    def each(segment: Segment, into: Rows | None = None) -> Iterator[tuple[int, Rows]]:
        found.append(segment.shelf)
        return real(segment, into)

    monkeypatch.setattr(Segment, "each", each)
    return found


@pytest.mark.parametrize("resident", [10**6, 0])
def test_after_an_erasure_elsewhere_just_the_segment_that_changed_is_read(
    place: Place, read: list[Shelf], resident: int
) -> None:
    elsewhere = place.open(resident)
    hold(elsewhere, HELD)
    elsewhere.keep()
    index = place.opened_again(resident)
    assert sorted(read) == [ONE, TWO, THREE]
    elsewhere.expunge([4])
    read.clear()
    assert index.stale
    assert index.restore() == 439
    assert read == [ONE]
    assert not index.stale
    tell_secrets(index)
    check(index, without(HELD, [4]))
    assert index.keep() == 0, "all of it is as it lies there"


def test_what_another_process_added_is_read_and_nothing_else(place: Place, read: list[Shelf]) -> None:
    elsewhere = place.open()
    hold(elsewhere, HELD)
    elsewhere.keep()
    index = place.opened_again()
    elsewhere.hold(THREE, SECRETS["g2"], [700], [unit(700)])
    elsewhere.reached(9)
    elsewhere.keep()
    read.clear()
    assert (index.restore(), index.applied, read) == (441, 9, [THREE])
    tell_secrets(index)
    check(index, {**HELD, THREE: {**HELD[THREE], 700: unit(700)}})


def test_rows_that_changed_here_since_are_read_again(place: Place, read: list[Shelf]) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    index.drop([301])
    index.hold(ONE, SECRETS["g1"], [600], [unit(600)])
    place.opened_again().expunge([405])
    read.clear()
    assert index.restore() == 439, "what the copy holds, and nothing else"
    assert sorted(read) == [ONE, TWO, THREE]
    tell_secrets(index)
    check(index, without(HELD, [405]))


def test_what_could_not_be_read_is_read_again_though_somebody_else_writes(place: Place, read: list[Shelf]) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    broken(index)
    with pytest.raises(IndexIncomplete):
        index.nearest([unit(1)], 10**6, [ONE])
    read.clear()
    with Segments(place.folder, place.keys).writing():  # so that it cannot be thrown away now
        assert index.restore() == 140
    assert read == [ONE]


def test_where_the_memory_is_too_little_for_what_is_new_nothing_is_held(place: Place) -> None:
    elsewhere = place.open()
    hold(elsewhere, HELD)
    elsewhere.keep()
    free = [1 << 40]
    index = ExactIndex("exact:", Segments(place.folder, place.keys), free=lambda: free[0])
    assert index.restore() == 440
    elsewhere.expunge([4])
    chunks = [chunk for held in index._store.held.values() for chunk in held.chunks]
    free[0] = 1000
    with pytest.raises(Fault, match="more memory"):
        index.restore()
    assert index.size().rows == 0
    assert not any(chunk.rows.any() for chunk in chunks if chunk.rows is not None), "what is given back is overwritten"
    free[0] = 1 << 40
    assert index.restore() == 439


@pytest.mark.parametrize(("dimension", "rows"), [(1, 5), (128, 1000), (192, 37), (512, 40), (4096, 17)])
def test_turning_takes_no_thread_of_blas_and_gives_the_sums_in_order(
    monkeypatch: pytest.MonkeyPatch, dimension: int, rows: int
) -> None:
    taken = []
    real = np.matmul

    def matmul(one: Any, other: Any, **more: Any) -> Any:
        taken.append(one.shape[0] * one.shape[1] * other.shape[1])
        return real(one, other, **more)

    monkeypatch.setattr(turning.np, "matmul", matmul)
    random = np.random.default_rng(dimension)
    turn = turn_of(b"a secret", dimension) if dimension <= 512 else random.standard_normal((dimension, dimension)) / 64
    templates = random.standard_normal((rows, dimension)).astype(np.float32)
    found = turned(turn, templates)
    assert max(taken) <= ALONE
    assert sum(taken) == rows * dimension * dimension
    for row in (0, rows // 2, rows - 1):
        assert np.array_equal(found[row], summed(turn * templates[row].astype(np.float64)).astype(np.float32))
