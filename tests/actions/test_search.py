"""Search: only selected faces are embedded, one use is one comparison, and the list counts people."""

from __future__ import annotations

from dataclasses import fields
from functools import partial

import pytest

from beholden.actions import cases, people, register, request, search, sought
from beholden.errors import BadInput, NoUsableFace, Refused
from beholden.records.candidates import Candidate
from beholden.records.evidence import evidence_words
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face
from beholden.records.searches import Coverage, Search, SearchState, statements
from tests.agency import PURPOSE, Agency, draw, last
from tests.parts import CountedIndex, OppositeModel


def test_req_13_of_twelve_faces_one_is_selected_and_exactly_one_template_is_made(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    crowd = draw(*range(100, 112), width=1024)
    before = agency.model.embedded
    declared = agency.sought(ready.case, crowd)
    assert len(agency.find(ExhibitFace, case_id=ready.case.id)) == 13
    assert agency.model.embedded == before
    found = agency.search(agency.approve(agency.request(ready.case, declared, ready.gallery)))
    assert agency.model.embedded == before + 1
    assert len(found.probe_quality) == 1


def test_req_13_two_declared_faces_are_one_search_and_one_use(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    both = agency.sought(ready.case, draw(3, seed=8), draw(3, seed=9))
    authority = agency.approve(agency.request(ready.case, both, ready.gallery))
    before = agency.model.embedded
    found = agency.search(authority)
    assert found.probe_quality == (80, 80)
    assert agency.model.embedded == before + 2
    assert agency.get(type(authority), authority.id).used == 1
    assert agency.ranks_by_person(found)[0] == 3


def test_req_15_each_search_takes_one_use_and_the_one_after_the_last_is_refused(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=2))
    for used in (1, 2):
        agency.search(authority)
        assert agency.get(type(authority), authority.id).used == used
    with pytest.raises(Refused) as caught:
        agency.search(authority)
    assert [reason.rule_id for reason in caught.value.reasons] == ["authority-is-active", "a-search-is-left"]


def test_req_15_an_authority_ends_at_its_moment_even_with_uses_left(agency: Agency) -> None:
    ready = agency.ready(1)
    agency.clock.pass_by(hours=23, minutes=59)
    officers = {name: people.sign_in_as(agency.system, name=name) for name in ("ines",)}
    agency.officers |= officers
    assert agency.search(ready.authority).state is SearchState.LISTED
    agency.clock.pass_by(minutes=1)
    with pytest.raises(Refused) as caught:
        agency.search(ready.authority)
    assert [reason.rule_id for reason in caught.value.reasons] == ["authority-is-active", "window-has-not-ended"]


def test_a_search_tells_all_about_itself_and_nothing_about_who_is_on_its_list(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority, limit=2)
    card = agency.model.card
    coverage = Coverage(galleries=1, shelves=1, references=3, proven=True, waiting=0)
    assert found == Search(
        id=found.id,
        version=1,
        kept=found.kept,
        case_id=ready.case.id,
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        searched_by=agency.ids["ines"],
        started_at=agency.clock.at,
        ended_at=agency.clock.at,
        space_id=card.space_id,
        model=card.name,
        model_files=card.files,
        probe_quality=(80,),
        calibration_id="",
        coverage=coverage,
        statements=statements(coverage, 2) + evidence_words(1, 1),
        limit=2,
        people=2,
        state=SearchState.LISTED,
        unmanifested=1,
    )
    assert agency.get(Search, found.id) == found
    assert len(agency.find(Candidate, search_id=found.id)) == 2


def test_req_30_a_search_gives_no_identity_and_calls_nothing_a_match(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    names = {one.name for kind in (Search, Candidate) for one in fields(kind)}
    words = (" ".join(names) + " " + " ".join(found.statements)).lower().replace("_", " ").split()
    assert not {"match", "matches", "identity", "identified", "hit", "name", "score", "scores"} & (
        set(words) - {"score"}
    )
    assert not {"score", "rank", "name"} & names


def test_req_31_thirty_photographs_of_one_person_take_one_place_and_the_index_is_asked_deeper(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    for seed in range(30):
        agency.enrol(source, gallery, 3, seed=seed)
    for person in (1, 2, 4):
        agency.enrol(source, gallery, person)
    case = agency.case()
    authority = agency.approve(agency.request(case, agency.sought(case, draw(3, seed=99)), gallery))
    index = CountedIndex(agency.system.index)
    found = agency.with_parts(index=index).search(authority, limit=2)
    assert index.depths == [4, 16, 33]
    assert found.people == 2
    assert found.coverage.words() == (
        "all 33 references of 1 gallery compared, proven exhaustive: no other of them is nearer"
    )
    assert sorted(one.references for one in agency.find(Candidate, search_id=found.id)) in ([1, 30], [1, 31])


def test_req_31_the_list_has_twenty_places_if_nobody_says_otherwise_and_fifty_at_most(agency: Agency) -> None:
    ready = agency.ready(*range(1, 24))
    found = search.run_search(agency.system, agency["ines"], authority_id=ready.authority.id, sought_id=ready.sought.id)
    assert (found.limit, found.people) == (20, 20)
    assert agency.search(ready.authority, limit=50).people == 23


def test_an_empty_gallery_gives_an_empty_list_that_says_so(agency: Agency) -> None:
    ready = agency.ready()
    found = agency.search(ready.authority)
    assert (found.people, found.state) == (0, SearchState.LISTED)
    assert found.coverage == Coverage(galleries=1, shelves=0, references=0, proven=True, waiting=0)
    assert found.statements[-2] == "The list is empty. That does not mean that the person is not held."
    assert agency.review(found).state is SearchState.UNSEALED


def test_only_the_galleries_of_the_authority_are_compared(agency: Agency) -> None:
    source, named, other = agency.source(), agency.gallery("named"), agency.gallery("other")
    agency.enrol(source, named, 1)
    agency.enrol(source, other, 3)
    case = agency.case()
    found = agency.search(agency.approve(agency.request(case, agency.sought(case, draw(3, seed=7)), named)))
    assert found.coverage.references == 1
    assert agency.ranks_by_person(found) == [1]


def test_req_04_a_suspended_source_is_not_compared_from_the_next_search_on_and_is_again_when_resumed(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)
    second = agency.source(name="second source")
    agency.enrol(second, ready.gallery, 4)
    assert agency.search(ready.authority).people == 4
    register.suspend_source(agency.system, agency["pia"], source_id=ready.source.id, reason="court order")
    found = agency.search(ready.authority)
    assert (found.people, found.coverage.references) == (1, 1)
    register.resume_source(agency.system, agency["pia"], source_id=ready.source.id)
    assert agency.search(ready.authority).people == 4


def test_an_expired_source_is_not_compared(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    agency.change(agency.get(type(ready.source), ready.source.id), valid_until=agency.clock.at)
    assert agency.search(ready.authority).coverage.references == 0


def test_references_of_another_model_are_not_compared_and_counted_as_waiting(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    face = agency.find(Face, order="face_no")[0]
    agency.change(face, space_id="f" * 32)
    found = agency.search(ready.authority)
    assert found.coverage == Coverage(galleries=1, shelves=1, references=2, proven=True, waiting=1)


def test_a_withdrawn_sought_is_not_searched(agency: Agency) -> None:
    ready = agency.ready(1)
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=ready.sought.id, reason="another child")
    with pytest.raises(Refused) as caught:
        agency.search(ready.authority)
    assert [reason.rule_id for reason in caught.value.reasons] == ["sought-is-declared"]


def test_an_investigator_who_is_assigned_later_may_search(agency: Agency) -> None:
    ready = agency.ready(1)
    cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["ivo"])
    found = search.run_search(agency.system, agency["ivo"], authority_id=ready.authority.id, sought_id=ready.sought.id)
    assert found.searched_by == agency.ids["ivo"]


def test_the_entry_of_a_search_names_what_was_compared_with_what_and_who_was_shown(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    found = agency.search(ready.authority)
    started, finished = len(agency.leaves()) - 2, len(agency.leaves()) - 1
    exhibit = agency.find(Exhibit)[0]
    assert agency.told(started) == {
        "person": [agency.ids["ines"]],
        "case": [ready.case.id],
        "authority": [ready.authority.id],
        "sought": [ready.sought.id],
        "search": [found.id],
        "use": [1],
        "gallery": [ready.gallery.id],
        "exhibit": [exhibit.id],
        "probe": [ready.sought.face_ids[0]],
        "unmanifested": [1],
        "client": ["python"],
    }
    told = agency.told(finished)
    assert set(told["shown"]) == {face.id for face in agency.find(Face)}
    assert (told["references"], told["proven"], told["people"]) == ([2], [True], [2])
    assert [agency.leaves()[n]["purpose"] for n in (started, finished)] == [PURPOSE, PURPOSE]


def test_faces_that_cancel_each_other_out_are_hardly_one_person(agency: Agency) -> None:
    ready = agency.ready(1)
    both = agency.sought(ready.case, draw(5, seed=1), draw(5, seed=2))
    authority = agency.approve(agency.request(ready.case, both, ready.gallery))
    opposed = agency.with_parts(model=OppositeModel(agency.model))
    with pytest.raises(NoUsableFace, match="cancel each other out"):
        opposed.search(authority)
    assert agency.find(Search) == []
    assert agency.get(type(authority), authority.id).used == 0
    assert last(agency) == ("search.started", "failed", [])


def test_req_31_two_sources_that_use_one_reference_speak_of_two_people(agency: Agency) -> None:
    ready = agency.ready()
    other = agency.source(name="another register")
    agency.enrol(ready.source, ready.gallery, 1, ref="1")
    agency.enrol(other, ready.gallery, 2, ref="1")
    found = agency.search(ready.authority)
    assert (found.coverage.references, found.people) == (2, 2)
    find = partial(request.find_references, agency.system, agency["pia"], person_ref="1")
    with pytest.raises(BadInput, match="say which source"):
        find()
    [one] = find(source_id=other.id)
    assert one.source_id == other.id
