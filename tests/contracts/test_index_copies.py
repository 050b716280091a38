"""The sealed copy of the index: what is read from it, what it costs in memory, and what happens when it cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beholden.errors import Fault, IndexIncomplete, SegmentBroken
from beholden.index.exact import ExactIndex
from beholden.index.segments import Segments
from beholden.keys.memory import MemoryKeys
from beholden.ports.index import Shelf
from beholden.testing.index_contract import ONE, SECRETS, THREE, TWO, Held, compared, hold, unit

HELD: Held = {
    ONE: {number: unit(number) for number in range(300)},
    TWO: {number: unit(number) for number in range(300, 340)},
    THREE: {number: unit(number) for number in range(400, 500)},
}


@pytest.fixture
def keys() -> MemoryKeys:
    keys = MemoryKeys()
    keys.create(["system"])
    return keys


class Place:
    """Where an index has its sealed copy, whatever process opens it."""

    def __init__(self, folder: Path, keys: MemoryKeys) -> None:
        self.folder, self.keys = folder, keys

    def open(self, resident: int = 10**6, free: int = 1 << 40) -> ExactIndex:
        return ExactIndex("exact:", Segments(self.folder, self.keys), resident=resident, free=lambda: free)

    def opened_again(self, resident: int = 10**6) -> ExactIndex:
        index = self.open(resident)
        index.restore()
        tell_secrets(index)
        return index

    def files(self) -> set[str]:
        return {path.name for path in self.folder.glob("*.segment")}


@pytest.fixture
def place(tmp_path: Path, keys: MemoryKeys) -> Place:
    return Place(tmp_path / "segments", keys)


def tell_secrets(index: ExactIndex) -> None:
    for shelf in index.shelves():
        index.begin_anew(shelf, SECRETS[shelf.gallery_id])


def resident_rows(index: ExactIndex) -> int:
    return sum(chunk.count for held in index._store.held.values() for chunk in held.chunks if chunk.rows is not None)


def without(held: Held, gone: list[int]) -> Held:
    return {
        shelf: {number: row for number, row in references.items() if number not in gone}
        for shelf, references in held.items()
    }


def check(index: ExactIndex, held: Held) -> None:
    for probe, limit in ((unit(7), 5), (unit(900), 60), (unit(410), 10**6)):
        assert index.nearest([probe], limit, list(held)) == compared(held, probe, limit)


@pytest.mark.parametrize("resident", [10**6, 0])
def test_what_was_kept_is_held_and_found_after_a_start(place: Place, resident: int) -> None:
    index = place.open(resident)
    hold(index, HELD)
    index.reached(17)
    assert index.keep() == 440
    check(index, HELD)
    again = place.opened_again(resident)
    assert (again.applied, again.size().rows, resident_rows(again)) == (17, 440, 440 if resident else 0)
    check(again, HELD)
    assert again.keep() == 0
    assert again.check_copy() == 440


def test_rows_that_are_on_disk_alone_are_dropped_replaced_and_added_to(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    assert resident_rows(index) == 0
    gone = [0, 3, 299, 150, 410, 499]
    index.drop(gone)
    assert resident_rows(index) == 0
    now = without(HELD, gone)
    check(index, now)
    assert index.keep() == 296 + 98
    check(index, now)
    check(place.opened_again(resident=0), now)
    index.hold(
        TWO, SECRETS["g1"], [5, 301, 700], [unit(5), unit(1), unit(700)]
    )  # one moves here, one changes, one is new
    now = {**without(now, [5, 301])}
    now[TWO] = {**now[TWO], 5: unit(5), 301: unit(1), 700: unit(700)}
    check(index, now)
    index.keep()
    check(place.opened_again(), now)


def test_above_the_bound_a_row_takes_its_codes_and_a_few_bytes_more(place: Place) -> None:
    templates = np.random.default_rng(1).standard_normal((65_536, 128)).astype(np.float32)
    templates /= np.linalg.norm(templates, axis=1, keepdims=True)
    index = place.open(resident=10_000)
    index.hold(ONE, SECRETS["g1"], range(65_536), templates)
    before = index.size().memory
    index.keep()
    assert before - index.size().memory == 65_536 * 512
    assert index.nearest([templates[9]], 1, [ONE]).face_nos == (9,)
    index.drop([3])
    index.numbers(ONE)
    assert index.size().memory / 65_536 <= index._scanner.row_bytes(128) + 16


def test_a_restored_shelf_is_not_searched_before_its_secret_is_known(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    again = place.open()
    assert again.restore() == 440
    with pytest.raises(IndexIncomplete, match="secret"):
        again.nearest([unit(1)], 3, [ONE])
    again.begin_anew(ONE, SECRETS["g1"])
    again.begin_anew(THREE, b"another: the gallery was turned since")
    assert again.nearest([unit(1)], 3, [ONE]) == compared({ONE: HELD[ONE]}, unit(1), 3)
    assert again.rows([THREE]) == 0


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_row_that_cannot_be_read_is_no_answer_and_its_segment_is_thrown_away(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    segment = index._store.held[ONE].chunks[0].segment
    assert segment is not None
    flip(segment.path, -9)
    with pytest.raises(IndexIncomplete, match="again"):
        index.nearest([unit(1)], 10**6, [ONE, TWO])
    assert index.stale
    assert index.nearest([unit(1)], 3, [TWO]) == compared({TWO: HELD[TWO]}, unit(1), 3)
    assert index.restore() == 140
    tell_secrets(index)
    assert not index.stale
    check(index, {TWO: HELD[TWO], THREE: HELD[THREE]})
    hold(index, {ONE: HELD[ONE]})  # from the records, by who follows them
    check(index, HELD)
    index.keep()
    check(place.opened_again(), HELD)


def broken(index: ExactIndex) -> None:
    segment = index._store.held[ONE].chunks[0].segment
    assert segment is not None
    flip(segment.path, -9)


def test_rows_come_and_go_on_a_shelf_of_which_a_row_cannot_be_read(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    broken(index)
    index.hold(ONE, SECRETS["g1"], [299, 600], [unit(299), unit(600)])
    index.drop(range(10))
    assert index.rows([ONE]) == 291
    with pytest.raises(IndexIncomplete):
        index.nearest([unit(1)], 10**6, [ONE])
    assert index.stale


def test_a_copy_is_not_written_from_rows_that_cannot_be_read(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    broken(index)
    index.drop([4])
    assert not index.stale
    with pytest.raises(SegmentBroken):
        index.keep()
    assert index.stale
    assert index.restore() == 140


def test_an_erasure_ends_though_a_row_of_the_segment_cannot_be_read(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    broken(index)
    assert index.expunge([4, 405]) != ()
    assert index.rows([ONE, THREE]) == 299 + 99
    listed, _ = Segments(place.folder, place.keys).listed()
    assert not {4, 405} & set(np.concatenate([one.face_nos for one in listed]).tolist())
    assert index.stale
    assert index.restore() == 139
    tell_secrets(index)
    check(index, without({TWO: HELD[TWO], THREE: HELD[THREE]}, [405]))


def test_an_erasure_of_what_was_dropped_keeps_rows_that_only_the_old_segment_had(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    index.drop([4, 405])
    assert index.expunge([4, 405]) != ()
    check(index, without(HELD, [4, 405]))
    index.keep()
    check(place.opened_again(), without(HELD, [4, 405]))


def test_a_segment_that_is_broken_when_it_is_read_back_leaves_the_others(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    segment = index._store.held[THREE].chunks[0].segment
    assert segment is not None
    flip(segment.path, -9)
    again = place.opened_again()
    assert again.shelves() == [ONE, TWO]
    assert segment.path.name not in place.files()
    check(again, {ONE: HELD[ONE], TWO: HELD[TWO]})


def test_too_little_memory_is_said_in_numbers_and_nothing_is_held(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    small = place.open(free=20_000)
    with pytest.raises(Fault, match="MiB"):
        small.restore()
    assert (small.size().rows, small.applied) == (0, -1)
    with pytest.raises(Fault, match="MiB"):
        hold(small, {ONE: HELD[ONE]})
    assert small.rows([ONE]) == 0
    check(place.opened_again(), HELD)  # the copy is what it was


def test_a_batch_for_which_there_is_too_little_memory_is_kept_in_no_part(place: Place) -> None:
    free: list[int] = []
    index = ExactIndex("exact:", free=lambda: free.pop() if free else 1 << 40)
    hold(index, HELD)
    many = 70_000
    templates = np.random.default_rng(2).standard_normal((many, 8)).astype(np.float32)
    templates /= np.linalg.norm(templates, axis=1, keepdims=True)
    shelf = Shelf("g3", "s", "m")
    index.hold(shelf, b"s", [9000], [templates[0]])
    free[:] = [1000, 1 << 40]  # enough to make the first part larger, not for another one
    with pytest.raises(Fault, match="nothing more was loaded"):
        index.hold(shelf, b"s", range(10_000, 10_000 + many), templates)
    assert index.numbers(shelf).tolist() == [9000]
    assert index.nearest([templates[0]], 5, [shelf]).face_nos == (9000,)
    check(index, HELD)
    index.hold(shelf, b"s", range(10_000, 10_000 + many), templates)
    assert index.rows([shelf]) == many + 1
