"""The entry comes first: without it nothing happens, and what stops an act is on record itself."""

from __future__ import annotations

import json

import pytest

from beholden.actions import (
    audit,
    cases,
    erase,
    examine,
    review,
)
from beholden.actions.audit import Act, act
from beholden.errors import BadInput, BeholdenError, Fault, KeyDestroyed, NoRoom, SignInRefused
from beholden.records.audit import MAX_LEAF_BYTES, Entry, Item
from beholden.records.authority import Authority
from beholden.records.candidates import Candidate
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image
from beholden.records.searches import Search, SearchState
from beholden.stores.memory import MemoryStores
from tests.agency import Agency, last
from tests.parts import CountedIndex, FullDatabase


def test_req_93_a_search_whose_entry_cannot_be_written_does_not_happen(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    before, index = len(agency.leaves()), CountedIndex(agency.system.index)
    blocked = agency.with_parts(database=FullDatabase(agency.system.database, lambda: True), index=index)
    with pytest.raises(NoRoom):
        blocked.search(ready.authority)
    assert index.depths == []  # the probe's quality was asked for, and its template is gone
    assert agency.get(Authority, ready.authority.id).used == 0
    assert agency.find(Search) == []
    assert len(agency.leaves()) == before


def test_req_93_a_list_whose_entry_cannot_be_written_is_not_given(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    full: list[bool] = []
    blocked = agency.with_parts(
        database=FullDatabase(agency.system.database, lambda: bool(full)),
        index=CountedIndex(agency.system.index, lambda: full.append(True)),
    )
    with pytest.raises(NoRoom):
        blocked.search(ready.authority)
    assert agency.find(Candidate) == []
    assert agency.find(Search)[0].state is SearchState.FAILED
    assert agency.get(Authority, ready.authority.id).used == 1


def test_req_93_nothing_else_happens_without_its_entry_either(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    face = agency.find(Face, order="face_no")[0]
    request_id = agency.granted(face.id)
    found = agency.search(ready.authority)
    blocked = agency.with_parts(database=FullDatabase(agency.system.database, lambda: True))
    before = len(agency.leaves())
    for attempt in (
        lambda: blocked.enrol(ready.source, ready.gallery, 9),
        lambda: erase.erase(blocked.system, agency["stella"], request_id=request_id),
        lambda: review.open_review(blocked.system, agency["rosa"], search_id=found.id),
        lambda: examine.read_leads(blocked.system, agency["ines"], search_id=found.id),
        lambda: cases.open_case(blocked.system, agency["ines"], reference="1", title="", purpose="victim-id-cse"),
    ):
        with pytest.raises(NoRoom):
            attempt()
    assert len(agency.leaves()) == before
    assert len(agency.find(Image)) == 2
    assert agency.get(Face, face.id).state is FaceState.LIVE


class Ballast(MemoryStores):
    """Tells whether the ballast is there."""

    there = True

    def drop_ballast(self) -> bool:
        self.there = False
        return super().drop_ballast()


def test_req_93_a_full_disk_gives_up_its_ballast_so_that_the_failure_is_on_record(agency: Agency) -> None:
    stores = Ballast()
    ready = agency.ready(1)
    index = CountedIndex(agency.system.index)
    full = agency.with_parts(
        database=FullDatabase(agency.system.database, lambda: stores.there), stores=stores, index=index
    )
    with pytest.raises(NoRoom) as caught:
        full.search(ready.authority)
    assert not stores.there
    assert index.depths == []
    assert last(agency) == ("search.started", "failed", [])
    assert agency.told(len(agency.leaves()) - 1)["error"] == ["NoRoom"]
    assert caught.value.entry == len(agency.leaves()) - 1


def test_an_entry_that_says_much_goes_on_in_further_ones(agency: Agency) -> None:
    with act(agency.system, "system.checked", agency["ada"]) as doing, doing.begin():
        for number in range(1000):
            doing.tell("found", f"{number:032x}", "system")
    entries = agency.leaves()[-3:]
    assert doing.entry == entries[0]["n"]
    assert all(len(entry.leaf) <= MAX_LEAF_BYTES for entry in agency.find(Entry))
    said = [agency.told(leaf["n"]) for leaf in entries]
    assert [one["continues"] for one in said[1:]] == [[entries[0]["n"]]] * 2
    assert sorted(value for one in said for value in one["found"]) == [f"{number:032x}" for number in range(1000)]


def test_a_failure_about_what_was_erased_meanwhile_is_on_record_without_it(agency: Agency) -> None:
    [face] = agency.enrol(agency.source(), agency.gallery(), 1).faces

    def tell_of_what_goes() -> None:
        with act(agency.system, "reference.found", agency["pia"]) as doing, doing.begin():
            doing.tell("by", "page_url", "system")
            doing.tell("found", face.id, face.id)
            agency.system.keys.destroy([face.id])

    with pytest.raises(KeyDestroyed) as caught:
        tell_of_what_goes()
    assert last(agency) == ("reference.found", "failed", [])
    said = agency.told(caught.value.entry or 0)
    assert (said["by"], said["error"], "found" in said) == (["page_url"], ["KeyDestroyed"], False)


def test_an_act_of_an_unknown_event_is_a_mistake_in_the_code(agency: Agency) -> None:
    with pytest.raises(KeyError), act(agency.system, "dog.walked", agency["ada"]) as doing, doing.begin():
        pass
    assert [item.name for item in agency.find(Item, n=len(agency.leaves()))] == []


def test_a_policy_that_cannot_be_evaluated_is_a_denial_and_an_incident(agency: Agency) -> None:
    with pytest.raises(BeholdenError), act(agency.system, "case.opened", agency["ines"]) as doing, doing.begin():
        doing.permit(unheard_of=1)
    *_, refused, opened = agency.leaves()
    assert (refused["event"], refused["outcome"], refused["rules"]) == ("case.opened", "refused", ["no-rule-allows"])
    assert agency.told(refused["n"])["incident"]
    assert (opened["event"], agency.told(opened["n"])["kind"]) == ("incident.opened", ["policy_error"])


def test_an_error_that_is_on_record_already_is_not_recorded_twice(agency: Agency) -> None:
    before = len(agency.leaves())
    with pytest.raises(Fault), act(agency.system, "system.checked", agency["ada"]):
        raise Fault("told before", entry=3)
    assert len(agency.leaves()) == before


def test_an_act_has_a_person_only_after_it_looked(agency: Agency) -> None:
    doing = Act(agency.system, "case.opened", agency["ines"])
    with pytest.raises(SignInRefused):
        _ = doing.person
    with doing.look():
        assert doing.person.id == agency.ids["ines"]
    assert json.dumps(doing.new_ids(0)) == "[]"


def test_a_number_that_the_policy_could_not_count_with_is_bad_input_on_record(agency: Agency) -> None:
    with (
        pytest.raises(BadInput, match="far too large"),
        act(agency.system, "index.rebuilt", agency["ada"]) as doing,
        doing.begin(),
    ):
        doing.permit(searches=1 << 62)
    assert last(agency) == ("index.rebuilt", "failed", [])


def test_what_is_asked_before_any_record_was_read_has_the_facts_of_no_record(agency: Agency) -> None:
    doing = Act(agency.system, "index.rebuilt", None)
    with agency.system.database.look() as look:
        doing.acts_as(audit.signed_in(look, agency["ines"], agency.clock.at))
    assert doing.refused_by() == {"role-administrator-keeps-stores"}


def test_in_a_transaction_that_others_share_a_key_that_is_gone_stops_all_of_them(agency: Agency) -> None:
    doing = Act(agency.system, "index.rebuilt", agency["ada"])
    before = len(agency.leaves())
    agency.system.keys.destroy([audit.SYSTEM])
    with pytest.raises(KeyDestroyed), agency.system.database.begin() as tx, doing.within(tx):
        doing.stopped(Fault("the index is not what it was"), tx)
    assert len(agency.leaves()) == before
