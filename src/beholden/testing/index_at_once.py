"""What every index must do when many search, and others change it, at the same time. Subclass `IndexAtOnce` as `Test…`."""

from __future__ import annotations

import threading

import pytest

from beholden.errors import Fault
from beholden.ports.index import Index
from beholden.testing.index_contract import ONE, SECRETS, THREE, TWO, compared, hold, unit


class IndexAtOnce:
    def index(self) -> Index:
        raise NotImplementedError("say in the subclass which index is tried: a new, empty one")

    @pytest.fixture
    def empty(self) -> Index:
        return self.index()

    def test_a_search_sees_all_of_a_batch_or_none_of_it(self, empty: Index) -> None:
        batch, template = 400, unit(1)
        stop, seen = threading.Event(), set()

        def search() -> None:
            while not stop.is_set():
                found = empty.nearest([template], 10**6, [ONE, TWO])
                seen.add(found.rows)
                seen.add(len(set(found.face_nos)))

        searching = [threading.Thread(target=search) for _ in range(3)]
        for one in searching:
            one.start()
        for turn in range(6):
            # The same faces go from shelf to shelf: at no time are there fewer, and never one twice.
            empty.hold((ONE, TWO)[turn % 2], SECRETS["g1"], range(batch), [template] * batch)
        empty.drop(range(batch))
        stop.set()
        for one in searching:
            one.join()
        assert seen
        assert seen <= {0, batch}

    def test_those_who_search_at_the_same_time_each_get_their_own_list(self, empty: Index) -> None:
        held = {
            ONE: {number: unit(number) for number in range(300)},
            THREE: {number: unit(number) for number in range(300, 400)},
        }
        hold(empty, held)
        wanted, found = {}, {}
        for number in range(24):
            shelves = ([ONE], [THREE], [THREE, ONE])[number % 3]
            wanted[number] = compared({one: held[one] for one in shelves}, unit(number + 990), number)
        together = threading.Barrier(24)

        def search(number: int) -> None:
            together.wait()
            shelves = ([ONE], [THREE], [THREE, ONE])[number % 3]
            found[number] = empty.nearest([unit(number + 990)], number, shelves, entry=number)

        searching = [threading.Thread(target=search, args=(number,)) for number in range(24)]
        for one in searching:
            one.start()
        for one in searching:
            one.join()
        assert found == wanted
        assert sorted(empty.calls()) == list(range(24))

    def test_one_who_asks_wrongly_among_others_fails_alone(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1)}})
        together = threading.Barrier(8)
        told: dict[int, tuple[int, ...]] = {}
        refused: dict[int, str] = {}

        def search(number: int) -> None:
            together.wait()
            try:
                told[number] = empty.nearest([unit(1, 192 if number % 2 else 128)], 1, [ONE]).face_nos
            except Fault as error:
                refused[number] = str(error)

        searching = [threading.Thread(target=search, args=(number,)) for number in range(8)]
        for one in searching:
            one.start()
        for one in searching:
            one.join()
        assert [told[number] for number in range(0, 8, 2)] == [(1,)] * 4
        assert all("192" in refused[number] for number in range(1, 8, 2))

    def test_what_was_dropped_while_others_search_is_on_no_later_list(self, empty: Index) -> None:
        template, many = unit(1), 300
        empty.hold(ONE, SECRETS["g1"], range(many), [template] * many)
        gone, stop = [0], threading.Event()
        wrong: list[int] = []
        searched_by = threading.Semaphore(0)

        def search() -> None:
            while not stop.is_set():
                known = gone[0]  # those below it were dropped before the search began
                searched_by.release()
                wrong.extend(number for number in empty.nearest([template], many, [ONE]).face_nos if number < known)

        searching = [threading.Thread(target=search) for _ in range(3)]
        for one in searching:
            one.start()
        for number in range(0, many, 10):
            assert searched_by.acquire(timeout=60), "somebody searches while these are dropped"
            empty.drop(range(number, number + 10))
            gone[0] = number + 10
        stop.set()
        for one in searching:
            one.join()
        assert wrong == []
        assert empty.rows([ONE]) == 0
