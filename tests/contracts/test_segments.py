"""Sealed segments: what was written is read back bit for bit, and whatever else lies there is noticed and thrown away."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from beholden.errors import NoRoom, SegmentBroken
from beholden.index.frames import Segment, key_name
from beholden.index.scanning import Numbers, Rows
from beholden.index.segments import MAX_ROWS, Segments
from beholden.keys.memory import MemoryKeys
from beholden.ports.index import Shelf

ONE, TWO = Shelf("gallery one", "source", "model"), Shelf("gallery two", "source", "model")
MARK = b"m" * 32


@pytest.fixture
def keys() -> MemoryKeys:
    keys = MemoryKeys()
    if "system" not in keys.names():
        keys.create(["system"])
    return keys


@pytest.fixture
def segments(tmp_path: Path, keys: MemoryKeys) -> Segments:
    return Segments(tmp_path / "engine" / "segments", keys)


def rows(count: int, dimension: int = 128, seed: int = 1) -> Rows:
    return np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)


def numbers(*given: int) -> Numbers:
    return np.array(given, dtype=np.int64)


def put(segments: Segments, *wanted: tuple[Shelf, Numbers, Rows], applied: int = 7) -> list[Segment]:
    with segments.writing():
        written = [segments.write(shelf, MARK, face_nos, some) for shelf, face_nos, some in wanted]
        segments.put_in_force(written, applied)
    return written


def again(segments: Segments, keys: MemoryKeys) -> Segments:
    return Segments(segments.folder, keys)


def files(segments: Segments) -> set[str]:
    return {path.name for path in segments.folder.iterdir()} - {"lock", "catalogue"}


def sealing(keys: MemoryKeys) -> set[str]:
    return {name for name in keys.names() if name.startswith("segment/")}


@pytest.mark.parametrize(
    ("count", "dimension"), [(1, 2), (15, 128), (16, 128), (17, 128), (1000, 192), (70, 512), (3, 4096)]
)
def test_another_process_reads_just_what_was_written(
    segments: Segments, keys: MemoryKeys, count: int, dimension: int
) -> None:
    some, face_nos = rows(count, dimension), np.arange(count, dtype=np.int64) * 3 + 2**40
    put(segments, (ONE, face_nos, some), applied=41)
    [read], applied = again(segments, keys).listed()
    assert (read.shelf, read.mark, read.dimension, read.count, applied) == (ONE, MARK, dimension, count, 41)
    assert np.array_equal(read.face_nos, face_nos)
    starts, parts = zip(*read.each(), strict=True)
    assert np.array_equal(np.concatenate(parts), some)
    assert list(starts) == np.cumsum([0, *map(len, parts)])[:-1].tolist()
    wanted = np.random.default_rng(2).integers(0, count, 50)
    assert np.array_equal(read.rows(wanted), some[wanted])
    assert read.rows(np.zeros(0, dtype=np.int64)).shape == (0, dimension)
    for outside in (-1, count):
        with pytest.raises(IndexError):
            read.rows(numbers(outside))


def test_a_large_one_is_read_in_parts(segments: Segments, keys: MemoryKeys) -> None:
    some = rows(30_001, 64)
    put(segments, (ONE, np.arange(30_001), some))
    [read], _ = again(segments, keys).listed()
    parts = [part for _, part in read.each()]
    assert len(parts) > 1
    assert np.array_equal(np.concatenate(parts), some)


def test_rows_may_come_in_arrays_of_any_length(segments: Segments) -> None:
    some = rows(100)
    with segments.writing():
        read = segments.write(ONE, MARK, np.arange(100), iter([some[:1], some[1:1], some[1:40], some[40:]]))
    assert np.array_equal(np.concatenate([part for _, part in read.each()]), some)


@pytest.mark.parametrize("came", [[], [4], [6], [2, 4]])
def test_what_was_not_announced_is_refused_and_nothing_of_it_stays(
    segments: Segments, keys: MemoryKeys, came: list[int]
) -> None:
    with segments.writing():
        with pytest.raises(ValueError, match="row"):
            segments.write(ONE, MARK, np.arange(5), iter([rows(count) for count in came]))
        with pytest.raises(ValueError, match="numbers"):
            segments.write(ONE, MARK, np.arange(5), iter([rows(3), rows(2, 64)]))
        with pytest.raises(ValueError, match="at most"):
            segments.write(ONE, MARK, np.arange(MAX_ROWS + 1), rows(1))
    assert (files(segments), sealing(keys)) == (set(), set())


def test_nothing_is_written_while_another_process_may_sweep(segments: Segments) -> None:
    with pytest.raises(RuntimeError):
        segments.write(ONE, MARK, np.arange(5), rows(5))


def test_nothing_on_disk_is_a_row_a_number_or_a_name(segments: Segments) -> None:
    some, face_nos = rows(40), np.arange(40) + 2**50
    [one] = put(segments, (ONE, face_nos, some))
    content = b"".join(path.read_bytes() for path in segments.folder.iterdir())
    for row in some:
        assert row.tobytes()[:8] not in content
    assert face_nos.tobytes()[:8] not in content
    assert b"gallery one" not in content
    assert MARK not in content
    assert one.path.stat().st_mode & 0o777 == 0o600


def test_before_the_first_there_is_nothing_and_no_folder_is_made_to_say_so(segments: Segments) -> None:
    assert segments.tidy() == set()
    assert not segments.changed
    assert not segments.folder.exists()
    assert segments.listed() == ([], -1)
    assert (segments.check(), segments.size, segments.doubt) == (0, 0, "")


def test_what_is_no_longer_named_is_destroyed(segments: Segments, keys: MemoryKeys) -> None:
    first, second = put(segments, (ONE, np.arange(5), rows(5)), (TWO, np.arange(5, 9), rows(4)))
    with segments.writing():
        third = segments.write(ONE, MARK, np.arange(6), rows(6))
        needles = segments.put_in_force([second, third], 9)
    assert [one.id for one in again(segments, keys).listed()[0]] == [second.id, third.id]
    assert files(segments) == {f"{one.id}.segment" for one in (second, third)}
    assert sealing(keys) == {key_name(one.id) for one in (second, third)}
    assert sorted(map(len, needles)) == [40, 60], "the wrapped key, and the file's own as it lay sealed in it"
    assert np.array_equal(second.rows(numbers(3)), rows(4)[3:])
    with pytest.raises(SegmentBroken):
        first.rows(numbers(0))
    with pytest.raises(SegmentBroken):
        list(first.each())


def test_what_was_written_and_then_not_put_in_force_is_destroyed_too(segments: Segments, keys: MemoryKeys) -> None:
    with segments.writing():
        wanted, unwanted = (segments.write(ONE, MARK, np.arange(5), rows(5)) for _ in range(2))
        assert len(segments.put_in_force([wanted], 3)) == 2
    assert files(segments) == {f"{wanted.id}.segment"}
    assert sealing(keys) == {key_name(wanted.id)}
    assert unwanted.id != wanted.id


def test_an_erasure_rewrites_what_held_a_face_and_nothing_else(segments: Segments, keys: MemoryKeys) -> None:
    some = rows(300)
    held, other = put(segments, (ONE, np.arange(300), some), (TWO, np.arange(300, 304), rows(4)), applied=12)
    before = other.path.read_bytes()
    fresh = again(segments, keys)
    done = fresh.without([7, 299, 10**6])
    [(old, new)] = done.replaced
    assert new is not None
    assert (old.id, new.mark, new.shelf) == (held.id, MARK, ONE)
    staying = np.delete(np.arange(300), [7, 299])
    assert np.array_equal(new.face_nos, staying)
    assert np.array_equal(np.concatenate([part for _, part in new.each()]), some[staying])
    assert other.path.read_bytes() == before
    assert again(segments, keys).listed()[1] == 12
    assert sorted(map(len, done.destroyed)) == [40, 60]
    assert key_name(held.id) not in keys.names()
    left = b"".join(path.read_bytes() for path in segments.folder.iterdir())
    assert not any(needle in left for needle in done.destroyed)
    assert fresh.without([7]).replaced == ()


def test_a_segment_of_erased_faces_alone_goes_without_one_in_its_place(segments: Segments, keys: MemoryKeys) -> None:
    [held] = put(segments, (ONE, np.arange(3), rows(3)))
    [(old, new)] = segments.without([0, 1, 2]).replaced
    assert (old.id, new) == (held.id, None)
    assert (files(segments), sealing(keys)) == (set(), set())
    assert again(segments, keys).listed() == ([], -1)


def test_any_byte_that_was_changed_is_noticed(segments: Segments, keys: MemoryKeys) -> None:
    some = rows(40, 64)
    [one] = put(segments, (ONE, np.arange(40), some))
    whole = one.path.read_bytes()
    for at in [*range(130), *range(130, len(whole), 97), len(whole) - 1]:
        one.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(SegmentBroken):
            for _ in Segment(one.path, one.id, keys).each():
                pass
    for wrong in (b"", whole[:-1], whole + b"\0", whole[: len(whole) // 2], whole[:50]):
        one.path.write_bytes(wrong)
        with pytest.raises(SegmentBroken):
            Segment(one.path, one.id, keys)
    one.path.write_bytes(whole)
    [read], _ = again(segments, keys).listed()
    assert np.array_equal(read.rows(np.arange(40)), some)


def test_frames_that_changed_places_are_noticed(segments: Segments, keys: MemoryKeys) -> None:
    [one] = put(segments, (ONE, np.arange(96), rows(96, 64)))  # three frames of rows of one length
    whole = bytearray(one.path.read_bytes())
    stride = 32 * 64 * 4 + 16
    first = len(whole) - 3 * stride
    whole[first : first + stride], whole[first + stride : first + 2 * stride] = (
        whole[first + stride : first + 2 * stride],
        whole[first : first + stride],
    )
    one.path.write_bytes(whole)
    with pytest.raises(SegmentBroken):
        one.rows(numbers(0))
    assert np.array_equal(one.rows(numbers(95)), rows(96, 64)[95:])


def test_a_file_of_another_name_or_of_an_earlier_time_is_not_taken(segments: Segments, keys: MemoryKeys) -> None:
    one, two = put(segments, (ONE, np.arange(5), rows(5)), (ONE, np.arange(5, 10), rows(5)))
    one.path.write_bytes(two.path.read_bytes())
    fresh = again(segments, keys)
    assert [segment.id for segment in fresh.listed()[0]] == [two.id]
    assert "not as the index wrote it" in fresh.doubt
    assert files(segments) == {f"{two.id}.segment"}


def test_a_broken_segment_is_thrown_away_and_the_others_stay(segments: Segments, keys: MemoryKeys) -> None:
    one, two = put(segments, (ONE, np.arange(5), rows(5)), (TWO, np.arange(5, 10), rows(5)), applied=9)
    content = bytearray(one.path.read_bytes())
    content[-1] ^= 1  # in the last frame: only who reads the rows sees it
    one.path.write_bytes(content)
    fresh = again(segments, keys)
    assert len(fresh.listed()[0]) == 2
    with pytest.raises(SegmentBroken):
        fresh.check()
    assert [segment.id for segment in fresh.listed()[0]] == [two.id]
    assert fresh.listed()[1] == 9
    assert fresh.check() == 5
    assert (files(segments), sealing(keys)) == ({f"{two.id}.segment"}, {key_name(two.id)})


@pytest.mark.parametrize("content", [b"", b"nothing of ours", None])
def test_a_catalogue_that_is_not_as_it_was_written_names_nothing(
    segments: Segments, keys: MemoryKeys, content: bytes | None
) -> None:
    put(segments, (ONE, np.arange(5), rows(5)))
    catalogue = segments.folder / "catalogue"
    changed = bytearray(catalogue.read_bytes())
    changed[-1] ^= 1
    catalogue.write_bytes(changed if content is None else content)
    fresh = again(segments, keys)
    assert fresh.listed() == ([], -1)
    assert "catalogue" in fresh.doubt
    assert fresh.tidy() == set()
    assert (files(segments), sealing(keys)) == (set(), set())


def test_what_a_crash_left_is_swept_away_by_the_next_start_and_by_the_next_erasure(
    segments: Segments, keys: MemoryKeys
) -> None:
    [one] = put(segments, (ONE, np.arange(5), rows(5)))
    for sweep in (lambda: again(segments, keys).tidy(), lambda: again(segments, keys).without([10**6])):
        with segments.writing():
            left = segments.write(ONE, MARK, np.arange(5), rows(5))
        (segments.folder / f"{left.id[::-1]}.segment.part").write_bytes(b"the half of one")
        (segments.folder / "catalogue.part").write_bytes(b"the half of another")
        sweep()
        assert files(segments) == {f"{one.id}.segment"}
        assert sealing(keys) == {key_name(one.id)}


def test_another_process_sees_that_something_changed(segments: Segments, keys: MemoryKeys) -> None:
    put(segments, (ONE, np.arange(5), rows(5)))
    other = again(segments, keys)
    assert other.changed, "it has not looked yet"
    other.listed()
    assert not other.changed
    segments.without([2])
    assert (segments.changed, other.changed) == (False, True)
    [read], _ = other.listed()
    assert read.face_nos.tolist() == [0, 1, 3, 4]
    assert not other.changed


@pytest.mark.parametrize("at", [20, 60, 120, 150, None])
def test_a_check_sees_what_was_changed_since_the_file_was_opened(segments: Segments, at: int | None) -> None:
    [one] = put(segments, (ONE, np.arange(5), rows(5)))
    assert segments.check() == 5
    content = bytearray(one.path.read_bytes())
    if at is None:
        content += bytes(99)
    else:
        content[at] ^= 1
    one.path.write_bytes(content)
    with pytest.raises(SegmentBroken, match=one.id):
        segments.check()
    assert (segments.check(), segments.listed()) == (0, ([], -1))


def test_a_check_goes_on_when_an_erasure_takes_a_file_from_under_it(
    segments: Segments, keys: MemoryKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(segments, (ONE, np.arange(5), rows(5)))
    other, real = again(segments, keys), Segment.each

    def each(segment: Segment) -> Iterator[tuple[int, Rows]]:
        monkeypatch.undo()
        segments.without([2])
        return real(segment)

    monkeypatch.setattr(Segment, "each", each)
    assert other.check() == 4
    assert other.doubt == ""


def test_who_writes_keeps_others_out_until_the_end(segments: Segments, keys: MemoryKeys) -> None:
    """Through two files of the lock, as two processes have it."""
    other, order = again(segments, keys), []
    inside, done = threading.Event(), threading.Event()

    def erase() -> None:
        inside.wait(10)
        other.without([2])
        order.append("erased")
        done.set()

    thread = threading.Thread(target=erase)
    thread.start()
    with segments.writing():
        inside.set()
        one = segments.write(ONE, MARK, np.arange(5), rows(5))
        assert not done.wait(0.2)
        segments.put_in_force([one], 4)
        order.append("written")
    thread.join(10)
    assert order == ["written", "erased"]
    assert [segment.face_nos.tolist() for segment in segments.listed()[0]] == [[0, 1, 3, 4]]


def test_where_there_is_no_room_nothing_of_it_stays_and_what_was_in_force_is(
    segments: Segments, keys: MemoryKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = put(segments, (ONE, np.arange(100), rows(100)))
    full(monkeypatch)
    with segments.writing(), pytest.raises(NoRoom):
        segments.write(ONE, MARK, np.arange(100), rows(100))
    assert (files(segments), sealing(keys)) == ({f"{one.id}.segment"}, {key_name(one.id)})
    assert segments.check() == 100


def test_an_erasure_does_not_wait_for_room(
    segments: Segments, keys: MemoryKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = put(segments, (ONE, np.arange(100), rows(100)))
    full(monkeypatch)
    [(old, new)] = segments.without([3]).replaced
    assert (old.id, new) == (one.id, None)
    assert (files(segments), sealing(keys)) == (set(), set())
    assert "full" in segments.doubt


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes no new segment; the catalogue, which is small, still finds its place."""
    real = os.fsync

    def fsync(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").endswith(".segment.part"):
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
