"""Forged ids, foreign cases, cookies, oversized and two-faced bodies: none of them gets further than a refusal."""

from __future__ import annotations

import json
import tempfile
from typing import Any

import pytest

from beholden.api.reading import MAX_JSON, StrictRequest
from beholden.records.audit import Entry
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit
from tests.agency import PURPOSE, draw
from tests.api.client import Rest

FORGED = "0" * 32


def without_entry(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "entry"}


def test_a_hidden_record_and_one_that_is_not_there_look_alike_whatever_is_tried(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    found = rest.agency.search(ready.authority)
    exhibit = rest.agency.find(Exhibit)[0]
    tried: list[tuple[str, str, str, object]] = [
        ("GET", "/cases/{}", ready.case.id, None),
        ("GET", "/cases/{}/exhibits", ready.case.id, None),
        ("GET", "/cases/{}/soughts", ready.case.id, None),
        ("POST", "/cases/{}/close", ready.case.id, {"outcome": "x"}),
        ("POST", "/cases/{}/reopen", ready.case.id, None),
        ("POST", "/cases/{}/soughts", ready.case.id, {"face_ids": ["a"], "subject_role": "victim", "why": "x"}),
        ("POST", "/soughts/{}/withdraw", ready.sought.id, {"reason": "x"}),
        ("GET", "/authorities/{}", ready.authority.id, None),
        ("POST", "/authorities/{}/approve", ready.authority.id, {}),
        ("POST", "/authorities/{}/revoke", ready.authority.id, {"reason": "x"}),
        ("POST", "/authorities/{}/withdraw", ready.authority.id, None),
        ("GET", "/searches/{}", found.id, None),
        ("GET", "/searches/{}/leads", found.id, None),
        ("POST", "/searches/{}/review", found.id, None),
        ("POST", "/searches/{}/examination", found.id, None),
        (
            "POST",
            "/searches/{}/disclosures",
            found.id,
            {"candidate_ids": ["a"], "recipients": ["b"], "basis": "c"},
        ),
        ("GET", "/exhibits/{}/faces/1", exhibit.id, None),
        ("POST", "/exhibits/{}/remove", exhibit.id, {"reason": "x"}),
    ]
    for method, path, id, body in tried:
        hidden = rest.refused(404, method, path.format(id), "ivo", json=body)
        unknown = rest.refused(404, method, path.format(FORGED), "ivo", json=body)
        assert without_entry(hidden) == without_entry(unknown), path
        assert isinstance(hidden["entry"], int), path
        assert hidden["entry"] < unknown["entry"], path
    run = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    hidden = rest.refused(404, "POST", "/searches", "ivo", json=run)
    unknown = rest.refused(404, "POST", "/searches", "ivo", json={"authority_id": FORGED, "sought_id": FORGED})
    assert without_entry(hidden) == without_entry(unknown)


def test_the_log_says_which_rules_refused_what_looked_like_nothing(rest: Rest) -> None:
    opened = rest.agency.case()
    told = rest.refused(404, "POST", f"/cases/{opened.id}/close", "ivo", json={"outcome": "x"})
    leaf = rest.agency.leaves()[told["entry"]]
    assert (leaf["event"], leaf["outcome"]) == ("case.closed", "refused")
    assert leaf["rules"]


def test_if_match_does_not_tell_of_a_hidden_record(rest: Rest) -> None:
    opened = rest.agency.case()
    for version in ('"0"', '"9"'):
        told = rest.refused(
            404,
            "POST",
            f"/cases/{opened.id}/close",
            "ivo",
            json={"outcome": "x"},
            headers={"If-Match": version},
        )
        assert told["type"] == "urn:beholden:Missing"


def test_anothers_handle_is_no_handle(rest: Rest) -> None:
    ready = rest.agency.ready(1, 2, 3)
    found = rest.agency.search(ready.authority)
    handle = rest.post("rosa", f"/searches/{found.id}/review")["pairs"][0]["handle"]
    for tried in (handle, FORGED):
        rest.refused(404, "PUT", f"/pairs/{tried}", "erik", json={"outcome": "no"})
        rest.refused(404, "GET", f"/pairs/{tried}/reference", "erik")


def test_a_cookie_opens_nothing(rest: Rest) -> None:
    secret = rest.agency["ines"].session
    for name in ("session", "beholden", "__Host-session", "Authorization"):
        rest.http.cookies.set(name, secret)
    rest.refused(401, "GET", "/cases")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Basic {}", "{}", "Bearer {} {}", "Bearer\t{}", "bearer,{}"]
)
def test_only_a_bearer_key_opens_anything_and_trying_leaves_no_entry(rest: Rest, header: str) -> None:
    secret = rest.agency["ines"].session
    before = len(rest.agency.find(Entry))
    told = rest.refused(401, "GET", "/cases", headers={"Authorization": header.replace("{}", secret)})
    assert told["entry"] is None
    assert len(rest.agency.find(Entry)) == before


def test_two_keys_open_nothing(rest: Rest) -> None:
    secret = rest.agency["ines"].session
    answer = rest.http.get("/cases", headers=[("authorization", f"Bearer {secret}"), ("authorization", "Bearer x")])
    assert answer.status_code == 401


def test_who_is_not_signed_in_has_no_body_read(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(self: StrictRequest) -> bytes:
        raise AssertionError("it was read")

    monkeypatch.setattr(StrictRequest, "body", read)
    rest.refused(401, "POST", "/cases", content=b"x" * 1000)


def post(rest: Rest, body: bytes, path: str = "/cases") -> dict[str, Any]:
    return rest.refused(422, "POST", path, "ines", content=body, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(
    "body",
    [
        b'{"reference": "1", "reference": "2", "purpose": "victim-id-cse"}',
        b'{"reference": NaN, "purpose": "victim-id-cse"}',
        b'{"reference": Infinity}',
        b'{"reference": "\\ud800", "purpose": "victim-id-cse"}',
        b'{"reference": "a\\u0000b", "purpose": "victim-id-cse"}',
        b'{"reference": "\xff", "purpose": "victim-id-cse"}',
        b'{"\\ud800": 1}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"1" * 5_000,
        b"-" + b"9" * 5_000,
        b'{"reference": 1e999}',
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"reference": "1", "purpose": "victim-id-cse"} {}',
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)
def test_a_body_that_could_be_read_in_two_ways_or_in_none_is_not_read(rest: Rest, body: bytes) -> None:
    told = post(rest, body)
    assert told["reasons"]
    assert rest.agency.find(Case) == []


def test_a_number_that_no_column_can_hold_is_refused(rest: Rest) -> None:
    for number in (2**31, 2**63, 10**19, True, "3", 1.5):
        body = json.dumps({"authority_id": "a", "sought_id": "b", "people": number}).encode()
        assert "body.people" in post(rest, body, "/searches")["detail"]


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22T09:00:00", 0, "1e400", "now"]
)
def test_a_time_that_is_none_is_refused(rest: Rest, moment: object) -> None:
    body = json.dumps({"starts_at": moment, "ends_at": moment}).encode()
    assert "body.starts_at" in post(rest, body, "/authorities/x/approve")["detail"]


def test_a_long_text_is_refused_by_name(rest: Rest) -> None:
    body = {"reference": "1", "title": "x" * 4_001, "purpose": PURPOSE}
    assert "body.title" in rest.refused(422, "POST", "/cases", "ines", json=body)["detail"]
    rest.refused(404, "GET", "/cases/" + "x" * 199, "ines")


def test_an_oversized_body_is_refused_whether_its_length_is_said_or_not(rest: Rest) -> None:
    rest.refused(413, "POST", "/cases", "ines", content=b"x" * (MAX_JSON + 1))
    rest.refused(413, "POST", "/cases", "ines", content=(b"x" * 65_536 for _ in range(17)))
    rest.refused(413, "POST", "/cases", "ines", content=b"{}", headers={"Content-Length": "9" * 30})
    most = rest.agency.system.media.max_bytes
    assert most > MAX_JSON


def test_an_upload_never_lies_on_a_disk(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_disk(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "_TemporaryFileWrapper", on_disk)
    monkeypatch.setattr(tempfile, "TemporaryFile", on_disk)
    opened = rest.agency.case()
    told = rest.refused(
        422,
        "POST",
        f"/cases/{opened.id}/exhibits",
        "ines",
        files={"file": ("big.png", draw(3) + b"\0" * 3_000_000, "image/png")},
        data={"origin": "nowhere", "why": "x"},
    )
    assert told["entry"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"--b\r\n", "multipart/form-data; boundary=b", 422),
        (b"anything", "multipart/form-data", 422),
        (b"", "multipart/form-data; boundary=b", 422),
        (b"{}", "application/json", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"x", "", 415),
    ],
)
def test_a_form_that_is_none_is_refused(rest: Rest, content: bytes, kind: str, status: int) -> None:
    rest.refused(status, "POST", "/images", "stella", content=content, headers={"Content-Type": kind})


def test_a_form_with_one_name_twice_is_refused(rest: Rest) -> None:
    opened = rest.agency.case()
    rest.refused(
        422,
        "POST",
        f"/cases/{opened.id}/exhibits",
        "ines",
        files=[("file", ("a.png", draw(3), "image/png"))],
        data={"origin": ["synthetic", "seized-device"], "why": "x"},
    )


def test_a_method_that_is_not_there_is_a_problem_that_names_those_that_are(rest: Rest) -> None:
    answer = rest.ask("PATCH", "/cases", "ines")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert answer.headers["allow"]
    rest.refused(405, "TRACE", "/cases", "ines")


def test_guessing_a_passphrase_is_slowed_down(rest: Rest) -> None:
    statuses = [
        rest.ask("POST", "/sessions", json={"name": "ada", "passphrase": f"guess {n}"}).status_code for n in range(8)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert int(rest.ask("POST", "/sessions", json={"name": "ada", "passphrase": "x"}).headers["retry-after"]) > 0


def test_a_failure_that_nobody_foresaw_tells_nothing_of_the_inside(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr("beholden.api.cases.cases.open_case", fail)
    told = rest.refused(500, "POST", "/cases", "ines", json={"reference": "1", "purpose": PURPOSE})
    assert "secret" not in json.dumps(told)
