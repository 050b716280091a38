"""The pages of a disclosure: every field readable, nothing taken for markup, the signed data inside, the same bytes each time."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beholden.actions import disclose, log, search
from beholden.documents import telling
from beholden.documents.pages import TypstDocuments
from beholden.documents.words import ENGLISH, WORDS
from beholden.formats import receipts
from beholden.ports.documents import Chip
from beholden.records.disclosures import LEAD_FIELDS, LEAD_ONLY, PACKET_FIELDS
from tests.agency import Agency, small_agency
from tests.documents.reading import Read
from tests.parts import PoorModel

AT = datetime(2026, 11, 22, 9, 30, 5, 123_000, UTC)
HOSTILE = (
    '#read("/etc/passwd")',
    '#panic("x")',
    "*bold* _it_ = heading",
    "$x^2$ @ref <label> `raw` // comment /* more */",
    '"); #import "@preview/x:1.0.0"',
    "\\u{41} \\",
    "<b>html</b> & ~ -- ... ---",
    "[content] {code} (group) ]})",
)


@pytest.fixture(scope="module")
def agency() -> Agency:
    return small_agency()


@pytest.fixture(scope="module")
def packet(agency: Agency) -> disclose.Packet:
    found = agency.search(agency.ready(1, 2, 3, 4).authority)
    leads = agency.unsealed(found, 1, 2)
    return agency.disclose(found, *leads[:2])


@pytest.fixture(scope="module")
def told(packet: disclose.Packet) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(packet.files["disclosure.json"])
    return read


@pytest.fixture(scope="module")
def read(packet: disclose.Packet) -> Read:
    return Read(packet.files["disclosure.pdf"])


def plain(words: str) -> str:
    """Without what says where a line ended."""
    return re.sub(r"[\s\u200b]+", "", words)


def values(packet: object) -> Iterator[str]:
    if isinstance(packet, Mapping):
        for one in packet.values():
            yield from values(one)
    elif isinstance(packet, list):
        for one in packet:
            yield from values(one)
    elif packet is None or packet == "":
        yield "none"
    elif isinstance(packet, bool):
        yield "yes" if packet else "no"
    else:
        yield str(packet)


def made(told: Mapping[str, object], **changes: Any) -> bytes:
    given: dict[str, Any] = {"made_at": AT, "chips": [], "files": {"disclosure.json": b"{}"}}
    return TypstDocuments().disclosure(told, **(given | changes))


def test_req_40_every_field_of_the_packet_can_be_read_on_the_pages(told: dict[str, Any], read: Read) -> None:
    words = plain("".join(read.pages))
    for value in values(told):
        assert plain(value) in words, value
    for name in (*PACKET_FIELDS, *LEAD_FIELDS):
        assert plain(ENGLISH[name]) in words, name


def test_req_34_a_reason_against_the_quality_floor_can_be_read_on_the_pages(agency: Agency) -> None:
    why = "No other picture of this child is known."
    ready = agency.ready(10, 11, 12)
    found = search.run_search(
        agency.with_parts(model=PoorModel(4)).system,
        agency["ines"],
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        override_quality=why,
    )
    files = agency.disclose(found, agency.unsealed(found, 1)[0]).files
    words = plain(" ".join(Read(files["disclosure.pdf"]).pages))
    assert plain(ENGLISH["quality_override"]) in words
    assert words.count(plain(why)) == 2  # as a field, and among the statements
    assert plain(f"for this reason: {why}") in words
    assert json.loads(files["disclosure.json"])["probe"]["quality_override"] == why


def test_req_40_every_page_says_that_it_is_a_lead_only(read: Read) -> None:
    assert len(read.pages) >= 3
    assert all(plain(LEAD_ONLY) in plain(page) for page in read.pages)
    assert read.pages[0].count(LEAD_ONLY[:30]) == 3  # in its frame and among the fields too


def test_the_data_and_a_signed_note_over_it_lie_in_the_pages(
    agency: Agency, packet: disclose.Packet, read: Read
) -> None:
    assert set(read.attachments) == {"disclosure.json", "enclosed.note"}
    assert read.attachments["disclosure.json"] == packet.files["disclosure.json"]
    vkeys = log.vkeys(agency.system)
    outer = receipts.read_manifest(packet.files["manifest.note"], vkeys)
    enclosed = receipts.read_manifest(read.attachments["enclosed.note"], vkeys)
    assert enclosed == {"disclosure.json": outer["disclosure.json"]}
    assert set(outer) == {"disclosure.json", "contact-sheet.png", "disclosure.pdf"}
    for digest in (outer["disclosure.json"], "SHA-256"):
        assert digest in plain(read.pages[-1])


def test_it_says_that_it_is_for_the_archive_and_for_screen_readers(read: Read) -> None:
    metadata = re.sub(r"\s", "", read.metadata)
    assert read.content.startswith(b"%PDF-1.7")
    assert "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert b"/Lang(en)" in read.catalog
    assert b"/MarkInfo<</Marked true" in read.catalog
    assert b"/DisplayDocTitle true" in read.catalog
    assert all(b"/AFRelationship/" in one for one in read.objects.values() if b"/Type/Filespec" in one)
    assert len(read.structure("Title")) == 1
    assert len(read.structure("H1")) >= 10
    assert {bytes(re.search(rb"/Alt\((.*?)\)", one)[1]) for one in read.structure("Figure")} == {  # type: ignore[index]
        b"Photograph of a face, sought 1",
        b"Photograph of a face, lead 1",
        b"Photograph of a face, lead 2",
    }


def test_the_page_with_the_photographs_has_no_score_no_rank_and_no_name(told: dict[str, Any], read: Read) -> None:
    page = read.pages[-1]
    lines = page.split("\n")
    begin = lines.index("Photographs")
    shown = " ".join(lines[begin : lines.index("Attached files")])
    assert re.sub(r"\s+", " ", shown) == (
        "Photographs The faces that were sought, and the reference of each lead. sought 1 lead 1 lead 2"
    )
    for lead in told["leads"]:
        assert lead["score"] not in page
        assert lead["reference"]["image"] not in page
        assert lead["reference"]["source"] not in page
    assert len(read.pictures) == 3
    assert all(picture.startswith(b"\xff\xd8") and b"Exif" not in picture for picture in read.pictures)


def test_nothing_that_somebody_typed_is_taken_for_markup(told: dict[str, Any]) -> None:
    for field in ("case_reference", "purpose"):
        for typed in HOSTILE:
            assert plain(typed) in plain("".join(Read(made(told | {field: typed})).pages)), typed
    lead = told["leads"][0]
    hostile = dict.fromkeys(lead["reference"], HOSTILE[0]) | {"#panic(1)": HOSTILE[1]}
    opinion = lead["opinions"][0] | {"limitations": "\n".join(HOSTILE), "components": {HOSTILE[1]: HOSTILE[0]}}
    read = Read(made(told | {"leads": [lead | {"reference": hostile, "opinions": [opinion]}], "recipients": HOSTILE}))
    assert plain("".join(read.pages)).count(plain(HOSTILE[0])) >= len(hostile) - 1
    assert b"root:" not in read.content


def test_what_the_typeface_does_not_have_is_written_as_its_number(told: dict[str, Any]) -> None:
    read = Read(made(told | {"case_reference": "Zoë e\u0301 中 \x00 \u202e \U0001f600 \ud800 Ж"}))
    words = "".join(read.pages)
    assert plain("Zoë é [U+4E2D] [U+0000] [U+202E] [U+1F600] [U+D800] Ж") in plain(words)
    assert plain(ENGLISH["escaped"]) in plain(words)
    assert plain(ENGLISH["escaped"]) not in plain("".join(Read(made(told)).pages))


def test_every_character_that_is_said_to_be_shown_is(told: dict[str, Any]) -> None:
    every = "".join(chr(code) for first, last in telling.SHOWN for code in range(first, last + 1))
    assert telling.printable(every).replace("\u200b", "") == unicodedata.normalize("NFC", every)
    made(told | {"limits": [every]})  # or typst would raise


@pytest.mark.parametrize(("letter", "most"), [("x", 88), ("W", 45), ("m", 56), ("Ж", 45)])
def test_a_text_without_an_end_stays_on_the_page(told: dict[str, Any], letter: str, most: int) -> None:
    """`most`: of these letters on a line of 470 points."""
    read = Read(made(told | {"case_reference": letter * 4_000}))
    lines = [plain(line) for page in read.pages for line in page.split("\n") if set(plain(line)) == {letter}]
    assert sum(map(len, lines)) == 4_000
    assert max(map(len, lines)) <= most


def test_the_same_packet_gives_the_same_bytes_and_another_time_gives_others(told: dict[str, Any]) -> None:
    first = made(told, chips=[], files={"disclosure.json": b"{}"})
    assert made(dict(told)) == first
    assert made(told, made_at=AT + timedelta(seconds=1)) != first
    assert b"20261122093005" in first


def test_two_disclosures_at_different_times_of_day_carry_the_time_of_the_record(packet: disclose.Packet) -> None:
    assert b"CreationDate(D:20261122090000Z)" in packet.files["disclosure.pdf"]


def test_every_language_has_all_the_words() -> None:
    assert all(set(words) == set(ENGLISH) for words in WORDS.values())


def test_pages_without_photographs_or_files_can_be_made_too(told: dict[str, Any]) -> None:
    assert len(Read(made(told, files={})).pages) >= 2
    shown = Read(made(told, chips=[Chip("中 #lead", _jpeg())]))
    assert "[U+4E2D] #lead" in shown.pages[-1]


def _jpeg() -> bytes:
    import io

    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (8, 8), (90, 80, 70)).save(content, "JPEG")
    return content.getvalue()
