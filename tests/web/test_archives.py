"""A web archive in pages: its places are proposed and approved, one form gives it, and each record has its answer."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from beholden.records.archives import ArchiveTerms
from beholden.records.images import Image
from beholden.records.sources import Source
from beholden.web.forms import new_number
from tests.agency import Agency, draw
from tests.web.browser import Browser
from tests.web.test_sources import TOLD
from tests.web_archive import Archive, shown

PLACES = {
    "places": "photos.example/portraits/\n*.photos.example\n",
    "visitors": "photos.example/portraits/guests/",
    "most_a_day": "40",
    "control": "a record in the DNS of photos.example was checked on 3 March",
}


def an_archive() -> bytes:
    written = Archive().page("/", shown("/1.jpg", "/2.jpg")).image("/1.jpg", body=draw(1))
    written.image("/2.jpg", ("X-Robots-Tag", "noai"), body=draw(2))
    return written.image("https://elsewhere.example/3.jpg", body=draw(3)).content


def site(agency: Agency) -> Source:
    terms = ArchiveTerms(("photos.example",), (), most_a_day=10)
    return agency.source(archives=terms, valid_from=agency.clock.at - timedelta(days=300))


def test_req_03_the_places_of_a_source_are_shown_to_the_privacy_officer_who_approves(agency: Agency) -> None:
    Browser(agency, "stella").send("/sources", TOLD | PLACES | {"document_sha256": "0" * 64})
    [source] = agency.find(Source)
    assert (source.places, source.visitors, source.most_a_day, source.control) == (
        ("photos.example/portraits/", "*.photos.example"),
        ("photos.example/portraits/guests/",),
        40,
        PLACES["control"],
    )
    pia = Browser(agency, "pia")
    pia.open(f"/sources/{source.id}")
    assert f"/sources/{source.id}/approve" in pia.forms()
    for told in ("photos.example/portraits/, *.photos.example", "photos.example/portraits/guests/", PLACES["control"]):
        assert told in pia.text


def test_places_that_are_none_are_told_and_what_was_typed_stays(agency: Agency) -> None:
    stella = Browser(agency, "stella")
    stella.send("/sources", TOLD | PLACES | {"places": "photos.example/?a=1", "document_sha256": "0" * 64})
    assert stella.page.status_code == 422
    assert "names no place on the web" in stella.text
    assert PLACES["control"] in stella.text
    assert agency.find(Source) == []


def test_an_archive_is_given_by_one_form_and_each_image_and_each_record_left_out_has_its_answer(agency: Agency) -> None:
    source, gallery, stella = site(agency), agency.gallery(), Browser(agency, "stella")
    at = f"/sources/{source.id}/archives"
    stella.open(f"/sources/{source.id}")
    assert f'href="{at}"' in stella.page.text
    stella.open(at)
    assert at in stella.forms()
    stella.send(
        at, {"gallery": gallery.id, "received_from": "A. Archiver"}, files={"archive": ("a.warc", an_archive())}
    )
    assert stella.page.status_code == 200
    assert "Records 4" in stella.text
    assert "enrolled 1 already held 0 put aside 0 rejected 2" in stella.text
    address = stella.page.text.partition('download="answers.csv" href="')[2].partition('"')[0]
    rows = list(csv.DictReader(io.StringIO(stella.client.get(address).content.decode("utf-8-sig"))))
    assert [(one["file"], one["fate"], one["reason"].partition(":")[0]) for one in rows] == [
        ("a.warc#2", "enrolled", ""),
        ("a.warc#3", "rejected", "opt-out.robots-tag"),
        ("a.warc#4", "rejected", "scope.outside"),
    ]
    assert len(agency.find(Image)) == 1


def test_a_form_gives_an_archive_once_and_the_archive_can_be_given_again(agency: Agency) -> None:
    source, gallery, stella = site(agency), agency.gallery(), Browser(agency, "stella")
    at, told = f"/sources/{source.id}/archives", {"gallery": gallery.id, "once": new_number()}
    stella.send(at, told, files={"archive": ("a.warc", an_archive())})
    assert stella.send(at, told, files={"archive": ("a.warc", an_archive())}).status_code == 409
    stella.send(at, {"gallery": gallery.id}, files={"archive": ("a.warc", an_archive())})
    assert "enrolled 0 already held 1 put aside 0 rejected 2" in stella.text
    assert len(agency.find(Image)) == 1


def test_a_file_that_is_no_archive_and_a_source_without_places_are_told_so(agency: Agency) -> None:
    source, gallery, stella = site(agency), agency.gallery(), Browser(agency, "stella")
    stella.send(f"/sources/{source.id}/archives", {"gallery": gallery.id}, files={"archive": ("a.warc", b"PK\x03\x04")})
    assert stella.page.status_code == 422
    assert "perhaps a WACZ" in stella.text
    other = agency.source(name="files alone")
    stella.open(f"/sources/{other.id}")
    assert f"/sources/{other.id}/archives" not in stella.page.text
    stella.open(f"/sources/{other.id}/archives")
    assert "no web archive comes from it" in stella.text
    stella.send(f"/sources/{other.id}/archives", {"gallery": gallery.id}, files={"archive": ("a", an_archive())})
    assert stella.page.status_code == 403
    assert "names no place on the web" in stella.text
