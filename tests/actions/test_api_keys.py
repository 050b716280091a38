"""Keys for programs: bound to one person, shown once, short-lived, never fresh by themselves, dead with the person's sessions."""

from __future__ import annotations

from functools import partial

import pytest

from beholden.actions import api_keys, cases, people, search, sessions
from beholden.errors import BadInput, Missing, Refused, SignInRefused
from beholden.records.people import API_KEY, Officer, Person, PersonState, Session
from tests.actions.test_signing_in import LONG, nora, with_codes, works
from tests.agency import Agency, last, rules_of


def a_key(agency: Agency, name: str = "ines", called: str = "nightly", days: int = 0) -> tuple[Session, Officer]:
    made, secret = api_keys.make_key(agency.system, agency[name], name=called, days=days)
    return made, Officer(name, secret)


def ended(agency: Agency, officer: Officer) -> bool:
    with pytest.raises(SignInRefused):
        works(agency, officer)
    return last(agency)[1] == "refused"


def test_req_103_a_key_acts_as_its_person_and_only_its_digest_is_kept(agency: Agency) -> None:
    made, officer = a_key(agency)
    assert works(agency, officer)
    assert agency.told(agency.leaves()[-1]["n"])["person"] == [agency.ids["ines"]]
    assert officer.session.startswith("beholden-key-")
    assert officer.session not in str(agency.find(Session))
    assert agency.get(Session, made.id) == made
    assert (made.client, made.name, made.person_id) == (API_KEY, "nightly", agency.ids["ines"])
    assert [one.id for one in api_keys.keys(agency.system, agency["ines"])] == [made.id]
    assert api_keys.keys(agency.system, agency["ivo"]) == ()


def test_req_103_a_key_follows_the_roles_and_the_state_of_its_person_at_once(agency: Agency) -> None:
    _, officer = a_key(agency)
    agency.change_roles("ines", "steward")
    with pytest.raises(Refused, match="Only an investigator"):
        works(agency, officer)
    agency.change_roles("ines", "investigator")
    assert works(agency, officer)
    people.suspend_person(agency.system, agency["ada"], person_id=agency.ids["ines"])
    assert ended(agency, officer)
    people.resume_person(agency.system, agency["ada"], person_id=agency.ids["ines"])
    assert ended(agency, officer), "what was ended stays so"


def test_req_103_a_key_alone_starts_no_search_and_a_code_makes_it_fresh(agency: Agency) -> None:
    ready = agency.ready(3)
    nora(agency)
    shown = with_codes(agency)
    cases.assign_case(agency.system, agency["sven"], case_id=ready.case.id, person_id=agency.ids["nora"])
    _, officer = a_key(agency, "nora")
    run = partial(search.run_search, agency.system, officer, authority_id=ready.authority.id, sought_id=ready.sought.id)
    assert rules_of(agency, run) == ["session-is-fresh"]
    agency.clock.pass_by(minutes=1)
    confirm = partial(sessions.refresh, agency.system, officer)
    assert rules_of(agency, confirm, passphrase=LONG) == ["session.confirmed-person"]
    confirm(passphrase=LONG, code=shown.at(agency.clock.at))
    assert run()
    agency.clock.pass_by(minutes=10)
    assert rules_of(agency, run) == ["session-is-fresh"]


def test_req_103_without_one_time_codes_a_key_is_never_fresh(agency: Agency) -> None:
    nora(agency)
    _, officer = a_key(agency, "nora")
    confirm = partial(sessions.refresh, agency.system, officer, passphrase=LONG)
    assert rules_of(agency, confirm) == ["session.confirmed-person"]


def test_a_key_ends_with_its_days_and_is_revoked_at_once(agency: Agency) -> None:
    made, officer = a_key(agency, days=3)
    revoke = partial(api_keys.revoke_key, agency.system)
    agency.clock.pass_by(days=2, hours=23)
    assert works(agency, officer)
    agency.clock.pass_by(hours=1)
    assert ended(agency, officer)
    agency.officers |= {name: people.sign_in_as(agency.system, name=name) for name in ("ines", "ivo")}
    second, again = a_key(agency)
    with pytest.raises(Missing):
        revoke(agency["ivo"], key_id=second.id)
    revoke(agency["ines"], key_id=second.id)
    assert last(agency) == ("api_key.revoked", "done", [])
    assert ended(agency, again)
    with pytest.raises(Missing):
        revoke(agency["ines"], key_id=second.id)
    assert made.ends_at == agency.clock.at


def test_req_103_no_key_makes_a_key_and_none_lasts_longer_than_ninety_days(agency: Agency) -> None:
    _, officer = a_key(agency)
    make = partial(api_keys.make_key, agency.system, name="other")
    assert rules_of(agency, make, officer) == ["session-is-fresh-for-account", "key-is-made-by-a-person"]
    assert rules_of(agency, make, agency["ines"], days=91) == ["key-ends-in-time"]
    assert rules_of(agency, make, agency["ines"], days=-1) == ["key-lasts-a-day-at-least"]
    with pytest.raises(BadInput, match="needs a name"):
        api_keys.make_key(agency.system, agency["ines"], name=" ")
    with pytest.raises(BadInput, match="named 'nightly'"):
        a_key(agency)
    for number in range(api_keys.MOST - 1):
        a_key(agency, called=f"key {number}")
    with pytest.raises(BadInput, match="the most"):
        a_key(agency, called="one more")


def test_a_key_opens_no_page(agency: Agency) -> None:
    _, officer = a_key(agency)
    with pytest.raises(SignInRefused):
        sessions.awake(agency.system, officer.session)


def test_every_session_and_key_ends_together_by_oneself_or_an_administrator(agency: Agency) -> None:
    for end in (
        lambda: sessions.end_every_session(agency.system, agency["ines"]),
        lambda: people.sign_out_person(agency.system, agency["ada"], person_id=agency.ids["ines"]),
    ):
        agency.officers["ines"] = people.sign_in_as(agency.system, name="ines")
        _, officer = a_key(agency)
        assert end() >= 2
        assert ended(agency, officer)
        assert ended(agency, agency["ines"])
    assert agency.get(Person, agency.ids["ines"]).state is PersonState.ACTIVE
    assert works(agency, people.sign_in_as(agency.system, name="ines"))
    sign_out = partial(people.sign_out_person, agency.system, agency["ivo"], person_id=agency.ids["ines"])
    assert rules_of(agency, sign_out) == ["role-administrator-keeps-people"]


def test_req_103_no_search_by_a_name_that_nobody_accepted_nor_by_the_system_itself(agency: Agency) -> None:
    ready = agency.ready(3)
    shared, _ = people.add_person(agency.system, agency["ada"], name="the shift", roles=("investigator",))
    run = partial(search.run_search, agency.system, authority_id=ready.authority.id, sought_id=ready.sought.id)
    for secret in ("", "system", "anonymous", "trial", shared.id, shared.credential):
        with pytest.raises(SignInRefused):
            run(Officer("the shift", secret))
    assert last(agency) == ("search.started", "refused", ["session.signed-in"])
    assert agency.get(Person, shared.id).state is PersonState.INVITED
