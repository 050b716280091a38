"""How few people the rules allow: six do the whole story, and no two of them could be one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from itertools import combinations

import pytest

from beholden.actions import examine, people, request, review
from beholden.actions.initialise import initialise
from beholden.opening import open_system
from beholden.records.erasure import ErasureState
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.searches import Search, SearchState
from beholden.testing.drawn import draw
from tests.agency import Agency, StillClock, rules_of, the_policy
from tests.parts import PlainCredentials

# The administrator is the sixth. What else there is to be done, somebody of these does beside it.
STAFF = {
    "pia": (Role.PRIVACY_OFFICER, Role.KEY_CUSTODIAN),
    "ines": (Role.INVESTIGATOR,),
    "sven": (Role.SUPERVISOR, Role.STEWARD),
    "rosa": (Role.EXAMINER,),
    "edda": (Role.EXAMINER,),
}
# Of the usual agency's people, who of the six does their part.
IN_PLACE = {"stella": "sven", "ivo": "ines", "erik": "rosa"}


def staffed(**changes: Sequence[Role]) -> Agency:
    clock = StillClock()
    system = open_system(model="drawn:", clock=clock, credentials=PlainCredentials(), policy=the_policy())
    agency = Agency(system, clock)
    token = initialise(system, administrator="ada")
    agency.officers["ada"] = people.accept(system, name="ada", token=token, passphrase="a long passphrase")
    for name, roles in (STAFF | changes).items():
        person, _ = people.add_person(system, agency["ada"], name=name, roles=roles)
        agency.officers[name], agency.ids[name] = people.sign_in_as(system, name=name), person.id
        agency.certify(person.id, *roles)
    agency.officers |= {usual: agency[there] for usual, there in IN_PLACE.items()}
    return agency


def searched(agency: Agency) -> Search:
    source, gallery = agency.source(), agency.gallery()
    for person in range(1, 5):
        agency.enrol(source, gallery, person)
    case = agency.case()
    authority = agency.approve(agency.request(case, agency.sought(case, draw(3, seed=7)), gallery))
    return agency.search(authority)


def test_req_94_six_people_do_everything_from_a_source_to_a_disclosure_and_an_erasure() -> None:
    agency = staffed()
    found = searched(agency)
    agency.review(found, 1)
    agency.examine(found, "rosa", 3)
    agency.examine(found, "edda", 3)
    assert agency.get(Search, found.id).state is SearchState.UNSEALED
    [lead, *_] = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    assert json.loads(agency.disclose(found, lead).files["disclosure.json"])["leads"]
    [reference] = request.find_references(agency.system, agency["pia"], person_ref="person 3")
    assert agency.erase(reference.face_id).state is ErasureState.ERASED
    assert len([one for one in agency.find(Person) if one.state is PersonState.ACTIVE]) == 6


def _both(agency: Agency, one: str, other: str) -> list[str]:
    """The rules by which one person may not have the roles of both."""
    roles = {"ada": (Role.ADMINISTRATOR,), **STAFF}
    give = partial(people.change_roles, agency.system, agency["ada"], person_id=agency.ids[other])
    return rules_of(agency, give, roles=sorted({*roles[one], *roles[other]}))


BY_ROLES = {
    **{("ada", other): "administrator-has-no-other-role" for other in STAFF},
    **{("pia", other): "privacy-officer-has-no-casework" for other in ("ines", "sven", "rosa", "edda")},
    ("ines", "sven"): "investigator-is-not-supervisor",
}


@pytest.mark.parametrize(("pair", "rule"), BY_ROLES.items(), ids=lambda one: "-".join(one) if len(one) == 2 else one)
def test_req_94_these_two_of_the_six_cannot_be_one_by_their_roles(pair: tuple[str, str], rule: str) -> None:
    assert rule in _both(staffed(), *pair)


def test_req_38_who_searched_or_approved_is_neither_of_the_two_examiners() -> None:
    agency = staffed(ines=(Role.INVESTIGATOR, Role.EXAMINER), sven=(*STAFF["sven"], Role.EXAMINER))
    found = searched(agency)
    assert "examiner-is-not-searcher" in _refused_review(agency, agency["ines"], found)
    assert "examiner-is-not-approver" in _refused_review(agency, agency["sven"], found)
    agency.review(found, 1)
    for name, rule in (("ines", "examiner-is-not-searcher"), ("sven", "examiner-is-not-approver")):
        opening = partial(examine.open_examination, agency.system, agency[name], search_id=found.id)
        assert rule in rules_of(agency, opening), name


def test_req_38_the_two_examiners_are_two() -> None:
    agency = staffed()
    found = searched(agency)
    agency.review(found, 1)
    agency.examine(found, "rosa", 3)
    opening = partial(examine.open_examination, agency.system, agency["rosa"], search_id=found.id)
    assert "second-examiner-is-not-reviewer" in rules_of(agency, opening)


def test_every_pair_of_the_six_is_tried() -> None:
    tried = set(BY_ROLES) | {("ines", "rosa"), ("ines", "edda"), ("sven", "rosa"), ("sven", "edda"), ("rosa", "edda")}
    assert tried == set(combinations(("ada", *STAFF), 2))


def _refused_review(agency: Agency, officer: Officer, found: Search) -> list[str]:
    return rules_of(agency, partial(review.open_review, agency.system, officer, search_id=found.id))
