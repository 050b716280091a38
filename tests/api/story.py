"""The main job from its source to the erasure, once by the acts themselves and once by REST."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from beholden.actions import authorise, cases, erase, examine, register, request, review
from beholden.errors import Refused
from beholden.ports.database import Look
from beholden.records.audit import instant
from beholden.records.examination import COMPONENTS
from beholden.records.searches import Search
from tests.agency import ALIKE, PURPOSE, Agency, draw, necessity
from tests.api.client import Rest

RANDOM = re.compile(r"[0-9a-f]{32,}|[\w-]{43}")  # ids, digests and keys
SOURCE = {
    "name": "rendered people",
    "controller": "the project",
    "authority_kind": "synthetic",
    "citation": "generator manifest 1",
    "document_sha256": "0" * 64,
    "jurisdiction": "CA",
    "purposes": [PURPOSE],
}


def by_acts(agency: Agency) -> None:
    """As a program in Python tells it."""
    system = agency.system
    told: dict[str, Any] = SOURCE | {
        "valid_from": agency.clock.at - timedelta(days=1),
        "valid_until": agency.clock.at + timedelta(days=365),
    }
    source = register.propose_source(system, agency["stella"], **told)
    refused(lambda: register.approve_source(system, agency["stella"], source_id=source.id))
    register.approve_source(system, agency["pia"], source_id=source.id)
    gallery = agency.gallery()
    for person in range(1, 9):
        agency.enrol(source, gallery, person)
    agency.enrol(source, gallery, 8)
    case = agency.case()
    sought = agency.sought(case, draw(3, seed=7), draw(3, seed=8))
    asked = agency.request(case, sought, gallery)
    refused(lambda: authorise.approve_authority(system, agency["ines"], authority_id=asked.id))
    authority = agency.approve(asked)
    found = agency.search(authority)
    refused(lambda: examine.read_leads(system, agency["ines"], search_id=found.id))
    taken, shown = review.open_review(system, agency["rosa"], search_id=found.id)
    ranks = agency.ranks(found)
    for one in shown:
        outcome = "potential" if ranks[one.handle] in (1, 2) else "no"
        review.decide_pair(system, agency["rosa"], handle=one.handle, outcome=outcome)
    review.finish_review(system, agency["rosa"], review_id=taken.id)
    for name, opinion in (("erik", 3), ("erik", 3), ("edda", 3), ("edda", -1), ("emil", 1)):
        agency.examine(found, name, opinion)
    leads = examine.read_leads(system, agency["ines"], search_id=found.id)
    agency.disclose(found, leads[0])
    references = request.find_references(system, agency["pia"], person_ref="person 4")
    gone = request.receive_request(
        system,
        agency["pia"],
        face_ids=[one.face_id for one in references],
        looked_for="by the source's person reference",
        subject="A. Person, by letter",
    ).id
    request.check_identity(system, agency["pia"], request_id=gone, how="passport seen")
    request.grant_request(system, agency["pia"], request_id=gone, reason="the record is theirs")
    refused(lambda: erase.erase(system, agency["pia"], request_id=gone))
    erase.erase(system, agency["stella"], request_id=gone)
    agency.search(authority)
    agency.enrol(source, gallery, 4)
    refused(lambda: cases.close_case(system, agency["ines"], case_id=case.id, outcome="found"))


def by_rest(rest: Rest) -> None:
    """As a program that knows the address and its bearer keys tells it."""
    agency = rest.agency
    at = agency.clock.at
    told = SOURCE | {
        "valid_from": instant(at - timedelta(days=1)),
        "valid_until": instant(at + timedelta(days=365)),
    }
    source = rest.post("stella", "/sources", told)
    rest.refused(403, "POST", f"/sources/{source['id']}/approve", "stella")
    assert rest.post("pia", f"/sources/{source['id']}/approve")["state"] == "active"
    gallery = rest.post("pia", "/galleries", {"name": "references", "purposes": [PURPOSE]})
    for person in range(1, 9):
        assert enrol_by_rest(rest, source["id"], gallery["id"], person)["fate"] == "enrolled"
    assert enrol_by_rest(rest, source["id"], gallery["id"], 8)["fate"] == "already held"
    case = rest.post("ines", "/cases", {"reference": "2026-117", "title": "Attic", "purpose": PURPOSE})
    faces = [add_exhibit(rest, case["id"], number, seed)["faces"][0]["id"] for number, seed in enumerate((7, 8))]
    sought = rest.post(
        "ines",
        f"/cases/{case['id']}/soughts",
        {"face_ids": faces, "subject_role": "victim", "why": "same mole on the left cheek"},
    )
    authority = request_authority(rest, case["id"], sought["id"], gallery["id"])
    rest.refused(403, "POST", f"/authorities/{authority['id']}/approve", "ines", json={})
    assert len(rest.post("sven", f"/authorities/{authority['id']}/probe")["faces"]) == 2
    assert rest.post("sven", f"/authorities/{authority['id']}/approve", {})["state"] == "active"
    run = {"authority_id": authority["id"], "sought_id": sought["id"]}
    found = rest.post("ines", "/searches", run)
    assert found["people"] == 8
    rest.refused(403, "GET", f"/searches/{found['id']}/leads", "ines")
    opened = rest.post("rosa", f"/searches/{found['id']}/review")
    ranks = agency.ranks(agency.get(Search, found["id"]))
    for pair in opened["pairs"]:
        outcome = "potential" if ranks[pair["handle"]] in (1, 2) else "no"
        done = rest.ask("PUT", f"/pairs/{pair['handle']}", "rosa", json={"outcome": outcome})
        assert done.json() == {"handle": pair["handle"], "position": pair["position"], "outcome": outcome}
    assert rest.post("rosa", f"/reviews/{opened['id']}/finish")["state"] == "reviewed"
    for name, opinion in (("erik", 3), ("erik", 3), ("edda", 3), ("edda", -1), ("emil", 1)):
        pair = rest.post(name, f"/searches/{found['id']}/examination")
        for side in ("probe", "reference"):
            told = {"of": side, "suitable": True, "seen": list(COMPONENTS)}
            rest.post(name, f"/examinations/{pair['handle']}/descriptions", told)
        locked = rest.post(
            name, f"/examinations/{pair['handle']}/lock", {"components": dict(ALIKE), "opinion": opinion}
        )
        assert locked["state"] == "locked"
    leads = rest.get("ines", f"/searches/{found['id']}/leads")["leads"]
    assert [lead["rank"] for lead in leads] == list(range(1, 9))
    packet = rest.post(
        "ines",
        f"/searches/{found['id']}/disclosures",
        {
            "candidate_ids": [leads[0]["candidate_id"]],
            "recipients": ["Unit 4", "Interpol desk"],
            "basis": "s. 8(2)(f)",
        },
    )
    names = {file["name"]: base64.b64decode(file["content"]) for file in packet["files"]}
    assert b"\nreceipts" in names["manifest.note"] or names["manifest.note"]
    records = rest.post("pia", "/references/find", {"person_ref": "person 4"})["records"]
    asked = rest.post(
        "pia",
        "/requests",
        {
            "face_ids": [one["face_id"] for one in records],
            "looked_for": "by the source's person reference",
            "subject": "A. Person, by letter",
        },
    )
    rest.post("pia", f"/requests/{asked['id']}/check", {"how": "passport seen"})
    rest.post("pia", f"/requests/{asked['id']}/grant", {"reason": "the record is theirs"})
    rest.refused(403, "POST", f"/requests/{asked['id']}/erase", "pia")
    erased = rest.post("stella", f"/requests/{asked['id']}/erase")
    assert erased["state"] == "erased"
    receipt = rest.ask("GET", f"/erasures/{erased['id']}/receipt", "aude")
    assert receipt.headers["content-type"].startswith("text/plain")
    assert "beholden" in receipt.text
    assert rest.post("ines", "/searches", run)["people"] == 7
    assert enrol_by_rest(rest, source["id"], gallery["id"], 4) == {
        "fate": "aside",
        "id": None,
        "gallery_id": gallery["id"],
        "source_id": source["id"],
        "width": None,
        "height": None,
        "faces": [],
        "rejected_faces": [],
        "looks_like": None,
        "frames_in_file": None,
        "model": "drawn",
        "space_id": agency.system.model.card.space_id,
    }
    rest.refused(403, "POST", f"/cases/{case['id']}/close", "ines", json={"outcome": "found"})


def enrol_by_rest(rest: Rest, source_id: str, gallery_id: str, *persons: int, seed: int = 0) -> Any:
    number = persons[0]
    return rest.post(
        "stella",
        "/images",
        files={"file": (f"{persons}-{seed}.png", draw(*persons, seed=seed), "image/png")},
        data={
            "source_id": source_id,
            "gallery_id": gallery_id,
            "person_ref": f"person {number}",
            "captured_at": "2019-05-04",
            "image_url": f"https://example.org/{number}-{seed}.png",
            "page_url": f"https://example.org/{number}",
            "page_title": "A rendered person",
            "caption": f"caption of {number}",
        },
    )


def add_exhibit(rest: Rest, case_id: str, number: int, seed: int, name: str = "ines") -> Any:
    return rest.post(
        name,
        f"/cases/{case_id}/exhibits",
        files={"file": (f"exhibit {number}.png", draw(3, seed=seed), "image/png")},
        data={"origin": "synthetic", "why": "found on the seized disk"},
    )


def request_authority(rest: Rest, case_id: str, sought_id: str, gallery_id: str) -> Any:
    rest.agency.clock.count += 1
    told = necessity(rest.agency.clock.count)
    return rest.post(
        "ines",
        "/authorities",
        {
            "case_id": case_id,
            "sought_id": sought_id,
            "gallery_ids": [gallery_id],
            "necessity": {
                "less_intrusive": told.less_intrusive,
                "why_person": told.why_person,
                "why_now": told.why_now,
            },
            "starts_at": instant(rest.agency.clock.at),
            "ends_at": instant(rest.agency.clock.at + timedelta(hours=24)),
            "searches": 3,
        },
    )


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(Refused):
        act()


def counted(look: Look, kind: type[Any]) -> dict[str, int]:
    """How many records of a kind there are, by state."""
    found: dict[str, int] = {}
    for record in look.find(kind):
        state = str(getattr(record, "state", "–"))
        found[state] = found.get(state, 0) + 1
    return found


def whole(look: Look, kind: type[Any]) -> list[str]:
    """Every record of a kind, in all its fields: what is random, sealed or a time is told only as being there."""
    return sorted(repr(_blanked(record)) for record in look.find(kind))


def _blanked(value: Any) -> Any:
    if is_dataclass(value):
        return type(value).__name__, {one.name: _blanked(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [_blanked(one) for one in value]
    if isinstance(value, bytes):
        return "bytes" if value else "none"
    if isinstance(value, datetime):
        return "time"
    return RANDOM.sub("random", value) if isinstance(value, str) else value
