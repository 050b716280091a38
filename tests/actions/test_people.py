"""People: invited with a token that is good once, in sessions that end, stopped at once, and replaced without loose ends."""

from __future__ import annotations

from functools import partial

import pytest

from beholden.actions import audit, cases, initialise, people
from beholden.actions.audit import Act
from beholden.errors import BadInput, Fault, Missing, SignInRefused
from beholden.opening import open_system
from beholden.records.cases import Case
from beholden.records.disclosures import Notice
from beholden.records.orders import Order
from beholden.records.people import Officer, Person, PersonState, Role, Session
from tests.agency import PURPOSE, Agency, StillClock, last, rules_of, the_policy
from tests.oversight_body import pins
from tests.parts import PlainCredentials

LONG = "a long passphrase"


def invited(agency: Agency, name: str = "nora", role: Role = Role.INVESTIGATOR) -> tuple[Person, str]:
    return people.add_person(agency.system, agency["ada"], name=name, roles=(role,))


def test_req_103_there_is_no_default_account_and_nobody_acts_before_the_first_person_is_accepted() -> None:
    system = open_system(model="drawn:", clock=StillClock(), credentials=PlainCredentials())
    token = initialise.initialise(system, administrator="ada")
    with system.database.look() as look:
        assert [(one.name, one.roles, one.state) for one in look.find(Person)] == [
            ("ada", (Role.ADMINISTRATOR,), PersonState.INVITED)
        ]
    for passphrase in ("", "admin", "password", token):
        with pytest.raises(SignInRefused):
            people.sign_in(system, name="ada", passphrase=passphrase)
    with pytest.raises(Fault, match="initialised before"):
        initialise.initialise(system, administrator="eve")
    assert people.accept(system, name="ada", token=token, passphrase=LONG).name == "ada"


def test_a_system_whose_first_attempt_ended_after_its_key_was_made_is_made_all_the_same() -> None:
    system = open_system(model="drawn:", policy=the_policy())
    system.keys.create([audit.SYSTEM])
    assert initialise.initialise(system, administrator="ada", signers=pins())
    with system.database.look() as look:
        assert look.count(Order) == 0
    system.database.close()


def test_a_token_is_good_once_and_for_its_hours(agency: Agency) -> None:
    _, token = invited(agency)
    accept = partial(people.accept, agency.system, name="nora")
    with pytest.raises(BadInput, match="choose one of at least 12"):
        accept(token=token, passphrase="short")
    with pytest.raises(SignInRefused):
        accept(token=token + "x", passphrase=LONG)
    assert last(agency) == ("person.accepted", "refused", ["session.known-person"])
    officer = accept(token=token, passphrase=LONG)
    assert cases.open_case(agency.system, officer, reference="1", title="", purpose=PURPOSE).assigned
    with pytest.raises(SignInRefused):
        accept(token=token, passphrase=LONG)
    _, late = invited(agency, "noah")
    agency.clock.pass_by(hours=72)
    with pytest.raises(SignInRefused):
        people.accept(agency.system, name="noah", token=late, passphrase=LONG)
    with pytest.raises(SignInRefused):
        people.accept(agency.system, name="nobody", token=late, passphrase=LONG)


def test_req_103_a_person_signs_in_with_their_own_passphrase_and_no_other(agency: Agency) -> None:
    _, token = invited(agency)
    people.accept(agency.system, name="nora", token=token, passphrase=LONG)
    officer = people.sign_in(agency.system, name=" nora ", passphrase=LONG)
    assert last(agency) == ("session.opened", "done", [])
    assert officer.session not in str(agency.find(Session))
    for name, passphrase in (("nora", LONG + "x"), ("nora", ""), ("nobody", LONG), ("", "")):
        with pytest.raises(SignInRefused):
            people.sign_in(agency.system, name=name, passphrase=passphrase)
        assert last(agency) == ("session.opened", "refused", ["session.known-person"])


def test_a_passphrase_changed_while_it_is_checked_opens_no_session(agency: Agency) -> None:
    person, token = invited(agency)
    people.accept(agency.system, name="nora", token=token, passphrase=LONG)

    class Slow(PlainCredentials):
        def check(self, passphrase: str, stored: str) -> bool:
            people.suspend_person(agency.system, agency["ada"], person_id=person.id)
            return super().check(passphrase, stored)

    with pytest.raises(SignInRefused):
        people.sign_in(agency.with_parts(credentials=Slow()).system, name="nora", passphrase=LONG)


def test_a_session_ends_with_its_time_and_with_signing_out(agency: Agency) -> None:
    agency.clock.pass_by(minutes=479)
    agency.case()
    people.sign_out(agency.system, agency["ivo"])
    with pytest.raises(SignInRefused):
        agency.case("ivo")
    with pytest.raises(SignInRefused):
        people.sign_out(agency.system, agency["ivo"])
    agency.clock.pass_by(minutes=1)
    with pytest.raises(SignInRefused) as caught:
        agency.case()
    assert caught.value.status == 401
    assert last(agency) == ("case.opened", "refused", ["session.signed-in"])
    assert agency.leaves()[-1]["role"] == "system"


def test_req_103_signing_in_as_anybody_is_for_synthetic_systems_only(agency: Agency) -> None:
    operational = agency.with_parts(profile="operational")
    assert rules_of(agency, people.sign_in_as, operational.system, name="ines") == ["session.as-only-synthetic"]
    assert rules_of(agency, people.sign_in_as, agency.system, name="nobody") == ["session.known-person"]


def test_req_94_who_tries_to_give_roles_that_exclude_each_other_is_told_of_to_oversight_once(agency: Agency) -> None:
    def told() -> list[tuple[str, str]]:
        return [(one.about, one.words) for one in agency.find(Notice) if "exclude each other" in one.words]

    give = partial(people.change_roles, agency.system, agency["ada"], person_id=agency.ids["ines"])
    assert rules_of(agency, give, roles=("investigator", "supervisor")) == ["investigator-is-not-supervisor"]
    assert rules_of(agency, give, roles=("investigator", "supervisor")) == ["investigator-is-not-supervisor"]
    words = "somebody tried to give one person roles that exclude each other: investigator, supervisor"
    [ada] = [one for one in agency.find(Person) if one.name == "ada"]
    assert told() == [(ada.id, words)]
    add = partial(people.add_person, agency.system, agency["ada"], name="nora")
    assert rules_of(agency, add, roles=("key_custodian", "examiner")) == ["key-custodian-has-no-casework"]
    assert len(told()) == 2
    assert rules_of(agency, add, roles=()) == ["role-is-given"]
    assert len(told()) == 2
    assert not [one for one in agency.find(Person) if one.name == "nora"]


def test_a_suspended_person_stops_at_once_and_is_resumed(agency: Agency) -> None:
    agency.case()
    suspend = partial(people.suspend_person, agency.system, agency["ada"])
    resume = partial(people.resume_person, agency.system, agency["ada"], person_id=agency.ids["ines"])
    assert rules_of(agency, resume) == ["person-can-be-resumed"]
    assert suspend(person_id=agency.ids["ines"]).state is PersonState.SUSPENDED
    with pytest.raises(SignInRefused):
        agency.case()
    with pytest.raises(SignInRefused):
        people.sign_in_as(agency.system, name="ines")
    assert rules_of(agency, suspend, person_id=agency.ids["ines"]) == ["person-can-be-suspended"]
    assert resume().state is PersonState.ACTIVE
    with pytest.raises(SignInRefused):
        agency.case()  # the old session stays ended
    agency.officers["ines"] = people.sign_in_as(agency.system, name="ines")
    assert agency.case().assigned == (agency.ids["ines"],)


def test_a_person_who_is_not_active_is_stopped_even_in_a_session(agency: Agency) -> None:
    agency.change(agency.get(Person, agency.ids["ines"]), state=PersonState.SUSPENDED)
    assert "person-is-active" in rules_of(agency, agency.case)


def test_an_administrator_does_not_suspend_themselves(agency: Agency) -> None:
    ada = next(one for one in agency.find(Person) if one.name == "ada")
    assert rules_of(agency, people.suspend_person, agency.system, agency["ada"], person_id=ada.id) == [
        "own-account-is-not-suspended"
    ]


def test_who_is_replaced_leaves_and_the_open_cases_go_to_the_successor(agency: Agency) -> None:
    moved, closed, others = agency.case(), agency.case(), agency.case("ivo")
    cases.close_case(agency.system, agency["ines"], case_id=closed.id, outcome="safe")
    before = agency.get(Person, agency.ids["ines"])
    person, token = people.replace_person(agency.system, agency["ada"], person_id=before.id, name="ines")
    assert (person.name, person.roles, person.state) == ("ines", before.roles, PersonState.INVITED)
    left = agency.get(Person, before.id)
    assert (left.state, left.credential) == (PersonState.LEFT, "")
    assigned = [agency.get(Case, one.id).assigned for one in (moved, closed, others)]
    assert assigned == [(person.id,), (before.id,), (agency.ids["ivo"],)]
    with pytest.raises(SignInRefused):
        agency.case()
    officer = people.accept(agency.system, name="ines", token=token, passphrase=LONG)
    assert cases.close_case(agency.system, officer, case_id=moved.id, outcome="safe").outcome == "safe"
    assert rules_of(agency, people.replace_person, agency.system, agency["ada"], person_id=before.id, name="x") == [
        "person-can-be-replaced"
    ]


def test_oversight_is_to_be_told_of_who_comes_and_of_new_tokens(agency: Agency) -> None:
    before = len(agency.find(Notice, recipient="oversight"))
    person, _ = invited(agency)
    agency.change_roles("ivo", "examiner")
    people.renew_token(agency.system, agency["ada"], person_id=person.id)
    people.replace_person(agency.system, agency["ada"], person_id=person.id, name="noah")
    told = agency.find(Notice, recipient="oversight", about=person.id)
    assert len(agency.find(Notice, recipient="oversight")) == before + 4
    assert "somebody was invited as investigator" in {one.words for one in told}
    assert not any("nora" in one.words for one in told)


def test_a_name_tells_people_apart(agency: Agency) -> None:
    for name, words in (
        ("ines", "there is a person named 'ines' already"),
        ("INES", "there is a person named 'ines' already"),
        ("  ", "a person needs a name"),
        ("in\u200bes", "cannot be seen"),
    ):
        with pytest.raises(BadInput, match=words):
            invited(agency, name)
    assert last(agency) == ("person.added", "failed", [])


@pytest.mark.parametrize(
    ("roles", "rule"),
    [
        ((), "role-is-given"),
        (("administrator", "auditor"), "administrator-has-no-other-role"),
        (("auditor", "steward"), "auditor-has-no-other-role"),
        (("investigator", "supervisor"), "investigator-is-not-supervisor"),
    ],
)
def test_roles_that_exclude_each_other_are_given_to_nobody(agency: Agency, roles: tuple[str, ...], rule: str) -> None:
    given = [Role(role) for role in roles]
    assert rule in rules_of(agency, people.add_person, agency.system, agency["ada"], name="nora", roles=given)
    assert rule in rules_of(
        agency, people.change_roles, agency.system, agency["ada"], person_id=agency.ids["ines"], roles=given
    )


def test_a_role_that_there_is_not_is_given_to_nobody(agency: Agency) -> None:
    add = partial(people.add_person, agency.system, agency["ada"], name="nora")
    assert rules_of(agency, add, roles=["steward", "detective"]) == ["role-is-known"]
    assert [one.name for one in agency.find(Person) if one.name == "nora"] == []


def test_only_an_administrator_keeps_people(agency: Agency) -> None:
    for name in ("sven", "pia", "stella", "aude"):
        rules = rules_of(agency, people.add_person, agency.system, agency[name], name="nora", roles=[Role.STEWARD])
        assert "role-administrator-keeps-people" in rules


def test_a_changed_role_is_in_force_at_once(agency: Agency) -> None:
    agency.change_roles("ines", "auditor")
    assert rules_of(agency, agency.case) == ["role-investigator-opens-cases"]
    with pytest.raises(Missing):
        people.change_roles(agency.system, agency["ada"], person_id="0" * 32, roles=[Role.STEWARD])


def test_a_lost_passphrase_is_replaced_by_a_new_token_and_the_old_one_ends(agency: Agency) -> None:
    person, token = invited(agency)
    old = people.accept(agency.system, name="nora", token=token, passphrase=LONG)
    renew = partial(people.renew_token, agency.system, agency["ada"], person_id=person.id)
    renewed, fresh = renew()
    assert (renewed.state, fresh != token) == (PersonState.INVITED, True)
    with pytest.raises(SignInRefused):
        people.sign_in(agency.system, name="nora", passphrase=LONG)
    with pytest.raises(SignInRefused):
        cases.open_case(agency.system, old, reference="1", title="", purpose=PURPOSE)
    assert people.accept(agency.system, name="nora", token=fresh, passphrase=LONG + "!").name == "nora"
    people.suspend_person(agency.system, agency["ada"], person_id=person.id)
    assert rules_of(agency, renew) == ["person-can-have-a-token"]


def test_req_103_an_act_before_anybody_signed_in_has_nobody(agency: Agency) -> None:
    with pytest.raises(SignInRefused):
        Act(agency.system, "case.opened", None).permit()
    for session in ("", "0" * 43):
        officer = Officer("ines", session)
        with pytest.raises(SignInRefused):
            cases.open_case(agency.system, officer, reference="1", title="", purpose=PURPOSE)
