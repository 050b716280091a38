"""Erasure: two people, every store, proof or no receipt, and whatever interrupts it is finished later."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from beholden.actions import enrol, entries, erase, examine, log, oversee, people, recover, request, reseal
from beholden.actions.enrol import PICTURE
from beholden.actions.erase import finish_erasures
from beholden.blobs.memory import MemoryBlobs
from beholden.errors import (
    BadInput,
    Changed,
    IndexIncomplete,
    KeyDestroyed,
    Missing,
    NotProven,
    StoreNotClean,
    Untrusted,
)
from beholden.formats import receipts
from beholden.records.audit import Item, commit
from beholden.records.candidates import Candidate
from beholden.records.disclosures import Notice
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.faces import Face, FaceState
from beholden.records.images import Block, Image, ImageState
from beholden.records.requests import Request, RequestState
from beholden.stores.memory import MemoryStores
from tests.agency import Agency, Ready, draw, last, rules_of, small_agency
from tests.parts import CountedIndex


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def face_of(agency: Agency, person: int) -> Face:
    [reference] = request.find_references(agency.system, agency["pia"], page_url=f"https://example.org/{person}")
    return agency.get(Face, reference.face_id)


def test_references_are_found_by_what_the_source_told_and_by_no_face(agency: Agency, ready: Ready) -> None:
    embedded = agency.model.embedded
    find = partial(request.find_references, agency.system, agency["pia"])
    [by_person] = find(person_ref="person 3")
    image = agency.get(Image, by_person.image_id)
    assert find(page_url="https://example.org/3") == [by_person] == find(image_id=image.id)
    assert by_person == request.Reference(by_person.face_id, image.id, ready.gallery.id, ready.source.id)
    assert find(person_ref="person 9") == []
    told = agency.told(len(agency.leaves()) - 2)
    assert (told["found"], told["by"]) == ([by_person.face_id], ["image"])
    for wrong in ({}, {"person_ref": "a", "page_url": "b"}):
        with pytest.raises(BadInput, match="by one of"):
            find(**wrong)
    with pytest.raises(Missing):
        find(image_id="0" * 32)
    with pytest.raises(Missing):
        request.find_references(agency.system, agency["ines"], person_ref="person 3")
    assert last(agency) == ("reference.found", "refused", ["role-privacy-officer-answers-requests"])
    assert agency.model.embedded == embedded


def receive(agency: Agency, *face_ids: str, **changes: Any) -> Request:
    told = {"looked_for": "by reference", "subject": "A. Person", "face_ids": face_ids}
    return request.receive_request(agency.system, agency["pia"], **(told | changes))


def test_a_request_is_due_in_thirty_days_and_names_records_that_are_held(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 3)
    asked = receive(agency, face.id, face.id)
    assert (asked.face_ids, (asked.due_at - agency.clock.at).days, asked.state) == (
        (face.id,),
        30,
        RequestState.RECEIVED,
    )
    opened = agency.system.keys.open(asked.id, asked.subject, request.SUBJECT)
    assert json.loads(opened) == "A. Person"
    assert rules_of(agency, receive, agency) == ["request-names-records"]
    assert rules_of(agency, receive, agency, "0" * 32) == ["request-records-are-held"]
    for changes in ({"subject": " "}, {"looked_for": ""}):
        with pytest.raises(BadInput, match="say who asks"):
            receive(agency, face.id, **changes)
    with pytest.raises(BadInput, match="'access' is no kind of request"):
        receive(agency, face.id, kind="access")


def test_a_request_is_decided_once_with_its_reason_and_a_checked_identity(agency: Agency, ready: Ready) -> None:
    asked = receive(agency, face_of(agency, 3).id)
    grant = partial(request.grant_request, agency.system, agency["pia"], request_id=asked.id, reason="seen")
    assert rules_of(agency, grant, identity_checked=False) == ["requester-is-who-they-say"]
    refuse = partial(request.refuse_request, agency.system, agency["pia"], request_id=asked.id)
    assert rules_of(agency, refuse, reason="no") == ["decision-has-reason"]
    assert refuse(reason=" not the person ").reason == "not the person"
    assert rules_of(agency, grant, identity_checked=True) == ["request-is-undecided"]
    assert rules_of(agency, erase.erase, agency.system, agency["stella"], request_id=asked.id) == ["request-is-granted"]


def test_a_check_of_who_asks_that_is_made_with_the_decision_is_on_record(agency: Agency, ready: Ready) -> None:
    asked = receive(agency, face_of(agency, 3).id)
    pia, reason = agency["pia"], "passport seen"
    granted = request.grant_request(agency.system, pia, request_id=asked.id, reason=reason, identity_checked=True)
    assert granted.identity_checked_by == agency.ids["pia"]
    assert agency.told(agency.leaves()[-1]["n"])["identity_checked"] == [True]


def test_a_request_is_withdrawn_even_when_it_was_granted(agency: Agency, ready: Ready) -> None:
    request_id = agency.granted(face_of(agency, 3).id)
    withdraw = partial(request.withdraw_request, agency.system, agency["pia"], request_id=request_id)
    assert withdraw().state is RequestState.WITHDRAWN
    assert rules_of(agency, withdraw) == ["request-can-be-withdrawn"]
    assert rules_of(agency, erase.erase, agency.system, agency["stella"], request_id=request_id) == [
        "request-is-granted"
    ]
    assert face_of(agency, 3).state is FaceState.LIVE


def test_req_74_whoever_granted_does_not_erase_and_what_is_on_hold_stays(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 3)
    request_id = agency.granted(face.id)
    assert rules_of(agency, erase.erase, agency.system, agency["pia"], request_id=request_id) == [
        "eraser-did-not-grant"
    ]
    agency.change(face, kept=replace(face.kept, legal_hold=True))
    assert rules_of(agency, erase.erase, agency.system, agency["stella"], request_id=request_id) == [
        "nothing-is-on-hold"
    ]
    assert agency.find(Erasure) == []


def test_req_74_a_receipt_says_what_went_who_did_it_and_proves_its_entry(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    face = face_of(agency, 3)
    erased = agency.erase(face.id)
    assert erased.state is ErasureState.ERASED
    receipt = receipts.read_receipt(erased.receipt, log.vkeys(agency.system))
    told = receipt.payload
    assert told["records"] == [face.id]
    assert told["images_erased_whole"] == [face.image_id]
    assert told["images_sealed_anew_without_them"] == []
    assert told["statement"] == "These 1 records were erased from every store named here."
    assert told["looked_for"] == "by the source's person reference"
    assert "not estimated" in str(told["share_missed"])
    assert (told["started_by"], told["confirmed_by"]) == (agency.ids["stella"], agency.ids["pia"])
    assert "kek.json" in str(told["backups"])
    leaf = json.loads(receipt.proof.leaf)
    assert (leaf["event"], leaf["outcome"], leaf["n"]) == ("erasure.finished", "done", receipt.proof.n)
    assert oversee.erased_searches(agency.system, agency["aude"], erasure_id=erased.id) == [found.id]
    assert rules_of(agency, oversee.erased_searches, agency.system, agency["pia"], erasure_id=erased.id) == [
        "role-auditor-reads-erasures"
    ]
    assert agency.get(Erasure, erased.id).needles == ()


def test_req_74_a_receipt_with_one_byte_changed_is_not_one(agency: Agency, ready: Ready) -> None:
    receipt = agency.erase(face_of(agency, 3).id).receipt
    for place in range(0, len(receipt), max(1, len(receipt) // 60)):
        changed = receipt[:place] + bytes([receipt[place] ^ 1]) + receipt[place + 1 :]
        with pytest.raises((NotProven, Untrusted)):
            receipts.read_receipt(changed, log.vkeys(agency.system))


def test_req_75_the_erased_template_was_searched_for_and_did_not_come_back(agency: Agency, ready: Ready) -> None:
    agency.search(ready.authority)
    erased = agency.erase(face_of(agency, 3).id)
    told = receipts.read_receipt(erased.receipt, log.vkeys(agency.system)).payload
    assert told["post_delete_rank"] is None
    assert told["self_test"] == "1 of 1 templates searched after removal"
    found = agency.search(ready.authority)
    assert sorted(agency.ranks_by_person(found)) == [1, 2]


def test_req_75_an_index_that_still_returns_it_gives_no_receipt(agency: Agency, ready: Ready) -> None:
    class Stubborn(CountedIndex):
        def drop(self, face_nos: Iterable[int]) -> None:
            """Keeps everything."""

    agency.search(ready.authority)
    stubborn = agency.with_parts(index=Stubborn(agency.system.index))
    with pytest.raises(StoreNotClean, match="the index still returns"):
        stubborn.erase(face_of(agency, 3).id)
    [erasure] = agency.find(Erasure)
    assert (erasure.state, erasure.receipt) == (ErasureState.ERASING, b"")
    assert face_of_state(agency) == {FaceState.LIVE: 2, FaceState.ERASING: 1}
    [finished] = finish_erasures(agency.system, alone=True)
    assert finished.state is ErasureState.ERASED


def face_of_state(agency: Agency) -> dict[FaceState, int]:
    states = [face.state for face in agency.find(Face)]
    return {state: states.count(state) for state in set(states)}


def test_req_64_nothing_is_left_of_an_erased_record_but_that_it_was(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    leads = agency.unsealed(found, 1)
    face = face_of(agency, 3)
    image = agency.get(Image, face.image_id)
    assert leads[0].candidate.face_id == face.id
    agency.erase(face.id)
    gone, frame = agency.get(Face, face.id), agency.get(Image, image.id)
    assert (gone.template, gone.person_mark, gone.box, gone.landmarks) == (b"", "", erase.NO_BOX, ())
    assert (gone.quality, gone.state, gone.face_no) == (erase.NO_QUALITY, FaceState.ERASED, face.face_no)
    assert (frame.mark, frame.person_mark, frame.page_mark, frame.blob, frame.provenance) == ("", "", "", "", b"")
    assert frame.state is ImageState.ERASED
    assert agency.find(Item, record_id=face.id) == agency.find(Item, record_id=image.id) == []
    assert agency.get(Candidate, leads[0].candidate.id).lead == b""
    assert [block.mark for block in agency.find(Block)] == [image.mark]
    for name in (face.id, image.id, image.blob_key):
        with pytest.raises(KeyDestroyed):
            agency.system.keys.seal(name, b"", "any")
    with pytest.raises(Missing):
        agency.system.blobs.get(image.blob)
    assert [lead.rank for lead in examine.read_leads(agency.system, agency["ines"], search_id=found.id)] == [2, 3]


def test_req_74_of_twenty_candidates_one_erased_leaves_nineteen_provable() -> None:
    agency = small_agency()
    ready = agency.ready(*range(1, 21))
    found = agency.search(ready.authority)
    n = len(agency.leaves()) - 1
    agency.erase(face_of(agency, 3).id)
    commitments = [one["commitment"] for one in agency.leaves()[n]["items"] if one["name"] == "shown"]
    with agency.system.database.look() as look:
        opened = [one for one in log.opened_items(agency.system, look, n) if one.name == "shown"]
        assert log.check_log(agency.system, look) == len(agency.leaves())
    assert (len(commitments), len(opened), found.people) == (20, 19, 20)
    for one in opened:
        assert commitments.count(commit(one.salt, one.value)) == 1


def test_req_64_of_two_faces_in_a_frame_one_is_blanked_and_the_other_lives_on(agency: Agency, ready: Ready) -> None:
    enrolled = agency.enrol(ready.source, ready.gallery, 8, 9, ref="")
    left, right = enrolled.faces
    image = enrolled.image
    assert image is not None
    erased = agency.erase(left.id)
    again = agency.get(Image, image.id)
    assert erased.part_image_ids == (image.id,)
    assert (again.state, again.kind, again.mark) == (ImageState.HELD, "PNG", image.mark)
    assert (again.person_mark, again.page_mark) == ("", "")
    words = json.loads(agency.system.keys.open(again.id, again.provenance, enrol.PROVENANCE))
    assert [words[name] for name in ("file", "person_ref", "page_title", "caption")] == [""] * 4
    assert words["image_url"] == "https://example.org/8-0.png"
    assert again.blob_key != image.blob_key
    with pytest.raises(KeyDestroyed):
        agency.system.keys.open(image.blob_key, b"", PICTURE)
    content = agency.system.keys.open(again.blob_key, agency.system.blobs.get(again.blob), PICTURE)
    pixels = agency.system.media.decode(content).pixels
    assert [face.box for face in agency.model.find(pixels)] == [right.box]
    assert agency.find(Block) == []  # only a wholly erased frame's file is blocked
    assert sorted(agency.ranks_by_person(agency.search(ready.authority)))[-1] >= 8
    rest = agency.erase(right.id)
    assert rest.whole_image_ids == (image.id,)
    assert [block.mark for block in agency.find(Block)] == [image.mark]


def test_what_another_request_erased_meanwhile_is_told_as_erased_before(agency: Agency, ready: Ready) -> None:
    face, other = face_of(agency, 3), face_of(agency, 2)
    first, second, third = agency.granted(face.id), agency.granted(face.id, other.id), agency.granted(face.id)
    erase.erase(agency.system, agency["stella"], request_id=first)
    erased = erase.erase(agency.system, agency["stella"], request_id=second)
    assert (erased.face_ids, erased.already_erased) == ((other.id,), (face.id,))
    told = receipts.read_receipt(erased.receipt, log.vkeys(agency.system)).payload
    assert (told["records"], told["records_erased_before"]) == ([other.id], [face.id])
    with pytest.raises(BadInput, match="none of these records is held any more"):
        erase.erase(agency.system, agency["stella"], request_id=third)
    assert agency.get(Request, third).state is RequestState.GRANTED


def test_a_frame_of_which_a_face_is_being_erased_waits_for_that(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = agency.enrol(ready.source, ready.gallery, 8, 9, ref="").faces
    first, second = agency.granted(one.id), agency.granted(other.id)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erase, "_remember", crash)
    with pytest.raises(KeyboardInterrupt):
        erase.erase(agency.system, agency["stella"], request_id=first)
    monkeypatch.undo()
    with pytest.raises(Changed, match="1 faces of these photographs are being erased"):
        erase.erase(agency.system, agency["stella"], request_id=second)
    assert finish_erasures(agency.system, alone=False) == []  # somebody works on it, for all that another can know
    agency.clock.pass_by(minutes=31)
    assert [done.state for done in finish_erasures(agency.system, alone=False)] == [ErasureState.ERASED]
    agency.officers["stella"] = people.sign_in_as(agency.system, name="stella")
    assert erase.erase(agency.system, agency["stella"], request_id=second).whole_image_ids == (one.image_id,)


@pytest.mark.parametrize(("at", "step"), [(MemoryBlobs, "put"), (reseal, "seal_fingerprint")])
def test_a_frame_that_is_not_sealed_anew_to_the_end_leaves_no_key_and_no_bytes(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch, at: Any, step: str
) -> None:
    one, other = agency.enrol(ready.source, ready.gallery, 8, 9, ref="").faces
    request_id = agency.granted(one.id)
    before, blobs = agency.system.keys.names(), set(agency.system.blobs.addresses())

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(at, step, pressed)
    with pytest.raises(KeyboardInterrupt):
        erase.erase(agency.system, agency["stella"], request_id=request_id)
    monkeypatch.undo()
    made = agency.system.keys.names() - before
    assert made <= {record.id for record in (*agency.find(Erasure), *agency.find(Block))}
    assert set(agency.system.blobs.addresses()) <= blobs
    assert recover.recover(agency.system).erasures == 1
    assert agency.get(Face, other.id).state is FaceState.LIVE


def test_a_picture_that_is_damaged_keeps_nobody_from_being_erased(agency: Agency, ready: Ready) -> None:
    one, other = agency.enrol(ready.source, ready.gallery, 8, 9, ref="").faces
    alone = face_of(agency, 3)
    for image_id in (one.image_id, alone.image_id):
        agency.system.blobs.purge(agency.get(Image, image_id).blob)
    erased = agency.erase(one.id, alone.id)
    assert erased.state is ErasureState.ERASED
    told = receipts.read_receipt(erased.receipt, log.vkeys(agency.system)).payload
    assert told["damaged_pictures"] == "1"
    assert agency.get(Face, other.id).state is FaceState.LIVE


def test_two_images_of_one_file_are_blocked_once(agency: Agency, ready: Ready) -> None:
    second = agency.source(name="second")
    one = agency.enrol(ready.source, ready.gallery, 30)
    assert one.image is not None
    assert agency.enrol(second, ready.gallery, 30).image is None
    agency.erase(one.faces[0].id)
    block = agency.get(Block, one.image.mark)
    agency.change(one_image := agency.find(Image, state=ImageState.HELD)[0], mark=block.mark)
    [other] = agency.find(Face, image_id=one_image.id)
    agency.erase(other.id)
    assert agency.find(Block) == [block]


STEPS = ["_remember", "reseal_others", "_post_delete_ranks", "_empty_rows", "_give_receipt"]


@pytest.mark.parametrize("step", [*STEPS, "purge", "scan"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_req_64_an_erasure_that_is_interrupted_at_any_step_is_finished_by_the_next_start(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    group = agency.enrol(ready.source, ready.gallery, 8, 9, ref="")
    agency.search(ready.authority)
    alone = face_of(agency, 3)
    request_id = agency.granted(alone.id, group.faces[0].id)
    at, name = {"purge": (type(agency.system.database), "purge"), "scan": (MemoryStores, "scan")}.get(
        step, (erase, step)
    )
    whole = getattr(at, name)

    def interrupted(*given: Any) -> Any:
        if after:
            whole(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(at, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        erase.erase(agency.system, agency["stella"], request_id=request_id)
    monkeypatch.undo()
    assert sorted(agency.ranks_by_person(agency.search(ready.authority))) == [1, 2, 8]
    recovered = recover.recover(agency.system)
    assert recovered.erasures == (0 if (step, after) == ("_give_receipt", True) else 1)
    assert recover.recover(agency.system) == recover.Recovered(0, 0, 0, 0, 0)
    [erasure] = agency.find(Erasure)
    told = receipts.read_receipt(erasure.receipt, log.vkeys(agency.system)).payload
    assert (erasure.state, told["records"]) == (ErasureState.ERASED, [alone.id, group.faces[0].id])
    assert [agency.get(Face, one.id).state for one in (alone, *group.faces)] == [
        FaceState.ERASED,
        FaceState.ERASED,
        FaceState.LIVE,
    ]
    assert agency.system.keys.names().isdisjoint({alone.id, alone.image_id, group.faces[0].id})
    assert agency.search(ready.authority).coverage.references == 3


def test_a_store_that_still_holds_something_gives_no_receipt_and_is_named() -> None:
    leftovers: dict[str, bytes] = {}
    agency = small_agency(stores=MemoryStores([lambda: leftovers.items()]))
    ready = agency.ready(1, 3)
    face = face_of(agency, 3)
    leftovers["cache/old.bin"] = b"x" * 7 + agency.system.blobs.get(agency.get(Image, face.image_id).blob)
    with pytest.raises(StoreNotClean, match=r"cache/old\.bin at byte 7") as caught:
        agency.erase(face.id)
    *_, failed, opened = agency.leaves()
    assert (failed["event"], failed["outcome"], opened["event"]) == ("erasure.finished", "failed", "incident.opened")
    assert caught.value.entry == failed["n"]
    [erasure] = agency.find(Erasure)
    assert (erasure.state, erasure.receipt) == (ErasureState.ERASING, b"")
    assert agency.search(ready.authority).people == 1
    assert recover.recover(agency.system).erasures == 0
    leftovers.clear()
    assert recover.recover(agency.system).erasures == 1
    [erasure] = agency.find(Erasure)
    told = receipts.read_receipt(erasure.receipt, log.vkeys(agency.system)).payload
    assert told["self_test"] == "0 of 1 templates searched after removal"


def test_a_person_in_more_records_than_one_entry_holds_is_erased_all_the_same(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "ITEMS", 2)
    faces = [face_of(agency, person).id for person in (1, 2, 3)]
    erased = agency.erase(*faces)
    assert erased.state is ErasureState.ERASED
    numbers = [leaf["n"] for leaf in agency.leaves() if leaf["event"] == "erasure.started"]
    told = [agency.told(n) for n in numbers]
    assert len(numbers) == 3
    assert [one.get("continues") for one in told] == [None, [numbers[0]], [numbers[0]]]
    assert {face for one in told for face in one.get("face", [])} == set(faces)


def test_searched_for_and_enrolled_again_it_stays_gone(agency: Agency, ready: Ready) -> None:
    agency.erase(face_of(agency, 3).id)
    assert enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(3),
        source_id=ready.source.id,
        gallery_id=ready.gallery.id,
        taken_from=enrol.TakenFrom("again.png"),
    ) == enrol.Enrolled(None, (), ())
    assert agency.find(Notice, about=ready.authority.id)[0].sent is False


def test_an_erasure_whose_index_turns_out_to_be_incomplete_makes_it_anew_and_has_its_receipt(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.search(ready.authority)
    face = agency.find(Face, order="face_no")[0]

    class Damaged:
        def __init__(self) -> None:
            self.forgotten = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(agency.system.index, name)

        def nearest(self, *_: object, **__: object) -> Any:
            raise IndexIncomplete("a sealed copy of the index is damaged")

        def forget(self) -> None:
            self.forgotten += 1
            agency.system.index.forget()

    damaged = Damaged()
    done = agency.with_parts(index=damaged).erase(face.id)
    assert (damaged.forgotten, done.state, bool(done.receipt)) == (1, ErasureState.ERASED, True)
    assert agency.search(ready.authority).people == 2
