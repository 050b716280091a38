"""Calls at random, by people of every role: whatever is done, refused or shown stands in the log before its answer leaves."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from beholden.actions import examine
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.candidates import Candidate
from beholden.records.examination import COMPONENTS
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Face
from beholden.records.images import Image
from beholden.testing.drawn import draw
from tests.agency import PURPOSE, Agency, small_agency
from tests.api.client import rest_of
from tests.trials.place import LONG

CALLS = 10_000 if LONG else 500
# What asks of nobody's rights and changes nothing that the records keep: how one signs in (REQ 90 logs what people do).
NOT_ACTS = {"POST /sessions", "POST /sessions/accept"}
# Turned away before it is known who asks: a stranger could fill the log with what the key of the oversight body did not sign.
NOBODYS = {"POST /orders"}
WORDS = (
    *(
        "",
        "a reason that is long enough to be one",
        "victim",
        "other",
        PURPOSE,
        "imminent-threat",
        "warrant",
        "s. 12 of the Act",
    ),
    *(
        "potential",
        "no",
        "inconclusive",
        "first",
        "second",
        "similar",
        "investigator",
        "synthetic",
        "exhibit-face",
        "lead",
    ),
    *("child-in-danger", "unknown", "justified", "0" * 64, "2026-117", "Unit 4"),
)


@dataclass
class Watch:
    """Between the server and whoever calls: how many entries were durable when the answer began."""

    app: ASGIApp
    system: System
    at_start: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.at_start = entries(self.system)
            await send(message)

        await self.app(scope, receive, seen)


def entries(system: System) -> int:
    with system.database.look() as look:
        return look.count(Entry)


@dataclass
class Caller:
    agency: Agency
    chance: random.Random
    ids: dict[str, list[str]]
    watch: Watch = field(init=False)
    http: TestClient = field(init=False)
    operations: list[tuple[str, str, dict[str, Any]]] = field(init=False)
    shapes: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        rest = rest_of(self.agency)
        told = rest.http.get("/openapi.json").json()
        self.watch = Watch(rest.app, self.agency.system)
        self.http = TestClient(self.watch, base_url=str(rest.http.base_url), raise_server_exceptions=False)
        self.shapes = told["components"]["schemas"]
        self.operations = [
            (method.upper(), path, one)
            for path, methods in told["paths"].items()
            for method, one in methods.items()
            if one["operationId"] != "sign_out"
        ]

    def call(self) -> str:
        """One call; what is wrong with its place in the log, or nothing."""
        method, path, operation = self.chance.choice(self.operations)
        name = self.chance.choice(list(self.agency.officers))
        address = path
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                address = address.replace(f"{{{parameter['name']}}}", self.text(parameter["name"]) or "x")
        headers = {"Authorization": f"Bearer {self.agency[name].session}"}
        before = entries(self.agency.system)
        answer = self.http.request(method, f"{address}", headers=headers, **self.body(operation))
        return self.wrong(f"{method} {path}", before, answer)

    def wrong(self, operation: str, before: int, answer: Any) -> str:
        after, problem = self.watch.at_start, answer.headers["content-type"] == "application/problem+json"
        said = f"{operation} as {answer.status_code}, {after - before} entries"
        self.made[answer.status_code] += 1
        if answer.status_code >= 500:
            return f"{said}: the server failed"
        if problem:
            entry = answer.json()["entry"]
            if entry is None:
                untold = answer.status_code == 403 and operation not in NOBODYS
                return f"{said}: refused, and no entry tells of it" if untold else ""
            if not before <= entry < after:
                return f"{said}: entry {entry} came after the answer"
            leaf = self.leaf(entry)
            rules = [one["rule_id"] for one in answer.json()["reasons"]]
            if answer.status_code == 403 and (leaf["outcome"] != "refused" or leaf["rules"] != rules):
                return f"{said}: the entry says {leaf['outcome']} {leaf['rules']}, the answer {rules}"
            return ""
        if answer.headers["content-type"].startswith("image/"):
            return "" if after > before else f"{said}: a face was shown, and no entry tells of it"
        if not operation.startswith("GET ") and operation not in NOT_ACTS and after == before:
            return f"{said}: it was done, and no entry tells of it"
        return ""

    made: Counter[int] = field(default_factory=Counter)

    def leaf(self, n: int) -> dict[str, Any]:
        with self.agency.system.database.look() as look:
            leaf: dict[str, Any] = json.loads(look.find(Entry, n=n)[0].leaf)
        return leaf

    def text(self, name: str) -> str:
        known = self.ids.get(name.removesuffix("s")) or self.ids.get(name)
        if known and self.chance.random() < 0.9:
            return self.chance.choice(known)
        return self.chance.choice([*WORDS, self.chance.choice([one for ids in self.ids.values() for one in ids])])

    def body(self, operation: dict[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            return {"json": self.value("", content["application/json"]["schema"])}
        if "multipart/form-data" in content:
            fields = self.value("", content["multipart/form-data"]["schema"])
            file = {
                name: ("a.png", draw(self.chance.randrange(9)))
                for name in fields
                if name in ("file", "files", "report")
            }
            return {"files": file, "data": {name: str(value) for name, value in fields.items() if name not in file}}
        return {}

    def value(self, name: str, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            schema = self.shapes[schema["$ref"].rpartition("/")[2]]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self.value(name, self.chance.choice(schema[several]))
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        match schema.get("type"):
            case "object" if "properties" in schema:
                needed = set(schema.get("required", []))
                given = {
                    one: part
                    for one, part in schema["properties"].items()
                    if one in needed or self.chance.random() < 0.5
                }
                return {one: self.value(one, part) for one, part in given.items()}
            case "object":
                return dict.fromkeys(COMPONENTS, "similar")
            case "array":
                return [self.value(name, schema.get("items", {})) for _ in range(self.chance.choice([0, 1, 1, 2]))]
            case "integer" | "number":
                return self.chance.choice([0, 1, 2, 3, 24, -1])
            case "boolean":
                return self.chance.random() < 0.5
            case "null":
                return None
        if schema.get("format") == "date-time":
            return self.chance.choice(["2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z", "2027-01-01T00:00:00Z"])
        return self.text(name)


def busy(agency: Agency) -> dict[str, list[str]]:
    """Something of everything, and the ids of all of it by the names that paths and bodies give them."""
    ready = agency.ready(1, 2, 3, 4)
    unsealed = agency.search(ready.authority)
    leads: list[examine.Lead] = agency.unsealed(unsealed, 1)
    listed = agency.search(ready.authority)
    asked = agency.request(ready.case, ready.sought, ready.gallery)
    granted = agency.granted(leads[-1].candidate.face_id)
    disclosed = agency.disclose(unsealed, leads[0])
    return {
        "person_id": list(agency.ids.values()),
        "source_id": [ready.source.id],
        "gallery_id": [ready.gallery.id],
        "image_id": [one.id for one in agency.find(Image)],
        "case_id": [ready.case.id],
        "exhibit_id": [one.id for one in agency.find(Exhibit)],
        "sought_id": [ready.sought.id],
        "authority_id": [ready.authority.id, asked.id],
        "search_id": [unsealed.id, listed.id],
        "candidate_id": [one.id for one in agency.find(Candidate)],
        "face_id": [*(one.id for one in agency.find(ExhibitFace)), *(one.id for one in agency.find(Face))],
        "request_id": [granted],
        "disclosure_id": [disclosed.disclosure.id],
        "handle": [leads[0].examinations[0].id],
    }


@pytest.mark.timeout(1800)
def test_req_90_whatever_is_called_its_entry_is_durable_before_its_answer_leaves() -> None:
    seed = int(os.environ.get("BEHOLDEN_SEED", random.randrange(1 << 32)))
    print(f"BEHOLDEN_SEED={seed}")
    agency = small_agency()
    caller = Caller(agency, random.Random(seed), busy(agency))
    wrong = Counter(said for _ in range(CALLS) if (said := caller.call()))
    assert wrong == {}
    assert min(caller.made[status] for status in (200, 403, 404, 422)) > CALLS / 100, caller.made
