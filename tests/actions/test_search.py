"""Search: nothing reaches the index without authority, one use is one comparison, and the list counts people."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.actions import cases, people, register, search, sought
from beholden.errors import Missing, NoUsableFace, Refused, SignInRefused
from beholden.records.authority import AuthorityState
from beholden.records.candidates import Candidate
from beholden.records.cases import CaseState
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, SubjectRole
from beholden.records.faces import Face
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.searches import Coverage, Search, SearchState, statements
from beholden.records.sought import SoughtState
from tests.agency import PURPOSE, Agency, Ready, draw, last, small_agency
from tests.parts import CountedIndex, OppositeModel


@dataclass(frozen=True)
class Break:
    """One thing that an authorised search needs, taken away behind the actions' back."""

    record: str
    field: str
    value: Any
    rule: str


AFTER, BEFORE = timedelta(hours=1), timedelta(hours=-1)
BREAKS = [
    *(Break("authority", "state", s, "authority-is-active") for s in AuthorityState if s is not AuthorityState.ACTIVE),
    Break("authority", "case_id", "other-case", "authority-is-of-case"),
    Break("authority", "sought_id", "0" * 32, "authority-names-sought"),
    Break("authority", "purpose", "mugshots", "search-purpose-of-pack"),
    Break("authority", "purpose", "", "search-purpose-of-pack"),
    Break("authority", "purpose", "imminent-threat", "galleries-are-fit"),
    Break("authority", "decided_by", "", "approver-is-named"),
    Break("authority", "decided_by", "system", "approver-is-named"),
    Break("authority", "decided_by", "ines", "approver-was-not-requester"),
    Break("authority", "starts_at", AFTER, "window-has-begun"),
    Break("authority", "ends_at", timedelta(0), "window-has-not-ended"),
    Break("authority", "ends_at", BEFORE, "window-has-not-ended"),
    Break("authority", "used", 3, "a-search-is-left"),
    Break("authority", "searches", 0, "a-search-is-left"),
    Break("authority", "gallery_ids", (), "galleries-are-fit"),
    Break("authority", "gallery_ids", ("0" * 32,), "galleries-are-fit"),
    Break("case", "state", CaseState.CLOSED, "case-is-open"),
    Break("case", "assigned", (), "investigator-is-assigned"),
    Break("case", "assigned", ("ines", "sven"), "approver-is-still-apart"),
    Break("sought", "state", SoughtState.WITHDRAWN, "sought-is-declared"),
    Break("sought", "subject_role", SubjectRole.OTHER, "subject-role-is-permitted"),
    Break("sought", "subject_role", SubjectRole.UNDECLARED, "subject-role-is-permitted"),
    Break("sought", "case_id", "other-case", "authority-is-of-case"),
    Break("exhibit", "state", ExhibitState.REMOVED, "sought-exhibits-are-held"),
    Break("gallery", "state", GalleryState.CLOSED, "galleries-are-fit"),
    Break("gallery", "purposes", (), "galleries-are-fit"),
    Break("person", "state", PersonState.SUSPENDED, "person-is-active"),
    Break("person", "state", PersonState.LEFT, "person-is-active"),
    Break("person", "state", PersonState.INVITED, "person-is-active"),
    Break("person", "roles", (Role.STEWARD,), "role-investigator-works-on-the-case"),
    Break("person", "roles", (), "role-investigator-works-on-the-case"),
    Break("person", "roles", (Role.INVESTIGATOR, Role.SUPERVISOR), "investigator-acts-not-as-supervisor"),
    Break("person", "roles", (Role.AUDITOR, Role.INVESTIGATOR), "auditor-acts-as-nothing-else"),
    Break("person", "roles", (Role.ADMINISTRATOR, Role.INVESTIGATOR), "administrator-acts-as-nothing-else"),
    Break("limit", "limit", 0, "list-has-a-place"),
    Break("limit", "limit", -1, "list-has-a-place"),
    Break("limit", "limit", 51, "list-is-short"),
]


class Bench:
    """An agency that may search, an index that counts, and a way to break things and mend them."""

    def __init__(self) -> None:
        plain = small_agency()
        self.ready: Ready = plain.ready(1, 2, 3)
        self.other = plain.case()
        self.index = CountedIndex(plain.system.index)
        self.agency = plain.with_parts(index=self.index)

    def current(self, name: str) -> Any:
        get, ready = self.agency.get, self.ready
        if name == "person":
            return get(Person, self.agency.ids["ines"])
        if name == "exhibit":
            return get(Exhibit, get(ExhibitFace, ready.sought.face_ids[0]).exhibit_id)
        if name == "gallery":
            return get(Gallery, ready.gallery.id)
        held = getattr(ready, name)
        return get(type(held), held.id)

    def value(self, broken: Break) -> Any:
        if isinstance(broken.value, timedelta):
            return self.agency.clock.at + broken.value
        if broken.value == "other-case":
            return self.other.id
        named = self.agency.ids
        if isinstance(broken.value, tuple):
            return tuple(named.get(one, one) for one in broken.value)
        return named.get(broken.value, broken.value) if type(broken.value) is str else broken.value

    def refused(self, *breaks: Break) -> Refused:
        """The refusal of a search in which these things are broken; everything is mended afterwards."""
        limit = next((broken.value for broken in breaks if broken.record == "limit"), 20)
        stored = [broken for broken in breaks if broken.record != "limit"]
        whole = {broken.record: self.current(broken.record) for broken in stored}
        used, there = self.current("authority").used, len(self.agency.find(Search))
        for broken in stored:
            self.agency.change(self.current(broken.record), **{broken.field: self.value(broken)})
        kept_used = self.current("authority").used
        try:
            with pytest.raises(Refused) as caught:
                self.agency.search(self.ready.authority, limit=limit)
            assert self.current("authority").used == kept_used
        finally:
            for name, record in whole.items():
                told = {one.name: getattr(record, one.name) for one in fields(record)[2:]}
                self.agency.change(self.current(name), **told)
        assert self.current("authority").used == used
        assert len(self.agency.find(Search)) == there
        return caught.value


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: f"{one.record}.{one.field}={one.value}")
def test_req_11_a_search_that_lacks_one_thing_is_refused_by_its_rule_and_reaches_no_index(
    bench: Bench, broken: Break
) -> None:
    refusal = bench.refused(broken)
    rules = [reason.rule_id for reason in refusal.reasons]
    assert broken.rule in rules
    assert bench.index.depths == []
    assert last(bench.agency) == ("search.started", "refused", rules)
    assert refusal.entry == len(bench.agency.leaves()) - 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(BREAKS), min_size=2, max_size=6, unique_by=lambda one: (one.record, one.field)))
def test_req_11_whatever_is_missing_together_nothing_reaches_the_index_and_every_reason_is_told(
    bench: Bench, breaks: list[Break]
) -> None:
    rules = {reason.rule_id for reason in bench.refused(*breaks).reasons}
    touched = {(one.record, one.field) for one in breaks}
    for one in breaks:
        hidden = one.rule in ("approver-is-still-apart", "authority-is-of-case") and len(touched) > 1
        hidden |= one.record == "case" and ("sought", "case_id") in touched  # then another case is meant
        hidden |= one.value == "imminent-threat" or one.rule == "subject-role-is-permitted"
        assert hidden or one.rule in rules
    assert rules
    assert bench.index.depths == []


def test_req_11_the_same_search_with_nothing_broken_is_allowed() -> None:
    fresh = Bench()
    fresh.refused(BREAKS[0])
    assert fresh.agency.search(fresh.ready.authority).state is SearchState.LISTED
    assert fresh.index.depths == [40]


@pytest.mark.parametrize("name", ["ivo", "sven", "stella", "pia", "rosa", "aude", "ada"])
def test_req_11_nobody_but_an_investigator_of_the_case_searches(bench: Bench, name: str) -> None:
    with pytest.raises(Refused) as caught:
        search.run_search(
            bench.agency.system,
            bench.agency[name],
            authority_id=bench.ready.authority.id,
            sought_id=bench.ready.sought.id,
        )
    rules = {reason.rule_id for reason in caught.value.reasons}
    assert rules & {"role-investigator-works-on-the-case", "investigator-is-assigned"}
    assert bench.index.depths == []


@pytest.mark.parametrize("session", ["", "nothing", "0" * 43])
def test_req_103_no_search_without_a_session_of_ones_own(bench: Bench, session: str) -> None:
    with pytest.raises(SignInRefused):
        search.run_search(
            bench.agency.system,
            Officer("ines", session),
            authority_id=bench.ready.authority.id,
            sought_id=bench.ready.sought.id,
        )
    assert bench.index.depths == []
    assert bench.agency.leaves()[-1]["role"] == "system"


@pytest.mark.parametrize("which", ["authority_id", "sought_id"])
def test_req_11_an_id_that_nobody_has_finds_nothing(bench: Bench, which: str) -> None:
    ids = {"authority_id": bench.ready.authority.id, "sought_id": bench.ready.sought.id, which: "0" * 32}
    with pytest.raises(Missing):
        search.run_search(
            bench.agency.system, bench.agency["ines"], authority_id=ids["authority_id"], sought_id=ids["sought_id"]
        )
    assert bench.index.depths == []
    assert last(bench.agency) == ("search.started", "failed", [])


def test_req_19_a_refusal_teaches_each_rule_with_its_source_and_what_to_do(bench: Bench) -> None:
    refusal = bench.refused(*BREAKS[:1], BREAKS[16], BREAKS[18])
    assert len(refusal.reasons) >= 3
    for reason in refusal.reasons:
        assert all((reason.rule_id, reason.why, reason.source, reason.how_to_proceed))
    problem = refusal.problem()
    assert problem["status"] == 403
    assert problem["entry"] == refusal.entry
    assert problem["reasons"] == [
        {"rule_id": r.rule_id, "why": r.why, "source": r.source, "how_to_proceed": r.how_to_proceed}
        for r in refusal.reasons
    ]


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
    assert [reason.rule_id for reason in caught.value.reasons] == ["a-search-is-left"]


def test_req_15_an_authority_ends_at_its_moment_even_with_uses_left(agency: Agency) -> None:
    ready = agency.ready(1)
    agency.clock.pass_by(hours=23, minutes=59)
    officers = {name: people.sign_in_as(agency.system, name=name) for name in ("ines",)}
    agency.officers |= officers
    assert agency.search(ready.authority).state is SearchState.LISTED
    agency.clock.pass_by(minutes=1)
    with pytest.raises(Refused) as caught:
        agency.search(ready.authority)
    assert [reason.rule_id for reason in caught.value.reasons] == ["window-has-not-ended"]


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
        coverage=coverage,
        statements=statements(coverage, 2),
        limit=2,
        people=2,
        state=SearchState.LISTED,
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
    assert index.depths == [4, 16, 64]
    assert found.people == 2
    assert found.coverage.words() == "all 33 references of 1 gallery compared, proven exhaustive"
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
    assert found.statements[-1] == "The list is empty. That does not mean that the person is not held."
    assert agency.review(found).state is SearchState.UNSEALED


def test_only_the_galleries_of_the_authority_are_compared(agency: Agency) -> None:
    source, named, other = agency.source(), agency.gallery("named"), agency.gallery("other")
    agency.enrol(source, named, 1)
    agency.enrol(source, other, 3)
    case = agency.case()
    found = agency.search(agency.approve(agency.request(case, agency.sought(case, draw(3, seed=7)), named)))
    assert found.coverage.references == 1
    assert agency.ranks_by_person(found) == [1]


def test_a_suspended_source_is_not_compared_from_the_next_search_on_and_is_again_when_resumed(agency: Agency) -> None:
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
    assert agency.find(Search)[0].state is SearchState.FAILED
    assert last(agency) == ("search.finished", "failed", [])
