"""The sealed copy of the index as it changes: what is erased from it, what is written while others search, and by whom."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.errors import NoRoom, SegmentBroken
from beholden.index import segments
from beholden.index.exact import ExactIndex
from beholden.index.frames import Segment
from beholden.index.segments import Segments
from beholden.keys.memory import MemoryKeys
from beholden.ports.index import Neighbours
from beholden.testing.index_contract import ONE, SECRETS, THREE, TWO, compared, hold, unit
from tests.contracts.test_index_copies import HELD, Place, broken, check, tell_secrets, without


@pytest.fixture
def place(tmp_path: Path) -> Place:
    keys = MemoryKeys()
    keys.create(["system"])
    return Place(tmp_path / "segments", keys)


@pytest.mark.parametrize("resident", [10**6, 0])
def test_what_is_expunged_is_on_no_disk_and_the_rest_is_found(place: Place, resident: int) -> None:
    index = place.open(resident)
    hold(index, HELD)
    index.keep()
    index.drop([5])  # and is still in the copy
    hold(index, {ONE: {600: unit(600)}})
    before = place.files()
    assert index.expunge([4, 5, 405, 10**9]) != ()
    assert len(before - place.files()) == 2
    now = without({**HELD, ONE: {**HELD[ONE], 600: unit(600)}}, [4, 5, 405])
    check(index, now)
    listed, _ = Segments(place.folder, place.keys).listed()
    on_disk = set(np.concatenate([one.face_nos for one in listed]).tolist())
    assert not on_disk & {4, 5, 405, 600}
    assert len(on_disk) == 437
    assert not index.expunge([4, 5])
    index.keep()
    check(place.opened_again(resident), now)


def test_what_is_expunged_before_anything_was_read_back_is_in_no_segment_either(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    other = place.open()  # another process: a command
    assert other.expunge([4]) != ()
    assert index.stale
    index.restore()
    tell_secrets(index)
    check(index, without(HELD, [4]))


def test_what_another_process_erased_is_not_written_again_by_one_that_holds_it_still(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    place.opened_again().expunge([4])
    assert index.stale
    index.size()  # looks at the copy, and forgets nothing by that
    index.check_copy()
    assert index.stale
    hold(index, {ONE: {600: unit(600)}})
    assert index.keep() == 0
    index.expunge([7])
    assert index.stale
    assert index.restore() == 438
    tell_secrets(index)
    check(index, without(HELD, [4, 7]))


def test_an_index_that_was_not_read_back_destroys_no_copy(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    assert place.open().keep() == 0
    check(place.opened_again(), HELD)


def test_a_segment_that_is_found_broken_by_a_check_is_written_again(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    broken(index)
    with pytest.raises(SegmentBroken):
        index.check_copy()
    assert index.stale
    assert index.restore() == 140
    hold(index, {ONE: HELD[ONE]})
    tell_secrets(index)
    assert index.keep() == 300
    assert index.check_copy() == 440
    check(place.opened_again(), HELD)


def test_a_full_disk_leaves_the_copy_and_what_is_held_as_they_were(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.keep()
    hold(index, {ONE: {600: unit(600)}})
    files = place.files()

    def full(*_: object) -> None:
        raise NoRoom("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("beholden.index.segments.write_frames", full)
        with pytest.raises(NoRoom):
            index.keep()
    assert place.files() == files
    check(index, {**HELD, ONE: {**HELD[ONE], 600: unit(600)}})
    check(place.opened_again(), HELD)
    assert index.keep() == 301


def test_what_changes_while_the_copy_is_written_is_in_it_as_it_is_at_the_end(place: Place) -> None:
    index = place.open(resident=50)
    hold(index, HELD)
    stop = threading.Event()
    wrong: list[Neighbours] = []

    def change() -> None:
        for number in range(1000, 1060):
            index.hold(ONE, SECRETS["g1"], [number], [unit(number)])
            index.drop([number - 1000])
            index.reached(number)
        stop.set()

    def search() -> None:
        while not stop.is_set():
            found = index.nearest([unit(450)], 1, [THREE])
            if found.face_nos != (450,):
                wrong.append(found)

    changing = [threading.Thread(target=change), threading.Thread(target=search)]
    for one in changing:
        one.start()
    while not stop.is_set():
        with index.writing():
            index.keep()
    for one in changing:
        one.join()
    index.keep()
    assert wrong == []
    now = {**without(HELD, list(range(60)))}
    now[ONE] = {**now[ONE], **{number: unit(number) for number in range(1000, 1060)}}
    check(index, now)
    again = place.opened_again()
    assert again.applied == 1059
    check(again, now)
    assert len(place.files()) == 3  # what was written and was too late lies nowhere


def keep_it(index: ExactIndex) -> None:
    index.hold(TWO, SECRETS["g1"], [350], [unit(350)])
    index.keep()


def expunge_it(index: ExactIndex) -> None:
    index.expunge([310])


def check_it(index: ExactIndex) -> None:
    index.check_copy()


@pytest.mark.parametrize("resident", [10**6, 0])
@pytest.mark.parametrize(
    ("writes", "at"), [(keep_it, "write_frames"), (expunge_it, "write_frames"), (check_it, "Segment.each")]
)
def test_nobody_who_searches_adds_or_drops_waits_for_the_disk(
    place: Place, monkeypatch: pytest.MonkeyPatch, resident: int, writes: Callable[[ExactIndex], None], at: str
) -> None:
    index = place.open(resident)
    hold(index, HELD)
    index.keep()
    begun, go_on = threading.Event(), threading.Event()
    owner: Any = segments if at == "write_frames" else Segment
    real = getattr(owner, at.rpartition(".")[2])

    def slow(*given: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return real(*given, **named)

    monkeypatch.setattr(owner, at.rpartition(".")[2], slow)
    writing = threading.Thread(target=writes, args=(index,))
    writing.start()
    assert begun.wait(60)
    assert not index.stale
    index.hold(ONE, SECRETS["g1"], [600, 7], [unit(600), unit(8)])
    index.drop([3, 301])
    index.reached(99)
    now = without(HELD, [3, 301, 310] if writes is expunge_it else [3, 301])
    now = {**now, ONE: {**now[ONE], 600: unit(600), 7: unit(8)}}
    if writes is keep_it:
        now[TWO] = {**now[TWO], 350: unit(350)}
    if writes is not check_it or resident:  # or the rows that are read for the lists stop there too
        assert index.nearest([unit(600)], 9, [ONE, TWO]) == compared({ONE: now[ONE], TWO: now[TWO]}, unit(600), 9)
    assert (index.rows([ONE]), index.shelves()) == (300, [ONE, TWO, THREE])
    go_on.set()
    writing.join()
    check(index, now)
    assert not index.stale
    index.keep()
    check(index, now)
    again = place.opened_again(resident)
    assert again.applied == 99
    check(again, now)


def test_without_a_copy_there_is_nothing_to_restore_or_keep() -> None:
    index = ExactIndex()
    hold(index, {ONE: {1: unit(1)}})
    with index.writing():
        assert (index.keep(), index.restore(), index.check_copy(), index.tidy(), index.stale) == (0, 0, 0, set(), False)
    assert index.expunge([1]) == ()
    assert index.rows([ONE]) == 0


def test_files_that_a_crash_left_are_removed(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    (place.folder / ("0" * 32 + ".segment")).write_bytes(os.urandom(100))
    names = place.open().tidy()
    assert len(names) == len(place.files()) == 3
