"""What the server writes down and counts of requests: routes, states and rules, and nobody."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from beholden.actions.log import seal
from beholden.server import FULL_BELOW, make_app
from beholden.stores.memory import MemoryStores
from tests.agency import Agency
from tests.server.door import HERE, SECRET, app_of, client_of, signed_in

LOCAL = ("127.0.0.1", 1)


def lines(caplog: pytest.LogCaptureFixture, name: str = "beholden.access") -> list[str]:
    return [re.sub(r"\d+ ms", "0 ms", one.getMessage()) for one in caplog.records if one.name == name]


def test_a_line_a_request_without_ids_and_queries(agency: Agency, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "beholden")
    case = agency.case()
    client = client_of(agency)
    key = {"Authorization": f"Bearer {agency['ines'].session}"}
    client.get(f"/v1/cases/{case.id}", headers=key)
    client.get(f"/v1/cases?filter={SECRET}", headers=key)
    client.get(f"/v1/cases/{SECRET}", headers=key)
    client.get(f"/nothing/{SECRET}?q={SECRET}")
    client.get(f"/probe/refuses/{SECRET}")
    client.get(f"/static/{SECRET}/{SECRET}")
    client.request("BREW", "/probe")
    client.get("/probe", headers={"Host": f"{SECRET}.example"})
    signed_in(client, agency, "ines")
    client.get(f"/cases/{case.id}")
    assert lines(caplog) == [
        "GET /v1/cases/{case_id} 200 0 ms",
        "GET /v1/cases 200 0 ms",
        "GET /v1/cases/{case_id} 404 0 ms",
        "GET (none) 404 0 ms",
        "GET /probe/refuses/{id} 403 0 ms",
        "GET /static/… 404 0 ms",
        "OTHER (none) 403 0 ms",
        "GET (none) 421 0 ms",
        "GET /cases/{case_id} 200 0 ms",
    ]
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("beholden")]
    assert [line for line in ours if SECRET in line or case.id in line or "ines" in line] == []


def test_a_fault_is_noted_by_its_place_and_not_by_its_words(
    agency: Agency, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_of(agency).get(f"/probe/breaks/{SECRET}")
    (line,) = lines(caplog, "beholden.faults")
    assert line.startswith("RuntimeError at ")
    assert "door.py:" in line
    assert SECRET not in line
    monkeypatch.setenv("BEHOLDEN_DEBUG", "1")
    client_of(agency).get(f"/probe/breaks/{SECRET}")
    assert f"RuntimeError: broken at {SECRET}" in lines(caplog, "beholden.faults")[1]


def test_figures_are_by_route_state_and_rule_and_name_nobody(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    found = agency.search(ready.authority)
    client = TestClient(app_of(agency), base_url="http://localhost", client=LOCAL)
    key = {"Authorization": f"Bearer {agency['ines'].session}"}
    for _ in range(2):
        client.get(f"/v1/cases/{ready.case.id}", headers=key)
    client.get(f"/v1/searches/{found.id}/leads", headers=key)
    client.get("/probe/refuses/7")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert told['beholden_requests_total{method="GET",route="/v1/cases/{case_id}",status="200"}'] == "2.0"
    assert told['beholden_request_seconds_count{route="/v1/cases/{case_id}"}'] == "2.0"
    assert told['beholden_refusals_total{rule="a-rule"}'] == "1.0"
    assert told['beholden_refusals_total{rule="another-rule"}'] == "1.0"
    assert told['beholden_refusals_total{rule="search-is-unsealed"}'] == "1.0"
    assert told['beholden_searches{state="listed"}'] == "1.0"
    assert told["beholden_references"] == "3.0"
    assert told["beholden_faces_waiting"] == "0.0"
    assert float(told["beholden_log_unsealed"]) == float(told["beholden_log_entries"]) > 10
    assert told["beholden_room_is_low"] == "0.0"
    everybody = [*agency.officers, *agency.ids.values(), ready.case.id, found.id, ready.case.title]
    assert [one for one in everybody if re.search(rf"\b{re.escape(one)}\b", answer.text)] == []
    assert not re.search(r"\b[0-9a-f]{32}|rank|score", answer.text)


def test_two_servers_in_one_process_count_apart(agency: Agency) -> None:
    one, two = (TestClient(app_of(agency), base_url="http://localhost", client=LOCAL) for _ in range(2))
    one.get("/probe")
    assert 'route="/probe"' in one.get("/metrics").text
    assert 'route="/probe"' not in two.get("/metrics").text


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (LOCAL, {}, 200),
        (("::1", 1), {}, 200),
        (("192.0.2.1", 1), {}, 404),
        (("testclient", 1), {}, 404),
        (LOCAL, {"X-Forwarded-For": "192.0.2.1"}, 404),  # a proxy on this machine, asking for somebody elsewhere
        (LOCAL, {"Forwarded": "for=192.0.2.1"}, 404),
        (("192.0.2.1", 1), {"Authorization": "Bearer the right key, long enough"}, 200),
        (("192.0.2.1", 1), {"Authorization": "Bearer another key"}, 404),
        (("192.0.2.1", 1), {"Authorization": "Bearer "}, 404),
    ],
    ids=str,
)
def test_figures_are_for_this_machine_or_for_who_has_the_key(
    agency: Agency, client: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    app = make_app(agency.system, metrics_key="the right key, long enough")
    there = TestClient(app, base_url="http://localhost", client=client)
    assert there.get("/metrics", headers=headers).status_code == status
    assert set(there.get("/health", headers=headers).json()) == (
        {"ok"}
        if status == 404
        else {
            "ok",
            "version",
            "revision",
            "free_bytes",
            "waiting_templates",
            "unsealed_entries",
            "witnesses",
            "unwitnessed_entries",
            "unwitnessed_age_s",
            "problems",
            "warnings",
        }
    )


def test_without_a_key_an_empty_one_opens_nothing(agency: Agency) -> None:
    there = TestClient(make_app(agency.system), base_url="http://localhost", client=("192.0.2.1", 1))
    assert there.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_health_tells_how_it_is_and_names_nobody(agency: Agency) -> None:
    agency.ready(1)
    client = TestClient(make_app(agency.system), base_url="http://localhost", client=LOCAL)
    told = client.get("/health").json()
    assert told["ok"] is True
    assert told["unsealed_entries"] == len(agency.leaves())
    seal(agency.system)
    assert client.get("/health").json()["unsealed_entries"] == 0


def with_room(agency: Agency, free: int) -> TestClient:
    class Stores(MemoryStores):
        def room(self) -> int:
            return free

    return TestClient(make_app(replace(agency.system, stores=Stores())), base_url="http://localhost", client=LOCAL)


def test_a_disk_that_fills_up_is_warned_of(agency: Agency) -> None:
    client = with_room(agency, FULL_BELOW)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["problems"]) == (200, [])
    assert answer.json()["warnings"] == ["the disk is nearly full: nothing more is taken in; make room"]
    assert "beholden_room_is_low 1.0" in client.get("/metrics").text


def test_a_disk_that_is_full_is_a_problem(agency: Agency) -> None:
    answer = with_room(agency, FULL_BELOW - 1).get("/health")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)
    assert answer.json()["problems"] == [
        "The disk is full: nothing more is recorded, and every act is refused; make room"
    ]


def test_records_that_cannot_be_read_are_told_as_broken(agency: Agency) -> None:
    client = TestClient(make_app(agency.system), base_url="http://localhost", client=LOCAL)
    agency.system.database.close()
    answer = client.get("/health")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)
    assert "was closed" in answer.json()["problems"][0]
    assert "beholden_records_readable 0.0" in client.get("/metrics").text
    outside = TestClient(make_app(agency.system), base_url="http://localhost")
    assert (outside.get("/health").status_code, outside.get("/health").json()) == (503, {"ok": False})


def test_what_stops_somebody_before_any_act_is_on_record(agency: Agency) -> None:
    client = client_of(agency)
    signed_in(client, agency, "ines")
    before = len(agency.leaves())
    answer = client.get("/cases/" + "0" * 32)
    assert answer.status_code == 404
    (leaf,) = agency.leaves()[before:]
    assert (leaf["event"], leaf["role"]) == ("command.stopped", "investigator")
    client.cookies.clear()
    for path in ("/cases", "/probe/refuses/7", "/v1/cases"):
        client.get(path, headers=HERE)
    assert len(agency.leaves()) == before + 1  # anybody on the network could fill the log
