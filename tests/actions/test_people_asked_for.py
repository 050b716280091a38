"""A list is asked for in people: the engine goes deeper until it has them, or has told all that it holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from beholden.actions import enrol
from beholden.actions.account import LEFT_OVER, account
from beholden.actions.nearest import PASSES, deep_enough
from beholden.ports.index import Coverage, Neighbours
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.searches import Search
from tests.agency import Agency, draw
from tests.parts import CountedIndex


def crowded(agency: Agency, photographs: int, *persons: int) -> tuple[CountedIndex, Authority]:
    """So many references that a source says are one person, whom the sought is like, and one of each of the others."""
    source, gallery = agency.source(), agency.gallery()
    first = agency.enrol(source, gallery, 3).faces[0]
    template = np.frombuffer(agency.system.keys.open(first.id, first.template, enrol.TEMPLATE), dtype="<f4")
    random = np.random.default_rng(7)
    ids = [agency.system.clock.new_id() for _ in range(photographs - 1)]
    agency.system.keys.create(ids)
    with agency.system.database.begin() as tx:  # as if they had been enrolled: to draw a picture of each takes minutes
        numbers, changes = tx.next("faces", len(ids)), tx.next("changes", len(ids))
        for more, id in enumerate(ids):
            near = template + random.normal(0, 0.01, len(template))
            sealed = agency.system.keys.seal(id, (near / np.linalg.norm(near)).astype("<f4").tobytes(), enrol.TEMPLATE)
            tx.add(replace(first, id=id, face_no=numbers + more, change_no=changes + more, template=sealed))
    for person in persons:
        agency.enrol(source, gallery, person)
    case = agency.case()
    sought = agency.sought(case, draw(3, seed=99))
    return CountedIndex(agency.system.index), agency.approve(agency.request(case, sought, gallery, searches=9))


def test_req_31_a_person_with_five_thousand_references_hides_nobody_and_every_pass_is_accounted_for(
    agency: Agency,
) -> None:
    index, authority = crowded(agency, 5000, 1, 2, 4)
    asking = agency.with_parts(index=index)
    found = asking.search(authority, limit=3)
    assert index.depths == [6, 24, 96, 384, 1536, 5003]  # the last one is of all that the shelves hold
    assert (found.people, found.coverage.references, found.coverage.proven) == (3, 5003, True)
    assert 5000 in [one.references for one in agency.find(Candidate, search_id=found.id)]
    kept = agency.get(Search, found.id).coverage
    assert (kept.rescored, kept.engine) == (found.coverage.rescored, found.coverage.engine)
    assert kept.rescored >= sum(index.depths)  # of every pass
    assert kept.engine
    with agency.system.database.look() as look:
        told = account(asking.system, look)
    assert (told.calls, told.searches, told.unaccounted, told.lost) == (6, 6, 0, 0)
    assert agency.told(len(agency.leaves()) - 1)["engine_calls"] == [6]


def test_req_31_a_list_that_the_gallery_cannot_fill_ends_with_all_that_it_holds(agency: Agency) -> None:
    index, authority = crowded(agency, 40, 1, 2)
    found = agency.with_parts(index=index).search(authority, limit=20)
    assert index.depths == [40, 42]
    assert (found.people, found.coverage.references) == (3, 42)


@pytest.mark.parametrize("rows", [1, 2, 3, 100, 5003, 10**6])
@pytest.mark.parametrize("limit", [1, 20, 50])
def test_req_31_a_list_that_never_fills_is_asked_for_with_everything_in_eight_passes(rows: int, limit: int) -> None:
    """As many as a search whose process died may have made before its calls are told to be nobody's."""
    depths: list[int] = []

    def ask(depth: int) -> Neighbours:
        depths.append(depth)
        there = range(min(depth, rows))
        return Neighbours(tuple(there), (0.5,) * len(there), Coverage(1, rows, True, rescored=len(there)))

    found = deep_enough(ask, limit, lambda _: 0)
    assert len(depths) <= PASSES == LEFT_OVER
    assert depths[0] == 2 * limit
    assert depths == sorted(set(depths))
    assert max(depths) >= rows
    assert len(found.face_nos) == rows
    assert found.coverage.rescored == sum(min(depth, rows) for depth in depths)


def test_req_31_rows_that_go_while_it_is_asked_are_not_waited_for() -> None:
    held = [100, 90, 60]

    def ask(depth: int) -> Neighbours:
        rows = held.pop(0) if len(held) > 1 else held[0]
        there = range(min(depth, rows))
        return Neighbours(tuple(there), (0.5,) * len(there), Coverage(1, rows, True))

    assert len(deep_enough(ask, 5, lambda _: 0).face_nos) == 60
