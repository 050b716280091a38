"""From one model to another: side by side, measured, approved, switched, and the old one purged without a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beholden import worker
from beholden.actions import calibrate, check, compare, evaluate, follow, index, recover, restrict, turn, upgrade
from beholden.actions.beside import prepare_beside
from beholden.actions.embed import embed_anew
from beholden.actions.model_in_force import due_model
from beholden.errors import BadInput, Changed, Fault, Missing, StoreNotClean, Untrusted
from beholden.formats.calibrations import document_of
from beholden.opening import open_folder
from beholden.ports.model import Model
from beholden.ports.stores import Scan, Stores
from beholden.ports.system import System
from beholden.records.candidates import Candidate
from beholden.records.evaluation import Calibration
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image
from beholden.records.searches import Coverage, Search, SearchState
from beholden.records.upgrades import SideTemplate, Upgrade, UpgradeState
from beholden.testing.drawn import OTHER, DrawnModel
from tests.actions.test_evaluate import measured
from tests.agency import Agency, agency_on_disk, rules_of, small_agency
from tests.parts import CountedIndex

OLD, NEW = DrawnModel().card.space_id, DrawnModel(OTHER).card.space_id


def opened(_system: System, address: str) -> Model:
    return DrawnModel(address)


@pytest.fixture
def agency() -> Agency:
    return small_agency().with_parts(open_model=opened)


def begin(agency: Agency) -> Upgrade:
    return upgrade.begin_upgrade(agency.system, agency["ada"], model=OTHER, instead_of="drawn:")


def propose(agency: Agency) -> Calibration:
    """The new model is measured by a steward, in the system that it is measured for."""
    beside = replace(agency.system, model=DrawnModel(OTHER))
    report = json.dumps({"calibration": document_of(measured(space_id=NEW, model="other"))}).encode()
    started = evaluate.start_evaluation(
        beside, agency["stella"], reason="before the switch", files=["1.png 9"], people=40
    )
    evaluate.finish_evaluation(beside, agency["stella"], evaluation_id=started.id, report=report)
    return calibrate.propose_calibration(agency.system, agency["stella"], report=report)


def approve(agency: Agency) -> Calibration:
    made = propose(agency)
    return calibrate.accept_calibration(agency.system, agency["pia"], calibration_id=made.id)


def prepared(agency: Agency) -> None:
    while prepare_beside(agency.system):
        pass


def switched(agency: Agency) -> Agency:
    """The agency after the whole of it, as it is when it was opened again: with the new model."""
    begin(agency)
    prepared(agency)
    approve(agency)
    follow.bring_up(agency.system)
    upgrade.switch_upgrade(agency.system, agency["ada"])
    return agency.with_parts(model=DrawnModel(OTHER))


def test_req_121_a_second_template_is_made_beside_the_first_while_searches_go_on_as_they_were(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    before = agency.search(ready.authority)
    begin(agency)
    assert prepare_beside(agency.system, limit=2) == 2
    half = upgrade.progress(agency.system, agency["ada"])
    assert half is not None
    assert (half.references, half.prepared, half.impossible, half.lacking) == (3, 2, 0, 1)
    during = agency.search(ready.authority)
    assert during.coverage == before.coverage == Coverage(1, 1, references=3, proven=True, waiting=0)
    assert agency.ranks_by_person(during) == agency.ranks_by_person(before)
    worker.work(agency.system)
    sides = agency.find(SideTemplate)
    assert sorted(one.face_id for one in sides) == sorted(face.id for face in agency.find(Face))
    assert {one.space_id for one in sides} == {NEW}
    assert {face.space_id for face in agency.find(Face)} == {OLD}
    numbers = [one.face_no for one in (*sides, *agency.find(Face))]
    assert len(set(numbers)) == 6, "a number names one template in the index"
    after = agency.search(ready.authority)
    assert after.coverage == before.coverage
    assert index.check_index(agency.system, agency["ada"]).holds
    assert agency.system.index.size().rows == 6


def test_req_121_an_early_switch_is_refused_with_every_reason(agency: Agency) -> None:
    agency.ready(1, 2)
    switch = lambda: upgrade.switch_upgrade(agency.system, agency["ada"])  # noqa: E731
    assert rules_of(agency, switch) == ["upgrade-is-under-way"]
    begin(agency)
    every = ["upgrade-has-every-template", "upgrade-is-measured", "upgrade-is-approved"]
    assert rules_of(agency, switch) == every
    propose(agency)
    assert rules_of(agency, switch) == [every[0], every[2]], "measured, and not approved yet"
    prepared(agency)
    assert rules_of(agency, switch) == [every[2]]
    made = agency.find(Calibration)[0]
    calibrate.accept_calibration(agency.system, agency["pia"], calibration_id=made.id)
    assert rules_of(agency, upgrade.switch_upgrade, agency.system, agency["pia"]) == ["role-administrator-adds-models"]
    assert rules_of(agency, upgrade.switch_back, agency.system, agency["ada"]) == ["upgrade-was-switched"]
    assert switch().space_in_force == NEW
    assert rules_of(agency, switch) == ["upgrade-is-switched-once"]


def test_req_121_after_the_switch_searches_compare_the_new_templates_at_once(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    first = agency.search(ready.authority)
    new = switched(agency)
    applied, rows = new.system.index.applied, new.system.index.size().rows
    found = new.search(ready.authority)
    assert found.coverage == Coverage(1, 1, references=3, proven=True, waiting=0)
    assert new.ranks_by_person(found)[0] == 3
    assert new.ranks_by_person(found) == new.ranks_by_person(first), "rolled templates stand in the same order"
    assert (found.space_id, found.model) == (NEW, "other")
    assert (new.system.index.applied, rows) == (applied, 6), "no index has anything to do for it"
    assert {face.quality.unified for face in new.find(Face)} == {70}
    assert [one.holds for one in check.check(new.system, new["aude"]) if one.part == "model"] == [True]


def test_req_121_a_process_that_still_has_the_old_model_is_refused_with_409(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    switched(agency)
    with pytest.raises(Changed, match="the model in force was changed to drawn:other") as caught:
        agency.search(ready.authority)
    assert (caught.value.status, caught.value.exit_code) == (409, 6)
    assert agency.find(type(ready.authority))[0].used == 0, "no use was consumed"
    reference = agency.find(Face)[0].id
    for act in (
        lambda: agency.enrol(ready.source, ready.gallery, 7),
        lambda: compare.compare(
            agency.system,
            agency["ines"],
            authority_id=ready.authority.id,
            sought_id=ready.sought.id,
            face_id=reference,
        ),
    ):
        with pytest.raises(Changed, match="Start the server or program again"):
            act()
    assert embed_anew(agency.system, failed=set()) == 0, "nobody puts an old template in the place of a new one"
    assert {face.space_id for face in agency.find(Face)} == {NEW}
    assert due_model(agency.system) == OTHER


def test_req_121_a_search_that_was_under_way_at_the_switch_makes_no_list(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begin(agency)
    prepared(agency)
    approve(agency)

    def switch_meanwhile() -> None:
        if agency.find(Upgrade)[0].space_in_force == OLD:
            upgrade.switch_upgrade(agency.system, agency["ada"])

    busy = agency.with_parts(index=CountedIndex(agency.system.index, switch_meanwhile))
    with pytest.raises(Changed, match="the model in force was changed"):
        busy.search(ready.authority)
    assert [(one.state, one.people) for one in agency.find(Search)] == [(SearchState.FAILED, 0)]
    assert agency.find(Candidate) == []


def test_req_121_the_way_back_is_open_until_the_purge(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    before = {face.id: (face.template, face.space_id, face.face_no, face.quality) for face in agency.find(Face)}
    new = switched(agency)
    new.enrol(ready.source, ready.gallery, 9)
    back = lambda: upgrade.switch_back(new.system, new["ada"])  # noqa: E731
    assert rules_of(new, back) == ["upgrade-has-every-template"], "what came since gets an old template first"
    prepared(new)
    back()
    found = agency.search(ready.authority)
    assert found.coverage == Coverage(1, 1, references=4, proven=True, waiting=0)
    assert found.space_id == OLD
    after = {face.id: (face.template, face.space_id, face.face_no, face.quality) for face in agency.find(Face)}
    assert {id: after[id] for id in before} == before
    upgrade.switch_upgrade(agency.system, agency["ada"])
    upgrade.purge_upgrade(new.system, new["ada"])
    assert rules_of(new, back) == ["upgrade-is-under-way"]


def needles_of(agency: Agency, *records: Face | SideTemplate) -> list[bytes]:
    """What must be nowhere: the sealed templates, and in clear, as they are and as the index turns them."""
    plain = [one for one in follow.open_templates(agency.system, records) if one is not None]
    return [*(one.template[:32] for one in records), *(one.astype("<f4").tobytes()[:32] for one in plain)]


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Agency]:
    agency = agency_on_disk(tmp_path)
    yield agency
    agency.system.close()


def again(agency: Agency, folder: Path) -> Agency:
    """Closed and opened anew; what the settings say is up to the folder."""
    agency.system.close()
    system = replace(open_folder(folder / "data"), clock=agency.clock, credentials=agency.system.credentials)
    return replace(agency, system=system)


def test_req_121_the_purge_leaves_no_byte_of_the_old_templates_in_records_index_and_segments(
    tmp_path: Path, on_disk: Agency
) -> None:
    ready = on_disk.ready(1, 2, 3)
    old = needles_of(on_disk, *on_disk.find(Face))
    switched(on_disk)
    assert follow.keep(on_disk.system) is not None
    new = again(on_disk, tmp_path)
    try:
        assert new.system.model.card.space_id == NEW, "an opening takes the model in force"
        assert 'model = "drawn:other"' in (tmp_path / "data" / "beholden.toml").read_text()
        follow.bring_up(new.system)
        sealed_rows = new.system.index.size().sealed_rows
        assert sealed_rows == 6
        assert new.system.stores.scan(old).found, "the old ones lie there until the purge"
        done = upgrade.purge_upgrade(new.system, new["ada"])
        assert (done.state, done.needles) == (UpgradeState.ENDED, ())
        assert new.told(len(new.leaves()) - 1)["needles"][0] >= 3
        assert not new.system.stores.scan(old).found
        assert new.system.index.size().rows == new.system.index.size().sealed_rows == 3
        assert [shelf.space_id for shelf in new.system.index.shelves()] == [NEW]
        assert index.check_index(new.system, new["ada"]).holds
        assert new.search(ready.authority).coverage.references == 3
        assert {one.state for one in new.find(SideTemplate)} == {FaceState.ERASED}
        assert upgrade.progress(new.system, new["ada"]).lacking == 0  # type: ignore[union-attr]
        new = again(new, tmp_path)
        assert len(new.find(SideTemplate)) == 1, "an opening that is alone takes their rows away, but for the newest"
        follow.bring_up(new.system)
        assert new.system.index.stamp, "and the sealed copy is still one of this history"
        assert new.search(ready.authority).coverage == Coverage(1, 1, references=3, proven=True, waiting=0)
    finally:
        new.system.close()


def test_req_121_a_purge_before_the_switch_gives_the_upgrade_up(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begin(agency)
    prepared(agency)
    follow.bring_up(agency.system)
    assert upgrade.purge_upgrade(agency.system, agency["ada"]).space_in_force == OLD
    assert agency.system.index.size().rows == 3
    found = agency.search(ready.authority)
    assert (found.space_id, found.coverage.references) == (OLD, 3)
    begin(agency)
    prepared(agency)
    assert upgrade.progress(agency.system, agency["ada"]).prepared == 3  # type: ignore[union-attr]


def test_req_121_a_purge_that_a_crash_stopped_is_finished_by_the_next_start(agency: Agency) -> None:
    agency.ready(1, 2, 3)
    new = switched(agency)
    [under_way] = new.find(Upgrade)
    heads = tuple(one.template[:32].hex() for one in new.find(SideTemplate))
    new.change(under_way, state=UpgradeState.PURGING, needles=heads)
    new.change(new.find(SideTemplate)[0], template=b"", state=FaceState.ERASED)
    recover.recover(new.system)
    assert new.find(Upgrade)[0].state is UpgradeState.ENDED
    assert [one.template for one in new.find(SideTemplate)] == [b""]
    assert new.system.index.size().rows == 3
    assert ("upgrade.finished", "done") in [(one["event"], one["outcome"]) for one in new.leaves()]


def test_req_121_a_store_that_is_not_clean_keeps_the_purge_unfinished(agency: Agency) -> None:
    agency.ready(1)
    new = switched(agency)
    real = new.system.stores
    spoilt = SpoiltStores(real)
    with pytest.raises(StoreNotClean, match=r"records\.db at byte 7"):
        upgrade.purge_upgrade(replace(new.system, stores=spoilt), new["ada"])
    assert new.find(Upgrade)[0].state is UpgradeState.PURGING
    assert rules_of(new, begin, new) == ["upgrade-is-the-only-one"]
    recover.tend(replace(new.system, stores=spoilt))
    assert new.find(Upgrade)[0].state is UpgradeState.PURGING
    recover.tend(new.system)
    assert new.find(Upgrade)[0].state is UpgradeState.ENDED


class SpoiltStores:
    """The real stores, in which the scan always finds something."""

    def __init__(self, real: Stores) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def scan(self, needles: Sequence[bytes]) -> Scan:
        return replace(self._real.scan(needles), found=("data/records.db at byte 7",))


def test_req_121_an_erasure_in_the_middle_destroys_both_templates(tmp_path: Path, on_disk: Agency) -> None:
    ready = on_disk.ready(1, 2, 3)
    begin(on_disk)
    prepared(on_disk)
    assert follow.keep(on_disk.system) is not None
    gone = next(face for face in on_disk.find(Face) if face.face_no == 1)
    [side] = sides_at(on_disk, gone)
    both = needles_of(on_disk, gone, side)
    assert len(both) == 4
    assert len(on_disk.system.stores.scan(both).found) >= 2
    done = on_disk.erase(gone.id)
    assert dict(done.summary)["self_test"] == "2 of 2 templates searched after removal"
    assert not on_disk.system.stores.scan(both).found
    [left] = sides_at(on_disk, gone)
    assert (left.template, left.state) == (b"", FaceState.ERASED)
    assert on_disk.system.index.size().rows == 4
    assert on_disk.search(ready.authority).coverage.references == 2
    assert prepare_beside(on_disk.system) == 0
    approve(on_disk)
    upgrade.switch_upgrade(on_disk.system, on_disk["ada"])
    new = again(on_disk, tmp_path)
    try:
        assert new.search(ready.authority).coverage == Coverage(1, 1, references=2, proven=True, waiting=0)
    finally:
        new.system.close()


def sides_at(agency: Agency, face: Face) -> list[SideTemplate]:
    return agency.find(SideTemplate, face_id=face.id)


def test_req_121_a_reference_that_no_template_can_be_made_of_is_listed_and_holds_nothing_up(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    damaged = agency.find(Image)[1]
    whole = agency.change(damaged, blob="0" * 64)
    new = switched(agency)
    [one] = new.find(SideTemplate, state=FaceState.WAITING)
    assert one.template == b""
    told = upgrade.progress(new.system, new["ada"])
    assert told is not None
    assert (told.impossible, told.lacking) == (0, 0), "after the switch what lies beside are the old ones"
    found = new.search(ready.authority)
    assert found.coverage == Coverage(1, 1, references=2, proven=True, waiting=1)
    assert [(leaf["event"], leaf["outcome"]) for leaf in new.leaves()].count(("face.embedded", "failed")) == 1
    upgrade.purge_upgrade(new.system, new["ada"])
    [waiting] = new.find(Face, state=FaceState.WAITING)
    assert waiting.image_id == damaged.id
    assert waiting.template == b""
    new.change(whole, blob=damaged.blob)
    worker.work(new.system)
    assert new.search(ready.authority).coverage == Coverage(1, 1, references=3, proven=True, waiting=0)


def test_req_121_what_was_restricted_meanwhile_is_prepared_switched_and_purged_out_of_use(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begin(agency)
    prepared(agency)
    face = agency.find(Face)[0]
    restrict.restrict_records(
        agency.system, agency["paul"], request_id=agency.granted(face.id), reason="evidence in the case R v. Doe, 2026"
    )
    [side] = sides_at(agency, face)
    assert side.state is FaceState.RESTRICTED
    approve(agency)
    upgrade.switch_upgrade(agency.system, agency["ada"])
    new = agency.with_parts(model=DrawnModel(OTHER))
    assert (new.get(Face, face.id).space_id, new.get(Face, face.id).state) == (NEW, FaceState.RESTRICTED)
    assert new.search(ready.authority).coverage.references == 2
    upgrade.purge_upgrade(new.system, new["ada"])
    assert new.get(Face, face.id).template == side.template
    assert new.system.index.size().rows == 2


def test_req_121_a_gallery_turned_in_the_middle_turns_both(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    begin(agency)
    prepared(agency)
    follow.bring_up(agency.system)
    turn.turn_gallery(agency.system, agency["pia"], gallery_id=ready.gallery.id)
    assert index.check_index(agency.system, agency["ada"]).holds
    approve(agency)
    upgrade.switch_upgrade(agency.system, agency["ada"])
    new = agency.with_parts(model=DrawnModel(OTHER))
    assert new.ranks_by_person(new.search(ready.authority))[0] == 3


def test_an_upgrade_to_the_same_space_or_of_another_address_is_refused(agency: Agency) -> None:
    same = lambda: upgrade.begin_upgrade(agency.system, agency["ada"], model="drawn:", instead_of="drawn:")  # noqa: E731
    assert rules_of(agency, same) == ["upgrade-has-another-space"]
    with pytest.raises(BadInput, match="drawn:other is not the address of the model in use"):
        upgrade.begin_upgrade(agency.system, agency["ada"], model=OTHER, instead_of=OTHER)
    assert upgrade.progress(agency.system, agency["ada"]) is None
    with pytest.raises(Missing, match="nothing about models for you"):
        upgrade.progress(agency.system, agency["ines"])
    assert rules_of(agency, upgrade.purge_upgrade, agency.system, agency["ada"]) == ["upgrade-is-under-way"]
    with pytest.raises(Fault, match="has one model only"):
        begin(small_agency())


def test_a_pack_that_was_changed_since_prepares_nothing(agency: Agency) -> None:
    agency.ready(1)
    begin(agency)
    other = agency.with_parts(open_model=lambda _system, _address: DrawnModel())
    with pytest.raises(Untrusted, match="find out who changed the pack"):
        prepare_beside(other.system)
    assert agency.find(SideTemplate) == []
