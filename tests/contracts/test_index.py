"""The exact index keeps the contract, and no turned template stays in its memory."""

from __future__ import annotations

import numpy as np
import pytest

from beholden.errors import Fault
from beholden.index.choosing import best_scanner
from beholden.index.chunks import Chunk
from beholden.index.exact import ExactIndex
from beholden.index.turning import turn_of, turned
from beholden.ports.index import Index
from beholden.testing.index_at_once import IndexAtOnce
from beholden.testing.index_contract import ONE, SECRETS, IndexContract, unit

VARIANTS = ("avx512-vnni", "avx2", "neon", "plain")  # of the kernel
PINNED = [
    "0x1.d19260be3542bp-1",
    "0x1.9e75b4c0fdd10p-2",
    "-0x1.8b63494c0b3c1p-4",
    "0x1.744524b812287p-3",
    "-0x1.6bf706e230b47p-3",
    "0x1.ef2e0726007d2p-1",
    "-0x1.7f46f41a500d4p-2",
    "0x1.cb42bb7292447p-1",
    "0x1.e1a2a6ec199ebp-3",
]


def scanners_here() -> list[str]:
    """By name, every one that runs on this machine."""
    here = []
    for name in (*(f"kernel {variant}" for variant in VARIANTS), "faiss", "numpy"):
        try:
            best_scanner(name)
        except Fault:
            continue
        here.append(name)
    return here


class WithEachScanner:
    @pytest.fixture(autouse=True, params=scanners_here())
    def scanner(self, request: pytest.FixtureRequest) -> None:
        self.name = request.param

    def index(self) -> Index:
        return ExactIndex("exact:", scanner=best_scanner(self.name))


class TestExactIndex(WithEachScanner, IndexContract):
    pass


class TestExactIndexAtOnce(WithEachScanner, IndexAtOnce):
    pass


def test_the_scanner_that_needs_nothing_is_among_those_tried() -> None:
    assert "numpy" in scanners_here()


def chunks_of(index: ExactIndex) -> list[Chunk]:
    return [chunk for held in index._store.held.values() for chunk in held.chunks]


def memory_of(index: ExactIndex) -> bytes:
    return b"".join(chunk.rows.tobytes() for chunk in chunks_of(index) if chunk.rows is not None)


def test_rows_are_kept_turned_and_a_dropped_one_is_overwritten() -> None:
    index = ExactIndex()
    index.hold(ONE, SECRETS["g1"], range(100), [unit(number) for number in range(100)])
    turn = turn_of(SECRETS["g1"], 128)
    rows = [turned(turn, unit(number)[None])[0].tobytes() for number in range(100)]
    memory = memory_of(index)
    assert all(row in memory for row in rows)
    assert not any(unit(number).tobytes()[:16] in memory for number in range(100))
    index.drop([0, 50, 99])
    memory = memory_of(index)
    assert [number for number in range(100) if rows[number][:16] not in memory] == [0, 50, 99]


def test_memory_given_back_when_a_shelf_shrinks_or_grows_is_overwritten() -> None:
    index = ExactIndex()
    index.hold(ONE, SECRETS["g1"], range(1000), [unit(number) for number in range(1000)])
    (large,) = chunks_of(index)
    assert (large.capacity, len(large.rows)) == (1024, 1024)
    index.drop(range(900))
    assert not large.rows.any()
    assert not large.face_nos.any()
    (small,) = chunks_of(index)
    assert (small.capacity, small.count) == (256, 100)
    index.hold(ONE, SECRETS["g1"], range(900), [unit(number) for number in range(900)])
    assert not small.rows.any()
    assert not small.face_nos.any()


def test_an_emptied_shelf_leaves_nothing() -> None:
    index = ExactIndex()
    index.hold(ONE, SECRETS["g1"], [1], [unit(1)])
    (chunk,) = chunks_of(index)
    index.drop([1])
    assert not chunk.rows.any()
    assert memory_of(index) == b""


@pytest.mark.parametrize("dimension", [1, 2, 128, 192])
def test_a_turn_is_orthogonal_and_keeps_cosines(dimension: int) -> None:
    turn = turn_of(b"secret", dimension)
    assert np.abs(turn @ turn.T - np.eye(dimension)).max() < 1e-12
    rows = turned(turn, np.stack([unit(number, dimension) for number in range(20)]))
    given = np.stack([unit(number, dimension) for number in range(20)])
    assert np.abs(rows @ rows.T - given @ given.T).max() < 1e-6


def test_another_secret_is_another_turn_and_the_same_one_the_same_bits() -> None:
    assert np.array_equal(turn_of(b"one", 32), turn_of(b"one", 32))
    assert np.abs(turn_of(b"one", 32) - turn_of(b"two", 32)).max() > 0.1
    assert np.abs(turn_of(b"one", 33)[:32, :32] - turn_of(b"one", 32)).max() > 0.1


def test_a_turn_has_the_bits_that_every_machine_gives() -> None:
    # Made from whole numbers and sums in a fixed order: this may never change, or indexes would disagree over machines.
    assert [float(number).hex() for number in turn_of(b"pinned", 3).ravel()] == PINNED


def test_turned_rows_have_the_bits_of_the_sums_in_order() -> None:
    turn = turn_of(b"secret", 128)
    given = np.stack([unit(number) for number in range(500)])
    by_hand = np.add.accumulate(given[:, None, :].astype(np.float64) * turn[None], axis=-1)[..., -1].astype(np.float32)
    assert np.array_equal(turned(turn, given), by_hand)
    assert np.array_equal(turned(turn, np.eye(128, dtype=np.float32)), turn.T.astype(np.float32))


def test_another_address_is_refused() -> None:
    with pytest.raises(Fault, match="exact:"):
        ExactIndex("faiss:")
