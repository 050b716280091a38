"""A change of models, and what others do at the same moment: searches, replays, a worker, and an index without room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from beholden.actions import index, recover, replay, restrict, search, upgrade
from beholden.errors import Changed, Fault
from beholden.index.exact import ExactIndex
from beholden.ports.model import ModelCard
from beholden.records.faces import Face, FaceState
from beholden.records.incidents import Incident
from beholden.records.searches import Search, SearchState
from beholden.records.upgrades import SideTemplate, Upgrade, UpgradeState
from beholden.testing.drawn import OTHER, DrawnModel
from tests.actions.test_upgrade import approve, begin, opened, prepared, switched
from tests.agency import Agency, small_agency


@pytest.fixture
def agency() -> Agency:
    return small_agency().with_parts(open_model=opened)


class Wide(DrawnModel):
    """Templates of 512 dimensions: those of the drawn one, four times over."""

    @property
    def card(self) -> ModelCard:
        return replace(super().card, dimension=512)

    def embed(self, *given: Any) -> Any:
        made = super().embed(*given)
        return [replace(one, template=np.tile(one.template, 4) / np.float32(2)) for one in made]


def test_req_121_a_search_that_compared_between_a_switch_and_the_way_back_makes_no_list(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = agency.ready(1, 2, 3)
    begin(agency)
    prepared(agency)
    approve(agency)
    compared = search._compare

    def between(*given: Any) -> Any:
        upgrade.switch_upgrade(agency.system, agency["ada"])
        try:
            return compared(*given)
        finally:
            upgrade.switch_back(agency.system, agency["ada"])

    monkeypatch.setattr(search, "_compare", between)
    with pytest.raises(Changed, match="the model in force was changed to drawn:other"):
        agency.search(ready.authority)
    assert [(one.state, one.people) for one in agency.find(Search)] == [(SearchState.FAILED, 0)]


@pytest.mark.parametrize("at", ["before it compares", "after it compared"])
def test_req_121_a_replay_by_a_process_that_still_has_the_old_model_is_no_incident(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    agency.unsealed(found, 1)
    begin(agency)
    prepared(agency)
    approve(agency)
    compared = replay.compare_at_one_moment

    def around(*given: Any) -> Any:
        made = compared(*given) if at == "after it compared" else None
        upgrade.switch_upgrade(agency.system, agency["ada"])
        return made or compared(*given)

    monkeypatch.setattr(replay, "compare_at_one_moment", around)
    reason = "a complaint was made about this search, 2026/14"
    with pytest.raises(Changed, match="the model in force was changed to drawn:other"):
        replay.replay_search(agency.system, agency["aude"], search_id=found.id, reason=reason)
    assert agency.find(Incident) == []


def test_req_121_a_worker_beside_leaves_a_purge_to_whoever_works_on_it(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.ready(1, 2, 3)
    new = switched(agency)
    real = new.system.database.purge
    rounds: list[int] = []

    def in_the_middle() -> None:
        if not rounds:
            rounds.append(1)
            assert upgrade.finish_purges(new.system) == 0
            recover.tend(new.system)
        real()

    monkeypatch.setattr(new.system.database, "purge", in_the_middle)
    assert upgrade.purge_upgrade(new.system, new["ada"]).state is UpgradeState.ENDED
    ended = [one["outcome"] for one in new.leaves() if one["event"] == "upgrade.finished"]
    assert (rounds, ended) == ([1], ["done"])


def test_req_121_a_purge_that_nobody_held_on_to_is_taken_over_when_its_time_is_over(agency: Agency) -> None:
    agency.ready(1, 2)
    new = switched(agency)
    [under_way] = new.find(Upgrade)
    until = new.clock.now() + timedelta(minutes=30)
    new.change(under_way, state=UpgradeState.PURGING, held_until=until)
    recover.tend(new.system)
    assert new.find(Upgrade)[0].state is UpgradeState.PURGING
    new.clock.pass_by(minutes=30)
    recover.tend(new.system)
    assert new.find(Upgrade)[0].state is UpgradeState.ENDED


def test_req_121_room_for_the_templates_beside_is_asked_for_by_their_own_length(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    asked: list[tuple[int, int]] = []

    class Roomless(ExactIndex):
        def check_room(self, rows: int, dimension: int, *, sealed: bool = True) -> None:
            asked.append((rows, dimension))
            raise Fault("the index needs 7 MiB more memory")

    long = Wide(OTHER)
    full = agency.with_parts(index=Roomless(), open_model=lambda _system, at: long if at == OTHER else DrawnModel(at))
    with pytest.raises(Fault, match="7 MiB more"):
        begin(full)
    assert (asked, agency.find(Upgrade)) == ([(3, 512)], [])
    assert agency.search(ready.authority).coverage.references == 3
    wide = agency.with_parts(open_model=full.system.open_model)
    begin(wide)
    prepared(wide)
    assert len(agency.find(SideTemplate)) == 3
    sized = index.size_of_index(wide.system, wide["ada"])
    holds = wide.system.index.expected_bytes
    assert (sized.rows, sized.beside_rows, sized.dimension, sized.beside_dimension) == (6, 3, 128, 512)
    assert sized.expected_bytes == holds(3, 128) + holds(3, 512)


def test_req_121_an_erasure_of_what_has_no_template_any_more_counts_none(agency: Agency) -> None:
    agency.ready(1, 2)
    face = agency.find(Face)[0]
    reason = "evidence in the case R v. Doe, 2026"
    restrict.restrict_records(agency.system, agency["paul"], request_id=agency.granted(face.id), reason=reason)
    new = switched(agency)
    upgrade.purge_upgrade(new.system, new["ada"])
    left = new.get(Face, face.id)
    assert (left.template, left.state) == (b"", FaceState.RESTRICTED)
    erased = new.erase(face.id)
    assert dict(erased.summary)["self_test"] == "0 of 0 templates searched after removal"
