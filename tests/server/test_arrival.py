"""From where a request may come: every one from elsewhere is turned away, in the shape that the asker reads."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.agency import Agency
from tests.server.door import HERE, app_of, client_of


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost:80:80",
        "",
        "evil.example:8000",
        "127.0.0.2",
        "[::2]",
        "localhost@evil",
    ],
)
def test_a_host_that_is_not_ours_is_turned_away(agency: Agency, host: str) -> None:
    page = client_of(agency).get("/probe", headers={"Host": host})
    assert page.status_code == 421
    assert page.headers["content-type"].startswith("text/html")
    assert "does not answer under that name" in page.text
    problem = client_of(agency).get("/v1/cases", headers={"Host": host})
    assert problem.status_code == 421
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json() == {
        "type": "urn:beholden:TurnedAway",
        "title": "The request was not taken",
        "status": 421,
        "detail": "this server does not answer under that name; use the address that it prints",
        "reasons": [],
        "entry": None,
    }


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "faces.example.org"])
def test_our_own_names_are_answered_with_any_port(agency: Agency, host: str) -> None:
    client = client_of(agency, names=["faces.example.org"])
    assert client.get("/probe", headers={"Host": host}).status_code == 200


def test_a_request_with_two_hosts_is_turned_away(agency: Agency) -> None:
    answer = client_of(agency).get("/probe", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:9999"},
        {"Referer": "http://localhost/"},
    ],
    ids=str,
)
def test_a_form_from_another_site_or_from_nowhere_is_turned_away(agency: Agency, headers: dict[str, str]) -> None:
    answer = client_of(agency).post("/probe", headers=headers)
    assert answer.status_code == 403
    assert "sent from another site" in answer.text


@pytest.mark.parametrize("headers", [HERE, {"Origin": "http://localhost"}], ids=str)
def test_a_form_of_our_own_page_is_taken(agency: Agency, headers: dict[str, str]) -> None:
    assert client_of(agency).post("/probe", headers=headers).status_code == 200


def test_rest_needs_no_origin_but_what_only_looks_like_it_does(agency: Agency) -> None:
    client = client_of(agency)
    assert client.post("/v1/sessions", json={"name": "x", "passphrase": "y"}).status_code == 401
    assert client.post("/v1-probe").status_code == 403


def test_a_cookie_opens_nothing_of_rest(agency: Agency) -> None:
    client = client_of(agency)
    client.cookies.set("beholden_session", agency["ines"].session)
    assert client.get("/v1/cases").status_code == 401
    key = {"Authorization": f"Bearer {agency['ines'].session}"}
    assert client.get("/v1/cases", headers=key).status_code == 200


def test_behind_a_proxy_nothing_is_answered_in_the_clear(agency: Agency) -> None:
    app = app_of(agency, names=["faces.example.org"], behind_proxy=True)
    clear = TestClient(app, base_url="http://faces.example.org")
    refused = clear.get("/probe")
    assert refused.status_code == 403
    assert "through its proxy" in refused.text
    assert "strict-transport-security" not in refused.headers
    assert clear.get("/health").json() == {"ok": True}
    encrypted = TestClient(app, base_url="https://faces.example.org")
    answer = encrypted.get("/probe")
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert encrypted.post("/probe", headers={"Origin": "https://faces.example.org"}).status_code == 200
    assert encrypted.post("/probe", headers={"Origin": "http://faces.example.org"}).status_code == 403
