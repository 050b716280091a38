"""Who comes first to the gate enters first, and whoever waits for a pass gets an answer from it or hears why not."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from beholden.errors import Fault
from beholden.index.gathering import Gate, Gathering
from beholden.index.room import UNKNOWN, free_bytes


def begun(*targets: object) -> list[threading.Thread]:
    threads = [threading.Thread(target=one) for one in targets]
    for one in threads:
        one.start()
    return threads


def wait_until(gate: Gate, waiting: int) -> None:
    while len(gate._waiting) < waiting:
        threading.Event().wait(0.001)


def test_the_gate_lets_in_one_at_a_time_in_the_order_of_coming() -> None:
    gate, order, inside = Gate(), [], []

    def enter(number: int) -> None:
        with gate.entered():
            inside.append(number)
            assert len(inside) == 1
            order.append(number)
            inside.remove(number)

    threads = []
    with gate.entered():
        for number in range(6):
            threads += begun(lambda number=number: enter(number))
            wait_until(gate, number + 1)
    for one in threads:
        one.join()
    assert order == [0, 1, 2, 3, 4, 5]


def test_who_fails_inside_the_gate_leaves_it() -> None:
    gate = Gate()
    with pytest.raises(ValueError, match="inside"), gate.entered():
        raise ValueError("inside")
    with gate.entered():
        assert gate._taken
    assert not gate._taken


def test_all_that_wait_are_answered_by_one_pass_each_with_its_own() -> None:
    gate, passes = Gate(), []

    def answer_all(asked: Sequence[int]) -> list[int | BaseException]:
        passes.append(sorted(asked))
        return [Fault(f"no {one}") if one % 5 == 4 else 10 * one for one in asked]

    gathering = Gathering(gate, answer_all)
    told: dict[int, object] = {}

    def ask(number: int) -> None:
        try:
            told[number] = gathering.ask(number)
        except Fault as error:
            told[number] = str(error)

    with gate.entered():
        threads = begun(*(lambda number=number: ask(number) for number in range(10)))
        while len(gathering._waiting) < 10:
            threading.Event().wait(0.001)
    for one in threads:
        one.join()
    assert passes == [list(range(10))]
    assert told == {number: "no 4" if number == 4 else "no 9" if number == 9 else 10 * number for number in range(10)}
    assert gathering.ask(3) == 30  # alone again, without waiting for nine others


@pytest.mark.parametrize("error", [MemoryError("full"), KeyboardInterrupt("ctrl-c")])
def test_what_stops_a_pass_is_heard_by_all_who_waited_for_it(error: BaseException) -> None:
    gate = Gate()

    def answer_all(asked: Sequence[int]) -> list[int | BaseException]:
        raise error

    gathering = Gathering(gate, answer_all)
    heard: list[BaseException] = []

    def ask() -> None:
        try:
            gathering.ask(1)
        except BaseException as raised:  # noqa: BLE001 - which one it is, is what is tried
            heard.append(raised)

    with gate.entered():
        threads = begun(*[ask] * 4)
        while len(gathering._waiting) < 4:
            threading.Event().wait(0.001)
    for one in threads:
        one.join()
    assert len(heard) == 4
    others = MemoryError if isinstance(error, MemoryError) else Fault
    assert sum(isinstance(one, others) for one in heard) >= 3
    assert sum(one is error for one in heard) >= 1
    assert not gate._taken


def test_who_is_interrupted_while_waiting_at_the_gate_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()
    real = threading.Lock

    class Interrupted:
        """A turn at which the person at the keyboard gives up, before it comes or as it comes."""

        def __init__(self) -> None:
            self.tries = 0

        def acquire(self) -> bool:
            self.tries += 1
            if self.tries == 2:
                if came:
                    gate._leave()
                raise KeyboardInterrupt
            return True

        def release(self) -> None:
            pass

    for came in (False, True):
        with gate.entered() if not came else _taken(gate):
            monkeypatch.setattr(threading, "Lock", Interrupted)
            with pytest.raises(KeyboardInterrupt):
                gate._enter()
            monkeypatch.setattr(threading, "Lock", real)
            assert not gate._waiting
        assert not gate._taken


class _taken:  # noqa: N801 - reads as a word where it is used
    """The gate is taken, and whoever took it has left by the end."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def __enter__(self) -> None:
        self.gate._enter()

    def __exit__(self, *_: object) -> None:
        pass


def test_free_memory_is_the_least_of_what_the_machine_and_the_groups_leave(tmp_path: Path) -> None:
    place = tmp_path
    meminfo = place / "meminfo"
    meminfo.write_text("MemTotal:       100 kB\nMemAvailable:    80 kB\n")
    assert free_bytes(meminfo, place) == 80 * 1024
    (place / "memory.max").write_text("max\n")
    (place / "memory.current").write_text("5000\n")
    assert free_bytes(meminfo, place) == 80 * 1024
    (place / "memory.max").write_text("6000\n")
    assert free_bytes(meminfo, place) == 1000
    (place / "memory.stat").write_text("anon 1\ninactive_file 300\n")
    assert free_bytes(meminfo, place) == 1300
    (place / "memory.max").write_text("4000\n")
    assert free_bytes(meminfo, place) == 0
    assert free_bytes(place / "none", place / "none") == UNKNOWN
    (place / "memory.max").unlink()
    (place / "memory").mkdir()
    (place / "memory" / "memory.limit_in_bytes").write_text("900\n")
    (place / "memory" / "memory.usage_in_bytes").write_text("800\n")
    assert free_bytes(place / "none", place) == 100
    assert 0 < free_bytes() < 1 << 50
