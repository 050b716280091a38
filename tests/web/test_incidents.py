"""Incidents in pages: whoever works here reports one, a privacy officer answers for it, an auditor reads it."""

from __future__ import annotations

from beholden.records.incidents import Incident, IncidentState
from tests.agency import Agency
from tests.web.browser import Browser

WORDS = "a packet went to another unit than the one it named"


def test_req_130_an_incident_goes_through_pages_to_its_end(agency: Agency) -> None:
    rosa = Browser(agency, "rosa")
    assert 'href="/incidents"' in rosa.open("/").text
    rosa.open("/incidents")
    rosa.send("/incidents", {"words": "oh", "about": ""})
    assert rosa.page.status_code == 403
    rosa.send("/incidents", {"words": WORDS, "about": ""})
    assert WORDS not in rosa.text, "who reports does not read what is on record"
    [made] = agency.find(Incident)
    pia = Browser(agency, "pia")
    pia.open("/incidents")
    assert WORDS in pia.text
    pia.send(f"/incidents/{made.id}/contain", {"words": WORDS, "affected": "two"})
    assert pia.page.status_code == 422
    pia.send(f"/incidents/{made.id}/contain", {"words": WORDS, "affected": "2"})
    Browser(agency, "paul").send(f"/incidents/{made.id}/judge", {"materiality": "not_material", "words": WORDS})
    pia.send(f"/incidents/{made.id}/close", {"lessons": WORDS})
    assert agency.get(Incident, made.id).state is IncidentState.CLOSED
    assert f"/incidents/{made.id}/close" not in pia.forms()
    aude = Browser(agency, "aude")
    assert WORDS in aude.open("/incidents").text
    assert aude.forms()[-1] == "/incidents"


def test_one_that_is_overdue_is_marked(agency: Agency) -> None:
    Browser(agency, "rosa").send("/incidents", {"words": WORDS, "about": ""})
    [made] = agency.find(Incident)
    with agency.system.database.begin() as tx:
        tx.change(made, decide_by=agency.clock.at.replace(year=2025))
    aude = Browser(agency, "aude")
    aude.open("/incidents")
    assert "Nobody has said in time whether it is material." in aude.text
