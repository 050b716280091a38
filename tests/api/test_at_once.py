"""Searches that come all at once: a few run, the others wait for them, and nobody else waits for either."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from beholden.actions import search
from beholden.api.searches import AT_ONCE
from beholden.records.searches import Search, SearchState
from tests.api.client import Rest

MORE = 3  # than run at a time


class Gate:
    """Stands before the real search: who came is counted, and held until it is opened."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.full, self.opened = threading.Event(), threading.Event()
        self._guard = threading.Lock()
        self._search = search.run_search

    def __call__(self, *given: Any, **named: Any) -> Search:
        with self._guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside == AT_ONCE:
                self.full.set()
        try:
            assert self.opened.wait(60)
            return self._search(*given, **named)
        finally:
            with self._guard:
                self.inside -= 1


def test_no_more_searches_run_at_a_time_than_share_the_processor_well_and_all_are_done_and_on_record(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency, gate = rest.agency, Gate()
    ready = agency.ready(1, 2, 3)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=AT_ONCE + MORE))
    wanted = {"authority_id": authority.id, "sought_id": ready.sought.id}
    monkeypatch.setattr(search, "run_search", gate)
    with rest.http, ThreadPoolExecutor(AT_ONCE + MORE) as many:
        asked = [many.submit(rest.ask, "POST", "searches", "ines", json=wanted) for _ in range(AT_ONCE + MORE)]
        try:
            assert gate.full.wait(60)
            assert rest.ask("GET", "cases", "ines").status_code == 200  # while all of them wait
            assert gate.inside == AT_ONCE
        finally:
            gate.opened.set()
        answers = [one.result() for one in asked]
    assert [one.status_code for one in answers] == [201] * (AT_ONCE + MORE)
    assert gate.most == AT_ONCE
    ids = {one.json()["id"] for one in answers}
    assert {one.id for one in agency.find(Search, state=SearchState.LISTED)} == ids
    assert len(ids) == AT_ONCE + MORE
    assert sum(leaf["event"] == "search.finished" and leaf["outcome"] == "done" for leaf in agency.leaves()) == len(ids)
