"""Keys for programs and all one's sessions, on the page of one's account and by an administrator."""

from __future__ import annotations

import re

from beholden.actions import api_keys
from beholden.records.people import API_KEY, Session
from tests.agency import Agency
from tests.api.client import rest_of
from tests.web.browser import Browser


def test_req_103_a_key_is_shown_once_works_and_is_revoked(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    ines.send("/account/keys", {"name": "nightly export", "days": "7"})
    assert ines.page.status_code == 200
    shown = re.search(r'<p class="secret" id="key">([^<]+)</p>', ines.page.text)
    assert shown is not None
    secret, http = shown[1], rest_of(agency).http
    asked = {"Authorization": f"Bearer {secret}"}
    assert http.get("/cases", headers=asked).status_code == 200
    assert secret not in ines.open("/account").text
    assert "nightly export" in ines.text
    [key] = agency.find(Session, client=API_KEY)
    ines.send("/account/keys/revoke", {"key": key.id})
    assert "You have no key." in ines.text
    assert http.get("/cases", headers=asked).status_code == 401


def test_a_key_that_cannot_be_made_leaves_the_form_as_it_was_typed(agency: Agency) -> None:
    ines = Browser(agency, "ines")
    ines.send("/account/keys", {"name": "nightly", "days": "91"})
    assert ines.page.status_code == 403
    assert 'value="nightly"' in ines.page.text
    assert "The key would last longer than the policy allows." in ines.text
    assert agency.find(Session, client=API_KEY) == []


def test_all_sessions_end_by_oneself_and_by_an_administrator(agency: Agency) -> None:
    ines, ivo, ada = (Browser(agency, name) for name in ("ines", "ivo", "ada"))
    ines.send("/account/sessions/end-all")
    assert "You are signed out." in ines.text
    assert ines.open("/").status_code == 303
    made, _ = api_keys.make_key(agency.system, agency["ivo"], name="export")
    ada.send(f"/people/{agency.ids['ivo']}/sign-out")
    assert "All their sessions and keys have ended." in ada.text
    assert ivo.open("/").status_code == 303
    assert agency.get(Session, made.id).ended


def test_req_103_keys_and_certificates_go_over_the_rest(agency: Agency) -> None:
    rest = rest_of(agency)
    made = rest.post("ines", "/api-keys", {"name": "export", "days": 3})
    asked = {"Authorization": f"Bearer {made['bearer']}"}
    assert rest.http.get("/sessions/current", headers=asked).json()["person"]["name"] == "ines"
    assert [one["name"] for one in rest.get("ines", "/api-keys")["items"]] == ["export"]
    assert rest.get("ivo", "/api-keys")["items"] == []
    rest.refused(404, "DELETE", f"/api-keys/{made['key']['id']}", "ivo")
    assert rest.http.delete("/sessions", headers=asked).status_code == 204
    assert rest.http.get("/cases", headers=asked).status_code == 401
    id = agency.ids["ivo"]
    told = {"role": "examiner", "course": "fr-101", "number": "7", "bands": ["0-5"]}
    entered = rest.post("ada", f"/people/{id}/certificates", told)
    assert (entered["role"], entered["bands"], entered["state"]) == ("examiner", ["0-5"], "entered")
    assert len(rest.get("ivo", f"/people/{id}/certificates")["items"]) == 2
    assert rest.get("rosa", f"/people/{id}/certificates")["items"] == []
    rest.refused(404, "GET", f"/certificates/{entered['id']}", "rosa")
    assert rest.get("ivo", f"/certificates/{entered['id']}")["course"] == "fr-101"
    rest.refused(403, "POST", f"/people/{id}/certificates", "sven", json=told)
    revoked = rest.post("ada", f"/certificates/{entered['id']}/revoke", {"reason": "entered twice"})
    assert revoked["state"] == "revoked"
    rest.post("ada", f"/people/{id}/sign-out")
    rest.refused(401, "GET", "/cases", "ivo")
