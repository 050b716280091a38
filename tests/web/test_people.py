"""People in pages: an administrator invites, changes, keeps out and replaces; a token is shown once; everybody sees who is who."""

from __future__ import annotations

import re

import pytest

from beholden.actions import people
from beholden.records.people import Person, PersonState, Role
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
