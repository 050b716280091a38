"""What a file says of itself: read once, within limits, in every format that says something; and none of it comes along."""

from __future__ import annotations

import zlib
from io import BytesIO

import pytest
from PIL import Image

from beholden.media.pillow import PillowMedia
from beholden.records.faces import Box
from beholden.records.metadata import MADE_UP, MOST, NO_PROBE, Metadata, checked, foremost, plain
from beholden.testing.media_contract import exif_of_a_camera, quarters, saved, written, xmp_of

MEDIA = PillowMedia()
CAMERA = {
    "taken_at": "2019-05-04T10:11:12+02:00",
    "camera": "Gogon Mark 7",
    "software": "Darkroom 3",
    "place": "45.421530, -75.697193",
}


def told(content: bytes) -> Metadata:
    return MEDIA.decode(content).metadata


def exif(
    tags: dict[int, object], inner: dict[int, object] | None = None, gps: dict[int, object] | None = None
) -> bytes:
    made = Image.Exif()
    made.update(tags)
    made.get_ifd(0x8769).update(inner or {})
    made.get_ifd(0x8825).update(gps or {})
    return written(quarters(), "JPEG", exif=made)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_camera_moment_place_and_software_are_read_in_every_format_that_has_them(kind: str) -> None:
    assert told(written(quarters(), kind, exif=exif_of_a_camera())) == Metadata(**CAMERA)


def test_a_tiff_has_them_in_its_own_tags() -> None:
    from PIL import TiffImagePlugin

    exif = exif_of_a_camera()
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for number in (0x010F, 0x0110, 0x0131):
        tags[number] = exif[number]
    for number in (0x8769, 0x8825):
        tags[number] = dict(exif.get_ifd(number))
    assert told(written(quarters(), "TIFF", tiffinfo=tags)) == Metadata(**CAMERA)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize("code", sorted(MADE_UP | {"digitalCapture", "humanEdits"}))
def test_req_09_how_a_picture_came_about_is_read_from_its_xmp(kind: str, code: str) -> None:
    assert told(written(quarters(), kind, xmp=xmp_of(code))).digital_source == code


def test_xmp_that_is_compressed_in_a_png_is_read() -> None:
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp_of("trainedAlgorithmicMedia").decode(), zip=True)
    content = written(quarters(), pnginfo=info)
    assert b"trainedAlgorithmicMedia" not in content
    assert told(content).digital_source == "trainedAlgorithmicMedia"


def test_a_tiff_and_a_png_say_it_in_plain_xmp_too() -> None:
    from PIL import PngImagePlugin, TiffImagePlugin

    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[700] = xmp_of("composite")
    assert told(written(quarters(), "TIFF", tiffinfo=tags)).digital_source == "composite"
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp_of("composite").decode())
    assert told(written(quarters(), pnginfo=info)).digital_source == "composite"


@pytest.mark.parametrize(
    "xmp",
    [
        b'<d Iptc4xmpExt:DigitalSourceType="trainedAlgorithmicMedia"/>',
        b"<d Iptc4xmpExt:DigitalSourceType='trainedAlgorithmicMedia'/>",
        b"<Iptc4xmpExt:DigitalSourceType> trainedAlgorithmicMedia\n</Iptc4xmpExt:DigitalSourceType>",
        b'<Iptc4xmpExt:DigitalSourceType rdf:resource="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/>',
        "<a DigitalSourceType='http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia'/>".encode(
            "utf-16"
        ),
    ],
)
def test_the_code_is_found_however_it_is_written(xmp: bytes) -> None:
    assert told(written(quarters(), "JPEG", xmp=xmp)).digital_source == "trainedAlgorithmicMedia"


def test_the_code_in_a_signed_manifest_is_found_without_any_xmp() -> None:
    """C2PA keeps its manifest in a part of its own (APP11 of a JPEG), the address as text in it."""
    content = written(quarters(), "JPEG")
    inside = b"JP\0\0 jumb c2pa \x70http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\x63"
    part = b"\xff\xeb" + (len(inside) + 2).to_bytes(2, "big") + inside
    assert told(content[:2] + part + content[2:]).digital_source == "trainedAlgorithmicMedia"


def test_of_several_codes_that_which_keeps_a_file_from_more_counts() -> None:
    both = xmp_of("digitalCapture") + xmp_of("compositeCapture") + xmp_of("trainedAlgorithmicMedia")
    assert told(written(quarters(), "JPEG", xmp=both)).digital_source == "trainedAlgorithmicMedia"
    assert foremost({"digitalCapture", "compositeCapture"}) == "compositeCapture"
    assert foremost({"print", "digitalCapture"}) == "digitalCapture"
    assert foremost(set()) == ""
    assert NO_PROBE < MADE_UP


def test_nothing_in_xmp_is_expanded_or_followed() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 20)
    )
    outside = b'<!ENTITY f SYSTEM "file:///etc/passwd">]><x DigitalSourceType="&f;">&t;</x>'
    assert told(written(quarters(), "JPEG", xmp=bomb + outside)) == Metadata()
    deep = b"<a>" * 10_000 + xmp_of("composite")
    assert told(written(quarters(), "JPEG", xmp=deep)).digital_source == "composite"


@pytest.mark.parametrize(
    ("taken", "offset", "moment"),
    [
        ("2019:05:04 10:11:12", None, "2019-05-04T10:11:12"),
        ("2019:05:04 10:11:12\0", "-05:00\0", "2019-05-04T10:11:12-05:00"),
        ("2019:05:04 10:11:12", "somewhere", "2019-05-04T10:11:12"),
        ("2019:05:04 10:11:12", "+99:99", "2019-05-04T10:11:12"),
        ("0000:00:00 00:00:00", None, ""),
        ("2019:02:30 10:11:12", None, ""),
        ("2019:05:04", None, ""),
        ("    :  :     :  :  ", None, ""),
        ("a person's name", None, ""),
        ("2019:05:04 10:11:12 and a name", None, ""),
    ],
)
def test_a_moment_is_a_real_one_or_none(taken: str, offset: str | None, moment: str) -> None:
    inner: dict[int, object] = {0x9003: taken} | ({0x9011: offset} if offset else {})
    assert told(exif({}, inner)).taken_at == moment


@pytest.mark.parametrize(
    ("gps", "place"),
    [
        ({1: "S", 2: (33.0, 51.0, 24.0), 3: "E", 4: (151.0, 12.0, 36.0)}, "-33.856667, 151.210000"),
        ({1: "N", 2: (45.5, 0.0, 0.0), 3: "W", 4: (73.5, 0.0, 0.0)}, "45.500000, -73.500000"),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, ""),
        ({1: "N", 2: (95.0, 0.0, 0.0), 3: "E", 4: (1.0, 0.0, 0.0)}, ""),
        ({1: "N", 2: (45.0, 0.0, 0.0)}, ""),
        ({1: "N", 2: (45.0, 0.0), 3: "E", 4: (1.0, 0.0)}, ""),
        ({}, ""),
    ],
)
def test_a_place_is_in_decimal_degrees_or_none(gps: dict[int, object], place: str) -> None:
    assert told(exif({}, {}, gps)).place == place


def test_words_are_one_short_line_of_what_can_be_seen() -> None:
    camera = told(exif({0x010F: "A\n\x07maker\0hidden", 0x0110: "x" * 5000})).camera
    assert camera == f"A maker {'x' * MOST}"[:MOST]
    assert plain("\u202ea\u2028b") == "a b"
    assert plain("\x1b[31mred\u200b  words ") == "[31mred words"
    assert told(exif({0x010F: "Gogon", 0x0110: "GOGON 7"})).camera == "GOGON 7"


@pytest.mark.parametrize("damage", [b"II*\0\x08\0\0\0\xff\xff", b"II*\0\xff\xff\xff\xff", b"garbage", b"MM\0*"])
def test_metadata_that_is_damaged_says_nothing(damage: bytes) -> None:
    assert told(written(quarters(), "JPEG", exif=b"Exif\0\0" + damage)) == Metadata()


def test_damaged_metadata_never_stops_a_picture_from_being_read() -> None:
    whole = saved(Image.fromarray(quarters()), "JPEG", exif=exif_of_a_camera(), xmp=xmp_of("composite"), quality=95)
    begins, ends = whole.find(b"Exif\0\0") + 6, whole.find(b"http://ns.adobe.com/xap")
    pixels = MEDIA.decode(whole).pixels
    for place in range(begins, ends - 8):
        for value in (0, 255):
            content = bytearray(whole)
            content[place] = value
            picture = MEDIA.decode(bytes(content))
            assert checked({name: getattr(picture.metadata, name) for name in CAMERA}) is not None
            assert sorted(picture.pixels.shape) == sorted(pixels.shape)


def test_req_113_nothing_that_a_file_says_of_itself_is_in_anything_made_of_it() -> None:
    words = exif_of_a_camera()
    words[0x010E] = "taken at 12 Hidden Street"
    content = written(quarters(), "JPEG", exif=words, xmp=xmp_of("composite"), comment=b"a name")
    pixels, box = MEDIA.decode(content).pixels, Box(0.2, 0.2, 0.4, 0.4)
    chip = MEDIA.chip(pixels, box, 60)
    for made in (chip, MEDIA.blank(pixels, [box]), MEDIA.only(pixels, [box]), MEDIA.sheet([("A1", chip)])):
        for said in (
            b"Gogon",
            b"Darkroom",
            b"2019",
            b"Hidden",
            b"a name",
            b"Exif",
            b"digitalsourcetype",
            b"adobe",
            b"iTXt",
            b"eXIf",
        ):
            assert said not in made
            assert said not in _inflated(made)


def _inflated(content: bytes) -> bytes:
    """What is compressed in a PNG."""
    if not content.startswith(b"\x89PNG"):
        return b""
    with Image.open(BytesIO(content)) as image:
        assert image.info == {}
    at, inside = 8, b""
    while at < len(content):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        assert name in (b"IHDR", b"IDAT", b"IEND")
        inside += content[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(inside)
