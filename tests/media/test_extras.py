"""HEIC and JPEG XL, whose readers come with extras: as any other format where they are, and refused by name where not."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from beholden.errors import UnreadableImage
from beholden.media import containers, extras
from beholden.media.pillow import MAX_PIXELS, MAX_SIDE, PillowMedia
from beholden.media.sandbox import SandboxedMedia
from beholden.records.metadata import Metadata
from beholden.testing.media_contract import STORED, exif_of_a_camera, quarters, saved, written, xmp_of

MEDIA = PillowMedia()
NOISE = np.random.default_rng(7).integers(0, 256, (120, 160, 3), dtype=np.uint8)
BEST = {"HEIF": {"quality": 95}, "JXL": {"quality": 95}}

needs = {
    kind: pytest.mark.skipif(kind not in extras.there(), reason=f"the extra [{extra}] is not installed")
    for kind, (_, extra, _) in extras.EXTRAS.items()
}
each = pytest.mark.parametrize("kind", [pytest.param(kind, marks=mark) for kind, mark in needs.items()])


@pytest.fixture(autouse=True)
def encoders() -> None:
    if "HEIF" in extras.there():
        extras.register_heif()
    if "JXL" in extras.there():
        import pillow_jxl

        assert pillow_jxl
    return


def boxed(name: bytes, inside: bytes) -> bytes:
    return struct.pack(">I", 8 + len(inside)) + name + inside


def jxl_head(*fields: tuple[int, int]) -> bytes:
    """The head of a JPEG XL of these (value, bits), the lowest bit first."""
    value, at = 0x0AFF, 16
    for number, bits in fields:
        value, at = value | number << at, at + bits
    return value.to_bytes(-(-at // 8), "little") + bytes(8)


@each
@pytest.mark.parametrize("media", [MEDIA, SandboxedMedia()], ids=["plain", "walled"])
def test_an_extras_format_is_read_as_any_other_before_and_behind_walls(kind: str, media: PillowMedia) -> None:
    content = written(quarters(480, 320), kind, **BEST[kind])
    picture = media.decode(content)
    assert (picture.kind, picture.turned, picture.frames) == (kind, False, 1)
    assert picture.pixels.flags.writeable
    assert np.abs(picture.pixels.astype(int) - quarters(480, 320)).mean() < 6
    assert np.array_equal(picture.pixels, MEDIA.decode(content).pixels)


@each
def test_what_is_tried_out_before_the_walls_is_a_picture(kind: str) -> None:
    picture = MEDIA.decode(extras.SMALL[kind])
    assert (picture.kind, picture.pixels.shape) == (kind, (16, 16, 3))
    assert np.abs(picture.pixels.astype(int) - (200, 30, 30)).max() < 12


@each
@pytest.mark.parametrize("part", [0.03, 0.3, 0.6, 0.9, 0.99])
def test_a_file_cut_short_anywhere_is_refused(kind: str, part: float) -> None:
    content = written(NOISE, kind)
    with pytest.raises(UnreadableImage, match="export it"):
        MEDIA.decode(content[: int(len(content) * part)])


@each
def test_what_it_says_of_itself_is_read(kind: str) -> None:
    exif = exif_of_a_camera()
    settings = {"exif": exif.tobytes() if kind == "JXL" else exif, "xmp": xmp_of("compositeSynthetic")}
    more = {"use_container": True} if kind == "JXL" else {}
    told = MEDIA.decode(written(quarters(), kind, **settings, **more)).metadata
    assert told == Metadata(
        "2019-05-04T10:11:12+02:00", "Gogon Mark 7", "Darkroom 3", "45.421530, -75.697193", "compositeSynthetic"
    )


@each
def test_what_is_transparent_is_shown_on_white(kind: str) -> None:
    pixels = np.dstack([quarters(), np.full((64, 96), 255, dtype=np.uint8)])
    pixels[:, :16, 3] = 0
    settings = {"lossless": True} if kind == "JXL" else {"quality": -1, "chroma": 444}
    picture = MEDIA.decode(written(pixels, kind, **settings))
    assert (picture.pixels[:, :12] >= 250).all()
    assert np.abs(picture.pixels[:, 20:].astype(int) - quarters()[:, 20:]).mean() < 6


@each
def test_grey_and_sixteen_bits_become_three_channels_of_eight(kind: str) -> None:
    settings = {"lossless": True} if kind == "JXL" else {"quality": -1}
    grey = MEDIA.decode(saved(Image.new("L", (16, 16), 200), kind, **settings)).pixels
    assert np.abs(grey.astype(int) - 200).max() <= 2
    shades = np.array([[0, 257, 32896, 65535]], dtype=np.uint16).repeat(16, axis=1).repeat(64, axis=0)
    deep = MEDIA.decode(saved(Image.fromarray(shades), kind, **settings)).pixels
    half = 188 if kind == "JXL" else 128  # this encoder's profile for 16 bits says that they are linear
    assert np.abs(deep[8, ::16, 0].astype(int)[[0, 2, 3]] - (0, half, 255)).max() <= 2
    assert (deep == deep[:, :, :1]).all()


@needs["HEIF"]
@pytest.mark.parametrize("orientation", sorted(STORED))
def test_a_heic_is_turned_upright_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = MEDIA.decode(written(STORED[orientation](quarters()), "HEIF", exif=exif.tobytes(), quality=95))
    assert picture.turned is (orientation > 1)
    assert picture.pixels.shape == (64, 96, 3)
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6


@needs["JXL"]
def test_a_jpeg_xl_is_turned_by_its_own_head_and_not_by_its_exif() -> None:
    """ISO/IEC 18181-2: the orientation of the codestream counts, and a reader does not apply that of the EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = MEDIA.decode(written(quarters(), "JXL", exif=exif.tobytes(), quality=95))
    assert not picture.turned
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6


@needs["JXL"]
@pytest.mark.parametrize("orientation", sorted(STORED))
def test_a_jpeg_that_was_packed_into_a_jpeg_xl_is_read_as_that_jpeg(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = written(STORED[orientation](quarters()), "JPEG", exif=exif, quality=95)
    (tmp_path / "a.jpg").write_bytes(content)
    with Image.open(tmp_path / "a.jpg") as image:
        packed = saved(image, "JXL", lossless_jpeg=True)
    assert packed.startswith(b"\0\0\0\x0cJXL ")
    for media in (MEDIA, SandboxedMedia()):
        picture = media.decode(packed)
        assert picture.kind == "JXL"
        assert np.array_equal(picture.pixels, MEDIA.decode(content).pixels)


@each
def test_a_picture_in_another_colour_space_is_shown_in_srgb(kind: str, tmp_path: Path) -> None:
    from PIL import ImageCms

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table, rest = srgb[:400], srgb[400:]  # a profile in which red and green have changed places
    swapped = table.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ") + rest
    if kind == "HEIF":
        content = written(quarters(), kind, icc_profile=swapped, quality=95)
    else:  # its encoder takes a profile only with a JPEG
        (tmp_path / "a.jpg").write_bytes(written(quarters(), "JPEG", icc_profile=swapped, quality=95))
        with Image.open(tmp_path / "a.jpg") as image:
            content = saved(image, kind, lossless_jpeg=True)
    assert np.abs(MEDIA.decode(content).pixels[5, 5].astype(int) - (30, 200, 30)).max() <= 12


@needs["HEIF"]
def test_of_several_pictures_in_a_heic_the_foremost_is_read() -> None:
    frames = [Image.fromarray(quarters()), Image.fromarray(quarters()[::-1].copy())]
    picture = MEDIA.decode(saved(frames[0], "HEIF", save_all=True, append_images=frames[1:], quality=95))
    assert picture.frames == 2
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6


@pytest.mark.parametrize(("kind", "extra", "name"), [("HEIF", "heic", "a HEIC"), ("JXL", "jxl", "a JPEG XL")])
def test_without_its_extra_a_file_is_refused_with_the_extras_name(
    kind: str, extra: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "_found", lambda package: False)
    with pytest.raises(UnreadableImage, match=rf"{name}, which is read only with the extra \[{extra}\]"):
        MEDIA.decode(extras.SMALL[kind])
    assert extras.there() == ()
    with pytest.raises(UnreadableImage, match=r"read \(JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000, AVIF\)"):
        MEDIA.decode(b"no picture")


def test_what_is_read_is_named_as_people_and_the_extras_name_it_with_videos() -> None:
    names = [extras.EXTRAS[kind][2] for kind in extras.there()]
    with pytest.raises(UnreadableImage) as refused:
        MEDIA.decode(b"no picture")
    assert f"({', '.join(['JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000, AVIF', *names])})" in str(refused.value)
    assert "no video in one (MP4, MOV, MKV, WebM, AVI, MPEG-TS)" in str(refused.value)


def test_avif_needs_no_extra_though_its_files_are_of_the_same_kind() -> None:
    content = written(quarters(), "AVIF", quality=95)
    assert containers.brands(content)[0] == b"avif"
    assert extras.kind_of(content) == ""


@pytest.mark.parametrize(
    ("fields", "declared"),
    [
        (((1, 1), (1, 5), (1, 3), (1, 1)), containers.Declared(16, 16, False, False)),
        (((1, 1), (5, 5), (0, 3), (2, 5), (1, 1)), containers.Declared(24, 48, False, False)),
        (((0, 1), (0, 2), (99, 9), (7, 3), (1, 1)), containers.Declared(200, 100, False, False)),
        (
            ((0, 1), (3, 2), (10**9 - 1, 30), (0, 3), (1, 2), (299, 13), (1, 1)),
            containers.Declared(300, 10**9, False, False),
        ),
        (((1, 1), (1, 5), (7, 3), (0, 1), (1, 1), (5, 3), (0, 2), (1, 1)), containers.Declared(16, 32, True, True)),
        (((1, 1), (1, 5), (7, 3), (0, 1), (0, 1)), containers.Declared(32, 16, False, False)),
    ],
)
def test_a_jpeg_xl_declares_its_size_before_any_pixel(
    fields: tuple[tuple[int, int], ...], declared: containers.Declared
) -> None:
    assert containers.jxl_declares(jxl_head(*fields)) == declared
    box = b"\0\0\0\x0cJXL \r\n\x87\n" + boxed(b"ftyp", b"jxl \0\0\0\0jxl ")
    assert containers.jxl_declares(box + boxed(b"jxlc", jxl_head(*fields))) == declared
    head = jxl_head(*fields)
    parts = boxed(b"jxlp", bytes(4) + head[:3]) + boxed(b"Exif", bytes(9)) + boxed(b"jxlp", b"\x80\0\0\x01" + head[3:])
    assert containers.jxl_declares(box + parts) == declared


@needs["JXL"]
def test_a_jpeg_xl_that_declares_too_much_or_an_animation_is_refused_before_it_is_decoded() -> None:
    bomb = jxl_head((0, 1), (3, 2), (10**9 - 1, 30), (0, 3), (3, 2), (10**9 - 1, 30), (1, 1))
    with pytest.raises(UnreadableImage, match=rf"at most {MAX_SIDE:,} a side and {MAX_PIXELS:,}"):
        MEDIA.decode(bomb)
    animated = jxl_head((1, 1), (1, 5), (1, 3), (0, 1), (1, 1), (0, 3), (0, 2), (1, 1))
    with pytest.raises(UnreadableImage, match="is an animation"):
        MEDIA.decode(animated)
    for head in (b"\xff\x0a", jxl_head((1, 1), (1, 5), (1, 3), (0, 1), (1, 1), (0, 3), (0, 1), (1, 1))):
        with pytest.raises(UnreadableImage, match="damaged"):
            MEDIA.decode(head)


def test_boxes_that_lie_too_deep_or_are_too_many_are_refused_with_the_limit() -> None:
    deep, many = b"", boxed(b"free", b"") * (containers.MAX_BOXES + 1)
    for _ in range(containers.MAX_DEPTH + 1):
        deep = boxed(b"moov", deep)
    head = boxed(b"ftyp", b"avif\0\0\0\0avifmif1")
    with pytest.raises(UnreadableImage, match=f"more than {containers.MAX_DEPTH} deep"):
        MEDIA.decode(head + deep)
    with pytest.raises(UnreadableImage, match=f"more than {containers.MAX_BOXES:,} parts"):
        MEDIA.decode(head + many)
    containers.check_nesting(head + boxed(b"moov", boxed(b"trak", b"\0\0\0\x02lies")) + b"\0\0\0\0rest")
    containers.check_nesting(b"no box at all" * 100)


def test_a_file_never_makes_the_walk_over_its_boxes_longer_than_it_is() -> None:
    generator = np.random.default_rng(11)
    whole = bytearray(written(quarters(), "AVIF"))
    for _ in range(500):
        content = bytearray(whole)
        for place in generator.integers(0, min(400, len(content)), 6):
            content[place] = int(generator.integers(0, 256))
        assert sum(1 for _ in containers._walk(bytes(content), 0, len(content), 1)) <= len(content) // containers.HEAD
        BytesIO(content).close()


@each
def test_damaged_copies_are_refused_or_read_and_the_next_file_is_as_before(kind: str) -> None:
    media, generator = SandboxedMedia(), np.random.default_rng(13)
    whole = written(quarters(), kind, **BEST[kind])
    sound = media.decode(whole).pixels
    became: list[str] = []
    for _ in range(60):
        content = bytearray(whole)
        for place in generator.integers(0, len(content), int(generator.integers(1, 9))):
            content[place] = int(generator.integers(0, 256))
        try:
            media.decode(bytes(content))
        except UnreadableImage as error:
            became.append(str(error))
    assert len(became) > 10
    assert [words for words in became if "no picture needs" in words] == []
    assert np.array_equal(media.decode(whole).pixels, sound)
