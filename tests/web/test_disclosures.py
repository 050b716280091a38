"""Disclosure in pages: examined leads to named recipients, once, and the files for the session that made it."""

from __future__ import annotations

import hashlib
import json
import re

from starlette.testclient import TestClient

from beholden.records.disclosures import Disclosure
from beholden.records.searches import Search
from beholden.web.csrf import COOKIE
from tests.agency import Agency
from tests.web import casework
from tests.web.browser import Browser
from tests.web.casework import hidden

TOLD = {"recipients": "Unit 4\n\n Interpol desk \n", "basis": "s. 8(2)(f)"}


def unsealed(agency: Agency) -> Search:
    found = agency.search(agency.ready(1, 2, 3).authority)
    casework.review(agency, found, 1)
    for name in ("erik", "edda"):
        casework.examine(agency, found, name)
    return agency.get(Search, found.id)


def test_an_examined_lead_leaves_with_a_signed_manifest_over_every_file(agency: Agency) -> None:
    found, ines = unsealed(agency), Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    told = {**TOLD, "lead": lead, "once": hidden(ines, "once")}
    ines.send(f"/searches/{found.id}/disclosures", told)
    [made] = agency.find(Disclosure)
    assert (made.recipients, made.basis) == (("Unit 4", "Interpol desk"), "s. 8(2)(f)")
    links = re.findall(r'href="(/held/[^"]+)" download="([^"]+)"', ines.page.text)
    files = {}
    for address, name in links:
        file = ines.client.get(address)
        assert file.headers["content-disposition"].startswith("attachment;")
        files[name] = file.content
    assert {"disclosure.json", "contact-sheet.png", "manifest.note"} <= set(files)
    for name, content in files.items():
        if name != "manifest.note":
            assert hashlib.sha256(content).hexdigest() in files["manifest.note"].decode()
    assert json.loads(files["disclosure.json"])["recipients"] == ["Unit 4", "Interpol desk"]
    ines.send(f"/searches/{found.id}/disclosures", told)
    assert (ines.page.status_code, len(agency.find(Disclosure))) == (409, 1)
    other = TestClient(ines.client.app, base_url="http://localhost", follow_redirects=False)
    other.cookies.set(COOKIE, agency["sven"].session)
    assert other.get(links[0][0]).status_code == 404
    agency.clock.pass_by(minutes=30)
    assert ines.open(links[0][0]).status_code == 404


def test_a_disclosure_that_is_refused_keeps_what_was_typed(agency: Agency) -> None:
    found, ines = unsealed(agency), Browser(agency, "ines")
    ines.open(f"/searches/{found.id}/leads")
    [lead] = re.findall(r'name="lead" value="([^"]+)"', ines.page.text)
    told = {"recipients": "", "basis": "s. 8(2)(f)", "lead": lead, "once": hidden(ines, "once")}
    ines.send(f"/searches/{found.id}/disclosures", told)
    assert ines.page.status_code == 403
    assert "s. 8(2)(f)" in ines.page.text
    assert f'value="{lead}" checked' in ines.page.text
    ines.send(f"/searches/{found.id}/disclosures", {**TOLD, "lead": "0" * 32, "once": hidden(ines, "once")})
    assert ines.page.status_code == 422
    assert agency.find(Disclosure) == []


def test_only_an_investigator_of_the_case_is_offered_to_disclose_and_only_what_was_examined(agency: Agency) -> None:
    found = unsealed(agency)
    for name in ("sven", "erik", "aude"):
        somebody = Browser(agency, name)
        somebody.open(f"/searches/{found.id}/leads")
        assert (somebody.page.status_code, "/disclosures" in somebody.page.text) == (200, False), name
        assert somebody.send(f"/searches/{found.id}/disclosures", TOLD).status_code in (403, 409), name
    assert agency.find(Disclosure) == []
