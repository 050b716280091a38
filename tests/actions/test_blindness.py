"""What somebody who still owes a blind opinion could learn: from the log, a manifest, another search, or what was erased."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from beholden.actions import enrol, examine, review, sought
from beholden.actions.erase import SEARCHES
from beholden.actions.oversee import erased_searches
from beholden.errors import Missing
from beholden.records.audit import Item
from beholden.records.candidates import Candidate
from beholden.records.cases import Case
from beholden.records.examination import Examination, ExaminationState
from beholden.records.faces import Face, FaceState
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.review import Pair
from beholden.records.searches import Search, SearchState
from beholden.records.sought import Sought
from tests.agency import ALIKE, Agency, last, rules_of


def lock(agency: Agency, handle: str, name: str, opinion: int = 3) -> Examination:
    return examine.lock_examination(
        agency.system, agency[name], handle=handle, components=ALIKE, limitations="scar", opinion=opinion
    )


def open_one(agency: Agency, found: Search, name: str) -> str:
    handle = examine.open_examination(agency.system, agency[name], search_id=found.id).handle
    agency.describe(handle, name)
    return handle


def face_of(agency: Agency, handle: str) -> str:
    return agency.get(Candidate, agency.get(Examination, handle).candidate_id).face_id


def twice(agency: Agency) -> tuple[Search, Search]:
    """Two searches for the same sought; of the first, one potential candidate is examined and the scores are open."""
    ready = agency.ready(1, 2, 3)
    first = agency.search(ready.authority)
    agency.unsealed(first, 1)
    return first, agency.search(ready.authority)


def test_req_35_the_log_does_not_tell_which_reference_is_in_which_pair(agency: Agency) -> None:
    found = agency.search(agency.ready(*range(1, 10)).authority)
    taken, _ = review.open_review(agency.system, agency["rosa"], search_id=found.id)
    items = agency.find(Item, n=len(agency.leaves()) - 1, name="shown")
    shown = [item.record_id for item in sorted(items, key=lambda item: int(item.id.partition("/")[2]))]
    in_pairs = [
        agency.get(Candidate, pair.candidate_id).face_id
        for pair in agency.find(Pair, review_id=taken.id, order="position")
    ]
    assert shown == sorted(in_pairs)
    assert sorted(shown) != in_pairs  # 1 of 9! orders is the sorted one


@pytest.mark.parametrize(
    "words", ["John Doe, b. 1970, registry no. 4711", "2019-02-30", "2019-05-04 at the harbour", "summer 2019"]
)
def test_req_35_words_in_the_place_of_a_date_are_not_shown_to_a_blind_reader(agency: Agency, words: str) -> None:
    ready = agency.ready(3)
    [image] = agency.find(Image)
    keys = agency.system.keys
    told = json.loads(keys.open(image.id, image.provenance, enrol.PROVENANCE)) | {"captured_at": words}
    agency.change(image, provenance=keys.seal(image.id, json.dumps(told).encode(), enrol.PROVENANCE))
    found = agency.search(ready.authority)
    _, [one] = review.open_review(agency.system, agency["rosa"], search_id=found.id)
    assert one.reference_captured_at == ""


def test_req_35_an_examiner_reads_no_search_in_which_they_had_no_part(agency: Agency) -> None:
    first, _ = twice(agency)
    read = examine.read_leads
    assert rules_of(agency, read, agency.system, agency["emil"], search_id=first.id) == ["examiner-reads-own-searches"]
    for name in ("rosa", "erik", "edda", "ines", "sven", "aude"):
        assert len(read(agency.system, agency[name], search_id=first.id)) == 3, name


def test_req_38_whoever_could_know_a_score_from_another_search_is_recorded_to(agency: Agency) -> None:
    _, second = twice(agency)
    agency.review(second, 1)
    for name in ("erik", "emil"):
        agency.examine(second, name, 3)
    known = {one.examiner: one.score_revealed for one in agency.find(Examination, search_id=second.id)}
    assert known == {agency.ids["erik"]: True, agency.ids["emil"]: False}
    assert agency.told(len(agency.leaves()) - 1)["score_revealed"] == [False]
    leads = examine.read_leads(agency.system, agency["ines"], search_id=second.id)
    packet = json.loads(agency.disclose(second, leads[0]).files["disclosure.json"])
    assert sorted(one["score_was_known"] for one in packet["leads"][0]["opinions"]) == [False, True]


def test_req_38_the_same_person_declared_anew_or_a_supervisor_who_reads_everything_is_no_way_around(
    agency: Agency,
) -> None:
    first, _ = twice(agency)
    earlier = agency.get(Sought, first.sought_id)
    again = sought.declare_sought(
        agency.system,
        agency["ines"],
        case_id=first.case_id,
        face_ids=earlier.face_ids,
        subject_role="victim",
        why="declared anew",
    )
    asked = agency.request(agency.get(Case, first.case_id), again, *agency.find(Gallery))
    second = agency.search(agency.approve(asked))
    agency.change_roles("emil", "examiner", "supervisor")
    agency.review(second, 1)
    for name in ("erik", "emil"):
        agency.examine(second, name, 3)
    assert [one.score_revealed for one in agency.find(Examination, search_id=second.id)] == [True, True]


def test_req_38_a_search_that_is_still_sealed_reveals_nothing(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    first, second = agency.search(ready.authority), agency.search(ready.authority)
    for found in (first, second):
        agency.review(found, 1)
    for found in (first, second):
        agency.examine(found, "erik", 3)
    assert [one.score_revealed for one in agency.find(Examination)] == [False, False]


def test_req_39_an_opinion_locked_when_the_scores_are_open_already_says_so(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)
    handle = open_one(agency, found, "erik")
    agency.change(agency.get(Search, found.id), state=SearchState.UNSEALED)
    assert lock(agency, handle, "erik").score_revealed is True


def test_an_examination_whose_reference_was_erased_is_ended_and_keeps_nothing(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)
    handle = open_one(agency, found, "erik")
    with agency.system.database.begin() as tx:  # as in the moment before the erasure has come to the examinations
        tx.change(tx.get(Face, face_of(agency, handle)), state=FaceState.ERASING)
    ended = lock(agency, handle, "erik")
    assert (ended.state, ended.opinion, ended.components, ended.limitations) == (ExaminationState.VOID, None, (), "")
    assert last(agency) == ("examination.locked", "done", [])
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    assert rules_of(agency, lock, agency, handle, "erik") == ["examination-is-open"]
    assert len(examine.read_leads(agency.system, agency["erik"], search_id=found.id)) == 2  # they owe nothing


def test_an_erasure_ends_open_examinations_and_empties_locked_ones_but_for_the_opinion(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1, 2)
    erik, edda = open_one(agency, found, "erik"), open_one(agency, found, "edda")
    faces = {face_of(agency, handle) for handle in (erik, edda)}
    locked = lock(agency, erik, "erik", -2)
    others = [one for one in agency.find(Examination) if one.id not in (erik, edda)]
    with agency.system.database.begin() as tx:
        examine.void_examinations(tx, sorted(faces))
        examine.void_examinations(tx, sorted(faces))  # a crash in between, and done again
    assert agency.get(Examination, erik) == replace(locked, version=4, components=(), limitations="", described=())
    ended = agency.get(Examination, edda)
    assert (ended.state, ended.version, ended.opinion, ended.described) == (ExaminationState.VOID, 3, None, ())
    assert [one for one in agency.find(Examination) if one.id not in (erik, edda)] == others


def test_an_opinion_about_an_erased_reference_is_not_revised(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(found, 1)
    one = agency.find(Examination, examiner=agency.ids["erik"])[0]
    agency.erase(face_of(agency, one.id))
    with pytest.raises(Missing, match="the opinion stays as it is"):
        examine.revise_examination(
            agency.system, agency["erik"], handle=one.id, components=ALIKE, limitations="scar", opinion=1
        )
    assert agency.get(Examination, one.id).opinion == 3


def test_req_38_a_revision_that_disagrees_takes_no_lead_back_and_is_disclosed_beside_the_opinions(
    agency: Agency,
) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    leads = agency.unsealed(found, 1)
    one = agency.find(Examination, examiner=agency.ids["erik"])[0]
    examine.revise_examination(
        agency.system, agency["erik"], handle=one.id, components=ALIKE, limitations="", opinion=-1
    )
    packet: dict[str, Any] = json.loads(agency.disclose(found, leads[0]).files["disclosure.json"])
    opinions = packet["leads"][0]["opinions"]
    assert sorted((told["step"], told["in_force"], told["score_was_known"]) for told in opinions) == [
        (-1, True, True),
        (3, False, False),
        (3, True, False),
    ]
    assert packet["leads"][0]["disagreement"] is True


def test_only_an_auditor_opens_which_searches_had_shown_an_erased_person_and_that_is_on_record(
    agency: Agency,
) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(found, 1)
    erased = agency.erase(agency.find(Candidate)[0].face_id)
    assert found.id.encode() not in erased.searches
    assert json.loads(agency.system.keys.open(erased.id, erased.searches, SEARCHES)) == [found.id]
    assert erased_searches(agency.system, agency["aude"], erasure_id=erased.id) == [found.id]
    assert last(agency) == ("erasure.read", "done", [])
    assert agency.told(len(agency.leaves()) - 1)["erasure"] == [erased.id]
    for name in ("pia", "stella", "sven", "ines", "rosa", "ada"):
        assert rules_of(agency, erased_searches, agency.system, agency[name], erasure_id=erased.id) == [
            "role-auditor-reads-erasures"
        ]
