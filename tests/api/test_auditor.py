"""What an auditor does through REST: read every case, be given one picture for a reason, change nothing."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from PIL import Image

from beholden.actions import people
from beholden.database.tables import RECORDS
from beholden.records.candidates import Candidate
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.testing.drawn import draw
from tests.actions.test_sessions import fresh, stale
from tests.agency import PURPOSE
from tests.api.client import Rest, rest_of
from tests.api.story import SOURCE, counted

REASON = {"reason": "to see what happens"}
NOT_COUNTED = {"Entry", "Item", "Checkpoint", "DayCount", "Spent"}  # what an auditor tries is on record, and counted


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


def test_req_90_an_auditor_is_given_one_picture_for_a_reason_and_the_answer_is_kept_nowhere(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    face = rest.get("aude", f"/cases/{ready.case.id}/exhibits")["items"][0]["faces"][0]["id"]
    asked = {"of": "exhibit-face", "id": face, "reason": "the opinions name a scar that the list does not"}
    before = records(rest)
    answer = rest.ask("POST", "/pictures/reveal", "aude", json=asked, headers={"Idempotency-Key": "k" * 20})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(BytesIO(answer.content)) as chip:
        assert (chip.format, dict(chip.getexif())) == ("JPEG", {})
    leaf = rest.agency.leaves()[-1]
    assert (leaf["event"], leaf["role"], leaf["outcome"]) == ("picture.revealed", "auditor", "done")
    assert rest.agency.told(leaf["n"])["reason"] == [asked["reason"]]
    told = rest.get("pia", "/log/entries", params={"event": "picture.revealed"})["items"][0]
    assert {"name": "reason", "value": asked["reason"]} in told["values"]
    again = rest.ask("POST", "/pictures/reveal", "aude", json=asked, headers={"Idempotency-Key": "k" * 20})
    assert again.status_code in (403, 409), "the same request again is not answered with the picture that was kept"
    told = rest.refused(403, "POST", "/pictures/reveal", "aude", json=asked)
    assert [one["rule_id"] for one in told["reasons"]] == ["reveal-reason-is-new"]
    assert records(rest) == before


def test_req_90_the_picture_that_is_not_there_and_the_one_that_is_hidden_look_alike(rest: Rest) -> None:
    rest.agency.search(rest.agency.ready(1, 2, 3).authority)
    sealed = rest.agency.find(Candidate)[0].id
    asked = {"of": "lead", "reason": "whether the list shows whom it should show"}
    told = [rest.refused(404, "POST", "/pictures/reveal", "aude", json=asked | {"id": id}) for id in (sealed, "0" * 32)]
    assert {**told[0], "entry": 0} == {**told[1], "entry": 0}
    for name in ("ines", "erik", "pia", "sven"):
        told = [
            rest.refused(403, "POST", "/pictures/reveal", name, json=asked | {"id": id}) for id in (sealed, "0" * 32)
        ]
        assert {**told[0], "entry": 0} == {**told[1], "entry": 0}
    rest.refused(401, "POST", "/pictures/reveal", json=asked | {"id": sealed})


def test_req_114_a_day_is_limited_through_this_door_and_a_restart_gives_none_back(rest: Rest) -> None:
    few = replace(rest.agency.system.rules, max_pictures_revealed_a_day=1)
    agency = replace(rest.agency, system=replace(rest.agency.system, rules=few))
    rest = rest_of(agency)
    agency.ready(1, 2, 3)
    face = agency.find(ExhibitFace)[0].id
    asked = {"of": "exhibit-face", "id": face, "reason": "the opinions name a scar that the list does not"}
    assert rest.ask("POST", "/pictures/reveal", "aude", json=asked).status_code == 200
    other = asked | {"reason": "the second opinion names another scar than the first"}
    agency.officers["aude"] = people.sign_in_as(agency.system, name="aude")
    told = rest_of(agency).refused(403, "POST", "/pictures/reveal", "aude", json=other)
    assert [one["rule_id"] for one in told["reasons"]] == ["day-limit"]


def test_req_114_reading_leads_for_the_first_time_asks_who_one_is(rest: Rest) -> None:
    agency = rest.agency
    found = agency.search(agency.ready(1, 2, 3).authority)
    agency.unsealed(found, 1)
    stale(agency, "aude")
    told = rest.refused(403, "GET", f"/searches/{found.id}/leads", "aude")
    assert [one["rule_id"] for one in told["reasons"]] == ["session-is-fresh-for-leads"]
    fresh(agency, "aude")
    assert rest.get("aude", f"/searches/{found.id}/leads")
    stale(agency, "aude")
    assert rest.get("aude", f"/searches/{found.id}/leads")


def test_req_90_an_auditor_changes_nothing_and_is_given_no_picture_without_a_reason(rest: Rest) -> None:
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
        ("POST", "/pictures/reveal", {"of": "reference", "id": face, "reason": "look"}),
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


def test_req_82_the_use_of_a_time_is_stated_by_rest_to_who_may_export_the_log(rest: Rest) -> None:
    rest.agency.search(rest.agency.ready(1, 2, 3).authority)
    asked = "/log/statement?begins_at=2020-01-01T00:00:00Z&ends_at=2030-01-01T00:00:00Z"
    said = rest.get("aude", asked)
    counted = {one["name"]: one["count"] for one in said["figures"]}
    assert (counted["searches"], counted["disclosures"], said["unaccounted"]) == (1, 0, 0)
    assert said["note"].startswith("beholden/statement/v1\n")
    assert {one["name"]: one["count"] for one in rest.get("pia", f"{asked}&public=true")["figures"]}["searches"] is None
    rest.refused(403, "GET", asked, "ines")
