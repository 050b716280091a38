"""What every answer says to the browser, whatever became of the request."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.agency import Agency
from tests.server.door import app_of, client_of, signed_in

POLICY = (
    "default-src 'none'; script-src 'nonce-N'; style-src 'self' 'nonce-N'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types htmx default"
)
ASKED = [
    ("/probe", {}, 200),
    ("/probe/breaks/7", {}, 500),
    ("/probe/refuses/7", {}, 403),
    ("/nothing", {}, 404),
    ("/probe", {"Host": "evil.example"}, 421),
    ("/sign-in", {}, 200),
    ("/", {}, 303),
    ("/health", {}, 200),
    ("/metrics", {}, 404),
    ("/v1/cases", {}, 401),
    ("/v1/nothing", {}, 404),
    ("/v1/openapi.json", {}, 200),
    ("/static/old/own.css", {}, 404),
]


@pytest.mark.parametrize(("path", "headers", "status"), ASKED, ids=[f"{p} {s}" for p, _, s in ASKED])
def test_every_answer_has_the_headers(agency: Agency, path: str, headers: dict[str, str], status: int) -> None:
    answer = client_of(agency).get(path, headers=headers)
    assert answer.status_code == status
    told = answer.headers
    assert told["cache-control"] == "no-store"
    assert told["x-content-type-options"] == "nosniff"
    assert told["x-frame-options"] == "DENY"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cross-origin-opener-policy"] == "same-origin"
    assert told["cross-origin-embedder-policy"] == "require-corp"
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in told["permissions-policy"]
    assert told["content-security-policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert "server" not in told
    assert "strict-transport-security" not in told  # in the clear a browser ignores it


def test_a_page_runs_the_scripts_that_it_names_and_each_answer_has_another_nonce(agency: Agency) -> None:
    client = client_of(agency)
    seen = set()
    for _ in range(3):
        answer = client.get("/probe")
        (nonce,) = re.findall(r"<p>(.+)</p>", answer.text)
        assert answer.headers["content-security-policy"] == POLICY.replace("N'", f"{nonce}'")
        assert len(nonce) >= 22
        seen.add(nonce)
    assert len(seen) == 3


def test_every_script_of_a_real_page_carries_the_nonce_of_its_answer(agency: Agency) -> None:
    client = client_of(agency)
    signed_in(client, agency, "ines")
    for path in ("/", "/cases", "/nothing", "/sign-in"):
        answer = client.get(path)
        assert answer.status_code == (404 if path == "/nothing" else 200)
        (nonce,) = set(re.findall(r"'nonce-([^']+)'", answer.headers["content-security-policy"]))
        scripts = re.findall(r"<script\b[^>]*>", answer.text)
        assert scripts
        assert [one for one in scripts if f'nonce="{nonce}"' not in one] == []
        assert not re.search(r"\son\w+=|\sstyle=|javascript:", answer.text)


def test_data_is_not_a_page_and_may_do_nothing_as_one(agency: Agency) -> None:
    policy = client_of(agency).get("/v1/openapi.json").headers["content-security-policy"]
    assert policy.endswith("sandbox")
    assert "script-src" not in policy


def test_what_is_addressed_by_its_digest_may_be_kept_and_nothing_else(agency: Agency) -> None:
    client = client_of(agency)
    (style,) = re.findall(r'href="(/static/[^"]+\.css)"', client.get("/sign-in").text)
    answer = client.get(style)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/probe").headers["cache-control"] == "no-store"  # though it asked to be kept


def test_an_error_that_nobody_foresaw_gives_nothing_away(agency: Agency) -> None:
    answer = TestClient(app_of(agency), base_url="http://localhost").get("/probe/breaks/very-secret")
    assert answer.status_code == 500
    assert "nobody foresaw (RuntimeError)" in answer.text
    assert "very-secret" not in answer.text
    assert "Traceback" not in answer.text
