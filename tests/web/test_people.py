"""People in pages: an administrator invites, changes, keeps out and replaces; a token is shown once; everybody sees who is who."""

from __future__ import annotations

import re

import pytest

from beholden.actions import people
from beholden.records.people import Person, PersonState, Role
from beholden.records.training import Certificate, CertificateState
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
