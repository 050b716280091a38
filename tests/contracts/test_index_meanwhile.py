"""The sealed copy of the index while two do something with it at once in one process: neither undoes what the other did."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from beholden.errors import SegmentBroken
from beholden.index.segments import Rewritten, Segments
from beholden.testing.index_contract import ONE, SECRETS, THREE, TWO, hold, unit
from tests.contracts.test_index_copies import HELD, Place, check, keys, place, tell_secrets, without

__all__ = ["keys", "place"]  # fixtures


@pytest.mark.parametrize("resident", [10**6, 0])
def test_what_a_search_reads_back_while_a_copy_is_written_is_read_back_again(place: Place, resident: int) -> None:
    index = place.open(resident)
    hold(index, HELD)
    index.reached(3)
    index.keep()
    index.hold(ONE, SECRETS["g1"], [600], [unit(600)])
    index.reached(4)

    def meanwhile() -> str:
        assert index.restore() == 440
        return "a stamp"

    assert index.keep(meanwhile) == 301
    assert index.stale, "what it holds is not what was written"
    assert index.restore() == 441
    tell_secrets(index)
    assert (index.applied, index.stamp, index.stale) == (4, "a stamp", False)
    check(index, {**HELD, ONE: {**HELD[ONE], 600: unit(600)}})
    assert index.keep() == 0


@pytest.mark.parametrize("resident", [10**6, 0])
def test_what_a_search_reads_back_while_a_face_is_erased_is_read_back_again(
    place: Place, monkeypatch: pytest.MonkeyPatch, resident: int
) -> None:
    index, real = place.open(resident), Segments.without
    hold(index, HELD)
    index.keep()

    def meanwhile(segments: Segments, face_nos: Sequence[int]) -> Rewritten:
        index.restore()
        return real(segments, face_nos)

    monkeypatch.setattr(Segments, "without", meanwhile)
    assert index.expunge([4]) != ()
    assert index.stale
    assert index.restore() == 439
    tell_secrets(index)
    assert not index.stale
    check(index, without(HELD, [4]))


def test_a_copy_is_not_put_in_force_with_a_file_that_was_taken_away(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    [chunk] = index._store.held[ONE].chunks
    assert chunk.segment is not None
    chunk.segment.path.unlink()
    before = Segments(place.folder, place.keys).state
    index.hold(TWO, SECRETS["g1"], [600], [unit(600)])
    with pytest.raises(SegmentBroken, match="taken away"):
        index.keep()
    assert Segments(place.folder, place.keys).state == before
    assert index.stale
    assert index.restore() == 140, "what is left of it"
    tell_secrets(index)
    check(index, {TWO: HELD[TWO], THREE: HELD[THREE]})
    hold(index, {ONE: HELD[ONE]})  # from the records, by who follows them
    assert index.keep() == 300
    check(place.opened_again(), HELD)


def test_what_is_written_on_the_way_is_in_force_only_when_it_is_kept(place: Place) -> None:
    index = place.open(resident=0)
    hold(index, HELD)
    index.reached(1)
    index.keep()
    [first, *_] = before = Segments(place.folder, place.keys).listed()[0]
    with index.writing():
        index.forget(copy=False)
        assert (index.applied, index.size().rows, index.stale) == (-1, 0, False)
        hold(index, {ONE: HELD[ONE]})
        assert index.write() == 300
        assert [one.id for one in Segments(place.folder, place.keys).listed()[0]] == [one.id for one in before]
        check(index, {ONE: HELD[ONE]})  # by rows that are in the new segment alone
        index.reached(2)
        assert index.keep(lambda: "now") == 0
    now = Segments(place.folder, place.keys).in_force()
    assert (sum(one.count for one in now.segments), now.applied, now.stamp) == (300, 2, "now")
    assert first.id not in {one.id for one in now.segments}
    assert place.files() == {one.path.name for one in now.segments}


def test_who_does_not_wait_is_told_that_somebody_writes(place: Place) -> None:
    index, told = place.open(), []

    def ask() -> None:
        with index.writing(wait=False) as alone:
            told.append(alone)

    with index.writing(), index.writing(wait=False) as again:
        assert again, "whoever writes already does"
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(60)
    ask()
    assert told == [False, True]


def test_what_is_forgotten_while_somebody_else_writes_is_not_destroyed_and_not_taken_up_again(place: Place) -> None:
    index = place.open()
    hold(index, HELD)
    index.keep()
    with Segments(place.folder, place.keys).writing():
        index.forget(wait=False)
    assert (index.size().rows, index.size().sealed_rows, index.stale) == (0, 440, False)
    hold(index, {ONE: HELD[ONE]})
    assert index.keep() == 300
    assert np.concatenate([one.face_nos for one in Segments(place.folder, place.keys).listed()[0]]).size == 300
    index.forget(wait=False)
    assert index.size().sealed_rows == 0
