"""Images come out of a web archive under the terms of its source, and every other record has its reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest

from beholden.actions import archives, leads, register
from beholden.actions.archives import Archive
from beholden.actions.enrol import PROVENANCE
from beholden.actions.intake import Answer, Fate
from beholden.errors import BadInput, Missing, Refused
from beholden.records.archives import ArchiveCount, ArchiveTerms
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from beholden.records.images import Image, Provenance, provenance_of
from beholden.records.sources import Source
from tests.agency import Agency, draw, small_agency
from tests.web_archive import Archive as Written
from tests.web_archive import shown

SITE = "https://photos.example"
TERMS = ArchiveTerms(places=("photos.example",), visitors=("photos.example/guests/",), most_a_day=100)


@pytest.fixture
def agency() -> Agency:
    return small_agency()


@pytest.fixture
def gallery(agency: Agency) -> Gallery:
    return agency.gallery()


def site(agency: Agency, terms: ArchiveTerms = TERMS, **changes: object) -> Source:
    """A source of the site, valid when the archives of these tests were captured."""
    return agency.source(name="the site", archives=terms, valid_from=agency.clock.at - timedelta(days=300), **changes)


def of(*people: int, packed: bool = False) -> Written:
    """An archive of a page, and of each person's photograph on it."""
    written = Written(gzip=packed).page("/", figures(*people))
    for person in people:
        written.image(f"/{person}.jpg", body=draw(person))
    return written


def figures(*people: int) -> str:
    return "<title>Portraits</title>" + "".join(
        f"<figure><img src=/{one}.jpg alt='alt of {one}'><figcaption>caption of {one}</figcaption></figure>"
        for one in people
    )


def read(agency: Agency, content: bytes, source: Source, gallery: Gallery, name: str = "site.warc") -> Archive:
    return archives.read_archive(
        agency.system,
        agency["stella"],
        BytesIO(content),
        file_name=name,
        source_id=source.id,
        gallery_id=gallery.id,
    )


def enrolled(agency: Agency, archive: Archive) -> list[Answer]:
    return list(archives.enrol_archive(agency.system, agency["stella"], archive, received_from="the archiver"))


def give(agency: Agency, written: Written, source: Source, gallery: Gallery) -> list[Answer]:
    return enrolled(agency, read(agency, written.content, source, gallery))


def fates(answers: list[Answer]) -> list[str]:
    """What became of each: its fate, or the code of its first reason."""
    return [one.reason.partition(":")[0] if one.fate is Fate.REJECTED else str(one.fate) for one in answers]


def provenance(agency: Agency, image_id: str) -> Provenance:
    with agency.system.database.look() as look:
        image = look.get(Image, image_id)
    return provenance_of(agency.system.keys.open(image.id, image.provenance, PROVENANCE))


def test_req_03_an_image_of_an_archive_is_enrolled_with_all_that_the_archive_says_of_it(
    agency: Agency, gallery: Gallery
) -> None:
    written = Written().page("/", figures(1))
    written.image("/1.jpg", ("Date", "Sun, 01 Mar 2026 12:30:14 GMT"), body=draw(1), warc={"WARC-Record-ID": "<urn:1>"})
    archive = read(agency, written.content, site(agency), gallery)
    [answer] = enrolled(agency, archive)
    assert (answer.file, answer.fate, answer.faces) == ("site.warc#2", Fate.ENROLLED, 1)
    assert provenance(agency, answer.image_id) == Provenance(
        file="site.warc#2",
        sha256=hashlib.sha256(draw(1)).hexdigest(),
        received_from="the archiver",
        manifest_sha256=hashlib.sha256(written.content).hexdigest(),
        person_ref="",
        captured_at="",
        image_url=f"{SITE}/1.jpg",
        page_url=f"{SITE}/",
        page_title="Portraits",
        caption="caption of 1",
        archived_at="2026-03-01T12:30:15.000Z",
        alt="alt of 1",
        http_date="Sun, 01 Mar 2026 12:30:14 GMT",
        headers=("Content-Type: image/jpeg", "Date: Sun, 01 Mar 2026 12:30:14 GMT"),
        record_id="<urn:1>",
        checked=("block digest sha1 holds", "payload digest sha1 holds"),
        opt_outs=(),
    )


def test_req_03_each_record_left_out_is_listed_with_every_reason(agency: Agency, gallery: Gallery) -> None:
    written = Written().robots("User-agent: *\nDisallow: /closed/")
    written.page("/", shown("/1.jpg", "/closed/2.jpg", "/3.jpg"))
    written.image("/1.jpg", body=draw(1))
    written.image("/closed/2.jpg", ("X-Robots-Tag", "noai"), body=draw(2))
    written.image("/3.jpg", body=draw(3), status="404 Not Found")
    written.image("https://elsewhere.example/4.jpg", body=draw(4))
    written.image("/guests/5.jpg", body=draw(5))
    written.response("/a.css", b"a {}", "text/css")
    archive = read(agency, written.content, site(agency), gallery)
    assert (archive.records, archive.images, archive.pages, archive.taken, len(archive)) == (8, 5, 1, 1, 6)
    answers = enrolled(agency, archive)
    assert len(answers) == len(archive)
    assert fates(answers) == [
        "enrolled",
        "opt-out.robots-txt",
        "http.status",
        "scope.outside",
        "scope.visitors",
        "record.not-an-image",
    ]
    assert "opt-out.robots-tag: " in answers[1].reason
    assert "; " in answers[1].reason
    assert answers[1].reason.count(f"{SITE}/closed/2.jpg") == 1
    assert dict(archive.left_out) | {"record.page": 1, "record.site-rules": 1} == dict(archive.left_out)


def test_req_03_the_most_of_a_day_counts_over_archives_and_the_same_one_is_not_counted_twice(
    agency: Agency, gallery: Gallery
) -> None:
    source = site(agency, ArchiveTerms(("photos.example",), (), most_a_day=3))
    assert fates(give(agency, of(1, 2), source, gallery)) == ["enrolled", "enrolled"]
    assert fates(give(agency, of(1, 2), source, gallery)) == ["already held", "already held"]
    assert fates(give(agency, of(3, 4), source, gallery)) == ["enrolled", "scope.day-full"]
    assert fates(give(agency, of(1, 2), source, gallery)) == ["already held", "already held"]
    counts = agency.find(ArchiveCount, source_id=source.id)
    assert sorted((one.host, one.day, one.taken) for one in counts) == [
        ("photos.example", "2026-03-01", 1),
        ("photos.example", "2026-03-01", 2),
    ]
    digest = hashlib.sha256(of(1, 2).content).hexdigest()
    assert digest not in {one.mark for one in counts}  # a stolen disk confirms no known archive


def test_req_03_what_visitors_post_is_not_taken_even_if_the_agreement_is_silent_on_the_image(
    agency: Agency, gallery: Gallery
) -> None:
    written = Written().page("/guests/book", shown("/1.jpg")).image("/1.jpg", body=draw(1))
    assert fates(give(agency, written, site(agency), gallery)) == ["scope.visitors"]


def test_req_03_what_was_captured_outside_the_validity_of_the_source_is_not_taken(
    agency: Agency, gallery: Gallery
) -> None:
    source = agency.source(name="the site", archives=TERMS)  # valid since yesterday
    assert fates(give(agency, of(1), source, gallery)) == ["date.outside-validity"]


@pytest.mark.parametrize("changed", ["one byte of the image", "one word of its page"])
def test_an_archive_that_is_changed_after_it_was_read_gives_nothing_that_was_not_read(
    agency: Agency, gallery: Gallery, changed: str
) -> None:
    content = of(1, 2).content
    old, new = (b"caption of 2", b"caption of 9") if "word" in changed else (draw(2), draw(3))
    source = site(agency)
    archive = read(agency, content, source, gallery)
    altered = content.replace(old, new)
    archive.file.seek(0)
    archive.file.truncate()
    archive.file.write(altered)
    with pytest.raises(BadInput, match=r"changed (after|while) it was read"):
        enrolled(agency, archive)
    as_read = {(hashlib.sha256(draw(one)).hexdigest(), f"caption of {one}") for one in (1, 2)}
    there = {(told.sha256, told.caption) for told in (provenance(agency, one.id) for one in agency.find(Image))}
    assert there <= as_read


def test_an_archive_that_changes_while_it_is_read_is_no_answer_and_enrols_nothing(
    agency: Agency, gallery: Gallery
) -> None:
    class Changing(BytesIO):
        """Another file from its second reading on."""

        readings = 0

        def seek(self, *place: int) -> int:
            self.readings += 1
            if self.readings == 2:
                self.__init__(of(2).content)  # type: ignore[misc]
            return super().seek(*place)

    source = site(agency)
    with pytest.raises(BadInput, match="changed while it was read"):
        archives.read_archive(
            agency.system,
            agency["stella"],
            Changing(of(1).content),
            file_name="site.warc",
            source_id=source.id,
            gallery_id=gallery.id,
        )
    assert agency.find(Image) == []
    assert agency.find(ArchiveCount) == []
    assert (agency.leaves()[-1]["event"], agency.leaves()[-1]["outcome"]) == ("archive.read", "failed")


def test_the_log_tells_of_an_archive_before_it_tells_of_its_images(agency: Agency, gallery: Gallery) -> None:
    source, before = site(agency), len(agency.leaves())
    written = of(1, 2).image("/closed.jpg", ("X-Robots-Tag", "noai"), body=draw(3))
    give(agency, written, source, gallery)
    events = [leaf["event"] for leaf in agency.leaves()[before:]]
    assert events == ["archive.read", "image.enrolled", "image.enrolled"]
    told = agency.told(before)
    assert told["archive_sha256"] == [hashlib.sha256(written.content).hexdigest()]
    assert (told["source"], told["gallery"]) == ([source.id], [gallery.id])
    assert (told["records"], told["images"], told["taken"]) == ([4], [3], [2])
    assert told["left_out"] == [["record.page 1", "scope.no-page 1"]]


@pytest.mark.parametrize("most", [1, 2, 3, 1_000])
def test_the_answers_are_in_the_order_of_the_records_however_many_wait(
    agency: Agency, gallery: Gallery, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    written = Written().page("/", shown("/1.jpg", "/2.jpg", "/3.jpg"))
    for person in (1, 9, 8, 2, 7, 3, 6):
        written.image(f"/{person}.jpg", body=draw(person))
    monkeypatch.setattr(archives, "MOST_WAITING", most)
    answers = give(agency, written, site(agency), gallery)
    assert [one.file.partition("#")[2] for one in answers] == [str(number) for number in range(2, 9)]
    left = "scope.no-page"
    assert fates(answers) == ["enrolled", left, left, "enrolled", left, "enrolled", left]


def test_an_intake_that_is_asked_to_stop_ends_and_the_archive_can_be_given_again(
    agency: Agency, gallery: Gallery
) -> None:
    source = site(agency)
    archive = read(agency, of(1, 2, 3).content, source, gallery)
    done: list[Answer] = []
    for answer in archives.enrol_archive(agency.system, agency["stella"], archive, stop=lambda: bool(done)):
        done.append(answer)
    assert fates(done) == ["enrolled"]
    assert fates(give(agency, of(1, 2, 3), source, gallery)) == ["already held", "enrolled", "enrolled"]


def test_an_archive_cut_short_gives_what_can_be_read_and_says_where_it_ends(agency: Agency, gallery: Gallery) -> None:
    content = of(1, 2).content
    archive = read(agency, content[:-900], site(agency), gallery)
    answers = enrolled(agency, archive)
    assert fates(answers) == ["enrolled", "record.damaged"]
    assert "cut short" in archive.damage
    assert "ask for the file again" in answers[-1].reason


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04" + bytes(60), b"\x1f\x8b" + bytes(60)])
def test_a_file_that_is_no_web_archive_is_refused_and_on_record(
    agency: Agency, gallery: Gallery, content: bytes
) -> None:
    source = site(agency)
    with pytest.raises(BadInput) as caught:
        read(agency, content, source, gallery)
    assert caught.value.entry == agency.leaves()[-1]["n"]
    assert agency.leaves()[-1]["event"] == "archive.read"


def test_more_answers_than_a_page_gives_are_refused_before_anything_is_counted(
    agency: Agency, gallery: Gallery
) -> None:
    source = site(agency)
    with pytest.raises(BadInput, match="2 images and records to answer for, more than the 1"):
        archives.read_archive(
            agency.system,
            agency["stella"],
            BytesIO(of(1, 2).content),
            file_name="site.warc",
            source_id=source.id,
            gallery_id=gallery.id,
            most_answers=1,
        )
    assert agency.find(ArchiveCount) == []


def test_an_image_that_cannot_be_used_is_an_answer_and_the_next_one_is_enrolled(
    agency: Agency, gallery: Gallery
) -> None:
    written = Written().page("/", shown("/1.jpg", "/2.jpg"))
    written.image("/1.jpg", body=b"\xff\xd8\xff no picture").image("/2.jpg", body=draw(2))
    answers = give(agency, written, site(agency), gallery)
    assert [one.fate for one in answers] == [Fate.REJECTED, Fate.ENROLLED]
    assert answers[0].reason


def test_req_03_a_source_without_places_gives_no_archive_whatever_its_authority(
    agency: Agency, gallery: Gallery
) -> None:
    source = agency.source()
    with pytest.raises(Refused) as caught:
        read(agency, of(1).content, source, gallery)
    assert [reason.rule_id for reason in caught.value.reasons] == ["source-names-places"]


def test_who_may_not_enrol_reads_no_archive(agency: Agency, gallery: Gallery) -> None:
    source = site(agency)
    with pytest.raises(Refused) as caught:
        archives.read_archive(
            agency.system,
            agency["pia"],
            BytesIO(b"never looked at"),
            file_name="site.warc",
            source_id=source.id,
            gallery_id=gallery.id,
        )
    assert [reason.rule_id for reason in caught.value.reasons] == ["role-steward-enrols", "training-is-current"]
    with pytest.raises(Missing):
        archives.read_archive(
            agency.system,
            agency["stella"],
            BytesIO(b"never looked at"),
            file_name="site.warc",
            source_id=source.id,
            gallery_id="0" * 32,
        )


def test_a_source_that_is_suspended_meanwhile_ends_the_intake_with_its_reason(agency: Agency, gallery: Gallery) -> None:
    source = site(agency)
    answers: Iterator[Answer] = archives.enrol_archive(
        agency.system, agency["stella"], read(agency, of(1, 2).content, source, gallery)
    )
    assert next(answers).fate is Fate.ENROLLED
    register.suspend_source(agency.system, agency["pia"], source_id=source.id, reason="contested")
    with pytest.raises(Refused):
        list(answers)
    assert len(agency.find(Image)) == 1


def test_what_the_archive_says_is_shown_after_unsealing_and_in_a_disclosure(agency: Agency) -> None:
    ready = agency.ready(1, 2)
    written = Written().page("/", figures(3)).image("/3.jpg", ("Server", "one"), body=draw(3))
    [answer] = give(agency, written, site(agency), ready.gallery)
    found = agency.search(ready.authority)
    lead = next(
        one for one in agency.unsealed(found, 1) if agency.get(Face, one.candidate.face_id).image_id == answer.image_id
    )
    seen = leads.show_lead(agency.system, agency["ines"], search_id=found.id, candidate_id=lead.candidate.id)
    assert seen.provenance == provenance(agency, answer.image_id)
    assert (seen.provenance.alt, seen.provenance.captured_at) == ("alt of 3", "")
    packet = json.loads(agency.disclose(found, lead).files["disclosure.json"])
    assert packet["leads"][0]["reference"]["web_archive"] == {
        "archived_at": "2026-03-01T12:30:15.000Z",
        "alt": "alt of 3",
        "http_date": "",
        "headers": ["Content-Type: image/jpeg", "Server: one"],
        "record_id": seen.provenance.record_id,
        "checked": ["block digest sha1 holds", "payload digest sha1 holds"],
        "opt_outs": [],
    }


def test_what_an_archive_says_of_an_erased_face_is_gone_from_the_frame_that_lives_on(
    agency: Agency, gallery: Gallery
) -> None:
    written = Written().page("/", figures(8)).image("/8.jpg", body=draw(8, 9))
    [answer] = give(agency, written, site(agency), gallery)
    first, _ = agency.find(Face, image_id=answer.image_id)
    agency.erase(first.id)
    left = provenance(agency, answer.image_id)
    assert (left.caption, left.alt, left.headers, left.page_title) == ("", "", (), "")
    assert left.record_id
