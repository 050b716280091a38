"""Records held as evidence: restricted, not erased; out of every search, looked at again in time, and told so by a receipt."""

from __future__ import annotations

import json

import pytest

from beholden.actions import check, enrol, erase, examine, people, recover, replay, request, restrict, reveal
from beholden.actions.statement import make_statement
from beholden.errors import BadInput, Changed, Missing
from beholden.formats import receipts
from beholden.records.erasure import ErasureState
from beholden.records.examination import Examination, ExaminationState
from beholden.records.faces import Face, FaceState
from beholden.records.images import Image, ImageState
from beholden.records.requests import Request, RequestState, Restriction, RestrictionState
from beholden.records.searches import Search, SearchState
from tests.agency import Agency, Ready, draw, last, rules_of

WHY = "evidence in the proceedings 2026-88 until the judgment"
LATER = "the judgment is under appeal, heard in a year"


@pytest.fixture
def ready(agency: Agency) -> Ready:
    return agency.ready(1, 2, 3)


def face_of(agency: Agency, place: int) -> Face:
    return agency.find(Face, order="face_no")[place]


def restricted(agency: Agency, *face_ids: str, by: str = "stella", **how: int) -> Restriction:
    return restrict.restrict_records(agency.system, agency[by], request_id=agency.granted(*face_ids), reason=WHY, **how)


def payload_of(receipt: bytes) -> dict[str, object]:
    text = receipt.decode().split("\n")
    assert text[0] == receipts.RECEIPT
    said: dict[str, object] = json.loads(text[1])
    return said


def test_req_74_restricted_records_are_in_no_search_and_their_receipt_says_restricted_not_erased(
    agency: Agency, ready: Ready
) -> None:
    face = face_of(agency, 2)
    assert agency.ranks_by_person(agency.search(ready.authority))[0] == 3
    made = restricted(agency, face.id)
    assert (made.state, made.face_ids) == (RestrictionState.IN_FORCE, (face.id,))
    assert (made.review_by - agency.clock.at).days == 180
    held = agency.get(Face, face.id)
    assert (held.state, held.template) == (FaceState.RESTRICTED, face.template)  # sealed, as it was
    assert agency.get(Image, face.image_id).state is ImageState.HELD
    assert agency.get(Request, made.request_id).state is RequestState.RESTRICTED
    found = agency.search(ready.authority)
    assert (found.coverage.references, found.coverage.waiting) == (2, 0)
    assert sorted(agency.ranks_by_person(found)) == [1, 2]
    said = payload_of(made.receipt)
    assert said["state"] == "restricted, not erased"
    assert (said["records"], said["reason"], said["reviewed_by"]) == ([face.id], WHY, None)
    assert (said["restricted_by"], said["confirmed_by"]) == (agency.ids["stella"], agency.ids["pia"])


def test_req_74_whoever_granted_does_not_restrict_and_it_needs_a_reason_and_a_day_to_look_again(
    agency: Agency, ready: Ready
) -> None:
    granted = agency.granted(face_of(agency, 2).id)
    act = (restrict.restrict_records, agency.system)
    assert rules_of(agency, *act, agency["pia"], request_id=granted, reason=WHY) == ["eraser-did-not-grant"]
    short = rules_of(agency, *act, agency["stella"], request_id=granted, reason="evidence", days=181)
    assert short == ["restriction-has-reason", "restriction-is-reviewed-in-time"]
    assert rules_of(agency, *act, agency["stella"], request_id=granted, reason=WHY, days=0) == [
        "restriction-is-reviewed-in-time"
    ]
    asked = request.receive_request(
        agency.system, agency["pia"], face_ids=[face_of(agency, 1).id], looked_for="by number", subject="by letter"
    )
    assert rules_of(agency, *act, agency["stella"], request_id=asked.id, reason=WHY) == ["request-is-granted"]
    assert {face.state for face in agency.find(Face)} == {FaceState.LIVE}
    assert agency.find(Restriction) == []


def test_req_74_another_privacy_officer_looks_again_and_the_receipt_is_made_anew(agency: Agency, ready: Ready) -> None:
    made = restricted(agency, face_of(agency, 2).id, days=30)
    keep = (restrict.keep_restricted, agency.system)
    told = {"request_id": made.request_id, "reason": LATER}
    assert rules_of(agency, *keep, agency["sven"], **told) == ["role-privacy-officer-reviews-restrictions"]
    agency.clock.pass_by(days=31)
    agency.officers |= {name: people.sign_in_as(agency.system, name=name) for name in ("pia", "paul", "stella", "ada")}
    overdue = {one.part: one for one in check.check(agency.system, agency["ada"])}["restrictions"]
    assert not overdue.holds
    assert "nobody looked again in time" in overdue.words
    kept = restrict.keep_restricted(agency.system, agency["pia"], **told, days=90)
    assert (kept.review_by - agency.clock.at).days == 90
    assert kept.receipt != made.receipt
    said = payload_of(kept.receipt)
    assert (said["reason"], said["reviewed_by"]) == (LATER, agency.ids["pia"])
    whole = {one.part: one for one in check.check(agency.system, agency["ada"])}["restrictions"]
    assert whole.holds
    assert whole.words == "records held as evidence, restricted, not erased: 1 (requests: 1)"


def test_req_74_who_restricted_does_not_look_again(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 2)
    made = restricted(agency, face.id, by="paul")
    for act in (restrict.keep_restricted, restrict.end_restriction):
        told = {"request_id": made.request_id, "reason": LATER}
        assert rules_of(agency, act, agency.system, agency["paul"], **told) == ["reviewer-did-not-restrict"]


def test_req_74_once_it_is_evidence_no_more_the_granted_erasure_is_carried_out(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 2)
    made = restricted(agency, face.id)
    erasing = (erase.erase, agency.system, agency["stella"])
    assert rules_of(agency, *erasing, request_id=made.request_id) == ["request-is-granted"]
    ended = restrict.end_restriction(
        agency.system, agency["paul"], request_id=made.request_id, reason="the judgment is final since May"
    )
    assert (ended.state, ended.receipt) == (RestrictionState.ENDED, made.receipt)
    assert agency.get(Face, face.id).state is FaceState.RESTRICTED  # nothing brings it back into a search
    assert agency.search(ready.authority).coverage.references == 2
    done = erase.erase(agency.system, agency["stella"], request_id=made.request_id)
    assert (done.state, done.face_ids) == (ErasureState.ERASED, (face.id,))
    assert agency.get(Face, face.id).state is FaceState.ERASED
    act = (restrict.keep_restricted, agency.system, agency["pia"])
    assert rules_of(agency, *act, request_id=made.request_id, reason=LATER) == ["restriction-is-in-force"]


def test_req_74_a_restricted_record_is_opened_to_nobody_and_its_picture_is_not_taken_in_again(
    agency: Agency, ready: Ready
) -> None:
    face = face_of(agency, 2)
    made = restricted(agency, face.id)
    with pytest.raises(Missing):
        reveal.reveal_picture(
            agency.system, agency["aude"], of="reference", id=face.id, reason="a complaint about this very record"
        )
    again = enrol.enrol_image(
        agency.system,
        agency["stella"],
        draw(3),
        source_id=ready.source.id,
        gallery_id=agency.gallery("another").id,
        taken_from=enrol.TakenFrom(file="again.png", page_url="https://example.org/again"),
    )
    assert not again.faces
    # Who asks again is told of it: the privacy officer finds it still, and names it.
    assert [one.face_id for one in request.find_references(agency.system, agency["pia"], person_ref="person 3")] == [
        face.id
    ]
    assert agency.granted(face.id) != made.request_id


def test_a_search_under_review_goes_on_without_who_is_restricted(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    agency.review(found, 1)
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    top = next(face for face in agency.find(Face, order="face_no") if face.face_no == 2)
    opened = examine.open_examination(agency.system, agency["erik"], search_id=found.id)
    assert opened.handle
    restricted(agency, top.id)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED  # nothing more is to be examined
    assert [one.state for one in agency.find(Examination)] == [ExaminationState.VOID]


def test_a_replay_counts_who_is_restricted_as_gone_and_finds_the_rest_the_same(agency: Agency, ready: Ready) -> None:
    found = agency.search(ready.authority)
    agency.unsealed(found, 1)
    restricted(agency, face_of(agency, 1).id)
    why = "the defence asks whether the list was complete"
    made = replay.replay_search(agency.system, agency["aude"], search_id=found.id, reason=why)
    assert (made.same, made.listed, made.gone, made.closed, made.differing) == (True, 3, 1, 0, 0)
    leads = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    assert face_of(agency, 1).id not in {lead.candidate.face_id for lead in leads}


def test_a_receipt_that_a_crash_kept_from_being_made_is_made_by_the_next_start(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(restrict, "_give_receipt", lambda _system, held: held)
        made = restricted(agency, face_of(agency, 2).id)
    assert agency.get(Restriction, made.id).receipt == b""
    recover.recover(agency.system)
    given = agency.get(Restriction, made.id).receipt
    assert payload_of(given)["restriction"] == made.id
    recover.tend(agency.system)
    assert agency.get(Restriction, made.id).receipt == given


def test_nothing_is_restricted_that_is_held_no_more(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 2)
    one, other = agency.granted(face.id), agency.granted(face.id)
    erase.erase(agency.system, agency["stella"], request_id=one)
    with pytest.raises(BadInput, match="there is nothing to restrict"):
        restrict.restrict_records(agency.system, agency["stella"], request_id=other, reason=WHY)
    with pytest.raises(BadInput, match="were not restricted"):
        restrict.keep_restricted(agency.system, agency["pia"], request_id=other, reason=LATER)
    assert last(agency)[1] == "failed"


def test_of_two_faces_in_one_picture_the_other_one_is_searched_on(agency: Agency) -> None:
    ready = agency.ready(1)
    both = agency.enrol(ready.source, ready.gallery, 3, 5)
    made = restricted(agency, both.faces[0].id)
    found = agency.search(ready.authority)
    assert found.coverage.references == 2
    assert agency.get(Face, both.faces[1].id).state is FaceState.LIVE
    restrict.end_restriction(
        agency.system, agency["paul"], request_id=made.request_id, reason="the judgment is final since May"
    )
    done = erase.erase(agency.system, agency["stella"], request_id=made.request_id)
    assert done.part_image_ids == (both.faces[0].image_id,)


def test_an_erasure_of_the_other_face_leaves_the_restricted_one_its_picture(agency: Agency) -> None:
    ready = agency.ready(1)
    both = agency.enrol(ready.source, ready.gallery, 3, 5)
    restricted(agency, both.faces[0].id)
    done = agency.erase(both.faces[1].id)
    assert (done.part_image_ids, done.whole_image_ids) == ((both.faces[0].image_id,), ())
    assert agency.get(Image, both.faces[0].image_id).state is ImageState.HELD


def test_a_statement_of_use_counts_what_was_restricted(agency: Agency, ready: Ready) -> None:
    restricted(agency, face_of(agency, 2).id)
    issued = make_statement(
        agency.system,
        agency["aude"],
        begins_at=agency.clock.at.replace(year=2020),
        ends_at=agency.clock.at.replace(year=2030),
    )
    [count] = [one.count for one in issued.statement.figures if "restriction" in one.name]
    assert count == 1


def test_two_requests_about_one_record_restrict_it_once_and_each_has_its_receipt(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 2)
    first, second = restricted(agency, face.id), restricted(agency, face.id)
    assert agency.get(Face, face.id).version == face.version + 1
    for one in (first, second):
        assert payload_of(one.receipt)["restriction"] == one.id
    assert agency.search(ready.authority).coverage.references == 2


def test_a_record_that_is_being_erased_is_not_restricted(agency: Agency, ready: Ready) -> None:
    face = face_of(agency, 2)
    granted = agency.granted(face.id)
    agency.change(face, state=FaceState.ERASING)
    with pytest.raises(Changed, match="being erased at this moment"):
        restrict.restrict_records(agency.system, agency["stella"], request_id=granted, reason=WHY)


def test_who_decides_while_a_receipt_is_made_has_the_one_that_is_kept(
    agency: Agency, ready: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, waiting = receipts.prove, [True]

    def slow(*given: object) -> object:
        if waiting:
            waiting.clear()
            [held] = agency.find(Restriction)
            restrict.keep_restricted(agency.system, agency["pia"], request_id=held.request_id, reason=LATER)
        return whole(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(receipts, "prove", slow)
    made = restricted(agency, face_of(agency, 2).id)
    assert made.reason == LATER
    said = payload_of(agency.get(Restriction, made.id).receipt)
    assert (said["reason"], said["reviewed_by"]) == (LATER, agency.ids["pia"])
