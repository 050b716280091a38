"""Fingerprints in memory: none is missed, what is dropped is gone, and threads may ask while others change it."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.index.prints import MemoryPrints
from beholden.records.near import distance

BITS = st.binary(min_size=32, max_size=32)
FEW = st.sampled_from([bytes(32), bytes(31) + b"\x07", bytes(30) + b"\xff\xff", b"\xff" * 32])


@given(st.lists(st.tuples(st.integers(0, 200), FEW | BITS), max_size=200), st.lists(st.integers(0, 200)), FEW | BITS)
def test_it_finds_what_a_comparison_with_each_would_find(
    held: list[tuple[int, bytes]], dropped: list[int], asked: bytes
) -> None:
    prints, plain = MemoryPrints(), dict[str, bytes]()
    for number, bits in held:
        prints.hold([str(number)], [bits])
        plain[str(number)] = bits
    prints.drop([str(number) for number in dropped])
    for number in dropped:
        plain.pop(str(number), None)
    for within in (0, 31, 256):
        found = {id: distance(bits, asked) for id, bits in plain.items() if distance(bits, asked) <= within}
        assert dict(prints.near(asked, within)) == found
        assert prints.near(asked, within) == sorted(found.items(), key=lambda one: (one[1], one[0]))


def test_it_remembers_how_far_it_has_followed_and_never_goes_back() -> None:
    prints = MemoryPrints()
    assert prints.applied == -1
    prints.reached(7)
    prints.reached(3)
    assert prints.applied == 7


def test_nothing_of_what_is_dropped_stays_in_memory() -> None:
    prints = MemoryPrints()
    prints.hold([str(n) for n in range(100)], [bytes([n + 1]) * 32 for n in range(100)])
    prints.drop([str(n) for n in range(100)])
    assert not prints._rows.any()
    assert prints.near(bytes(32), 256) == []


def test_what_is_no_fingerprint_is_not_held() -> None:
    prints = MemoryPrints()
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="32 bytes"):
            prints.hold(["a"], [wrong])
        with pytest.raises(ValueError, match="32 bytes"):
            prints.near(wrong, 31)
    assert prints.near(bytes(32), 256) == []


def test_threads_may_ask_while_others_change_it() -> None:
    prints = MemoryPrints()
    prints.hold(["always"], [bytes(32)])
    stop, seen = threading.Event(), list[list[tuple[str, int]]]()

    def change() -> None:
        while not stop.is_set():
            ids = [str(n) for n in range(300)]
            prints.hold(ids, [b"\xff" * 32] * 300)
            prints.drop(ids)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        seen += [prints.near(bytes(32), 31) for _ in range(200)]
    finally:
        stop.set()
        changing.join()
    assert seen == [[("always", 0)]] * 200
