"""Orders of the oversight body: one signed text stops everything, a purpose or a source, at once and for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from beholden.actions import compare_given, orders, photograph, request, search
from beholden.actions.compare import compare
from beholden.actions.recover import recover
from beholden.actions.stops import co_signed, noted
from beholden.actions.weigh import scope
from beholden.errors import BadInput, Changed, Stopped, TurnedAway
from beholden.policy.handover import make_signer
from beholden.records.audit import Item
from beholden.records.faces import Face
from beholden.records.orders import Order, OrderState
from beholden.records.people import Person
from beholden.records.searches import Search, SearchState
from beholden.testing.drawn import draw
from tests.agency import PURPOSE, Agency, last, small_agency
from tests.oversight_body import GIVEN, REASON, order, signer
from tests.parts import beside


@pytest.fixture
def agency() -> Agency:
    return small_agency()


def give(agency: Agency, kind: str, *scope: str, number: int = 1, **changes: Any) -> orders.Carried:
    return orders.apply_order(
        agency.system, order(kind, *scope, number=number, **{"origin": agency.system.origin, **changes})
    )


def stopped(agency: Agency, act: Callable[..., object], *given: Any, **named: Any) -> Stopped:
    with pytest.raises(Stopped) as caught:
        act(*given, **named)
    assert caught.value.status == 503
    assert [reason.rule_id for reason in caught.value.reasons] == ["oversight-stop"]
    assert last(agency)[1:] == ("refused", ["oversight-stop"])
    assert caught.value.entry == agency.leaves()[-1]["n"]
    return caught.value


def test_req_95_one_signed_order_stops_every_search_and_comparison_with_its_reason(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    face = agency.find(Face)[0]
    carried = give(agency, "stop", "system")
    assert (carried.order.state, carried.in_force, carried.ordered.reason) == (OrderState.IN_FORCE, True, REASON)
    assert last(agency) == ("order.applied", "done", [])
    assert agency.leaves()[-1]["role"] == "system"
    said = agency.told(agency.leaves()[-1]["n"])
    assert (said["kind"], said["number"], said["scope"]) == (["stop"], [1], [["system"]])
    assert said["note"] == [order("stop", "system", origin=agency.system.origin).decode()]
    why = stopped(agency, agency.search, ready.authority).reasons[0].why
    assert f"order 1 (system): {REASON}" in why
    stopped(
        agency,
        compare,
        agency.system,
        agency["ines"],
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        face_id=face.id,
    )
    assert agency.get(type(ready.authority), ready.authority.id).used == 0


def test_req_95_a_photograph_given_with_a_request_is_not_compared_either(agency: Agency) -> None:
    agency.ready(1, 2)
    asked = request.receive_request(
        agency.system, agency["pia"], face_ids=[], looked_for="by photograph", subject="A. Person", photograph=True
    )
    request.check_identity(agency.system, agency["pia"], request_id=asked.id, how="passport seen")
    photograph.give_photograph(agency.system, agency["pia"], draw(2, seed=3), request_id=asked.id)
    give(agency, "stop", f"purpose:{PURPOSE}")
    assert compare_given.compare_photograph(agency.system, agency["paul"], request_id=asked.id).references == 2
    give(agency, "stop", "system", number=2)
    stopped(agency, compare_given.compare_photograph, agency.system, agency["paul"], request_id=asked.id)


def test_req_95_a_purpose_is_stopped_and_others_go_on(agency: Agency) -> None:
    ready = agency.ready(1, 3)
    give(agency, "stop", "purpose:imminent-threat")
    assert agency.search(ready.authority).state is SearchState.LISTED
    give(agency, "stop", f"purpose:{PURPOSE}", number=2)
    stopped(agency, agency.search, ready.authority)


def test_req_95_references_of_a_stopped_source_are_compared_no_more_and_the_list_says_so(agency: Agency) -> None:
    ready = agency.ready(1, 3)
    other = agency.source(name="another")
    agency.enrol(other, ready.gallery, 2)
    [of_other] = agency.find(Face, source_id=other.id)
    give(agency, "stop", f"source:{other.id}")
    found = agency.search(ready.authority)
    assert (found.coverage.references, found.people) == (2, 2)
    assert "By order of the oversight body, references of one source were not compared." in found.statements
    waiting = agency.request(ready.case, ready.sought, ready.gallery)
    assert scope(agency.system, agency["sven"], authority_id=waiting.id).sizes[0][1] == 2
    agency.review(found)
    named = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    stopped(agency, compare, agency.system, agency["ines"], face_id=of_other.id, **named)
    face = agency.find(Face, source_id=ready.source.id)[0]
    assert compare(agency.system, agency["ines"], face_id=face.id, **named).score < 1
    give(agency, "lift", f"source:{other.id}", number=2)
    again = agency.search(ready.authority)
    assert again.coverage.references == 3
    assert not [one for one in again.statements if "oversight" in one]


def test_req_95_a_search_that_would_see_stopped_sources_alone_is_stopped(agency: Agency) -> None:
    ready = agency.ready(1, 3)
    agency.source(name="without references")
    give(agency, "stop", f"source:{ready.source.id}")
    assert f"source:{ready.source.id}" in stopped(agency, agency.search, ready.authority).reasons[0].why


def test_req_95_a_search_that_runs_when_the_order_comes_makes_no_list(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = agency.ready(1, 3)
    real = search.compare_at_one_moment

    def meanwhile(system: Any, compare_now: Any) -> Any:
        found = real(system, compare_now)
        give(agency, "stop", "system")
        return found

    monkeypatch.setattr(search, "compare_at_one_moment", meanwhile)
    with pytest.raises(Changed, match="oversight body stopped"):
        agency.search(ready.authority)
    [left] = agency.find(Search)
    assert (left.state, left.people) == (SearchState.FAILED, 0)


def test_req_95_only_a_later_order_lifts_it_and_an_older_one_is_not_heard(agency: Agency) -> None:
    ready = agency.ready(1, 3)
    give(agency, "stop", "system", number=5)
    give(agency, "lift", "system", number=6)
    assert agency.search(ready.authority).state is SearchState.LISTED
    again = give(agency, "stop", "system", number=7)
    before = len(agency.leaves())
    for number in (6, 7):
        with pytest.raises(TurnedAway, match="a later order has a larger number") as caught:
            give(agency, "lift", "system", number=number, reason="another reason than before")
        assert caught.value.status == 409
    assert give(agency, "stop", "system", number=7) == again, "the same order again is answered as before"
    assert len(agency.leaves()) == before, "what anybody may send as often as they like fills no log"
    stopped(agency, agency.search, ready.authority)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"by": "another"}, "no key that you trust"),
        ({"origin": "beholden/operational/elsewhere"}, "is for the system beholden/operational/elsewhere"),
    ],
)
def test_req_95_what_another_key_signs_or_is_for_another_system_is_turned_away_without_an_entry(
    agency: Agency, changes: dict[str, Any], words: str
) -> None:
    if changes.get("by"):
        changes = {"by": make_signer("another")[0]}
    before = len(agency.leaves())
    with pytest.raises(TurnedAway, match=words):
        give(agency, "stop", "system", **changes)
    assert (len(agency.leaves()), agency.find(Order)) == (before, [])


def test_a_key_of_the_same_name_is_not_the_oversight_bodys(agency: Agency) -> None:
    with pytest.raises(TurnedAway):
        give(agency, "stop", "system", by=make_signer("oversight")[0])
    with pytest.raises(TurnedAway, match="not over this text"):
        orders.apply_order(
            agency.system, order("stop", "system", origin=agency.system.origin).replace(b"system", b"sistem", 1)
        )
    with pytest.raises(TurnedAway, match="no signed note"):
        orders.apply_order(agency.system, b"stop it")


def test_a_system_that_pins_no_oversight_body_takes_no_order(agency: Agency) -> None:
    [pinned] = agency.find(Item, n=0, name="signers")
    with agency.system.database.begin() as tx:
        tx.remove(pinned)
    with pytest.raises(TurnedAway, match="pins no key of an oversight body"):
        give(agency, "stop", "system")


@pytest.mark.parametrize(
    ("kind", "scope", "words"),
    [
        ("stop", "purpose:finding-cars", "purpose:finding-cars"),
        ("stop", "source:nowhere", "source:nowhere"),
        ("lift", "system", "nothing to lift"),
        ("destroy", "sequestration:nowhere", "nothing is sequestered"),
        ("go_on", "person:nobody", "person:nobody"),
    ],
)
def test_an_order_about_what_is_not_there_is_not_taken_for_carried_out_and_its_number_is_free(
    agency: Agency, kind: str, scope: str, words: str
) -> None:
    until = GIVEN + timedelta(days=1) if kind == "go_on" else None
    with pytest.raises(BadInput, match=words):
        give(agency, kind, scope, until=until)
    assert last(agency)[:2] == ("order.applied", "failed")
    assert agency.find(Order) == []
    assert give(agency, "stop", "system").order.number == 1


def test_a_stop_with_an_end_ends_by_itself(agency: Agency) -> None:
    ready = agency.ready(1, 3)
    give(agency, "stop", "system", until=agency.clock.at + timedelta(minutes=5))
    stopped(agency, agency.search, ready.authority)
    agency.clock.pass_by(minutes=5)
    assert agency.search(ready.authority).state is SearchState.LISTED
    [carried] = orders.orders(agency.system, agency["aude"])
    assert (carried.in_force, carried.order.note) == (False, b"")


def test_req_22_a_co_signature_counts_for_who_is_named_until_it_ends_or_is_lifted(agency: Agency) -> None:
    def may_go_on(name: str) -> bool:
        with agency.system.database.look() as look:
            return co_signed(look, look.get(Person, agency.ids[name]), agency.clock.at)

    assert not may_go_on("ines")
    until = agency.clock.at + timedelta(hours=3)
    carried = give(agency, "go_on", "person:ines", f"person:{agency.ids['ivo']}", until=until)
    assert carried.order.scope == (f"person:{agency.ids['ines']}", f"person:{agency.ids['ivo']}")
    assert (may_go_on("ines"), may_go_on("ivo"), may_go_on("sven")) == (True, True, False)
    give(agency, "lift", "person:ivo", number=2)
    assert (may_go_on("ines"), may_go_on("ivo")) == (True, False)
    agency.clock.pass_by(hours=3)
    assert not may_go_on("ines")


def test_records_that_were_put_back_from_before_the_last_order_are_stopped_until_it_is_given_again(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 3)
    give(agency, "stop", "system", number=3)
    assert noted(agency.system) == 3
    [kept] = agency.find(Order)
    with agency.system.database.begin() as tx:
        tx.remove(kept)
    assert "older than the last order" in stopped(agency, agency.search, ready.authority).reasons[0].why
    give(agency, "stop", "purpose:imminent-threat", number=2)
    stopped(agency, agency.search, ready.authority)
    give(agency, "stop", "purpose:imminent-threat", number=3)
    assert agency.search(ready.authority).state is SearchState.LISTED


def test_an_order_that_a_crash_kept_from_the_keys_is_noted_at_the_next_opening(agency: Agency) -> None:
    class Crashing:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.keys, name)

        def note(self, name: str, value: bytes) -> None:
            raise KeyboardInterrupt

    crashing = replace(agency.system, keys=Crashing())
    with pytest.raises(KeyboardInterrupt):
        orders.apply_order(crashing, order("stop", "system", number=4, origin=agency.system.origin))
    assert noted(agency.system) == 0
    recover(agency.system)
    assert noted(agency.system) == 4


def test_everybody_who_works_here_may_read_the_orders_and_their_reasons(agency: Agency) -> None:
    give(agency, "stop", "system")
    give(agency, "lift", "system", number=2, reason="the inquiry is over")
    for name in ("ines", "ada", "aude"):
        there = orders.orders(agency.system, agency[name])
        assert [(one.order.number, one.ordered.reason, one.in_force) for one in there] == [
            (2, "the inquiry is over", False),
            (1, REASON, False),
        ]
    assert [one.order.state for one in there] == [OrderState.DONE, OrderState.ENDED]


def test_the_reason_lies_sealed(agency: Agency) -> None:
    carried = give(agency, "stop", "system")
    [kept] = agency.find(Order)
    assert REASON.encode() not in kept.note
    assert (
        agency.system.keys.open(carried.order.id, kept.note, "order/note").decode()
        == order("stop", "system", origin=agency.system.origin).decode()
    )
    assert signer().name == "oversight"


def test_req_95_of_two_orders_at_one_moment_the_older_one_is_not_carried_out(agency: Agency) -> None:
    notes_of = {n: order("stop", "system", number=n, origin=agency.system.origin) for n in (1, 2)}
    racing = beside(agency.system, lambda: orders.apply_order(agency.system, notes_of[2]))
    with pytest.raises(Changed, match="at this very moment"):
        orders.apply_order(racing, notes_of[1])
    assert last(agency) == ("order.applied", "failed", [])
    assert [one.number for one in agency.find(Order)] == [2]
