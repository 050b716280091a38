"""An auditor's REST: what is unlike the rest, planted references, and samples drawn by lot."""

from __future__ import annotations

from datetime import timedelta

from beholden.records.audit import instant
from beholden.records.faces import Face
from beholden.records.patterns import Planted
from beholden.records.samples import drawn
from tests.api.client import Rest


def test_req_90_an_auditor_reads_patterns_and_nobody_else_does(rest: Rest) -> None:
    agency = rest.agency
    ready = agency.ready(1, 2, 3)
    agency.search(ready.authority)
    told = rest.get("aude", "/patterns")
    assert (told["uses"], told["flagged"]) == (1, [])
    assert told["by_person"] == [{"of": agency.ids["ines"], "uses": 1, "unmanifested": 1, "disclosed": 0}]
    assert told["by_case"][0]["of"] == ready.case.id
    assert told["pairs"] == [{"requester": agency.ids["ines"], "approver": agency.ids["sven"], "uses": 1}]
    for name in ("ines", "sven", "ada", "pia"):
        problem = rest.refused(403, "GET", "/patterns", name)
        assert "role-auditor-looks-for-patterns" in [one["rule_id"] for one in problem["reasons"]]


def test_a_reference_is_planted_listed_and_taken_out(rest: Rest) -> None:
    rest.agency.ready(1, 2, 3)
    face = rest.agency.find(Face)[0].id
    made = rest.post("aude", "/planted", {"face_id": face, "words": "of a colleague who agreed"})
    assert rest.get("aude", "/patterns")["planted"] == [made]
    rest.refused(403, "POST", f"/planted/{made['id']}/remove", "ines")
    assert rest.post("aude", f"/planted/{made['id']}/remove") is None
    assert rest.agency.find(Planted) == []
    rest.refused(404, "POST", f"/planted/{made['id']}/remove", "aude")


def test_a_sample_is_drawn_read_and_judged(rest: Rest) -> None:
    agency = rest.agency
    ready = agency.ready(1, 2, 3)
    for _ in range(3):
        agency.search(ready.authority)
    now = agency.clock.at
    day = {"begins_at": instant(now - timedelta(days=1)), "ends_at": instant(now)}
    rest.refused(403, "POST", "/samples", "aude", json={**day, "share": 0})
    made = rest.post("aude", "/samples", {**day, "share": 50})
    entries = [
        n for n, leaf in enumerate(agency.leaves()) if (leaf["event"], leaf["outcome"]) == ("search.started", "done")
    ]
    assert [one["entry"] for one in made["taken"]] == drawn(entries, made["seed"], 50)
    use = made["taken"][0]["use_id"]
    judged = rest.post("aude", f"/samples/{made['id']}/judge", {"use_id": use, "verdict": "justified"})
    assert judged["verdict"] == "justified"
    rest.refused(409, "POST", f"/samples/{made['id']}/judge", "aude", json={"use_id": use, "verdict": "justified"})
    [read] = rest.get("aude", "/samples")["items"]
    assert read["taken"][0] == judged
    assert 0 < read["not_justified_at_most"] < 1
    rest.refused(403, "GET", "/samples", "sven")
