"""Who comes to owe a blind opinion gets nothing more of leads that were open to them: no page, no face, no preview, no packet."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from beholden.actions import authorise, disclose, people, preview, search
from beholden.errors import Missing
from beholden.records.disclosures import Disclosure
from tests.agency import Agency, draw, necessity
from tests.web.browser import Browser

NO_LEADS = "lock the opinion that you owe first"


def test_req_35_whoever_comes_to_owe_an_opinion_gets_no_face_preview_or_packet_of_open_leads(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    lead = agency.unsealed(found, 1)[0]
    case = agency.case("ivo")
    sought = agency.sought(case, draw(3, seed=9), officer="ivo")
    authority = authorise.request_authority(
        agency.system,
        agency["ivo"],
        case_id=case.id,
        sought_id=sought.id,
        gallery_ids=[ready.gallery.id],
        necessity=necessity(117),
        starts_at=agency.clock.at,
        ends_at=agency.clock.at + timedelta(hours=24),
        searches=3,
    )
    other = search.run_search(
        agency.system, agency["ivo"], authority_id=agency.approve(authority).id, sought_id=sought.id
    )
    agency.review(other, 1)
    agency.change_roles("ines", "investigator", "examiner")
    agency.officers["ines"] = people.sign_in_as(agency.system, name="ines")
    ines = Browser(agency, "ines")
    asked = {"lead": lead.candidate.id, "recipients": "Unit 4", "basis": "s. 8(2)(f)"}

    ines.open(f"/searches/{found.id}/leads/{lead.candidate.id}")
    [reveal, *_] = re.findall(r'data-reveal="([^"]+)"', ines.page.text)
    ines.send(reveal)
    assert ines.page.status_code == 200
    ines.open(f"/searches/{found.id}/leads/{lead.candidate.id}")
    [reveal, *_] = re.findall(r'data-reveal="([^"]+)"', ines.page.text)
    ines.send(f"/examinations/{other.id}")

    ines.send(reveal)
    assert ines.page.status_code == 404
    for path in ("disclosures/preview", "disclosures"):
        ines.open("/")
        ines.send(f"/searches/{found.id}/{path}", asked)
        assert ines.page.status_code == 404, path
        assert str(round(lead.score, 2)) not in ines.page.text, path
    wanted = {"search_id": found.id, "candidate_ids": [lead.candidate.id], "recipients": ["Unit 4"], "basis": "s. 8(2)"}
    for act in (preview.preview_disclosure, disclose.make_disclosure):
        with pytest.raises(Missing, match=NO_LEADS):
            act(agency.system, agency["ines"], **wanted)
    assert agency.find(Disclosure) == []
