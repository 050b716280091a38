"""Examination: two examiners, each blind to the score and to the other, a third where they disagree; what is locked stays."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from beholden.actions import cases, desk, examine, people
from beholden.actions.lay import Laid
from beholden.errors import Changed, Missing
from beholden.records.examination import (
    COMPONENTS,
    SCALE,
    Description,
    Examination,
    ExaminationState,
    Part,
    Side,
    Stage,
    stage_of,
)
from beholden.records.faces import Face, FaceState
from beholden.records.searches import Search, SearchState
from tests.agency import ALIKE, Agency, last, rules_of


def open_one(agency: Agency, found: Search, name: str) -> Laid:
    return examine.open_examination(agency.system, agency[name], search_id=found.id)


def lock(agency: Agency, shown: Laid, name: str, opinion: int) -> Examination:
    there = agency.get(Examination, shown.handle)
    if stage_of(there) is Stage.PROBE and there.examiner == agency.ids[name]:
        agency.describe(shown.handle, name)
    return examine.lock_examination(
        agency.system, agency[name], handle=shown.handle, components=ALIKE, limitations=" small ", opinion=opinion
    )


def revise(agency: Agency, handle: str, name: str, opinion: int) -> Examination:
    return examine.revise_examination(
        agency.system, agency[name], handle=handle, components=ALIKE, limitations="", opinion=opinion
    )


@pytest.fixture
def found(agency: Agency) -> Search:
    """Reviewed, with one potential candidate: the sought person."""
    return agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)


def test_req_38_the_second_examiner_cannot_see_that_there_was_a_first(agency: Agency, found: Search) -> None:
    first = open_one(agency, found, "erik")
    lock(agency, first, "erik", 3)
    second = open_one(agency, found, "edda")
    assert first.handle != second.handle
    assert replace(second, handle=first.handle) == first
    names = {one.name for one in fields(desk.OwnExamination)}
    assert names == {"id", "search_id", "state", "described"}  # what they said themselves, and no part
    assert desk.examinations(agency.system, agency["edda"]) == [
        desk.OwnExamination(second.handle, found.id, ExaminationState.OPEN)
    ]
    with pytest.raises(Missing):
        desk.search(agency.system, agency["edda"], search_id=found.id)


def test_req_38_the_same_examiner_is_not_the_second(agency: Agency, found: Search) -> None:
    lock(agency, open_one(agency, found, "erik"), "erik", 3)
    assert rules_of(agency, open_one, agency, found, "erik") == ["examiner-is-new-to-candidate"]
    assert [one.part for one in agency.find(Examination)] == [Part.FIRST]


def test_req_38_the_reviewer_may_be_first_and_never_second(agency: Agency, found: Search) -> None:
    lock(agency, open_one(agency, found, "erik"), "erik", 3)
    assert rules_of(agency, open_one, agency, found, "rosa") == ["second-examiner-is-not-reviewer"]
    agency.examine(found, "edda", 2)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED


def test_req_38_the_reviewer_as_first_examiner(agency: Agency, found: Search) -> None:
    assert lock(agency, open_one(agency, found, "rosa"), "rosa", 3).part is Part.FIRST
    assert rules_of(agency, open_one, agency, found, "rosa") == [
        "examiner-is-new-to-candidate",
        "second-examiner-is-not-reviewer",
    ]


def test_req_38_the_reviewer_is_given_the_candidate_that_still_needs_a_first_opinion(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1, 2)
    taken = open_one(agency, found, "erik")
    first = agency.get(Examination, open_one(agency, found, "rosa").handle)
    assert first.part is Part.FIRST
    assert first.candidate_id != agency.get(Examination, taken.handle).candidate_id


def test_req_38_two_who_disagree_are_followed_by_a_consultation_that_neither_nor_the_reviewer_gives(
    agency: Agency, found: Search
) -> None:
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", -2)
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    assert rules_of(agency, open_one, agency, found, "rosa") == ["consultant-is-not-reviewer"]
    for name in ("erik", "edda"):
        assert rules_of(agency, open_one, agency, found, name) == ["examiner-is-new-to-candidate"]
    agency.examine(found, "emil", 1)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    parts = {one.part: one.opinion for one in agency.find(Examination)}
    assert parts == {Part.FIRST: 3, Part.SECOND: -2, Part.CONSULTATION: 1}


def test_two_who_agree_need_no_third(agency: Agency, found: Search) -> None:
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 1)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    assert [one["event"] for one in agency.leaves()[-2:]] == ["search.unsealed", "examination.locked"]
    assert rules_of(agency, open_one, agency, found, "emil") == ["list-is-reviewed"]


def test_an_open_examination_is_given_again_to_its_examiner_and_to_nobody_else(agency: Agency, found: Search) -> None:
    shown = open_one(agency, found, "erik")
    assert open_one(agency, found, "erik") == shown
    other = open_one(agency, found, "edda")
    assert other.handle != shown.handle
    with pytest.raises(Missing, match="no pair of this search waits for you"):
        open_one(agency, found, "emil")
    assert last(agency) == ("examination.opened", "failed", [])


def test_nobody_locks_anothers_examination(agency: Agency, found: Search) -> None:
    shown = open_one(agency, found, "erik")
    agency.describe(shown.handle, "erik")
    assert rules_of(agency, lock, agency, shown, "edda", 3) == ["examination-is-your-own"]
    assert agency.get(Examination, shown.handle).state is ExaminationState.OPEN


def test_nobody_who_had_a_part_in_the_search_examines(agency: Agency, found: Search) -> None:
    agency.change_roles("ines", "investigator", "examiner")
    agency.change_roles("sven", "supervisor", "examiner")
    assert rules_of(agency, open_one, agency, found, "ines") == [
        "examiner-is-not-requester",
        "examiner-is-not-searcher",
        "examiner-is-not-assigned",
    ]
    assert rules_of(agency, open_one, agency, found, "sven") == ["examiner-is-not-approver"]


def test_a_search_that_nobody_reviewed_is_not_examined(agency: Agency) -> None:
    found = agency.search(agency.ready(1).authority)
    assert "list-is-reviewed" in rules_of(agency, open_one, agency, found, "erik")


def test_an_opinion_that_lacks_a_component_is_not_locked(agency: Agency, found: Search) -> None:
    shown = open_one(agency, found, "erik")
    agency.describe(shown.handle, "erik")

    def lock_part(components: tuple[tuple[str, str], ...], opinion: int) -> None:
        examine.lock_examination(
            agency.system,
            agency["erik"],
            handle=shown.handle,
            components=components,
            limitations="",
            opinion=opinion,
        )

    assert rules_of(agency, lock_part, ALIKE[:-1], 3) == ["opinion-is-complete"]
    assert rules_of(agency, lock_part, ALIKE, 7) == ["opinion-is-complete"]
    assert rules_of(agency, lock_part, ((COMPONENTS[0], "alike"), *ALIKE[1:]), 3) == ["opinion-is-complete"]


def test_req_39_a_locked_opinion_is_whole_and_immutable(agency: Agency, found: Search) -> None:
    shown = open_one(agency, found, "erik")
    opened = agency.get(Examination, shown.handle)
    locked = lock(agency, shown, "erik", -1)
    assert locked == replace(
        opened,
        version=3,
        components=ALIKE,
        limitations="small",
        opinion=-1,
        state=ExaminationState.LOCKED,
        described=tuple(Description(side, True, COMPONENTS, "") for side in Side),
        scale=SCALE,
    )
    assert (locked.score_revealed, locked.supersedes) == (False, "")
    assert rules_of(agency, lock, agency, shown, "erik", 3) == ["examination-is-open"]
    assert agency.get(Examination, shown.handle) == locked


def test_req_39_an_opinion_is_not_revised_before_the_scores_are_open(agency: Agency, found: Search) -> None:
    shown = open_one(agency, found, "erik")
    assert set(rules_of(agency, revise, agency, shown.handle, "erik", 3)) == {
        "search-is-unsealed",
        "examination-is-locked",
    }
    lock(agency, shown, "erik", 3)
    assert rules_of(agency, revise, agency, shown.handle, "erik", 1) == ["search-is-unsealed"]


def test_req_39_a_change_after_the_scores_are_open_is_a_new_version_that_says_so(agency: Agency, found: Search) -> None:
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    first = next(one for one in agency.find(Examination) if one.part is Part.FIRST)
    assert rules_of(agency, revise, agency, first.id, "edda", 1) == ["examination-is-your-own"]
    revised = revise(agency, first.id, "erik", 1)
    assert revised == replace(
        first,
        id=revised.id,
        version=0,
        kept=revised.kept,
        limitations="",
        opinion=1,
        supersedes=first.id,
        score_revealed=True,
    )
    assert agency.get(Examination, first.id) == first
    with pytest.raises(Changed, match="revise its latest version"):
        revise(agency, first.id, "erik", -3)
    again = revise(agency, revised.id, "erik", -3)
    assert (again.supersedes, again.score_revealed) == (revised.id, True)
    assert len(agency.find(Examination)) == 4


def test_leads_are_read_by_the_case_and_those_who_oversee_it_and_by_nobody_else(agency: Agency, found: Search) -> None:
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    for name in ("ines", "sven", "erik", "aude"):
        assert len(examine.read_leads(agency.system, agency[name], search_id=found.id)) == 3
        assert last(agency) == ("search.read", "done", [])
        assert len(agency.told(len(agency.leaves()) - 1)["shown"]) == 3
    read = examine.read_leads
    assert rules_of(agency, read, agency.system, agency["ivo"], search_id=found.id) == ["reader-is-assigned"]
    for name in ("stella", "pia", "ada"):
        assert "role-reads-leads" in rules_of(agency, read, agency.system, agency[name], search_id=found.id)


def test_what_is_being_erased_is_on_no_list_of_leads_even_before_its_key_is_gone(agency: Agency, found: Search) -> None:
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    leads = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    face = agency.get(Face, leads[1].candidate.face_id)
    agency.change(face, state=FaceState.ERASING)
    assert examine.read_leads(agency.system, agency["ines"], search_id=found.id) == [leads[0], leads[2]]


def test_a_search_whose_last_potential_candidate_is_erased_waits_for_nobody(agency: Agency, found: Search) -> None:
    lock(agency, open_one(agency, found, "erik"), "erik", 3)
    with agency.system.database.look() as look:
        leads = examine.leads_of(agency.system, look, found)
    agency.erase(leads[0].candidate.face_id)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    unsealed = [one for one in agency.leaves() if one["event"] == "search.unsealed"]
    assert [(one["role"], one["purpose"]) for one in unsealed] == [("steward", "victim-id-cse")]
    assert [lead.rank for lead in examine.read_leads(agency.system, agency["ines"], search_id=found.id)] == [2, 3]
    assert cases.close_case(agency.system, agency["ines"], case_id=found.case_id, outcome="left open no more").outcome


def test_a_search_with_another_candidate_still_to_be_examined_waits_on(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1, 2)
    with agency.system.database.look() as look:
        leads = examine.leads_of(agency.system, look, found)
    agency.erase(leads[0].candidate.face_id)
    assert agency.get(Search, found.id).state is SearchState.REVIEWED
    agency.examine(found, "erik", -3)
    agency.examine(found, "edda", -3)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED


def test_whose_place_is_taken_leaves_the_open_examination_to_the_successor(agency: Agency, found: Search) -> None:
    shown = open_one(agency, found, "erik")
    agency.describe(shown.handle, "erik")
    person, token = people.replace_person(agency.system, agency["ada"], person_id=agency.ids["erik"], name="elsa")
    agency.certify(person.id, "examiner")
    agency.officers["elsa"] = people.accept(agency.system, name="elsa", token=token, passphrase="a long passphrase")
    assert open_one(agency, found, "elsa") == shown  # at the probe, which she describes for herself
    agency.describe(shown.handle, "elsa")
    lock(agency, shown, "elsa", 3)
    agency.examine(found, "edda", 3)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED


def test_an_opinion_on_what_was_erased_meanwhile_is_void(agency: Agency) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1, 2)
    shown = open_one(agency, found, "erik")
    with agency.system.database.look() as look:
        leads = examine.leads_of(agency.system, look, found)
    candidate = agency.get(Examination, shown.handle).candidate_id
    face_id = next(lead.candidate.face_id for lead in leads if lead.candidate.id == candidate)
    face = agency.get(Face, face_id)
    agency.describe(shown.handle, "erik")
    erasing = agency.change(face, state=FaceState.ERASING)
    assert lock(agency, shown, "erik", 3).state is ExaminationState.VOID
    assert agency.get(Examination, shown.handle).opinion is None
    assert rules_of(agency, lock, agency, shown, "erik", 3) == ["examination-is-open"]
    agency.change(erasing, state=FaceState.LIVE)
    agency.erase(face_id)
    agency.examine(found, "edda", 3)
    agency.examine(found, "erik", 3)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED


def test_an_erasure_takes_the_words_of_locked_opinions_and_ends_open_ones(agency: Agency, found: Search) -> None:
    first, second = open_one(agency, found, "erik"), open_one(agency, found, "edda")
    lock(agency, first, "erik", 3)
    with agency.system.database.look() as look:
        [lead] = examine.leads_of(agency.system, look, found)[:1]
    agency.erase(lead.candidate.face_id)
    locked, void = agency.get(Examination, first.handle), agency.get(Examination, second.handle)
    assert (locked.opinion, locked.components, locked.limitations) == (3, (), "")
    assert (locked.described, locked.marks, locked.tools) == ((), (), ())
    assert (void.state, void.opinion) == (ExaminationState.VOID, None)
    with pytest.raises(Missing, match="was erased; the opinion stays as it is"):
        revise(agency, first.handle, "erik", -1)


def test_req_39_an_opinion_of_somebody_who_may_have_known_a_score_says_so(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    agency.unsealed(agency.search(ready.authority), 1)
    again = agency.review(agency.search(ready.authority), 1)
    agency.examine(again, "erik", 3)
    agency.examine(again, "emil", 3)
    there = agency.find(Examination, search_id=again.id)
    assert {one.examiner: one.score_revealed for one in there} == {
        agency.ids["erik"]: True,
        agency.ids["emil"]: False,
    }


def test_req_38_an_examiner_reads_only_the_searches_that_they_had_a_part_in(agency: Agency, found: Search) -> None:
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    assert rules_of(agency, examine.read_leads, agency.system, agency["emil"], search_id=found.id) == [
        "examiner-reads-own-searches"
    ]
