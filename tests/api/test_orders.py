"""Orders over REST: the signature is the authority, and every search after it answers 503 with the reason."""

from __future__ import annotations

from dataclasses import replace

from starlette.testclient import TestClient

from beholden.server import make_app
from beholden.serving.rates import Limits, Rate
from tests.api.client import Rest
from tests.oversight_body import REASON, order


def test_req_95_an_order_that_is_posted_without_a_sign_in_stops_searches_at_once(rest: Rest) -> None:
    ready = rest.agency.ready(1, 3)
    wanted = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    note = order("stop", "system", origin=rest.agency.system.origin).decode()
    given = rest.ask("POST", "/orders", json={"note": note})
    assert given.status_code == 201, given.text
    assert given.json() == {
        "number": 1,
        "kind": "stop",
        "scope": ["system"],
        "given_at": "2026-11-22T09:00:00Z",
        "until": None,
        "reason": REASON,
        "in_force": True,
    }
    told = rest.refused(503, "POST", "/searches", "ines", json=wanted)
    [reason] = told["reasons"]
    assert (told["type"], reason["rule_id"]) == ("urn:beholden:Stopped", "oversight-stop")
    assert REASON in reason["why"]
    assert rest.agency.leaves()[told["entry"]]["rules"] == ["oversight-stop"]
    assert rest.get("ines", "/orders")["items"] == [given.json()]
    lift = order("lift", "system", number=2, origin=rest.agency.system.origin).decode()
    assert rest.ask("POST", "/orders", json={"note": lift}).status_code == 201
    assert rest.post("ines", "/searches", wanted)["state"] == "listed"


def test_what_is_no_order_is_turned_away_and_an_older_one_is_a_conflict(rest: Rest) -> None:
    before = len(rest.agency.leaves())
    assert rest.refused(403, "POST", "/orders", json={"note": "stop it"})["entry"] is None
    origin = rest.agency.system.origin
    for number, status in ((2, 201), (1, 409)):
        note = order("stop", "system", number=number, origin=origin).decode()
        assert rest.ask("POST", "/orders", json={"note": note}).status_code == status
    assert len(rest.agency.leaves()) == before + 1
    rest.refused(401, "GET", "/orders")


def test_req_114_nobody_tries_orders_out_in_a_loop(rest: Rest) -> None:
    limits = Limits(attempts_without_name=Rate(3, 1))
    app = make_app(rest.agency.system, limits=limits)
    http = TestClient(app, base_url="http://localhost/v1", raise_server_exceptions=False)
    few = replace(rest, app=app, http=http)
    for _ in range(3):
        few.refused(403, "POST", "/orders", json={"note": "stop it"})
    assert "wait" in few.refused(429, "POST", "/orders", json={"note": "stop it"})["detail"]
