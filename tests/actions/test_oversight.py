"""What an administrator does with people: on record under a name of its own, told to oversight, and no name is another's twin."""

from __future__ import annotations

from functools import partial

import pytest

from beholden.actions import cases, people
from beholden.errors import BadInput, BeholdenError, SignInRefused
from beholden.keys.credentials import Argon2Credentials
from beholden.records.disclosures import Notice
from beholden.records.people import Person, PersonState, Role
from tests.agency import PURPOSE, Agency, last, rules_of

LONG = "a long passphrase"


def notices(agency: Agency, about: str) -> list[str]:
    there = agency.find(Notice, about=about)
    assert {one.recipient for one in there} <= {"oversight"}
    assert not any(one.sent for one in there)
    return [one.words for one in there]


def test_a_renewed_token_has_an_event_of_its_own_and_oversight_is_told(agency: Agency) -> None:
    sven = agency.ids["sven"]
    before = notices(agency, sven)
    _, token = people.renew_token(agency.system, agency["ada"], person_id=sven)
    assert last(agency) == ("person.token_renewed", "done", [])
    assert agency.told(len(agency.leaves()) - 1)["subject"] == [sven]
    [words] = [one for one in notices(agency, sven) if one not in before]
    assert "one-time token" in words
    people.accept(agency.system, name="sven", token=token, passphrase=LONG)
    assert last(agency) == ("person.accepted", "done", [])
    said = agency.told(len(agency.leaves()) - 1)
    assert (said["person"], said["subject"]) == ([sven], [sven])
    for name in ("sven", "pia", "aude"):
        agency.officers["sven"] = people.sign_in_as(agency.system, name="sven")
        assert rules_of(agency, people.renew_token, agency.system, agency[name], person_id=sven) == [
            "role-administrator-keeps-people"
        ]


def test_a_token_that_is_tried_out_is_on_record_for_the_person_whose_it_is(agency: Agency) -> None:
    person, token = people.add_person(agency.system, agency["ada"], name="nora", roles=[Role.EXAMINER])
    with pytest.raises(SignInRefused):
        people.accept(agency.system, name="nora", token=token + "x", passphrase=LONG)
    assert agency.told(len(agency.leaves()) - 1)["subject"] == [person.id]


def test_oversight_is_told_of_invitations_roles_and_replacements_and_of_nobodys_name(agency: Agency) -> None:
    person, _ = people.add_person(agency.system, agency["ada"], name="nora", roles=[Role.STEWARD, Role.PRIVACY_OFFICER])
    assert notices(agency, person.id) == ["somebody was invited as privacy officer, steward"]
    people.change_roles(agency.system, agency["ada"], person_id=person.id, roles=[Role.STEWARD])
    assert sorted(notices(agency, person.id))[0] == "a person's roles were changed to steward"
    other, _ = people.replace_person(agency.system, agency["ada"], person_id=person.id, name="noah")
    assert notices(agency, other.id) == ["somebody was invited in the place of a person, as steward"]
    assert not [one.words for one in agency.find(Notice) if {"nora", "noah"} & set(one.words.split())]


def test_what_is_refused_tells_oversight_nothing(agency: Agency) -> None:
    before = agency.find(Notice)
    renew = partial(people.renew_token, agency.system, agency["pia"], person_id=agency.ids["sven"])
    assert rules_of(agency, renew) == ["role-administrator-keeps-people"]
    assert agency.find(Notice) == before


@pytest.mark.parametrize(
    "name",
    ["INES", " ines ", "ine\u017f", "\uff49nes", "in\u200bes", "in\x1b[2Kes", "x" * 101, "in\ud800es", "ines\u2028x"],
)
def test_a_name_that_reads_as_anothers_or_cannot_be_read_is_given_to_nobody(agency: Agency, name: str) -> None:
    before = agency.find(Person)
    with pytest.raises(BadInput):
        people.add_person(agency.system, agency["ada"], name=name, roles=[Role.STEWARD])
    with pytest.raises(BadInput):
        people.replace_person(agency.system, agency["ada"], person_id=agency.ids["ivo"], name=name)
    assert agency.find(Person) == before


def test_names_are_compared_however_their_letters_are_composed_and_spaced(agency: Agency) -> None:
    people.add_person(agency.system, agency["ada"], name="Renée  Dubois", roles=[Role.STEWARD])
    for name in ("Rene\u0301e Dubois", "renée dubois", "Renée\u00a0Dubois"):
        with pytest.raises(BadInput, match="there is a person named 'Renée  Dubois' already"):
            people.add_person(agency.system, agency["ada"], name=name, roles=[Role.STEWARD])
    people.add_person(agency.system, agency["ada"], name="Rene Dubois", roles=[Role.STEWARD])


@pytest.mark.parametrize("name", ["\ud800", "x" * 1_000_000, "in\x00es"])
def test_nobody_signs_in_under_a_name_that_nobody_can_have(agency: Agency, name: str) -> None:
    with pytest.raises(SignInRefused):
        people.sign_in(agency.system, name=name, passphrase=LONG)
    assert last(agency) == ("session.opened", "refused", ["session.known-person"])


class Asked(Argon2Credentials):
    """The real check, with a weak setting; remembers what it was asked to check against."""

    def __init__(self) -> None:
        super().__init__(memory_kib=64, passes=1)
        self.stored: list[str] = []

    def check(self, passphrase: str, stored: str) -> bool:
        self.stored.append(stored)
        return super().check(passphrase, stored)


def test_signing_in_does_as_much_work_for_nobody_and_for_who_is_only_invited_as_for_a_wrong_passphrase(
    agency: Agency,
) -> None:
    asked = Asked()
    agency = agency.with_parts(credentials=asked)
    _, token = people.add_person(agency.system, agency["ada"], name="nora", roles=[Role.EXAMINER])
    people.accept(agency.system, name="nora", token=token, passphrase=LONG)
    people.add_person(agency.system, agency["ada"], name="newcomer", roles=[Role.EXAMINER])
    people.renew_token(agency.system, agency["ada"], person_id=agency.ids["sven"])
    for name in ("nobody there", "nora", "newcomer", "sven"):
        with pytest.raises(SignInRefused):
            people.sign_in(agency.system, name=name, passphrase="a wrong passphrase")
    # Empty is what the port promises the same time for; a token's digest would be no hash to verify, and answered at once.
    assert [stored.partition("$")[2].partition("$")[0] for stored in asked.stored] == ["", "argon2id", "", ""]
    assert people.sign_in(agency.system, name="nora", passphrase=LONG).name == "nora"


@pytest.mark.parametrize("event", ["case.opened", "case.closed", "person.added"])
def test_whoever_has_no_role_for_an_act_learns_nothing_of_what_it_asks_for(agency: Agency, event: str) -> None:
    case = agency.case()
    acts = {
        "case.opened": partial(
            cases.open_case, agency.system, agency["rosa"], reference=" ", title="", purpose=PURPOSE
        ),
        "case.closed": partial(cases.close_case, agency.system, agency["rosa"], case_id=case.id, outcome=" "),
        "person.added": partial(people.add_person, agency.system, agency["rosa"], name=" ", roles=["steward"]),
    }
    with pytest.raises(BeholdenError) as caught:
        acts[event]()
    assert last(agency)[:2] == (event, "refused")
    assert any(reason.rule_id.startswith("role-") for reason in caught.value.reasons)


def test_a_renewed_token_is_for_who_can_sign_in(agency: Agency) -> None:
    sven = agency.get(Person, agency.ids["sven"])
    agency.change(sven, state=PersonState.LEFT)
    assert rules_of(agency, people.renew_token, agency.system, agency["ada"], person_id=sven.id) == [
        "person-can-have-a-token"
    ]
