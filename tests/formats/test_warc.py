"""An archive gives each record an answer: an image with what its page says of it, or the reason why it is left out."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from base64 import b32encode, b64encode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from beholden.errors import BadInput
from beholden.formats.warc import LeftOut, Taken, survey, taken_from
from beholden.formats.warc_records import LIMITS
from beholden.records.web import Code
from tests.web_archive import (
    CAPTURED,
    DATE,
    JPEG,
    NOW,
    SITE,
    Archive,
    agreement,
    codes,
    fate,
    instrument,
    read,
    shown,
    taken,
)

FIGURE = "<title>Day one</title><figure><img src=1.jpg alt='Somebody'><figcaption>On a beach</figcaption></figure>"


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def one_image(*headers: tuple[str, str], body: bytes = JPEG, **warc: str) -> Archive:
    """An archive of one image and the page that shows it before."""
    named = {name.replace("_", "-"): value for name, value in warc.items()}
    return Archive().page("/", shown("/1.jpg")).image("/1.jpg", *headers, body=body, warc=named)


@pytest.mark.parametrize("packed", [False, True])
def test_an_image_is_taken_with_what_its_page_and_its_response_say(packed: bool) -> None:
    archive = Archive(gzip=packed)
    date = ("Date", "Sun, 01 Mar 2026 12:30:14 GMT")
    archive.image(
        "/a/1.jpg", date, ("Set-Cookie", "session=secret"), ("Server", "one\x1b[2J"), warc={"WARC-Record-ID": "<urn:1>"}
    )
    archive.page("/a/", FIGURE)
    surveyed, answers = read(archive)
    assert surveyed.sha256 == hashlib.sha256(archive.content).hexdigest()
    assert (surveyed.records, surveyed.images, surveyed.pages, surveyed.robots_of, surveyed.damage) == (2, 1, 1, (), "")
    assert answers[0] == Taken(
        number=1,
        record_id="<urn:1>",
        host="photos.example",
        image_url=f"{SITE}/a/1.jpg",
        page_url=f"{SITE}/a/",
        page_title="Day one",
        caption="On a beach",
        alt="Somebody",
        archived_at=CAPTURED,
        http_date=date[1],
        headers=(("Content-Type", "image/jpeg"), date, ("Server", "one[2J")),
        content_type="image/jpeg",
        sha256=hashlib.sha256(JPEG).hexdigest(),
        checked=("block digest sha1 holds", "payload digest sha1 holds"),
        opt_outs=(),
        content=JPEG,
    )
    assert codes(answers) == ["taken", "record.page"]


def test_the_page_that_says_most_of_an_image_speaks_for_it() -> None:
    archive = Archive().page("/list", shown("/1.jpg")).page("/alt", "<img src=1.jpg alt=Alt>")
    archive.page("/one", "<figure><img src=/1.jpg><figcaption>Said</figcaption></figure>")
    archive.page("/last", FIGURE).page("/later", FIGURE).image("/1.jpg")
    (image,) = taken(read(archive)[1])
    assert (image.page_url, image.caption, image.alt) == (f"{SITE}/last", "On a beach", "Somebody")


def test_every_record_gets_an_answer_in_its_order() -> None:
    archive = Archive()
    archive.record("warcinfo", "", b"software: a test\r\n")
    archive.robots("User-agent: *\nDisallow:\n")
    archive.page("/", shown("/1.jpg", "/2.jpg", "/3.jpg"))
    archive.image("/1.jpg")
    archive.record("request", f"{SITE}/1.jpg", b"GET /1.jpg HTTP/1.1\r\nHost: photos.example\r\n\r\n")
    archive.record("metadata", f"{SITE}/1.jpg", b"via: /\r\n")
    archive.record("resource", f"{SITE}/1.jpg", JPEG, warc={"Content-Type": "image/jpeg"})
    archive.response("/style.css", b"a{}", "text/css")
    archive.response("/logo.svg", b"<svg/>", "image/svg+xml")
    archive.image("/2.jpg", status="404 Not Found")
    archive.image("/2.jpg", status="206 Partial Content")
    archive.image("https://elsewhere.example/1.jpg")
    archive.page("https://elsewhere.example/", shown("/1.jpg"))
    archive.image("/3.jpg", body=b"")
    archive.image("/.well-known/tdmrep.json")
    archive.record(
        "response", "dns:photos.example", b"photos.example. 60 IN A 192.0.2.1\n", warc={"Content-Type": "text/dns"}
    )
    surveyed, answers = read(archive)
    assert [answer.number for answer in answers] == list(range(1, surveyed.records + 1))
    assert codes(answers) == [
        "record.not-a-response",
        "record.site-rules",
        "record.page",
        "taken",
        "record.not-a-response",
        "record.not-a-response",
        "record.not-a-response",
        "record.not-an-image",
        "record.not-an-image",
        "http.status",
        "http.status",
        "scope.outside",
        "record.page",
        "http.empty",
        "record.site-rules",
        "record.not-an-image",
    ]
    assert all(len(answer.words) > 10 for answer in answers if isinstance(answer, LeftOut))


def test_a_revisit_holds_no_image() -> None:
    archive = one_image()
    archive.record("revisit", f"{SITE}/1.jpg", b"", warc={"WARC-Payload-Digest": "sha1:AAAA", "WARC-Profile": "x"})
    assert codes(read(archive)[1])[1:] == ["taken", "record.revisit"]


@pytest.mark.parametrize(
    ("warc", "code"),
    [
        ({"WARC_Truncated": "length"}, Code.CUT_SHORT),
        ({"WARC_Segment_Number": "1"}, Code.SEGMENT),
        ({"WARC_Date": "2026-03-01"}, Code.DATE),
        ({"WARC_Date": "2025-03-01T00:00:00Z"}, Code.VALIDITY),
        ({"WARC_Target_URI": "https://photos.example/p/..%2f1.jpg"}, Code.ADDRESS),
        ({"WARC_Target_URI": "file:///etc/passwd"}, Code.ADDRESS),
        ({"WARC_Payload_Digest": "sha1:" + "A" * 32}, Code.DIGEST),
        ({"WARC_Block_Digest": "sha256:" + "0" * 64}, Code.DIGEST),
        ({"WARC_Payload_Digest": "md5:no digest at all"}, Code.DIGEST),
    ],
)
def test_what_its_archiver_says_against_a_record_keeps_it_out(warc: dict[str, str], code: Code) -> None:
    archive = Archive().page("/", shown("/1.jpg"))
    http_record = {name.replace("_", "-"): value for name, value in warc.items()}
    url = http_record.pop("WARC-Target-URI", f"{SITE}/1.jpg")
    archive.image(url, warc=http_record)
    answer = fate(archive)
    assert isinstance(answer, LeftOut)
    assert answer.code == code


@pytest.mark.parametrize("named", ["sha1", "sha-1", "md5", "sha256", "sha-256", "SHA512"])
def test_recorded_digests_hold_however_they_are_written(named: str) -> None:
    made = hashlib.new(named.lower().replace("-", ""), JPEG).digest()
    for value in (
        b32encode(made).decode(),
        b32encode(made).decode().rstrip("="),
        made.hex(),
        made.hex().upper(),
        b64encode(made).decode(),
        urlsafe_b64encode(made).decode().rstrip("="),
    ):
        answer = fate(one_image(WARC_Payload_Digest=f"{named}:{value}"))
        assert isinstance(answer, Taken)
        assert answer.checked[-1] == f"payload digest {named.lower()} holds"


def test_a_digest_by_a_way_not_known_here_vouches_for_nothing_and_refuses_nothing() -> None:
    answer = fate(one_image(WARC_Payload_Digest="blake9:AAAA"))
    assert isinstance(answer, Taken)
    assert answer.checked[-1] == "payload digest not checked: 'blake9' is not known here"
    assert answer.sha256 == hashlib.sha256(JPEG).hexdigest()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([("Content-Length", str(len(JPEG)))], JPEG),
        ([("Transfer-Encoding", "chunked")], chunked(JPEG)),
        ([("Transfer-Encoding", "Chunked"), ("Content-Length", "7")], chunked(JPEG)),
        ([("Content-Encoding", "gzip")], gzip.compress(JPEG)),
        (
            [("Content-Encoding", "x-gzip"), ("Content-Length", str(len(gzip.compress(JPEG, mtime=0))))],
            gzip.compress(JPEG, mtime=0),
        ),
        ([("Content-Encoding", "deflate")], zlib.compress(JPEG)),
        ([("Content-Encoding", "deflate")], zlib.compress(JPEG)[2:-4]),
        ([("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")], chunked(gzip.compress(JPEG))),
        ([("Content-Encoding", "identity"), ("Transfer-Encoding", "identity")], JPEG),
    ],
)
def test_chunks_and_packing_are_undone(headers: list[tuple[str, str]], body: bytes) -> None:
    answer = fate(one_image(*headers, body=body))
    assert isinstance(answer, Taken), answer.words
    assert answer.content == JPEG


def test_a_payload_digest_without_the_chunks_holds_too() -> None:
    without = f"sha256:{hashlib.sha256(JPEG).hexdigest()}"
    answer = fate(one_image(("Transfer-Encoding", "chunked"), body=chunked(JPEG), WARC_Payload_Digest=without))
    assert isinstance(answer, Taken)
    assert answer.checked[-1] == "payload digest sha256 holds"


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ([("Content-Length", str(len(JPEG) + 1))], JPEG, Code.LENGTH),
        ([("Content-Length", "1"), ("Content-Length", str(len(JPEG)))], JPEG, Code.LENGTH),
        ([("Content-Length", "many")], JPEG, Code.LENGTH),
        ([("Transfer-Encoding", "chunked")], JPEG, Code.TRANSFER),
        ([("Transfer-Encoding", "chunked")], chunked(JPEG)[:-5], Code.TRANSFER),
        ([("Transfer-Encoding", "chunked")], chunked(JPEG)[:50], Code.TRANSFER),
        ([("Transfer-Encoding", "chunked")], chunked(JPEG) + b"more", Code.TRANSFER),
        ([("Transfer-Encoding", "chunked")], chunked(bytes(400_000), 1), Code.TRANSFER),
        ([("Transfer-Encoding", "gzip, chunked")], chunked(JPEG), Code.TRANSFER),
        ([("Transfer-Encoding", "chunked")], b"0\r\n\r\n", Code.EMPTY),
        ([("Content-Encoding", "gzip")], gzip.compress(JPEG)[:-3], Code.ENCODING),
        ([("Content-Encoding", "gzip")], gzip.compress(JPEG)[:-5] + b"\0" * 5, Code.ENCODING),
        ([("Content-Encoding", "gzip")], gzip.compress(JPEG) + b"more", Code.ENCODING),
        ([("Content-Encoding", "gzip")], JPEG, Code.ENCODING),
        ([("Content-Encoding", "br")], JPEG, Code.ENCODING),
        ([("Content-Encoding", "gzip, gzip")], gzip.compress(gzip.compress(JPEG)), Code.ENCODING),
        ([("Content-Encoding", "gzip")], gzip.compress(bytes(200_001)), Code.TOO_LARGE),
        ([], bytes(200_001), Code.TOO_LARGE),
    ],
)
def test_an_image_that_is_not_whole_is_left_out(headers: list[tuple[str, str]], body: bytes, code: Code) -> None:
    limit = 200_000 if code is Code.TOO_LARGE else LIMITS.image
    answer = fate(one_image(*headers, body=body), limits=replace(LIMITS, image=limit))
    assert isinstance(answer, LeftOut)
    assert answer.code == code


def test_req_03_only_what_lies_in_the_scope_is_taken() -> None:
    archive = (
        Archive().page("/p/", shown("1.jpg", "../q/2.jpg", "//cdn.example/3.jpg")).page("/q/", shown("../p/4.jpg"))
    )
    for url in ("/p/1.jpg", "/q/2.jpg", "https://cdn.example/3.jpg", "/p/4.jpg", "/p/../q/2.jpg"):
        archive.image(url)
    within = agreement("photos.example/p/", "cdn.example")
    expected = ["taken", "scope.outside", "taken", "scope.no-page", "scope.outside"]
    assert codes(read(archive, within)[1])[2:] == expected
    expected[3] = "taken"  # a page outside the scope is not read, and an instrument asks for none
    _, answers = read(archive, instrument("photos.example/p/", "cdn.example"))
    assert codes(answers)[2:] == expected
    assert [image.page_url for image in taken(answers)] == [f"{SITE}/p/", f"{SITE}/p/", ""]


def test_req_03_what_visitors_post_is_refused() -> None:
    archive = (
        Archive().page("/guests/1", shown("/up/1.jpg", "/up/2.jpg")).page("/story", shown("/up/2.jpg", "/guests/3.jpg"))
    )
    for url in ("/up/1.jpg", "/up/2.jpg", "/guests/3.jpg"):
        archive.image(url)
    _, answers = read(archive, agreement(visitors=("photos.example/guests",)))
    assert codes(answers)[2:] == ["scope.visitors", "taken", "scope.visitors"]
    assert taken(answers)[0].page_url == f"{SITE}/story"


def test_req_03_a_host_gives_so_many_images_a_day_over_all_archives() -> None:
    archive = Archive().page("/", shown("/1.jpg", "/2.jpg", "/3.jpg", "//b.example/4.jpg"))
    archive.image("/1.jpg").image("/2.jpg").image("/3.jpg").image("https://b.example/4.jpg")
    archive.image("/3.jpg", warc={"WARC-Date": "2026-03-02T00:00:00Z"})
    terms = agreement("photos.example", "b.example", most_a_day=2)
    _, answers = read(archive, terms)
    assert codes(answers)[1:] == ["taken", "taken", "scope.day-full", "taken", "taken"]
    assert [image.host_and_day for image in taken(answers)][1:] == [
        ("photos.example", "2026-03-01"),
        ("b.example", "2026-03-01"),
        ("photos.example", "2026-03-02"),
    ]
    _, answers = read(archive, terms, taken_before={("photos.example", "2026-03-01"): 1})
    assert codes(answers)[1:] == ["taken", "scope.day-full", "scope.day-full", "taken", "taken"]


def test_a_page_captured_outside_the_validity_is_not_read() -> None:
    archive = Archive().page("/", shown("/1.jpg"), warc={"WARC-Date": "2020-01-01T00:00:00Z"}).image("/1.jpg")
    surveyed, answers = read(archive)
    assert surveyed.pages == 0
    assert codes(answers) == ["record.page", "scope.no-page"]
    assert isinstance(answers[0], LeftOut)
    assert "not read" in answers[0].words


def with_robots(text: str, url: str = "/p/1.jpg", **how: str) -> Archive:
    return Archive().page("/", shown(url)).image(url).robots(text, **how)


TDM = "/.well-known/tdmrep.json"
RESERVED = json.dumps(
    [{"location": "/q", "tdm-reservation": 0}, {"location": "/p/*.jpg$", "tdm-reservation": 1}]
).encode()
PLAIN = Archive().page("/", shown("/p/1.jpg"))
OPT_OUTS = {
    "robots.txt for everybody": (with_robots("User-agent: *\nDisallow: /p/"), Code.OPT_OUT_ROBOTS),
    "robots.txt for one": (
        with_robots("User-agent: *\nAllow: /\nUser-agent: GPTBot\nDisallow: /"),
        Code.OPT_OUT_ROBOTS,
    ),
    "robots.txt for images": (with_robots("User-agent: Googlebot-Image\nDisallow: /*.jpg$"), Code.OPT_OUT_ROBOTS),
    "robots.txt over http": (
        with_robots("User-agent: *\nDisallow: /", host="http://photos.example"),
        Code.OPT_OUT_ROBOTS,
    ),
    "robots.txt that failed": (with_robots("", status="503 Unavailable"), Code.OPT_OUT_ROBOTS),
    "robots.txt too long": (with_robots("#" * 600_000), Code.OPT_OUT_ROBOTS),
    "X-Robots-Tag": (
        Archive().page("/", shown("/p/1.jpg")).image("/p/1.jpg", ("X-Robots-Tag", "noai")),
        Code.OPT_OUT_TAG,
    ),
    "X-Robots-Tag of the page": (
        Archive().page("/", shown("/p/1.jpg"), ("x-robots-tag", "noimageindex")).image("/p/1.jpg"),
        Code.OPT_OUT_TAG,
    ),
    "robots meta of a second page": (
        Archive()
        .page("/", shown("/p/1.jpg"))
        .image("/p/1.jpg")
        .page("/2", "<meta name=robots content=noimageai>" + shown("/p/1.jpg")),
        Code.OPT_OUT_TAG,
    ),
    "TDM header": (
        Archive().page("/", shown("/p/1.jpg")).image("/p/1.jpg", ("TDM-Reservation", "1")),
        Code.OPT_OUT_TDM,
    ),
    "TDM header of the page": (
        Archive().page("/", shown("/p/1.jpg"), ("tdm-reservation", "1")).image("/p/1.jpg"),
        Code.OPT_OUT_TDM,
    ),
    "TDM meta": (
        Archive().page("/", "<meta name=tdm-reservation content=1>" + shown("/p/1.jpg")).image("/p/1.jpg"),
        Code.OPT_OUT_TDM,
    ),
    "TDM file": (
        Archive().page("/", shown("/p/1.jpg")).image("/p/1.jpg").response(TDM, RESERVED, "application/json"),
        Code.OPT_OUT_TDM,
    ),
}
NO_OPT_OUTS = {
    "robots.txt that allows": with_robots("User-agent: *\nDisallow: /q/\nUser-agent: SomeBot\nDisallow: /"),
    "robots.txt that is not there": with_robots("User-agent: *\nDisallow: /", status="404 Not Found"),
    "robots.txt that is empty": with_robots(""),
    "robots.txt that is a page": with_robots("<html><p>User-agent: * is not at home</html>"),
    "robots.txt of another host": with_robots("User-agent: *\nDisallow: /", host="https://b.example"),
    "a longer Allow": with_robots("User-agent: *\nDisallow: /p/\nAllow: /p/1.jpg"),
    "a tag for another robot": Archive()
    .page("/", shown("/p/1.jpg"))
    .image("/p/1.jpg", ("X-Robots-Tag", "somebot: noindex")),
    "TDM header 0 over the file": (
        Archive()
        .page("/", shown("/p/1.jpg"))
        .image("/p/1.jpg", ("TDM-Reservation", "0"))
        .response(TDM, RESERVED, "application/json")
    ),
    "TDM meta 0 over the header": (
        Archive()
        .page("/", "<meta name=tdm-reservation content=0>" + shown("/p/1.jpg"), ("TDM-Reservation", "1"))
        .image("/p/1.jpg")
    ),
    "a TDM file that is none": Archive()
    .page("/", shown("/p/1.jpg"))
    .image("/p/1.jpg")
    .response(TDM, b"[" * 9_999, "application/json"),
    "a TDM file for others": (
        Archive()
        .page("/", shown("/p/1.jpg"))
        .image("/p/1.jpg")
        .response(TDM, b'[{"location": "/q", "tdm-reservation": 1}, 3]', "text/json")
    ),
}


@pytest.mark.parametrize("name", OPT_OUTS)
def test_req_03_an_opt_out_in_the_archive_is_honoured_and_under_an_instrument_recorded(name: str) -> None:
    archive, code = OPT_OUTS[name]
    (left,) = [one for one in read(archive)[1] if one.number == 2 and isinstance(one, LeftOut)]
    assert left.code == code
    (image,) = taken(read(archive, instrument("photos.example"))[1])
    assert [said.code for said in image.opt_outs] == [code]
    assert image.opt_outs[0].said_at.startswith(("https://photos.example/", "http://photos.example/robots.txt"))


@pytest.mark.parametrize("name", NO_OPT_OUTS)
def test_what_is_no_opt_out_keeps_nothing_out(name: str) -> None:
    (image,) = taken(read(NO_OPT_OUTS[name])[1])
    assert image.opt_outs == ()


def test_the_reason_names_who_is_refused_and_where() -> None:
    left = read(with_robots("User-agent: *\nUser-agent: CCBot\nDisallow: /p"))[1][1]
    assert isinstance(left, LeftOut)
    assert left.words == "https://photos.example/robots.txt opts out: Disallow for *, ccbot"


def test_a_page_or_rules_that_cannot_be_read_are_listed_so() -> None:
    archive = Archive().response("/", b"not brotli", "text/html", ("Content-Encoding", "br")).image("/1.jpg")
    archive.robots("x").response("/robots.txt", b"x", "text/plain", ("Content-Length", "9"))
    surveyed, answers = read(archive)
    assert codes(answers) == [
        "http.content-encoding",
        "scope.no-page opt-out.robots-txt",
        "record.site-rules",
        "http.length",
    ]
    assert "could not be read for what it says" in answers[0].words if isinstance(answers[0], LeftOut) else False
    assert surveyed.pages == 0


def test_terms_that_cover_nothing_are_refused_before_anything_is_read() -> None:
    with pytest.raises(BadInput, match="validity ends before it begins"):
        survey(BytesIO(b""), agreement(valid_until=CAPTURED - timedelta(days=60)))


def test_a_file_that_is_changed_between_the_readings_is_found_out() -> None:
    file = BytesIO(one_image().content)
    surveyed = survey(file, agreement())
    changed = BytesIO(one_image(("X-Other", "1")).content)
    with pytest.raises(BadInput, match="changed while it was read"):
        list(taken_from(changed, surveyed, now=NOW))


def test_an_image_dated_to_come_is_left_out() -> None:
    file = BytesIO(one_image().content)
    surveyed = survey(file, agreement())
    answers = list(taken_from(file, surveyed, now=CAPTURED - timedelta(days=3)))
    assert codes(answers) == ["record.page", "date.in-the-future"]
    assert DATE[:10] in answers[-1].words if isinstance(answers[-1], LeftOut) else False
