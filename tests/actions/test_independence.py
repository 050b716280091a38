"""Nobody who had a part in a search gives an opinion on it, at whatever moment they came to have one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from beholden.actions import cases, examine, review
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.examination import Examination, ExaminationState
from beholden.records.review import Pair, Review, ReviewState
from beholden.records.searches import Search
from tests.agency import ALIKE, Agency, rules_of

# rule → how a person comes to have that part behind the actions' back, since no action lets it happen
PARTS: dict[str, Callable[[Agency, Search, str], object]] = {
    "examiner-is-not-requester": lambda agency, found, id: agency.change(
        agency.get(Authority, found.authority_id), requested_by=id
    ),
    "examiner-is-not-approver": lambda agency, found, id: agency.change(
        agency.get(Authority, found.authority_id), decided_by=id
    ),
    "examiner-is-not-searcher": lambda agency, found, id: agency.change(agency.get(Search, found.id), searched_by=id),
    "examiner-is-not-assigned": lambda agency, found, id: agency.change(
        agency.get(Case, found.case_id), assigned=(agency.ids["ines"], id)
    ),
}


@pytest.mark.parametrize("rule", PARTS)
def test_req_38_whoever_came_to_have_a_part_decides_and_finishes_no_review(agency: Agency, rule: str) -> None:
    found = agency.search(agency.ready(1, 2, 3).authority)
    taken, shown = review.open_review(agency.system, agency["rosa"], search_id=found.id)
    for one in shown:
        review.decide_pair(agency.system, agency["rosa"], handle=one.handle, outcome="no")
    PARTS[rule](agency, found, agency.ids["rosa"])
    decide = partial(review.decide_pair, agency.system, agency["rosa"], handle=shown[0].handle, outcome="potential")
    assert rules_of(agency, decide) == [rule]
    assert rules_of(agency, review.finish_review, agency.system, agency["rosa"], review_id=taken.id) == [rule]
    assert agency.get(Review, taken.id).state is ReviewState.OPEN
    assert {pair.outcome for pair in agency.find(Pair)} == {review.Outcome.NO}


@pytest.mark.parametrize("rule", PARTS)
def test_req_38_whoever_came_to_have_a_part_locks_no_opinion(agency: Agency, rule: str) -> None:
    found = agency.review(agency.search(agency.ready(1, 2, 3).authority), 1)
    handle = examine.open_examination(agency.system, agency["erik"], search_id=found.id).handle
    agency.describe(handle, "erik")
    PARTS[rule](agency, found, agency.ids["erik"])
    lock = partial(
        examine.lock_examination,
        agency.system,
        agency["erik"],
        handle=handle,
        components=ALIKE,
        limitations="",
        opinion=3,
    )
    assert rules_of(agency, lock) == [rule]
    assert agency.get(Examination, handle).state is ExaminationState.OPEN


def test_req_38_whoever_owes_an_opinion_on_a_search_of_a_case_is_not_assigned_to_it(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found, other = agency.search(ready.authority), agency.case("ivo")
    for name in ("rosa", "erik"):
        agency.change_roles(name, "examiner", "investigator")
    assign = partial(cases.assign_case, agency.system, agency["sven"])
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    assert rules_of(agency, assign, case_id=ready.case.id, person_id=agency.ids["rosa"]) == ["assignee-owes-no-opinion"]
    assert agency.ids["rosa"] in assign(case_id=other.id, person_id=agency.ids["rosa"]).assigned
    agency.review(found, 1)
    handle = examine.open_examination(agency.system, agency["erik"], search_id=found.id).handle
    assert rules_of(agency, assign, case_id=ready.case.id, person_id=agency.ids["erik"]) == ["assignee-owes-no-opinion"]
    agency.describe(handle, "erik")
    examine.lock_examination(agency.system, agency["erik"], handle=handle, components=ALIKE, limitations="", opinion=3)
    assert agency.ids["erik"] in assign(case_id=ready.case.id, person_id=agency.ids["erik"]).assigned
