"""People in pages: an administrator invites, changes, keeps out and replaces; a token is shown once; everybody sees who is who."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from beholden.actions import api_keys, people, sessions, training
from beholden.records.people import TOXIC, Person, PersonState, Role
from beholden.records.training import Certificate, CertificateState
from beholden.web.people import DOES, WHY_APART, _apart
from tests.agency import PEOPLE, Agency
from tests.web.browser import Browser


def token_on(browser: Browser) -> str:
    shown = re.search(r'<p class="secret" id="token">([^<]+)</p>', browser.page.text)
    assert shown is not None
    return shown[1]


def named(agency: Agency, name: str) -> Person:
    return next(one for one in agency.find(Person, name=name) if one.state is not PersonState.LEFT)


def test_an_invited_person_gets_a_token_that_is_shown_once_and_works(agency: Agency) -> None:
    ada = Browser(agency, "ada")
    ada.send("/people", {"name": "ilse", "role": ["steward", "investigator"]})
    assert ada.page.status_code == 200
    token = token_on(ada)
    ilse = named(agency, "ilse")
    assert (ilse.roles, ilse.state) == ((Role.INVESTIGATOR, Role.STEWARD), PersonState.INVITED)
    for path in ("/people", f"/people/{ilse.id}", "/"):
        assert token not in ada.open(path).text
    assert "ilse" in ada.text, "somebody who is invited and not here yet waits"
    people.accept(agency.system, name="ilse", token=token, passphrase="quite a long passphrase")
    assert agency.get(Person, ilse.id).state is PersonState.ACTIVE


def test_no_page_shows_a_credential(agency: Agency) -> None:
    for one in agency.find(Person):
        shown = Browser(agency, "aude").open(f"/people/{one.id}")
        assert one.credential not in shown.text
        assert "token:" not in shown.text


def test_roles_are_changed_and_a_person_is_suspended_and_resumed(agency: Agency) -> None:
    ada, id = Browser(agency, "ada"), agency.ids["ivo"]
    ada.send(f"/people/{id}/roles", {"role": ["investigator", "steward"]})
    assert agency.get(Person, id).roles == (Role.INVESTIGATOR, Role.STEWARD)
    ivo = Browser(agency, "ivo")
    assert ivo.open("/").status_code == 200
    ada.send(f"/people/{id}/suspend")
    assert agency.get(Person, id).state is PersonState.SUSPENDED
    assert ivo.open("/").status_code == 303, "at once"
    ada.send(f"/people/{id}/resume")
    assert agency.get(Person, id).state is PersonState.ACTIVE


def test_a_person_is_replaced_and_a_lost_token_renewed(agency: Agency) -> None:
    ada = Browser(agency, "ada")
    ada.send(f"/people/{agency.ids['ivo']}/replace", {"name": "ilse"})
    first = token_on(ada)
    assert agency.get(Person, agency.ids["ivo"]).state is PersonState.LEFT
    ilse = named(agency, "ilse")
    assert ilse.roles == (Role.INVESTIGATOR,)
    ada.send(f"/people/{ilse.id}/token")
    assert token_on(ada) != first
    ada.open(f"/people/{agency.ids['ivo']}")
    assert ada.forms() == ["/sign-out"], "there is nothing to be done about somebody who left"


@pytest.mark.parametrize("name", list(PEOPLE))
def test_only_an_administrator_does_any_of_it(agency: Agency, name: str) -> None:
    somebody, id = Browser(agency, name), agency.ids["ines"]
    before = agency.find(Person, order="name")
    somebody.open(f"/people/{id}")
    assert somebody.forms() == ["/sign-out"]
    for path, told in (
        ("/people", {"name": "mallory", "role": ["steward"]}),
        (f"/people/{id}/roles", {"role": ["steward"]}),
        (f"/people/{id}/suspend", {}),
        (f"/people/{id}/replace", {"name": "mallory"}),
        (f"/people/{id}/token", {}),
    ):
        assert somebody.send(path, told).status_code == 403, path
        assert "secret" not in somebody.page.text
    assert agency.find(Person, order="name") == before


def test_a_name_that_is_taken_is_said_so_and_the_form_kept(agency: Agency) -> None:
    ada = Browser(agency, "ada")
    ada.send("/people", {"name": "INES", "role": ["examiner"]})
    assert ada.page.status_code == 422
    assert "There is a person named" in ada.text
    assert 'value="INES"' in ada.page.text
    assert 'value="examiner" checked' in ada.page.text


def test_the_list_is_narrowed_by_a_name(agency: Agency) -> None:
    aude = Browser(agency, "aude")
    aude.open("/people?filter=ros")
    assert "rosa" in aude.text
    assert "erik" not in aude.text


def test_req_100_a_certificate_is_entered_and_revoked_and_its_end_is_told_a_month_before(agency: Agency) -> None:
    ada, id = Browser(agency, "ada"), agency.ids["ivo"]
    ines, first = Browser(agency, "ines"), Browser(agency, "ivo")
    told = {"for_role": "examiner", "course": "fr-101", "number": "2026-117", "ends": "2026-12-20"}
    ada.send(f"/people/{id}/certificates", told)
    assert "It is entered, and on record." in ada.text
    assert "fr-101" in ada.text
    assert "fr-101" in first.open(f"/people/{id}").text
    assert "fr-101" not in ines.open(f"/people/{id}").text, "one's own, and nobody else's"
    assert ines.forms() == ["/sign-out"]
    [made] = [one for one in agency.find(Certificate) if one.course == "fr-101"]
    assert (made.person_id, made.role, made.ends_at.isoformat()) == (id, Role.EXAMINER, "2026-12-20T00:00:00+00:00")
    assert "Your certificate" not in first.open("/").text, "that of another role says nothing"
    agency.clock.pass_by(days=336)
    agency.officers |= {name: people.sign_in_as(agency.system, name=name) for name in ("ada", "ivo", "ines")}
    assert "Your certificate for the role investigator ends soon:" in Browser(agency, "ivo").open("/").text
    agency.clock.pass_by(days=30)
    agency.officers |= {name: people.sign_in_as(agency.system, name=name) for name in ("ada", "ivo", "ines")}
    assert "No certificate of yours counts for the role investigator" in " ".join(
        Browser(agency, "ivo").open("/").text.split()
    )
    ada = Browser(agency, "ada")
    ada.open("/")
    assert "People without the training that their role asks for" in ada.text
    ada.send(f"/people/{id}/certificates/{made.id}/revoke", {"reason": "no"})
    assert ada.page.status_code == 403
    ada.send(f"/people/{id}/certificates/{made.id}/revoke", {"reason": "the course was not passed"})
    assert agency.get(Certificate, made.id).state is CertificateState.REVOKED


def test_req_100_a_certificate_that_cannot_be_entered_leaves_the_form_as_it_was_typed(agency: Agency) -> None:
    ada, id = Browser(agency, "ada"), agency.ids["ivo"]
    ada.send(f"/people/{id}/certificates", {"for_role": "examiner", "course": "", "number": "7", "ends": "tomorrow"})
    assert ada.page.status_code == 422
    assert 'value="tomorrow"' in ada.page.text
    assert 'value="investigator" checked' in ada.page.text, "the roles are shown as they are"
    [own] = [one for one in agency.find(Person) if one.name == "ada"]
    assert f'action="/people/{own.id}/certificates"' not in ada.open(f"/people/{own.id}").text


def test_req_100_an_administrator_sees_whose_training_is_lacking_first_and_then_whose_ends_next(agency: Agency) -> None:
    for name, days in (("rosa", 20), ("erik", 200)):
        [there] = agency.find(Certificate, person_id=agency.ids[name])
        agency.change(there, ends_at=agency.clock.at + timedelta(days=days))
    [lapsed] = agency.find(Certificate, person_id=agency.ids["sven"])
    agency.change(lapsed, ends_at=agency.clock.at)
    ada = Browser(agency, "ada")
    ada.open("/people?order=training")
    rows = re.findall(r'<th scope="row"><a href="/people/[0-9a-f]+#training">(\w+)</a></th>', ada.page.text)
    assert rows[:3] == ["sven", "rosa", "erik"]
    assert len(rows) == sum(role in training.COURSES for role in PEOPLE.values())
    assert "no certificate" in ada.page.text
    assert ada.page.text.count("ends soon") == 1
    ada.open("/people")
    assert "supervisor no certificate" in ada.text
    ines = Browser(agency, "ines")
    for path in ("/people", "/people?order=training"):
        assert "no certificate" not in ines.open(path).text
        assert "By the end of their training" not in ines.text
    assert training.trainings_of(agency.system, agency["ines"], person_ids=agency.ids.values()).keys() == {
        agency.ids["ines"]
    }
    assert training.ending_first(agency.system, agency["ines"]) == ()


def test_the_page_of_a_person_says_the_next_step_of_an_administrator(agency: Agency) -> None:
    ada, ines = Browser(agency, "ada"), agency.ids["ines"]
    [certificate] = agency.find(Certificate, person_id=ines)

    def step() -> str:
        return ada.open(f"/people/{ines}").text.partition('class="next-step">')[2].partition("</p>")[0]

    assert "Nothing waits for you here." in step()
    agency.change(certificate, ends_at=agency.clock.at + timedelta(days=9))
    assert "ends within thirty days" in step()
    agency.change(agency.get(Certificate, certificate.id), ends_at=agency.clock.at)
    assert "their acts in it are refused" in step()
    agency.change(agency.get(Person, ines), roles=())
    assert "They have no role" in step()
    agency.change(agency.get(Person, ines), state=PersonState.SUSPENDED)
    assert "They are kept out." in step()
    agency.change(
        agency.get(Person, ines), state=PersonState.INVITED, invite_ends_at=agency.clock.at + timedelta(hours=1)
    )
    assert "is good until" in step()
    agency.change(agency.get(Person, ines), invite_ends_at=agency.clock.at)
    assert "their one-time token is over" in step()
    agency.change(agency.get(Person, ines), state=PersonState.LEFT)
    assert "They have left." in step()
    assert 'class="next-step"' not in Browser(agency, "sven").open(f"/people/{ines}").text


def test_an_administrator_sees_what_they_would_end_and_nobody_else_does(agency: Agency) -> None:
    api_keys.make_key(agency.system, agency["ines"], name="nightly import", days=3)
    ada, path = Browser(agency, "ada"), f"/people/{agency.ids['ines']}"
    ada.open(path)
    assert "Key for programs: nightly import" in ada.text
    assert agency["ines"].session not in ada.page.text
    assert sessions.digest_of(agency["ines"].session) not in ada.page.text
    ada.send(f"{path}/sign-out")
    assert "nightly import" not in ada.open(path).text
    assert "They are signed in nowhere" in ada.text
    for name in ("sven", "aude"):
        assert "Sessions and keys" not in Browser(agency, name).open(path).text
    assert sessions.open_of(agency.system, agency["sven"], person_id=agency.ids["ines"]) is None
    own = Browser(agency, "erik")
    assert "Your own are under Account." in own.open(f"/people/{agency.ids['erik']}").text


def test_req_94_the_page_of_a_person_says_which_roles_exclude_which_and_why(agency: Agency) -> None:
    assert set(WHY_APART) == set(TOXIC.values()), "every reason is in the catalogue"
    assert set(DOES) == set(Role)
    told = {frozenset({role, other}): why for role, others, why in _apart() for other in others}
    assert told == dict(TOXIC), "every pair, and no other"
    aude = Browser(agency, "aude")
    aude.open(f"/people/{agency.ids['ines']}")
    assert "investigator (they have it) supervisor nobody both searches and approves" in aude.text
