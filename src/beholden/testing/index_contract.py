"""What every index must do. Subclass `IndexContract` as `Test…`, and say how a new one is had.

The lists are compared with those of a comparison with every row, written here in plain Python numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from beholden.errors import Fault
from beholden.index.turning import summed, turn_of, turned
from beholden.ports.index import Coverage, Index, Neighbours, Shelf
from beholden.ports.model import Template

ONE, TWO, THREE = Shelf("g1", "s1", "m"), Shelf("g1", "s2", "m"), Shelf("g2", "s1", "m")
SECRETS = {"g1": b"the secret of gallery one, 32 byte", "g2": b"that of gallery two"}
Held = Mapping[Shelf, Mapping[int, Template]]


known_turn = functools.cache(turn_of)


def unit(seed: int, dimension: int = 128) -> Template:
    drawn = np.random.default_rng(seed).standard_normal(dimension)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def towards(start: Template, end: Template, part: float) -> Template:
    """A unit vector on the way from one to the other."""
    between = (1 - part) * start.astype(np.float64) + part * end.astype(np.float64)
    return (between / np.linalg.norm(between)).astype(np.float32)


def compared(held: Held, probe: Template, limit: int, *others: Template) -> Neighbours:
    """By hand: each product in float64, added from the first dimension to the last. Of several probes, the greatest."""
    if others:
        every = [compared(held, one, 10**9) for one in (probe, *others)]
        best_of = {no: score for one in every for score, no in zip(one.scores, one.face_nos, strict=True)}
        for one in every:
            best_of = {no: max(best_of[no], score) for no, score in zip(one.face_nos, one.scores, strict=True)}
        order = sorted((-score, no) for no, score in best_of.items())[:limit]
        return Neighbours(tuple(no for _, no in order), tuple(-score for score, _ in order), every[0].coverage)
    scored = []
    for shelf, references in held.items():
        turn = known_turn(SECRETS[shelf.gallery_id], len(probe))
        sought = turned(turn, probe[None])[0].tolist()
        for face_no, template in references.items():
            row = turned(turn, template[None])[0].tolist()
            total = row[0] * sought[0]
            for mine, other in zip(row[1:], sought[1:], strict=True):
                total += mine * other
            scored.append((-total, face_no))
    best = sorted(scored)[:limit]
    coverage = Coverage(len(held), len(scored), proven=True)
    return Neighbours(tuple(face_no for _, face_no in best), tuple(-score for score, _ in best), coverage)


def hold(index: Index, held: Held) -> None:
    for shelf, references in held.items():
        index.hold(shelf, SECRETS[shelf.gallery_id], list(references), list(references.values()))


class IndexContract:
    def index(self) -> Index:
        raise NotImplementedError("say in the subclass which index is tried: a new, empty one")

    @pytest.fixture
    def empty(self) -> Index:
        return self.index()

    def check(self, held: Held, probes: Sequence[Template], limits: Sequence[int] = (1, 3, 10, 1000)) -> None:
        index = self.index()
        hold(index, held)
        for probe in probes:
            whole = compared(held, probe, 10**9)
            for limit in limits:
                wanted = Neighbours(whole.face_nos[:limit], whole.scores[:limit], whole.coverage)
                assert index.nearest([probe], limit, list(held)) == wanted

    @pytest.mark.parametrize("dimension", [2, 128, 192, 512])
    def test_the_list_is_that_of_comparing_with_every_row(self, dimension: int) -> None:
        held = {ONE: {number: unit(number, dimension) for number in range(150)}}
        self.check(held, [unit(1000, dimension), unit(7, dimension), -unit(7, dimension)])

    def test_it_is_so_when_rows_are_many_and_the_list_is_short(self) -> None:
        references = {number: unit(number, 16) for number in range(3000)}
        self.check({ONE: references}, [unit(5000, 16), unit(5001, 16)], limits=(1, 5, 20))

    def test_it_is_so_among_doubles_and_opposites(self) -> None:
        axis = unit(1)
        self.check({ONE: {number: axis if number % 2 else -axis for number in range(200)}}, [axis, -axis, unit(2)])

    def test_it_is_so_among_rows_that_float32_cannot_tell_apart(self) -> None:
        start, end = unit(1), unit(2)
        near = {number: towards(start, end, number * 1e-8) for number in range(300)}
        self.check({ONE: near}, [start, unit(3)], limits=(1, 2, 17, 150))

    def test_it_is_so_when_one_bit_is_all_the_difference(self) -> None:
        axis = unit(1)
        near = {}
        for number in range(128):
            near[number] = axis.copy()
            near[number][number] = np.nextafter(axis[number], np.float32(2 * (number % 2) - 1))
        self.check({ONE: near}, [axis, unit(9)], limits=(1, 10, 64))

    def test_it_is_so_for_rows_along_one_dimension(self) -> None:
        eye = np.eye(128, dtype=np.float32)
        self.check({ONE: dict(enumerate([*eye, *-eye]))}, [eye[5], unit(4)], limits=(1, 40))

    @pytest.mark.parametrize("dimension", [128, 192, 512])
    def test_it_is_so_in_a_cluster_that_lies_about_the_last_place(self, dimension: int) -> None:
        start, end = unit(1, dimension), unit(2, dimension)
        # Their cosines lie 3e-5 apart, less than 8 bits can tell, and the list ends in the midst of them.
        near = {number: towards(start, end, 0.4 + number * 2e-5) for number in range(400)}
        far = {number: unit(number, dimension) for number in range(1000, 1200)}
        self.check({ONE: near | far}, [start, end, towards(start, end, 0.4)], limits=(1, 199, 200, 201))

    def test_it_is_so_for_one_row_and_for_fewer_rows_than_asked_for(self) -> None:
        self.check({ONE: {5: unit(5)}}, [unit(5), -unit(5), unit(6)], limits=(1, 2, 10**6))
        self.check({ONE: {5: unit(5), 9: -unit(5)}, TWO: {7: unit(5)}}, [unit(5), unit(6)], limits=(2, 3, 4))

    def test_it_is_so_for_rows_of_one_size_and_signs_that_alternate(self) -> None:
        signs = np.array([(-1) ** number for number in range(128)], dtype=np.float32) / np.float32(np.sqrt(128))
        flat = np.full(128, 1 / np.sqrt(128), dtype=np.float32)
        eye = np.eye(128, dtype=np.float32)
        held = {ONE: dict(enumerate([signs, flat, -signs, -flat, *eye[:40], *(unit(number) for number in range(40))]))}
        self.check(held, [signs, flat, eye[3], unit(3)], limits=(1, 2, 44))

    def test_it_is_so_past_the_rows_that_lie_together_in_memory(self, empty: Index) -> None:
        many, dimension = 70_000, 8
        drawn = np.random.default_rng(5).standard_normal((many, dimension))
        templates = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        templates[many // 2] = templates[3]  # a tie across the parts
        empty.hold(ONE, SECRETS["g1"], range(many), list(templates))
        gone = list(range(0, many, 7))
        empty.drop(gone)
        left = np.setdiff1d(np.arange(many), gone)
        turn = known_turn(SECRETS["g1"], dimension)
        rows = turned(turn, templates[left]).astype(np.float64)
        for probe, limit in ((templates[3], 20), (templates[7], 1), (-templates[11], 3000), (templates[4], many)):
            scores = summed(rows * turned(turn, probe[None]).astype(np.float64))
            order = np.lexsort((left, -scores))[:limit]
            found = empty.nearest([probe], limit, [ONE])
            assert found.face_nos == tuple(left[order].tolist())
            assert found.scores == tuple(scores[order].tolist())
            assert found.coverage == Coverage(1, len(left), proven=True)
            assert min(limit, len(left)) <= found.coverage.rescored <= len(left)

    def test_of_several_templates_the_greatest_score_of_a_reference_counts(self) -> None:
        index = self.index()
        held = {
            ONE: {number: unit(number) for number in range(0, 120, 2)},
            THREE: {number: unit(number) for number in range(1, 120, 2)},
        }
        hold(index, held)
        sought = [unit(4), unit(9), -unit(30), towards(unit(4), unit(9), 0.5)]
        for limit in (0, 1, 3, 40, 500):
            assert index.nearest(sought, limit, [ONE, THREE]) == compared(held, sought[0], limit, *sought[1:])
        assert set(index.nearest(sought, 2, [ONE, THREE]).face_nos) == {4, 9}
        with pytest.raises(Fault):
            index.nearest([], 1, [ONE])
        with pytest.raises(Fault):
            index.nearest([unit(1), unit(1, 192)], 1, [ONE])

    def test_ties_go_to_the_lesser_face_no_in_whatever_order_they_came(self, empty: Index) -> None:
        for face_no in (9, 4, 2**40, 7, 0):
            empty.hold(ONE, SECRETS["g1"], [face_no], [unit(1)])
        empty.hold(ONE, SECRETS["g1"], [5, 3], [unit(1), unit(1)])
        found = empty.nearest([unit(1)], 4, [ONE])
        assert found.face_nos == (0, 3, 4, 5)
        assert len(set(found.scores)) == 1
        assert found.scores[0] == pytest.approx(1, abs=1e-6)

    def test_it_counts_each_call_under_the_entry_that_was_named(self, empty: Index) -> None:
        assert list(empty.calls()) == []
        empty.nearest([unit(1)], 5, [], entry=17)
        empty.hold(ONE, SECRETS["g1"], [1], [unit(1)])
        empty.nearest([unit(1)], 0, [ONE])
        empty.nearest([unit(1)], 1, [ONE], entry=17)
        assert list(empty.calls()) == [17, -1, 17]
        with pytest.raises(Fault):
            empty.nearest([unit(1)], -1, [ONE])
        empty.drop([1])
        assert empty.rows([ONE]) == 0
        assert list(empty.calls()) == [17, -1, 17]

    def test_batches_of_any_size_give_the_same_list(self) -> None:
        templates = [unit(number) for number in range(300)]
        whole, single = self.index(), self.index()
        whole.hold(ONE, SECRETS["g1"], range(300), templates)
        for number in reversed(range(300)):
            single.hold(ONE, SECRETS["g1"], [number], [templates[number]])
        assert whole.nearest([unit(999)], 300, [ONE]) == single.nearest([unit(999)], 300, [ONE])

    def test_shelves_are_searched_together_each_under_its_own_secret(self) -> None:
        held = {
            ONE: {number: unit(number) for number in range(0, 90, 3)},
            TWO: {number: unit(number) for number in range(1, 90, 3)},
            THREE: {number: unit(number % 7) for number in range(2, 90, 3)},
        }
        self.check(held, [unit(3), unit(500)], limits=(1, 8, 100))

    def test_only_the_shelves_asked_for_are_searched(self, empty: Index) -> None:
        held = {ONE: {1: unit(1)}, TWO: {2: unit(1)}, THREE: {3: unit(1)}}
        hold(empty, held)
        assert empty.nearest([unit(1)], 9, [TWO]) == compared({TWO: held[TWO]}, unit(1), 9)
        assert set(empty.nearest([unit(1)], 9, [ONE, THREE]).face_nos) == {1, 3}
        assert empty.rows([ONE, THREE]) == 2

    def test_a_shelf_named_twice_is_searched_once(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1), 2: unit(2)}})
        assert empty.rows([ONE, ONE]) == 2
        assert empty.nearest([unit(1)], 9, [ONE, ONE]) == compared({ONE: {1: unit(1), 2: unit(2)}}, unit(1), 9)

    def test_unknown_shelves_and_empty_ones_hold_nothing(self, empty: Index) -> None:
        assert empty.rows([ONE]) == 0
        assert empty.nearest([unit(1)], 5, [ONE]) == Neighbours((), (), Coverage(1, 0, proven=True))
        assert empty.nearest([unit(1)], 5, []) == Neighbours((), (), Coverage(0, 0, proven=True))
        hold(empty, {ONE: {1: unit(1)}, TWO: {}})
        empty.drop([1])
        assert empty.rows([ONE, TWO]) == 0
        assert empty.nearest([unit(1)], 5, [ONE, TWO, THREE]) == Neighbours((), (), Coverage(3, 0, proven=True))

    def test_a_list_of_none_tells_how_many_were_compared_and_one_of_fewer_is_a_fault(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1), 2: unit(2)}})
        assert empty.nearest([unit(1)], 0, [ONE]) == Neighbours((), (), Coverage(1, 2, proven=True))
        with pytest.raises(Fault):
            empty.nearest([unit(1)], -1, [ONE])

    def test_a_known_face_is_replaced(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1), 2: unit(2)}})
        hold(empty, {ONE: {1: unit(3)}})
        assert empty.rows([ONE]) == 2
        assert empty.nearest([unit(9)], 9, [ONE]) == compared({ONE: {1: unit(3), 2: unit(2)}}, unit(9), 9)

    def test_a_known_face_leaves_the_shelf_on_which_it_was(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1), 2: unit(2)}})
        hold(empty, {THREE: {1: unit(3)}})
        assert (empty.rows([ONE]), empty.rows([THREE])) == (1, 1)
        now = {ONE: {2: unit(2)}, THREE: {1: unit(3)}}
        assert empty.nearest([unit(9)], 9, [ONE, THREE]) == compared(now, unit(9), 9)

    def test_of_a_face_twice_in_a_batch_the_last_is_kept(self, empty: Index) -> None:
        empty.hold(ONE, SECRETS["g1"], [1, 1], [unit(1), unit(2)])
        assert empty.nearest([unit(9)], 9, [ONE]) == compared({ONE: {1: unit(2)}}, unit(9), 9)

    def test_a_dropped_face_is_not_found_and_unknown_ones_are_ignored(self, empty: Index) -> None:
        references = {number: unit(number) for number in range(500)}
        hold(empty, {ONE: references})
        gone = [number for number in references if number % 5]
        empty.drop([*gone, 10**6, -1])
        empty.drop(gone)
        left = {number: template for number, template in references.items() if number % 5 == 0}
        assert empty.rows([ONE]) == 100
        assert empty.nearest([unit(999)], 500, [ONE]) == compared({ONE: left}, unit(999), 500)
        hold(empty, {ONE: {number: references[number] for number in gone}})
        assert empty.nearest([unit(999)], 7, [ONE]) == compared({ONE: references}, unit(999), 7)

    def test_another_dimension_is_a_fault(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1)}})
        with pytest.raises(Fault, match="192"):
            empty.nearest([unit(1, 192)], 5, [ONE])
        with pytest.raises(Fault, match="192"):
            empty.hold(ONE, SECRETS["g1"], [2], [unit(2, 192)])
        with pytest.raises(Fault):
            empty.hold(ONE, SECRETS["g1"], [3, 4], [unit(3), unit(4, 192)])
        assert empty.rows([ONE]) == 1

    def test_another_secret_is_a_fault_that_tells_to_rebuild(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1)}})
        with pytest.raises(Fault, match="rebuild"):
            empty.hold(ONE, b"another secret", [2], [unit(2)])
        assert empty.rows([ONE]) == 1
        empty.drop([1])
        empty.hold(ONE, b"another secret", [2], [unit(2)])
        assert empty.nearest([unit(2)], 5, [ONE]).face_nos == (2,)

    def test_a_shelf_is_begun_anew_for_another_secret_only(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1), 2: unit(2)}, TWO: {3: unit(3)}})
        empty.begin_anew(ONE, SECRETS["g1"])
        assert empty.rows([ONE, TWO]) == 3
        empty.begin_anew(ONE, b"another secret")
        empty.begin_anew(THREE, b"another secret")  # holds nothing
        assert (empty.rows([ONE]), empty.rows([TWO])) == (0, 1)
        empty.hold(ONE, b"another secret", [2, 1], [unit(2), unit(1)])
        assert empty.nearest([unit(1)], 1, [ONE, TWO]).face_nos == (1,)

    @pytest.mark.parametrize("factor", [0.0, 0.9, 1.1, float("nan"), float("inf")])
    def test_what_is_no_unit_vector_is_a_fault_and_the_batch_is_not_kept(self, empty: Index, factor: float) -> None:
        wrong = np.full(128, factor, dtype=np.float32) if not np.isfinite(factor) else unit(2) * np.float32(factor)
        with pytest.raises(Fault):
            empty.hold(ONE, SECRETS["g1"], [1, 2], [unit(1), wrong])
        assert empty.rows([ONE]) == 0
        hold(empty, {ONE: {1: unit(1)}})
        with pytest.raises(Fault):
            empty.nearest([wrong], 5, [ONE])

    def test_numbers_and_templates_that_do_not_pair_are_a_fault(self, empty: Index) -> None:
        with pytest.raises(Fault):
            empty.hold(ONE, SECRETS["g1"], [1, 2], [unit(1)])
        empty.hold(ONE, SECRETS["g1"], [], [])
        assert empty.rows([ONE]) == 0

    def test_what_was_given_is_not_changed(self, empty: Index) -> None:
        reference, probe = unit(1), unit(2)
        empty.hold(ONE, SECRETS["g1"], [1], [reference])
        empty.nearest([probe], 1, [ONE])
        assert np.array_equal(reference, unit(1))
        assert np.array_equal(probe, unit(2))

    def test_it_remembers_how_far_it_follows_the_records(self, empty: Index) -> None:
        assert empty.applied == -1
        empty.reached(0)
        assert empty.applied == 0
        empty.reached(41)
        assert empty.applied == 41

    def test_it_tells_what_it_holds_and_takes(self, empty: Index) -> None:
        assert (empty.size().rows, empty.shelves(), empty.numbers(ONE).tolist()) == (0, [], [])
        hold(empty, {THREE: {9: unit(9)}, ONE: {number: unit(number) for number in (5, 3, 4)}})
        empty.drop([4])
        assert (empty.size().rows, empty.shelves(), empty.numbers(ONE).tolist()) == (3, [ONE, THREE], [3, 5])
        assert empty.size().memory > 0
        assert empty.nearest([unit(1)], 1, [ONE]).coverage.engine == empty.size().engine != ""
        assert empty.expected_bytes(2000, 128) == 2 * empty.expected_bytes(1000, 128) > 0
        empty.check_room(1, 128)
        with pytest.raises(Fault, match="MiB"):
            empty.check_room(10**15, 128)

    def test_all_is_forgotten_at_once(self, empty: Index) -> None:
        hold(empty, {ONE: {1: unit(1)}, THREE: {2: unit(2)}})
        empty.reached(7)
        empty.forget()
        assert (empty.applied, empty.rows([ONE, THREE]), empty.shelves()) == (-1, 0, [])
        hold(empty, {ONE: {1: unit(3)}})
        assert empty.nearest([unit(3)], 5, [ONE]) == compared({ONE: {1: unit(3)}}, unit(3), 5)
