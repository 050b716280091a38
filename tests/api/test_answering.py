"""Incidents and replays through REST: who answers for what happened, and for what a list was."""

from __future__ import annotations

from tests.api.client import Rest

WORDS = "a packet went to another unit than the one it named"


def test_req_130_an_incident_goes_through_rest_to_its_end(rest: Rest) -> None:
    made = rest.post("rosa", "/incidents", {"words": WORDS})
    path = f"/incidents/{made['id']}"
    assert (made["what"], made["state"], made["affected"]) == ("reported", "open", -1)
    assert rest.get("aude", path) == made
    assert rest.get("rosa", "/incidents")["items"] == []
    rest.refused(404, "GET", path, "rosa")
    rest.refused(404, "POST", f"{path}/contain", "rosa", json={"words": WORDS})
    rest.refused(403, "POST", f"{path}/contain", "aude", json={"words": WORDS})
    rest.refused(403, "POST", f"{path}/contain", "pia", json={"words": "soon"})
    assert rest.post("pia", f"{path}/contain", {"words": WORDS, "affected": 3})["affected"] == 3
    rest.refused(422, "POST", f"{path}/contain", "pia", json={"words": WORDS, "affected": -3})
    judged = rest.post("paul", f"{path}/judge", {"materiality": "not_material", "words": WORDS})
    assert (judged["materiality"], judged["decided_by"]) == ("not_material", rest.agency.ids["paul"])
    closed = rest.post("pia", f"{path}/close", {"lessons": WORDS})
    assert closed["state"] == "closed"
    assert rest.get("pia", "/incidents")["items"] == [closed]


def test_req_43_an_auditor_replays_a_search_through_rest(rest: Rest) -> None:
    agency = rest.agency
    found = agency.search(agency.ready(1, 2, 3).authority)
    path, why = f"/searches/{found.id}/replay", {"reason": "the defence asks whether the list was complete"}
    rest.refused(403, "POST", path, "aude", json=why)
    agency.unsealed(found, 1)
    told = rest.post("aude", path, why)
    assert told == {"search_id": found.id, "same": True, "listed": 3, "gone": 0, "closed": 0, "differing": 0}
    rest.refused(403, "POST", path, "ines", json=why)
