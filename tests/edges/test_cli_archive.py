"""`beholden enrol-archive`: a web archive in a folder of one's own, with an answer for each image and each record left out."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from beholden.demo import publisher
from beholden.testing.drawn import draw
from tests.edges.terminal import PURPOSE, SOURCE, Office

INTO = ("--source", "the publisher", "--gallery", "references", "--received-from", "A. Archiver")
PLACES = ("--place", publisher.PLACES[0], "--visitors", publisher.VISITORS[0], "--most-a-day", "100")


def archive(folder: Path) -> Path:
    """The publisher's site with four drawn portraits: two agreed, one out of scope, one opted out."""
    out = BytesIO()
    portraits = [(f"person-{number}.jpg", draw(number)) for number in range(1, 5)]
    publisher.write_site(out, portraits, captured_at=datetime.now(UTC) - timedelta(days=1))
    path = folder / "site.warc"
    path.write_bytes(out.getvalue())
    return path


@pytest.fixture
def ready(office: Office) -> Office:
    office.people("stella", "pia")
    office.does("stella", "source", "propose", "the publisher", *SOURCE, *PLACES, "--control", "by a record in its DNS")
    office.does("pia", "source", "approve", "the publisher")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    return office


def test_req_03_an_archive_is_enrolled_by_a_command_and_every_record_left_out_is_listed(ready: Office) -> None:
    path = archive(ready.folder)
    told = ready.does("stella", "enrol-archive", str(path), *INTO)
    assert told["archive_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (told["images"], told["taken"], told["faces"], told["damage"]) == (4, 2, 2, "")
    fates = [(one["file"], one["fate"], one["reason"].partition(":")[0]) for one in told["files"]]
    assert fates == [
        ("site.warc#4", "enrolled", ""),
        ("site.warc#5", "enrolled", ""),
        ("site.warc#7", "rejected", "scope.outside"),
        ("site.warc#8", "rejected", "opt-out.robots-tag"),
    ]
    again = ready.run("stella", "enrol-archive", str(path), *INTO)
    assert again.code == 0
    assert "8 records, 4 of them images; 2 images are covered" in again.out
    assert "2 already held" in again.out
    said = " ".join(again.out.split())
    assert "1 rejected: it lies outside the addresses of the authority [scope.outside]" in said
    assert (
        "publisher.example/staff/person-3.jpg lies outside the addresses that the authority names [scope.outside]"
        in said
    )
    assert said.count("staff/person-3.jpg") == 1
    beside = "1 request or note of the archiver, 2 pages, 1 file of what a site says to robots"
    assert f"Beside the images: {beside}." in said


def test_a_file_that_is_none_and_an_archive_that_gives_nothing_have_their_exit_codes(ready: Office) -> None:
    missing = ready.run("stella", "enrol-archive", str(ready.folder / "nowhere.warc"), *INTO)
    assert (missing.code, "cannot be read" in missing.err) == (4, True)
    text = ready.folder / "a.warc"
    text.write_bytes(b"no archive")
    assert ready.run("stella", "enrol-archive", str(text), *INTO).code == 4
    refused = ready.run("pia", "enrol-archive", str(archive(ready.folder)), *INTO)
    assert (refused.code, "role-steward-enrols" in refused.err) == (3, True)


def test_the_places_of_a_source_are_told_by_the_register_and_bad_ones_are_refused(ready: Office) -> None:
    [source] = ready.does("pia", "source", "list")["sources"]
    told = {name: source[name] for name in ("places", "visitors", "most_a_day", "control")}
    assert told == {
        "places": list(publisher.PLACES),
        "visitors": list(publisher.VISITORS),
        "most_a_day": 100,
        "control": "by a record in its DNS",
    }
    printed = ready.run("pia", "source", "list").out
    assert "the publisher: web archives of publisher.example/portraits/; without" in printed
    assert "at most 100 images of a host and day; control of them was shown: by a record in its DNS" in printed
    wrong = ready.run("stella", "source", "propose", "another", *SOURCE, "--place", "a.example?b")
    assert (wrong.code, "names no place on the web" in wrong.err) == (4, True)
    without = ready.run("stella", "source", "propose", "another", *SOURCE, "--most-a-day", "5")
    assert (without.code, "no place is named" in without.err) == (4, True)
