"""A photograph given with a request (REQ 71): a lane of its own, for the privacy officer alone, destroyed with a receipt."""

from __future__ import annotations

import inspect
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import (
    cases,
    compare_given,
    desk,
    erase,
    exporting,
    lists,
    log,
    people,
    photograph,
    recover,
    register,
    request,
)
from beholden.actions.orders import apply_order
from beholden.actions.waiting import waits_for
from beholden.database.sql import SqlTransaction
from beholden.errors import BadInput, IndexIncomplete, Missing, NoUsableFace, Refused
from beholden.formats import receipts
from beholden.ports.stores import Scan
from beholden.records.cases import Case
from beholden.records.disclosures import Notice
from beholden.records.erasure import Erasure
from beholden.records.exhibits import Exhibit
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.people import Person, Role
from beholden.records.requests import Photograph, PhotographState, Request, RequestState
from beholden.records.searches import Search
from beholden.records.sources import Source
from beholden.testing.drawn import draw
from tests.actions.test_sessions import stale
from tests.agency import Agency, agency_on_disk, last, rules_of, small_agency
from tests.oversight_body import order

LANE: tuple[Callable[..., Any], ...] = (
    photograph.give_photograph,
    photograph.show_photograph,
    photograph.take_back_photograph,
    compare_given.compare_photograph,
    compare_given.show_listed,
    request.read_request,
)


@pytest.fixture
def agency() -> Agency:
    """Person 3 is held twice, beside three others; the source that holds them is suspended."""
    made = small_agency()
    source, gallery = made.source(), made.gallery()
    for person, seed in ((1, 0), (2, 0), (3, 0), (3, 1), (4, 0)):
        made.enrol(source, gallery, person, seed=seed)
    register.suspend_source(made.system, made["pia"], source_id=source.id, reason="order of a court")
    return made


def asked(agency: Agency, content: bytes | None = None, *, checked: bool = True) -> str:
    """The id of a request with a photograph of person 3."""
    made = request.receive_request(
        agency.system,
        agency["pia"],
        face_ids=[],
        looked_for="by a photograph given",
        subject="A. Person, by letter",
        photograph=True,
    )
    photograph.give_photograph(agency.system, agency["pia"], content or draw(3, seed=9), request_id=made.id)
    if checked:
        request.check_identity(agency.system, agency["pia"], request_id=made.id, how="passport seen at the counter")
    return made.id


def compared(agency: Agency, request_id: str, **how: Any) -> compare_given.Comparison:
    return compare_given.compare_photograph(agency.system, agency["paul"], request_id=request_id, **how)


def of_person(agency: Agency, person: int) -> set[str]:
    """The references of a drawn person, by the source's word."""
    there = request.find_references(agency.system, agency["pia"], person_ref=f"person {person}")
    return {one.face_id for one in there}


def arguments(act: Callable[..., Any], request_id: str) -> dict[str, Any]:
    known = {"request_id": request_id, "content": draw(3), "handles": ["0" * 32 + ".0"]}
    return {name: known[name] for name in inspect.signature(act).parameters if name in known}


def test_req_71_a_photograph_finds_every_record_of_the_person_whatever_its_source_s_state(agency: Agency) -> None:
    id = asked(agency)
    found = compared(agency, id)
    assert found.references == 5
    assert (found.waiting, found.comparisons_left) == (0, 2)
    listed = {one.face_id for one in found.listed}
    assert of_person(agency, 3) < listed
    assert {one.person for one in found.listed if one.face_id in of_person(agency, 3)} == {
        next(one.person for one in found.listed if one.face_id in of_person(agency, 3))
    }, "by the source's word they are one person, and chosen as one"


def test_req_95_references_of_a_stopped_source_are_left_out_of_a_comparison_which_says_how_many(agency: Agency) -> None:
    first, other = agency.find(Source)[0], agency.source(name="another")
    agency.enrol(other, agency.get(Gallery, agency.find(Face)[0].gallery_id), 3, seed=2)
    theirs = [face.id for face in agency.find(Face) if face.source_id == other.id]
    id = asked(agency)
    before = compared(agency, id)
    assert (before.references, before.left_out) == (6, 0)
    apply_order(agency.system, order("stop", f"source:{first.id}", origin=agency.system.origin))
    found = compared(agency, id)
    assert (found.references, found.waiting, found.left_out) == (1, 0, 5)
    assert [one.face_id for one in found.listed] == theirs
    with pytest.raises(Missing, match="oversight body stopped"):
        compare_given.show_listed(
            agency.system, agency["paul"], request_id=id, handles=[one.handle for one in before.listed]
        )
    apply_order(agency.system, order("stop", f"source:{other.id}", origin=agency.system.origin, number=2))
    assert rules_of(agency, compared, agency, id) == ["oversight-stop"]


def test_req_71_a_list_says_nothing_of_how_near_anybody_is(agency: Agency) -> None:
    names = {one for kind in (compare_given.Listed, compare_given.Comparison) for one in kind.__slots__}
    assert not [name for name in names if any(word in name for word in ("score", "rank", "match", "near"))]
    found = compared(agency, asked(agency))
    first = [one.face_id for one in found.listed if one.person]
    people_in_order = list(dict.fromkeys(one.person for one in found.listed))
    best = [min(one.face_id for one in found.listed if one.person == person) for person in people_in_order]
    assert len(first) == len(found.listed) == 5
    assert len(best) == 4


def test_req_71_the_whole_way_from_a_photograph_to_the_receipt_of_the_erasure(agency: Agency) -> None:
    id = asked(agency)
    found = compared(agency, id)
    handles = [one.handle for one in found.listed]
    chips = compare_given.show_listed(agency.system, agency["paul"], request_id=id, handles=handles)
    assert [chip[:3] for chip in chips] == [b"\xff\xd8\xff"] * 5
    assert last(agency)[:2] == ("reference.shown", "done")
    assert sorted(agency.told(len(agency.leaves()) - 1)["shown"]) == sorted(one.face_id for one in found.listed)
    request.choose_records(
        agency.system, agency["pia"], request_id=id, face_ids=sorted(of_person(agency, 3)), looked_for="by photograph"
    )
    granted = request.grant_request(agency.system, agency["pia"], request_id=id, reason="they are theirs")
    assert granted.state is RequestState.GRANTED
    assert [one.state for one in agency.find(Photograph)] == [PhotographState.DESTROYED]
    erased = erase.erase(agency.system, agency["stella"], request_id=id)
    assert (
        set(erased.face_ids) == {face.id for face in agency.find(Face) if face.state is FaceState.ERASED}
        and len(erased.face_ids) == 2
    )
    told = receipts.read_receipt(agency.find(Erasure)[0].receipt, log.vkeys(agency.system)).payload
    assert told["looked_for"] == "by photograph"
    assert "a privacy officer said which of the nearest are of them" in str(told["share_missed"])


def test_req_71_records_that_were_named_before_a_photograph_was_compared_were_not_chosen_out_of_it(
    agency: Agency,
) -> None:
    id = asked(agency)
    request.choose_records(
        agency.system, agency["pia"], request_id=id, face_ids=sorted(of_person(agency, 3)), looked_for="by reference"
    )
    compared(agency, id)
    request.grant_request(agency.system, agency["pia"], request_id=id, reason="they are theirs")
    erase.erase(agency.system, agency["stella"], request_id=id)
    told = receipts.read_receipt(agency.find(Erasure)[0].receipt, log.vkeys(agency.system)).payload
    assert told["share_missed"] == erase.BY_WORDS


def test_req_71_nothing_of_the_photograph_is_enrolled_or_put_into_a_case(agency: Agency) -> None:
    before = {kind: len(agency.find(kind)) for kind in (Image, Face, Exhibit, Case, Search)}
    held = agency.system.index.applied
    id = asked(agency)
    compared(agency, id)
    assert {kind: len(agency.find(kind)) for kind in before} == before
    assert agency.system.index.applied >= held
    with agency.system.database.look() as look:
        assert look.count(Face, state=FaceState.LIVE) == 5


@pytest.mark.parametrize("how", ["grant", "refuse", "withdraw", "take back", "its term"])
def test_req_71_the_photograph_is_gone_at_the_end_with_a_receipt(agency: Agency, how: str) -> None:
    system, pia = agency.system, agency["pia"]
    id = asked(agency)
    [given] = agency.find(Photograph)
    assert given.blob in set(system.blobs.addresses())
    assert given.blob_key in system.keys.names()
    if how == "grant":
        request.choose_records(system, pia, request_id=id, face_ids=sorted(of_person(agency, 3)))
        request.grant_request(system, pia, request_id=id, reason="they are theirs")
    elif how == "refuse":
        request.refuse_request(system, pia, request_id=id, reason="none is held")
    elif how == "withdraw":
        request.withdraw_request(system, pia, request_id=id)
    elif how == "take back":
        photograph.take_back_photograph(system, pia, request_id=id)
    else:
        agency.clock.pass_by(days=60)
        recover.tend(system)
        agency.officers["pia"] = people.sign_in_as(system, name="pia")
    assert given.blob not in set(system.blobs.addresses())
    assert given.blob_key not in system.keys.names()
    [gone] = desk.photographs(system, agency["pia"], request_id=id)
    assert receipts.read_receipt(gone.receipt, log.vkeys(system)).proof.n == gone.entry
    assert (gone.state, gone.blob, gone.blob_key, gone.needles) == (PhotographState.DESTROYED, "", "", ())
    receipt = receipts.read_receipt(gone.receipt, log.vkeys(system))
    leaf = json.loads(receipt.proof.leaf)
    assert (leaf["event"], leaf["operation"], leaf["outcome"]) == ("photograph.destroyed", "erasure", "done")
    assert agency.told(receipt.proof.n)["photograph"] == [given.id]
    assert (receipt.payload["photograph"], receipt.payload["request"]) == (given.id, id)
    assert receipt.payload["ended_by"] == gone.ended_by != ""
    with pytest.raises(Refused, match="No photograph given with this request is held"):
        photograph.show_photograph(system, agency["pia"], request_id=id)


@pytest.mark.parametrize("act", LANE, ids=lambda act: act.__name__)
@pytest.mark.parametrize("name", ["ines", "sven", "rosa", "stella", "ada", "aude"])
def test_req_71_to_everybody_else_the_lane_is_not_there_and_the_try_is_on_record(
    agency: Agency, act: Callable[..., Any], name: str
) -> None:
    id = asked(agency)
    found = []
    for there in (id, "0" * 32):
        with pytest.raises(Missing) as caught:
            act(agency.system, agency[name], **arguments(act, there))
        found.append(caught.value)
        assert caught.value.entry == agency.leaves()[-1]["n"]
        assert last(agency)[1] in ("refused", "failed")
    assert str(found[0]) == str(found[1])
    assert found[0].reasons == found[1].reasons == ()


@pytest.mark.parametrize("name", ["ines", "rosa", "ada"])
def test_req_71_to_who_has_no_part_in_requests_no_request_is_there(agency: Agency, name: str) -> None:
    system, officer, id = agency.system, agency[name], asked(agency)
    for act in (
        lambda: desk.requests(system, officer),
        lambda: desk.request(system, officer, request_id=id),
        lambda: lists.requests(system, officer),
        lambda: desk.photographs(system, officer, request_id=id),
        lambda: request.find_references(system, officer, person_ref="person 3"),
        lambda: request.receive_request(system, officer, face_ids=["f"], looked_for="by name", subject="me"),
        lambda: request.check_identity(system, officer, request_id=id, how="passport"),
        lambda: request.choose_records(system, officer, request_id=id, face_ids=["f"]),
        lambda: request.grant_request(system, officer, request_id=id, reason="because"),
        lambda: request.refuse_request(system, officer, request_id=id, reason="because"),
        lambda: request.withdraw_request(system, officer, request_id=id),
        lambda: erase.erase(system, officer, request_id=id),
    ):
        with pytest.raises(Missing, match=desk.NO_REQUEST):
            act()
    assert agency.get(Request, id).state is RequestState.RECEIVED


def test_req_71_nothing_is_compared_before_it_was_checked_who_asks(agency: Agency) -> None:
    id = asked(agency, checked=False)
    act = compare_given.compare_photograph
    assert rules_of(agency, act, agency.system, agency["paul"], request_id=id) == ["requester-is-who-they-say"]
    assert rules_of(agency, request.check_identity, agency.system, agency["pia"], request_id=id, how="ok") == [
        "requester-check-is-told"
    ]
    request.check_identity(agency.system, agency["pia"], request_id=id, how="passport seen")
    assert compared(agency, id).references == 5


def test_req_71_comparing_asks_for_a_fresh_sign_in(agency: Agency) -> None:
    id = asked(agency)
    stale(agency, "paul")
    act = compare_given.compare_photograph
    assert rules_of(agency, act, agency.system, agency["paul"], request_id=id) == ["session-is-fresh"]


def test_req_71_the_place_of_what_was_erased_before_it_was_listed_is_the_next_person_s(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = asked(agency)
    gone = [agency.granted(face_id) for face_id in of_person(agency, 3)]
    compare = compare_given._compare

    def compare_and_erase(*given: Any) -> Any:
        found = compare(*given)
        while gone:
            erase.erase(agency.system, agency["stella"], request_id=gone.pop())
        return found

    monkeypatch.setattr(compare_given, "_compare", compare_and_erase)
    found = compared(agency.with_parts(rules=replace(agency.system.rules, max_given_people=1)), id)
    assert found.references == 3
    assert len({one.person for one in found.listed}) == 1
    assert {one.face_id for one in found.listed} <= {face.id for face in agency.find(Face, state=FaceState.LIVE)}
    assert agency.get(Request, id).comparisons == 1


def test_a_shelf_whose_count_was_put_to_nothing_is_not_left_out_of_a_comparison(agency: Agency) -> None:
    id = asked(agency)
    compared(agency, id)
    with agency.system.database.begin() as tx:
        assert isinstance(tx, SqlTransaction)
        tx._ask("DELETE FROM face_counts", ())
    with pytest.raises(IndexIncomplete, match="holds 5 references of a shelf for which the records have 0"):
        compared(agency, id)
    assert agency.get(Request, id).comparisons == 1


def test_req_71_a_few_comparisons_go_with_one_request_and_another_photograph_gives_no_more(agency: Agency) -> None:
    id = asked(agency)
    for left in (2, 1):
        assert compared(agency, id).comparisons_left == left
    photograph.take_back_photograph(agency.system, agency["pia"], request_id=id)
    photograph.give_photograph(agency.system, agency["pia"], draw(3, seed=11), request_id=id)
    assert compared(agency, id).comparisons_left == 0
    act = compare_given.compare_photograph
    assert rules_of(agency, act, agency.system, agency["paul"], request_id=id) == ["comparison-is-left"]


def test_req_71_what_could_not_be_compared_is_not_counted_and_lists_nothing(agency: Agency) -> None:
    id = asked(agency)
    compared(agency, id)
    face = agency.find(Face)[0]
    agency.change(face, state=FaceState.ERASED)  # behind the index's back
    with pytest.raises(IndexIncomplete):
        compared(agency, id)
    assert agency.get(Request, id).comparisons == 1


def test_req_71_one_face_of_a_photograph_is_compared_and_stays_the_one(agency: Agency) -> None:
    id = asked(agency, draw(4, 3, seed=5))
    chips = photograph.show_photograph(agency.system, agency["pia"], request_id=id)
    assert len(chips) == 2
    for wrong in (0, 3, -1):
        with pytest.raises(BadInput, match="2 faces"):
            compared(agency, id, face=wrong)
    compared(agency, id, face=2)
    assert compared(agency, id).comparisons_left == 1
    act = compare_given.compare_photograph
    assert rules_of(agency, act, agency.system, agency["paul"], request_id=id, face=1) == ["compared-face-stays"]


@pytest.mark.parametrize("role", [Role.INVESTIGATOR, Role.EXAMINER, Role.SUPERVISOR])
def test_req_71_who_is_privacy_officer_and_has_a_role_in_casework_has_no_part_in_requests(
    agency: Agency, role: Role
) -> None:
    """As a folder may hold from before nobody could be given both."""
    id, system = asked(agency), agency.system
    compared(agency, id)
    for act in (people.add_person, people.change_roles):
        named = {"name": "nora"} if act is people.add_person else {"person_id": agency.ids["paul"]}
        assert rules_of(agency, act, system, agency["ada"], roles=[Role.PRIVACY_OFFICER, role], **named) == [
            "privacy-officer-has-no-casework"
        ]
    agency.change(agency.get(Person, agency.ids["pia"]), roles=(Role.PRIVACY_OFFICER, role))
    pia = agency["pia"]
    for hidden in (*LANE, request.receive_request):
        told = {"face_ids": [], "looked_for": "by name", "subject": "me"} if hidden is request.receive_request else {}
        with pytest.raises(Missing, match=desk.NO_REQUEST):
            hidden(system, pia, **(told or arguments(hidden, id)))
        assert "privacy-officer-acts-apart-from-cases" in agency.leaves()[-1]["rules"]
    for looking in (
        lambda: desk.requests(system, pia),
        lambda: desk.request(system, pia, request_id=id),
        lambda: lists.requests(system, pia),
        lambda: lists.erasures(system, pia),
        lambda: desk.photographs(system, pia, request_id=id),
        lambda: request.find_references(system, pia, person_ref="person 3"),
    ):
        with pytest.raises(Missing):
            looking()
    assert desk.erasures(system, pia) == []
    assert waits_for(system, pia).requests == waits_for(system, pia).erasures == ()
    for reading in (log.read_entries, exporting.export):
        told = {} if reading is log.read_entries else {"folder": Path("nowhere")}
        assert "privacy-officer-acts-apart-from-cases" in rules_of(agency, reading, system, pia, **told)


def test_req_71_who_was_ever_assigned_to_a_case_compares_nothing(agency: Agency) -> None:
    id = asked(agency)
    agency.change_roles("paul", "investigator")
    case = agency.case("paul")
    agency.change_roles("paul", "privacy_officer")
    act = compare_given.compare_photograph
    assert rules_of(agency, act, agency.system, agency["paul"], request_id=id) == ["comparer-has-no-casework"]
    cases.close_case(agency.system, agency["sven"], case_id=case.id, outcome="done")
    assert rules_of(agency, act, agency.system, agency["paul"], request_id=id) == ["comparer-has-no-casework"]


@pytest.mark.parametrize("name", ["ines", "sven", "rosa", "erik"])
def test_req_71_who_asked_approved_searched_reviewed_or_examined_before_compares_nothing(name: str) -> None:
    agency = small_agency()
    ready = agency.ready(1, 2, 3)
    agency.unsealed(agency.search(ready.authority), 1)
    id = asked(agency)
    [case] = agency.find(Case)
    agency.change(case, assigned=())
    agency.change_roles(name, "privacy_officer")
    for act in (compare_given.compare_photograph, photograph.show_photograph):
        assert rules_of(agency, act, agency.system, agency[name], request_id=id) == ["comparer-has-no-casework"]
    agency.change_roles("emil", "privacy_officer")
    assert compare_given.compare_photograph(agency.system, agency["emil"], request_id=id).references == 3


@pytest.mark.parametrize("part", ["received", "checked", "gave"])
def test_req_71_who_had_another_part_in_the_request_does_not_compare(agency: Agency, part: str) -> None:
    """One privacy officer alone could otherwise look anybody up, by requests that nobody made."""
    system = agency.system
    by = {one: agency["paul" if one == part else "pia"] for one in ("received", "checked", "gave")}
    id = request.receive_request(
        system, by["received"], face_ids=[], looked_for="by a photograph", subject="A. Person", photograph=True
    ).id
    photograph.give_photograph(system, by["gave"], draw(3, seed=9), request_id=id)
    request.check_identity(system, by["checked"], request_id=id, how="passport seen at the counter")
    act = compare_given.compare_photograph
    for name in ("paul", "pia"):
        assert rules_of(agency, act, system, agency[name], request_id=id) == ["comparer-had-no-other-part"]
    assert agency.get(Request, id).comparisons == 0


def test_req_71_a_photograph_that_is_not_taken_leaves_no_key_and_no_bytes(agency: Agency) -> None:
    """Four at once: each finds that none is held, and one is taken."""
    system = agency.system
    id = request.receive_request(
        system, agency["pia"], face_ids=[], looked_for="by a photograph", subject="A. Person", photograph=True
    ).id
    before = system.keys.names(), set(system.blobs.addresses())
    together = threading.Barrier(4)

    class Meeting:
        def __getattr__(self, name: str) -> Any:
            return getattr(system.blobs, name)

        def put(self, sealed: bytes) -> str:
            together.wait()
            return system.blobs.put(sealed)

    def give(seed: int) -> str:
        there = agency.with_parts(blobs=Meeting()).system
        try:
            return photograph.give_photograph(there, agency["pia"], draw(3, seed=seed), request_id=id).id
        except Refused as error:
            return error.reasons[0].rule_id

    with ThreadPoolExecutor(4) as four:
        done = list(four.map(give, range(4)))
    [held] = agency.find(Photograph)
    assert sorted(done) == sorted([held.id, *["photograph-is-the-only-one"] * 3])
    assert system.keys.names() - before[0] == {held.id, held.blob_key}
    assert set(system.blobs.addresses()) - before[1] == {held.blob}
    request.withdraw_request(system, agency["pia"], request_id=id)
    assert set(system.blobs.addresses()) == before[1]
    assert system.keys.names() - before[0] == {held.id}


def test_req_71_what_a_crash_left_of_a_photograph_is_swept_up_by_the_next_start(agency: Agency) -> None:
    class Killed(BaseException):
        pass

    class Breaking:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.blobs, name)

        def put(self, sealed: bytes) -> str:
            agency.system.blobs.put(sealed)
            raise Killed

    class Dead:
        """Who is killed takes nothing back any more."""

        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.keys, name)

        def destroy(self, names: Any) -> None:
            raise Killed

    id = request.receive_request(
        agency.system, agency["pia"], face_ids=[], looked_for="by a photograph", subject="A. Person", photograph=True
    ).id
    before = agency.system.keys.names(), set(agency.system.blobs.addresses())
    broken = agency.with_parts(blobs=Breaking(), keys=Dead()).system
    with pytest.raises(Killed):
        photograph.give_photograph(broken, agency["pia"], draw(3), request_id=id)
    assert len(set(agency.system.blobs.addresses()) - before[1]) == 1
    swept = recover.recover(agency.system)
    assert (swept.keys, swept.blobs) == (2, 1)
    assert (agency.system.keys.names(), set(agency.system.blobs.addresses())) == before


def test_req_71_a_photograph_whose_term_is_over_is_held_no_more_before_a_worker_has_run(agency: Agency) -> None:
    id, system = asked(agency), agency.system
    listed = compared(agency, id).listed
    agency.clock.pass_by(days=60)
    for name in ("pia", "paul"):
        agency.officers[name] = people.sign_in_as(system, name=name)
    [late] = agency.find(Photograph)
    assert late.state is PhotographState.HELD
    for act, named in (
        (photograph.show_photograph, {}),
        (compare_given.compare_photograph, {}),
        (compare_given.show_listed, {"handles": [listed[0].handle]}),
        (photograph.take_back_photograph, {}),
    ):
        assert "photograph-is-held" in rules_of(agency, act, system, agency["paul"], request_id=id, **named)
    given = photograph.give_photograph(system, agency["pia"], draw(3, seed=12), request_id=id)
    assert compared(agency, id).references == 5
    recover.tend(system)
    assert {one.id: one.state for one in agency.find(Photograph)} == {
        late.id: PhotographState.DESTROYED,
        given.id: PhotographState.HELD,
    }


def test_req_71_oversight_is_told_of_each_comparison_in_the_same_transaction(agency: Agency) -> None:
    before = len(agency.find(Notice))
    id = asked(agency)
    assert len(agency.find(Notice)) == before
    found = compared(agency, id)
    [told] = [one for one in agency.find(Notice) if one.about == id]
    assert (told.recipient, told.sent) == ("oversight", False)
    leaf = agency.leaves()[-1]
    assert (leaf["event"], leaf["operation"], leaf["purpose"]) == ("photograph.compared", "combination", "")
    assert sorted(agency.told(leaf["n"])["shown"]) == sorted(one.face_id for one in found.listed)


def test_req_71_a_reference_is_shown_for_a_handle_of_this_photograph_only(agency: Agency) -> None:
    first, second = asked(agency), asked(agency)
    listed = compared(agency, first).listed
    show, paul = compare_given.show_listed, agency["paul"]
    for wrong in (
        listed[0].face_id,
        f"{listed[0].face_id}.{'0' * 32}",
        "",
        ".",
        "ö",
        "\ud800",
        "\ud800.",
        listed[0].handle + "\n",
    ):
        assert rules_of(agency, show, agency.system, paul, request_id=first, handles=[wrong]) == [
            "shown-reference-was-listed"
        ]
    assert rules_of(agency, show, agency.system, paul, request_id=second, handles=[listed[0].handle]) == [
        "shown-reference-was-listed"
    ]
    with pytest.raises(BadInput):
        show(agency.system, paul, request_id=first, handles=[])
    request.refuse_request(agency.system, agency["pia"], request_id=first, reason="none is theirs")
    rules = rules_of(agency, show, agency.system, paul, request_id=first, handles=[listed[0].handle])
    assert {"request-is-undecided", "photograph-is-held"} <= set(rules)


def test_req_71_at_most_so_many_people_are_listed_as_the_rules_say(agency: Agency) -> None:
    few = agency.with_parts(rules=replace(agency.system.rules, max_given_people=2))
    found = compared(few, asked(few))
    assert len({one.person for one in found.listed}) == 2
    assert of_person(agency, 3) <= {one.face_id for one in found.listed}


def test_req_71_a_photograph_without_a_face_or_a_second_one_is_not_taken(agency: Agency) -> None:
    id = asked(agency)
    give = photograph.give_photograph
    assert rules_of(agency, give, agency.system, agency["pia"], draw(3), request_id=id) == [
        "photograph-is-the-only-one"
    ]
    photograph.take_back_photograph(agency.system, agency["pia"], request_id=id)
    with pytest.raises(NoUsableFace):
        give(agency.system, agency["pia"], draw(), request_id=id)
    with pytest.raises(BadInput):
        give(agency.system, agency["pia"], b"no picture", request_id=id)
    assert [one.state for one in agency.find(Photograph)] == [PhotographState.DESTROYED]


def test_req_71_a_store_that_is_not_clean_keeps_the_receipt_back_and_the_next_start_makes_it(agency: Agency) -> None:
    class Unclean:
        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.stores, name)

        def scan(self, needles: Any) -> Scan:
            return Scan(("blobs",), 1, 1, len(needles), ("blobs/x at byte 0",))

    id = asked(agency)
    request.refuse_request(agency.with_parts(stores=Unclean()).system, agency["pia"], request_id=id, reason="none held")
    assert agency.get(Request, id).state is RequestState.REFUSED
    [left] = agency.find(Photograph)
    assert (left.state, left.receipt) == (PhotographState.ENDED, b"")
    assert left.blob_key not in agency.system.keys.names(), "nobody can open it, whatever still lies somewhere"
    assert ("photograph.destroyed", "failed") in [(leaf["event"], leaf["outcome"]) for leaf in agency.leaves()]
    assert recover.recover(agency.system).photographs == 1
    [gone] = agency.find(Photograph)
    assert gone.state is PhotographState.DESTROYED
    assert receipts.read_receipt(gone.receipt, log.vkeys(agency.system)).payload["photograph"] == gone.id


@pytest.mark.parametrize("line", ["keys.destroy", "blobs.purge", "keys.purge", "stores.scan", "witness.read"])
def test_req_71_a_crash_at_any_step_leaves_a_destruction_that_the_next_start_finishes(
    agency: Agency, line: str
) -> None:
    part, _, step = line.partition(".")

    class Killed(BaseException):
        pass

    class Breaking:
        def __getattr__(self, name: str) -> Any:
            if name == step:
                raise Killed
            return getattr(getattr(agency.system, part), name)

    id = asked(agency)
    [given] = agency.find(Photograph)
    with pytest.raises(Killed):
        request.refuse_request(
            agency.with_parts(**{part: Breaking()}).system, agency["pia"], request_id=id, reason="none held"
        )
    assert agency.get(Request, id).state is RequestState.REFUSED
    assert agency.find(Photograph)[0].state in (PhotographState.ENDED, PhotographState.CLEAN)
    recover.recover(agency.system)
    [gone] = agency.find(Photograph)
    assert (gone.state, gone.blob) == (PhotographState.DESTROYED, "")
    assert given.blob not in set(agency.system.blobs.addresses())
    assert given.blob_key not in agency.system.keys.names()
    assert receipts.read_receipt(gone.receipt, log.vkeys(agency.system)).payload["photograph"] == given.id


def test_req_71_who_asks_is_read_by_the_privacy_officer_alone_and_on_record(agency: Agency) -> None:
    id = asked(agency)
    opened = request.read_request(agency.system, agency["pia"], request_id=id)
    assert opened == request.Opened("A. Person, by letter", "passport seen at the counter")
    assert last(agency)[:2] == ("request.read", "done")
    assert agency.leaves()[-1]["operation"] == "consultation"


def test_req_71_a_request_without_records_is_not_granted(agency: Agency) -> None:
    id = asked(agency)
    assert rules_of(
        agency, request.grant_request, agency.system, agency["pia"], request_id=id, reason="because they ask"
    ) == ["request-records-are-named"]
    assert rules_of(
        agency, request.choose_records, agency.system, agency["pia"], request_id=id, face_ids=["nothing"]
    ) == ["request-records-are-held"]


def test_req_71_on_a_disk_no_byte_of_the_photograph_is_left(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    source, gallery = agency.source(), agency.gallery()
    agency.enrol(source, gallery, 3)
    id = asked(agency)
    [given] = agency.find(Photograph)
    sealed = agency.system.blobs.get(given.blob)
    assert any(sealed[:32] in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    compared(agency, id)
    request.refuse_request(agency.system, agency["pia"], request_id=id, reason="none is theirs")
    assert not any(sealed[:32] in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    [gone] = agency.find(Photograph)
    assert gone.state is PhotographState.DESTROYED
    assert dict(gone.summary)["needles"] != "0"
    agency.system.close()
