"""What a search made that was not upheld is out of every operational hand at once, and in the oversight body's alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import compare, desk, disclosed, examine, leads, log, orders, review, sequester
from beholden.actions.gone import taken_like
from beholden.actions.recover import recover
from beholden.errors import BadInput, Fault, KeyDestroyed, Missing, Sequestered, SignInRefused, StoreNotClean
from beholden.formats import receipts
from beholden.keys.entrusting import Entrusted
from beholden.ports.stores import Scan
from beholden.records.candidates import Candidate
from beholden.records.comparisons import Comparison
from beholden.records.examination import Examination
from beholden.records.exigent import Exigent
from beholden.records.faces import Face
from beholden.records.review import Pair, Review
from beholden.records.searches import Search
from beholden.records.sequestration import Sequestration, SequestrationState
from tests.agency import Agency, agency_on_disk, last, rules_of, small_agency
from tests.exigent_story import begun
from tests.oversight_body import order, pem
from tests.parts import beside

WHY = "the oversight body examines why it was refused"


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def taken(agency: Agency, exigent: Exigent) -> Sequestration:
    with agency.system.database.begin() as tx:
        one = sequester.take(agency.system, tx, exigent, agency.clock.at)
    assert one is not None
    return one


def opened_by(key: bytes) -> Callable[[bytes], bytes]:
    return lambda packet: Entrusted(packet, key).content


def read(agency: Agency, one: Sequestration, **changes: Any) -> sequester.Opened:
    given = {"reason": WHY, "open_packet": opened_by(pem())} | changes
    return sequester.open_sequestration(agency.system, agency["aude"], sequestration_id=one.id, **given)


def made(agency: Agency) -> tuple[Exigent, Search]:
    """Searched before approval, reviewed, and one opinion locked."""
    exigent, found = begun(agency, 1, 2, 3)
    agency.review(found, 1)
    agency.examine(found, "erik", 3)
    return exigent, found


def test_req_23_every_operational_read_of_what_was_taken_is_gone_with_the_rule(agency: Agency) -> None:
    exigent, found = made(agency)
    [one] = agency.find(Review)
    [pair, *_] = agency.find(Pair)
    [candidate, *_] = agency.find(Candidate)
    [examination] = agency.find(Examination)
    taken(agency, exigent)
    for kind in (Search, Candidate, Review, Pair, Examination, Comparison):
        assert agency.find(kind) == []
    reads: list[tuple[Callable[..., object], str, dict[str, str]]] = [
        (desk.search, "ines", {"search_id": found.id}),
        (examine.read_leads, "ines", {"search_id": found.id}),
        (examine.read_leads, "sven", {"search_id": found.id}),
        (examine.read_leads, "aude", {"search_id": found.id}),
        (review.open_review, "rosa", {"search_id": found.id}),
        (review.decide_pair, "rosa", {"handle": pair.handle, "outcome": "no"}),
        (review.finish_review, "rosa", {"review_id": one.id}),
        (examine.open_examination, "edda", {"search_id": found.id}),
        (desk.review, "rosa", {"review_id": one.id}),
        (desk.review, "rosa", {"handle": pair.handle}),
        (desk.open_examination, "erik", {"search_id": found.id}),
        (desk.examination, "erik", {"handle": examination.id}),
        (leads.show_lead, "ines", {"search_id": found.id, "candidate_id": candidate.id}),
    ]
    for act, name, given in reads:
        with pytest.raises(Sequestered) as caught:
            act(agency.system, agency[name], **given)
        assert caught.value.status == 410, act
        assert [reason.rule_id for reason in caught.value.reasons] == ["sequestered"]
    with pytest.raises(Missing):
        desk.search(agency.system, agency["ines"], search_id="0" * 32)


def test_req_23_the_keys_here_are_destroyed_and_the_receipt_shows_it(agency: Agency) -> None:
    exigent, found = made(agency)
    [examination] = agency.find(Examination)
    one = taken(agency, exigent)
    assert last(agency)[0] == "exigent.sequestered"
    assert one.state is SequestrationState.TAKEN
    assert sequester.finish_sequestrations(agency.system) == 1
    kept = agency.get(Sequestration, one.id)
    assert (kept.state, kept.sealed, kept.needles) == (SequestrationState.SEALED, b"", ())
    assert not {found.id, examination.id, one.id} & agency.system.keys.names()
    with pytest.raises(KeyDestroyed):
        agency.system.keys.seal(found.id, b"", "x")
    receipt = receipts.read_receipt(kept.receipt, log.vkeys(agency.system))
    assert (receipt.payload["kind"], receipt.payload["records"]) == ("sequestered", kept.records)
    assert json.loads(receipt.proof.leaf)["event"] == "sequestration.sealed"
    assert kept.records == 1 + 3 + 1 + 3 + 1
    assert sequester.finish_sequestrations(agency.system) == 0


def test_req_23_the_oversight_body_opens_it_with_its_own_key_and_a_reason_on_record(agency: Agency) -> None:
    exigent, found = made(agency)
    one = taken(agency, exigent)
    sequester.finish_sequestrations(agency.system)
    opened = read(agency, one)
    records = opened.content["records"]
    assert [search["id"] for search in records["Search"]] == [found.id]
    assert len(records["Candidate"]) == len(records["Pair"]) == 3
    assert records["Examination"][0]["opinion"] == 3
    assert sorted(lead["rank"] for lead in opened.leads.values()) == [1, 2, 3]
    told = agency.told(agency.leaves()[-1]["n"])
    assert (last(agency)[0], told["reason"], len(told["shown"])) == ("sequestration.opened", [WHY], 3)
    with pytest.raises(BadInput, match="does not open the packet"):
        read(agency, one, open_packet=opened_by(pem(another=True)))
    assert rules_of(agency, read, agency, one, reason="because") == ["sequestration-has-reason"]
    for name in ("ines", "sven", "pia", "ada"):
        assert "role-auditor-opens-sequestrations" in rules_of(
            agency,
            sequester.open_sequestration,
            agency.system,
            agency[name],
            sequestration_id=one.id,
            reason=WHY,
            open_packet=opened_by(pem()),
        )


def test_the_log_of_what_was_taken_opens_with_the_keys_of_the_packet(agency: Agency) -> None:
    exigent, found = made(agency)
    with agency.system.database.look() as look:
        from beholden.records.audit import Item

        [item, *_] = look.find(Item, record_id=found.id, name="people")
    one = taken(agency, exigent)
    sequester.finish_sequestrations(agency.system)
    with agency.system.database.look() as look:
        assert not [there for there in log.opened_items(agency.system, look, item.n) if there.name == "people"]
    entrusted = Entrusted(agency.get(Sequestration, one.id).packet, pem())
    assert found.id in entrusted.names
    assert entrusted.open(found.id, item.sealed, f"item/{item.id}")[32:] == b"3"


def test_a_reference_is_erased_while_it_stands_on_a_sequestered_list(agency: Agency) -> None:
    exigent, _ = made(agency)
    one = taken(agency, exigent)
    sequester.finish_sequestrations(agency.system)
    face = agency.find(Face)[0]
    agency.erase(face.id)
    opened = read(agency, one)
    assert len(opened.leads) == 2, "the score of who was erased is opened by nobody"


def test_req_23_it_is_destroyed_on_the_oversight_bodys_order_with_a_receipt(agency: Agency) -> None:
    exigent, _ = made(agency)
    one = taken(agency, exigent)
    sequester.finish_sequestrations(agency.system)
    note = order("destroy", f"sequestration:{one.id}", origin=agency.system.origin)
    assert orders.apply_order(agency.system, note).ordered.kind == "destroy"
    kept = agency.get(Sequestration, one.id)
    assert (kept.state, kept.packet) == (SequestrationState.DESTROYED, b"")
    assert "order 1" in kept.ended_by
    receipt = receipts.read_receipt(kept.receipt, log.vkeys(agency.system))
    assert (receipt.payload["kind"], json.loads(receipt.proof.leaf)["event"]) == (
        "destroyed",
        "sequestration.destroyed",
    )
    assert rules_of(agency, read, agency, one) == ["sequestration-is-held"]
    with pytest.raises(BadInput, match="only one that is sealed"):
        orders.apply_order(
            agency.system, order("destroy", f"sequestration:{one.id}", number=2, origin=agency.system.origin)
        )


def test_req_23_it_is_destroyed_at_its_term(agency: Agency) -> None:
    exigent, _ = made(agency)
    one = taken(agency, exigent)
    sequester.finish_sequestrations(agency.system)
    agency.clock.at = one.kept.dispose_after - timedelta(seconds=1)
    assert sequester.finish_sequestrations(agency.system) == 0
    agency.clock.pass_by(seconds=1)
    assert sequester.finish_sequestrations(agency.system) == 1
    kept = agency.get(Sequestration, one.id)
    assert (kept.state, kept.ended_by) == (SequestrationState.DESTROYED, "its term was over")


def test_req_23_a_pack_may_destroy_at_once_and_then_no_packet_is_ever_made(agency: Agency) -> None:
    exigent, found = made(agency)

    class Destroying:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.policy, name)

        @property
        def pack(self) -> Any:
            return replace(agency.system.policy.pack, after_refusal="destroy")

    destroying = agency.with_parts(policy=Destroying())
    one = taken(destroying, exigent)
    assert sequester.finish_sequestrations(destroying.system) == 1
    kept = agency.get(Sequestration, one.id)
    assert (kept.state, kept.packet, kept.sealed) == (SequestrationState.DESTROYED, b"", b"")
    assert found.id not in agency.system.keys.names()
    assert receipts.read_receipt(kept.receipt, log.vkeys(agency.system)).payload["kind"] == "destroyed"


def test_a_crash_at_any_step_loses_nothing_and_is_finished_by_the_next_opening(agency: Agency) -> None:
    exigent, found = made(agency)
    one = taken(agency, exigent)
    real = agency.system

    class Crashing:
        def __init__(self, part: Any, name: str) -> None:
            self._part, self._name = part, name

        def __getattr__(self, name: str) -> Any:
            if name == self._name:
                raise KeyboardInterrupt
            return getattr(self._part, name)

    for part, name, state in (
        ("keys", "entrust", SequestrationState.TAKEN),
        ("keys", "destroy", SequestrationState.ENTRUSTED),
        ("stores", "scan", SequestrationState.ENTRUSTED),
        ("witness", "read", SequestrationState.CLEAN),
    ):
        with pytest.raises(KeyboardInterrupt):
            sequester.finish_sequestrations(replace(real, **{part: Crashing(getattr(real, part), name)}))
        assert agency.get(Sequestration, one.id).state is state
    recover(real)
    assert agency.get(Sequestration, one.id).state is SequestrationState.SEALED
    assert [search["id"] for search in read(agency, one).content["records"]["Search"]] == [found.id]


def test_an_opening_sweeps_no_key_away_before_the_packet_is_made(agency: Agency) -> None:
    exigent, found = made(agency)
    one = taken(agency, exigent)

    class NotNow:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.keys, name)

        def entrust(self, *_: object) -> bytes:
            raise StoreNotClean("not now", entry=0)

    recover(replace(agency.system, keys=NotNow()))
    assert found.id in agency.system.keys.names()
    recover(agency.system)
    assert len(read(agency, one).leads) == 3


def test_what_is_still_found_in_a_store_gives_no_receipt_and_is_tried_again(agency: Agency) -> None:
    exigent, _ = made(agency)
    one = taken(agency, exigent)

    class Dirty:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.stores, name)

        def scan(self, needles: Any) -> Scan:
            clean = agency.system.stores.scan(needles)
            assert clean.needles > 3
            return replace(clean, found=("records.db: needle 1",))

    assert sequester.finish_sequestrations(replace(agency.system, stores=Dirty())) == 0
    [failed] = [leaf["event"] for leaf in agency.leaves() if leaf["outcome"] == "failed"]
    assert (failed, agency.get(Sequestration, one.id).receipt) == ("sequestration.sealed", b"")
    assert sequester.finish_sequestrations(agency.system) == 1


def test_a_search_that_made_nothing_leaves_nothing_to_take_and_nothing_is_taken_twice(agency: Agency) -> None:
    exigent, _ = made(agency)
    taken(agency, exigent)
    with agency.system.database.begin() as tx:
        assert sequester.take(agency.system, tx, exigent, agency.clock.at) is None


def test_what_was_sequestered_is_listed_without_what_it_says(agency: Agency) -> None:
    exigent, _ = made(agency)
    one = taken(agency, exigent)
    for name in ("aude", "pia", "sven"):
        [there] = sequester.sequestrations(agency.system, agency[name])
        assert (there.id, there.sealed, there.packet) == (one.id, b"", b"")
    with pytest.raises(Missing):
        sequester.sequestrations(agency.system, agency["ines"])
    assert compare.comparisons(agency.system, agency["sven"]) == []
    assert disclosed.NOT_THERE


def test_req_23_in_a_real_folder_no_byte_of_it_is_left_and_the_oversight_bodys_pem_opens_it(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    try:
        exigent, found = made(agency)
        lead = agency.find(Candidate)[0].lead[:16]
        one = taken(agency, exigent)
        assert sequester.finish_sequestrations(agency.system) == 1
        kept = agency.get(Sequestration, one.id)
        assert kept.state is SequestrationState.SEALED
        assert int(dict(kept.summary)["needles"]) > 5
        for file in (tmp_path / "data").rglob("*"):
            if file.is_file():
                assert lead not in file.read_bytes(), file
        opened = read(agency, one, open_packet=opened_by((tmp_path / "keys/handover/oversight.pem").read_bytes()))
        assert [search["id"] for search in opened.content["records"]["Search"]] == [found.id]
        assert len(opened.leads) == 3
    finally:
        agency.system.close()


def test_req_23_a_sequestration_that_another_process_finishes_at_this_moment_is_finished_once(agency: Agency) -> None:
    there, _ = begun(agency, 1, 2, 3)
    one = taken(agency, there)
    racing = beside(agency.system, lambda: sequester.finish_sequestrations(agency.system))
    assert sequester.finish_sequestrations(racing) == 0
    assert agency.get(Sequestration, one.id).state is SequestrationState.SEALED
    sealed = [leaf for leaf in agency.leaves() if (leaf["event"], leaf["outcome"]) == ("sequestration.sealed", "done")]
    assert len(sealed) == 1


def test_req_23_a_receipt_that_cannot_be_signed_is_told_and_made_the_next_time(agency: Agency) -> None:
    there, _ = begun(agency, 1, 2, 3)
    one = taken(agency, there)

    class Unsigning:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.keys, name)

        def sign(self, signer: str, message: bytes) -> bytes:
            if signer == "receipts":
                raise Fault("the key of the receipts cannot be read")
            return agency.system.keys.sign(signer, message)

    with pytest.raises(Fault, match="key of the receipts"):
        sequester.finish_sequestrations(replace(agency.system, keys=Unsigning()))
    assert agency.get(Sequestration, one.id).state is SequestrationState.CLEAN
    assert sequester.finish_sequestrations(agency.system) == 1
    assert agency.get(Sequestration, one.id).receipt


def test_a_sequestered_record_is_named_by_its_beginning_to_who_is_signed_in(agency: Agency) -> None:
    there, found = begun(agency, 1, 2, 3)
    taken(agency, there)
    assert taken_like(agency.system, agency["ines"], found.id[:8]) == found.id
    assert taken_like(agency.system, agency["ines"], "nothing begins so") == ""
    with pytest.raises(SignInRefused):
        taken_like(agency.system, replace(agency["ines"], session="nobody's"), found.id[:8])
