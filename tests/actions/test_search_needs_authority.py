"""No search without authority: whatever is missing, alone or together with more, nothing reaches the index."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.actions import search
from beholden.errors import Missing, Refused, SignInRefused
from beholden.records.authority import AuthorityState
from beholden.records.cases import CaseState
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, SubjectRole
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.searches import Search, SearchState
from beholden.records.sought import SoughtState
from tests.agency import Ready, last, small_agency
from tests.parts import CountedIndex


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
