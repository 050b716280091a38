"""The main job from end to end, on drawn faces in memory: what the demo tells at length."""

from __future__ import annotations

import json

from beholden.actions import disclose, erase, examine, log, request
from beholden.records.erasure import ErasureState
from beholden.records.searches import SearchState
from tests.agency import Agency, draw


def test_a_search_from_its_source_to_its_disclosure_and_an_erasure_after_it(agency: Agency) -> None:
    source, gallery = agency.source(), agency.gallery()
    for person in range(1, 9):
        agency.enrol(source, gallery, person)
        agency.enrol(source, gallery, person, seed=1)
    case = agency.case()
    sought = agency.sought(case, draw(3, seed=7), draw(3, seed=8))
    authority = agency.approve(agency.request(case, sought, gallery))
    found = agency.search(authority)
    assert found.state is SearchState.LISTED
    assert found.coverage.words() == (
        "all 16 references of 1 gallery compared, proven exhaustive: no other of them is nearer"
    )
    assert found.people == 8
    agency.review(found, 1, 2)
    for name in ("erik", "edda"):
        agency.examine(found, name, 3)
        agency.examine(found, name, -2 if name == "edda" else -1)
    leads = examine.read_leads(agency.system, agency["ines"], search_id=found.id)
    assert [lead.rank for lead in leads] == list(range(1, 9))
    packet = disclose.make_disclosure(
        agency.system,
        agency["ines"],
        search_id=found.id,
        candidate_ids=[leads[0].candidate.id],
        recipients=["Unit 4"],
        basis="s. 8(2)(f)",
    )
    assert json.loads(packet.files["disclosure.json"])["leads"][0]["reference"]["image_url"]
    references = request.find_references(agency.system, agency["pia"], person_ref="person 3")
    asked = request.receive_request(
        agency.system,
        agency["pia"],
        face_ids=[one.face_id for one in references],
        looked_for="by the source's person reference",
        subject="A. Person, by letter",
    )
    request.grant_request(
        agency.system, agency["pia"], request_id=asked.id, identity_checked=True, reason="passport seen"
    )
    erased = erase.erase(agency.system, agency["stella"], request_id=asked.id)
    assert erased.state is ErasureState.ERASED
    again = agency.search(authority)
    assert again.coverage.references == 14
    assert again.people == 7
    log.seal(agency.system)
    with agency.system.database.look() as look:
        assert log.check_log(agency.system, look) > 50
