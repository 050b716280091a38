"""What an auditor does through REST: read every case, be given no picture, change nothing."""

from __future__ import annotations

from beholden.database.tables import RECORDS
from beholden.records.exhibits import Exhibit
from beholden.testing.drawn import draw
from tests.agency import PURPOSE
from tests.api.client import Rest
from tests.api.story import SOURCE, counted

REASON = {"reason": "to see what happens"}
NOT_COUNTED = {"Entry", "Item", "Checkpoint"}  # what an auditor tries is on record


def records(rest: Rest) -> dict[str, dict[str, int]]:
    with rest.agency.system.database.look() as look:
        return {kind.__name__: counted(look, kind) for kind in RECORDS if kind.__name__ not in NOT_COUNTED}


def test_req_90_an_auditor_reads_every_case_and_its_leads(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    found = rest.agency.search(ready.authority)
    rest.refused(403, "GET", f"/searches/{found.id}/leads", "aude")
    rest.agency.unsealed(found, 1)
    for path in (
        *("/cases", f"/cases/{ready.case.id}", f"/cases/{ready.case.id}/exhibits", f"/cases/{ready.case.id}/soughts"),
        *("/authorities", f"/authorities/{ready.authority.id}", "/sources", "/galleries", "/requests", "/people"),
        *("/searches", f"/searches/{found.id}", f"/searches/{found.id}/leads", "/log/entries", "/log/checkpoint"),
    ):
        assert rest.get("aude", path), path


def test_req_90_reading_leads_and_the_log_as_an_auditor_is_on_record_as_theirs(rest: Rest) -> None:
    found = rest.agency.search(rest.agency.ready(1, 2, 3).authority)
    rest.agency.unsealed(found, 1)
    for path, event in ((f"/searches/{found.id}/leads", "search.read"), ("/log/entries", "log.read")):
        rest.get("aude", path)
        leaf = rest.agency.leaves()[-1]
        assert (leaf["event"], leaf["role"], leaf["outcome"]) == (event, "auditor", "done")
        assert rest.agency.told(leaf["n"])["person"] == [rest.agency.ids["aude"]]


def test_req_90_an_auditor_changes_nothing_and_is_given_no_picture(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    case, source, ids = ready.case.id, ready.source.id, rest.agency.ids
    waiting = rest.agency.search(ready.authority)
    leads = rest.agency.unsealed(rest.agency.search(ready.authority), 1)
    face = leads[0].candidate.face_id
    asked = rest.agency.granted(face)
    exhibit = rest.agency.find(Exhibit)[0].id
    authority = {
        "case_id": case,
        "sought_id": ready.sought.id,
        "gallery_ids": [ready.gallery.id],
        "necessity": {"less_intrusive": "a" * 80, "why_person": "b" * 80, "why_now": "c" * 80},
        "starts_at": "2030-01-01T00:00:00Z",
        "ends_at": "2030-01-01T01:00:00Z",
        "searches": 1,
    }
    proposed = SOURCE | {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2040-01-01T00:00:00Z"}
    before = records(rest)
    for method, path, body in (
        ("POST", "/people", {"name": "somebody", "roles": ["auditor"]}),
        ("PUT", f"/people/{ids['aude']}/roles", {"roles": ["administrator"]}),
        ("POST", f"/people/{ids['ivo']}/suspend", None),
        ("POST", f"/people/{ids['ivo']}/token", None),
        ("POST", "/sources", proposed),
        ("POST", f"/sources/{source}/suspend", REASON),
        ("POST", "/galleries", {"name": "of an auditor", "purposes": [PURPOSE]}),
        ("POST", f"/galleries/{ready.gallery.id}/close", None),
        ("POST", "/cases", {"reference": "2026-118", "title": "Of an auditor", "purpose": PURPOSE}),
        ("POST", f"/cases/{case}/assign", {"person_id": ids["ivo"]}),
        ("POST", f"/cases/{case}/close", {"outcome": "none"}),
        ("POST", f"/exhibits/{exhibit}/remove", REASON),
        ("POST", f"/soughts/{ready.sought.id}/withdraw", REASON),
        ("POST", "/authorities", authority),
        ("POST", f"/authorities/{ready.authority.id}/revoke", REASON),
        ("POST", "/searches", {"authority_id": ready.authority.id, "sought_id": ready.sought.id}),
        ("POST", f"/searches/{waiting.id}/review", None),
        ("POST", f"/searches/{waiting.id}/examination", None),
        (
            "POST",
            f"/searches/{leads[0].candidate.search_id}/disclosures",
            {"candidate_ids": [leads[0].candidate.id], "recipients": ["Unit 4"], "basis": "s. 8(2)(f)"},
        ),
        ("POST", "/references/find", {"person_ref": "person 1"}),
        ("POST", "/requests", {"face_ids": [face], "looked_for": "by name", "subject": "A. Person"}),
        ("POST", f"/requests/{asked}/withdraw", None),
        ("POST", f"/requests/{asked}/erase", None),
        ("GET", f"/exhibits/{exhibit}/faces/1", None),
    ):
        told = rest.refused(403, method, path, "aude", json=body)
        assert told["reasons"], path
        assert isinstance(told["entry"], int), path
    picture = {"file": ("1.png", draw(1), "image/png")}
    told = {"source_id": source, "gallery_id": ready.gallery.id}
    rest.refused(403, "POST", "/images", "aude", files=picture, data=told)
    exhibited = {"origin": "synthetic", "why": "found on the seized disk"}
    rest.refused(403, "POST", f"/cases/{case}/exhibits", "aude", files=picture, data=exhibited)
    assert records(rest) == before
