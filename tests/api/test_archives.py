"""A web archive by REST: proposed with its places, read once under one key, and every record answered for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from beholden.actions import archives
from beholden.records.archives import ArchiveTerms
from beholden.records.images import Image
from tests.agency import PURPOSE, draw
from tests.api.client import Rest
from tests.web_archive import Archive, shown

FORM = {"source_id": "", "gallery_id": "", "received_from": "A. Archiver"}


def an_archive() -> bytes:
    written = Archive(gzip=True).page("/", shown("/1.jpg", "/2.jpg"))
    for person in (1, 2):
        written.image(f"/{person}.jpg", body=draw(person))
    return written.image("https://elsewhere.example/3.jpg", body=draw(3)).content


@pytest.fixture
def given(rest: Rest) -> dict[str, Any]:
    """What a request has, for a site that may give an archive."""
    agency = rest.agency
    terms = ArchiveTerms(("photos.example",), (), most_a_day=10)
    source = agency.source(archives=terms, valid_from=agency.clock.at - timedelta(days=300))
    form = FORM | {"source_id": source.id, "gallery_id": agency.gallery().id}
    return {"data": form, "files": {"file": ("folder/site.warc.gz", an_archive())}}


def test_a_source_is_proposed_with_its_places_and_shows_them(rest: Rest) -> None:
    told = {"places": ["photos.example"], "visitors": ["photos.example/guests/"], "most_a_day": 5, "control": "by DNS"}
    body = {
        "name": "site",
        "controller": "the publisher",
        "authority_kind": "synthetic",
        "citation": "agreement 3",
        "document_sha256": "0" * 64,
        "jurisdiction": "CA",
        "purposes": [PURPOSE],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2027-01-01T00:00:00Z",
    }
    made = rest.post("stella", "/sources", body | told)
    assert {name: made[name] for name in told} == told
    wrong = rest.refused(422, "POST", "/sources", "stella", json=body | told | {"most_a_day": 0})
    assert "at least 1" in wrong["detail"]


def test_an_archive_is_given_and_its_answer_says_what_became_of_each_record(rest: Rest, given: dict[str, Any]) -> None:
    told = rest.post("stella", "/archives", **given)
    assert (told["records"], told["images"], told["taken"], told["damage"]) == (4, 3, 2, "")
    assert told["left_out"] == {"record.page": 1, "scope.outside": 1}
    assert [(one["file"], one["fate"], one["faces"]) for one in told["answers"]] == [
        ("site.warc.gz#2", "enrolled", 1),
        ("site.warc.gz#3", "enrolled", 1),
        ("site.warc.gz#4", "rejected", 0),
    ]
    assert told["answers"][2]["reason"].startswith("scope.outside: ")
    assert len(rest.agency.find(Image)) == 2


def test_under_one_key_an_archive_is_given_once_and_all_its_images_are_enrolled(
    rest: Rest, given: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": "1" * 32}
    first = rest.post("stella", "/archives", headers=key, **given)
    assert [one["fate"] for one in first["answers"]] == ["enrolled", "enrolled", "rejected"]
    before = len(rest.agency.leaves())
    assert rest.post("stella", "/archives", headers=key, **given) == first
    assert len(rest.agency.leaves()) == before


def test_an_archive_with_more_answers_than_are_given_at_once_is_refused_and_nothing_is_enrolled(
    rest: Rest, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_SENT", 2)
    told = rest.refused(422, "POST", "/archives", "stella", **given)
    assert "beholden enrol-archive" in told["detail"]
    assert rest.agency.find(Image) == []


def test_who_may_not_enrol_gives_no_archive(rest: Rest, given: dict[str, Any]) -> None:
    told = rest.refused(403, "POST", "/archives", "pia", **given)
    assert "role-steward-enrols" in {one["rule_id"] for one in told["reasons"]}
