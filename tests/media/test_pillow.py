"""What Pillow in particular must read, refuse, and keep to itself."""

from __future__ import annotations

import struct
import subprocess
import sys
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from beholden.errors import BadInput, Fault, UnreadableImage
from beholden.media.pillow import CELL, MAX_PIXELS, MAX_SIDE, PillowMedia
from beholden.records.faces import Box
from beholden.testing.media_contract import STORED, quarters, read, saved, written
from tests.photographs import photographs

MEDIA = PillowMedia()
LOSSY = {"JPEG": {"quality": 95}, "AVIF": {"quality": 95}, "WEBP": {"quality": 95}}
NOISE = np.random.default_rng(7).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def png_declaring(width: int, height: int) -> bytes:
    """A PNG of 70 bytes that says it is that large."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 64)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF"])
def test_every_allowed_format_is_read(kind: str) -> None:
    picture = MEDIA.decode(written(quarters(), kind, **LOSSY.get(kind, {})))
    assert picture.kind == kind
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6
    assert picture.pixels.flags.writeable


@pytest.mark.parametrize("kind", ["PPM", "TGA", "ICO", "PDF", "EPS", "PCX", "SGI"])
def test_a_format_that_is_not_on_the_list_is_refused_even_though_pillow_knows_it(kind: str) -> None:
    with pytest.raises(UnreadableImage, match=r"JPEG, PNG, WebP.*export it as PNG"):
        MEDIA.decode(written(quarters(), kind))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_orientation_counts_once_in_every_format_that_has_it(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = MEDIA.decode(written(STORED[orientation](quarters()), kind, exif=exif, **LOSSY.get(kind, {})))
    assert picture.turned
    assert picture.pixels.shape == (64, 96, 3)
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF"])
@pytest.mark.parametrize("part", [0.03, 0.3, 0.6, 0.9])
def test_a_file_cut_short_anywhere_is_refused(kind: str, part: float) -> None:
    content = written(NOISE, kind)
    with pytest.raises(UnreadableImage, match=r"export it"):
        MEDIA.decode(content[: int(len(content) * part)])


def test_a_flipped_byte_in_the_pixels_of_a_png_is_refused() -> None:
    content = bytearray(written(NOISE))
    content[len(content) // 2] ^= 1
    with pytest.raises(UnreadableImage, match="damaged"):
        MEDIA.decode(bytes(content))


@pytest.mark.parametrize(
    ("width", "height"), [(MAX_SIDE + 1, 10), (10, MAX_SIDE + 1), (15_000, 15_000), (2**31 - 1, 9)]
)
def test_a_bomb_is_refused_by_what_it_declares_before_any_pixel_is_made(width: int, height: int) -> None:
    tracemalloc.start()
    with pytest.raises(UnreadableImage, match=rf"at most 20,000 a side and {MAX_PIXELS:,}"):
        MEDIA.decode(png_declaring(width, height))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_of_more_frames_is_read_in_every_format_that_has_frames(kind: str) -> None:
    drawn = [quarters(), quarters()[::-1].copy()]
    frames = [Image.fromarray(pixels) for pixels in drawn]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], **LOSSY.get(kind, {}))
    picture = MEDIA.decode(content)
    assert (picture.kind, picture.frames) == (kind, 2)
    assert np.abs(picture.pixels.astype(int) - drawn[0]).mean() < 6


def test_a_camera_file_with_a_second_picture_is_read_as_its_first() -> None:
    frames = [Image.fromarray(quarters()), Image.new("RGB", (20, 20))]
    picture = MEDIA.decode(saved(frames[0], "MPO", save_all=True, append_images=frames[1:], quality=95))
    assert picture.kind == "JPEG"
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6


def test_sixteen_bits_of_grey_become_eight() -> None:
    shades = np.array([[0, 257, 32896, 65535]], dtype=np.uint16).repeat(4, axis=0)
    for kind in ("PNG", "TIFF"):
        picture = MEDIA.decode(saved(Image.fromarray(shades), kind))
        assert picture.pixels[0, :, 0].tolist() == [0, 1, 128, 255]
        assert (picture.pixels == picture.pixels[:, :, :1]).all()


def test_floating_point_pixels_are_refused() -> None:
    with pytest.raises(UnreadableImage, match="export the picture with 8 bits"):
        MEDIA.decode(saved(Image.fromarray(np.ones((4, 4), dtype=np.float32)), "TIFF"))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "JPEG"), ("RGBA", "PNG"), ("RGBX", "TIFF"), ("LAB", "TIFF")],
)
def test_colours_of_other_kinds_of_pixels_are_the_same_colours(mode: str, kind: str) -> None:
    image = Image.fromarray(quarters()).convert(mode)
    picture = MEDIA.decode(saved(image, kind, **LOSSY.get(kind, {})))
    assert picture.pixels.shape == (64, 96, 3)
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 8


@pytest.mark.parametrize(("mode", "kind"), [("1", "PNG"), ("L", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("1", "TIFF")])
def test_grey_pictures_have_three_equal_channels(mode: str, kind: str) -> None:
    image = Image.fromarray(np.full((8, 8), 255, dtype=np.uint8)).convert(mode)
    picture = MEDIA.decode(saved(image, kind))
    assert np.array_equal(picture.pixels, np.full((8, 8, 3), 255))


def test_transparency_of_a_palette_of_grey_and_of_a_single_colour_is_shown_on_white() -> None:
    palette = Image.fromarray(quarters()).quantize(4)
    see_through = palette.getpixel((5, 5))
    for transparency in (see_through, bytes(0 if index == see_through else 255 for index in range(4))):
        picture = MEDIA.decode(saved(palette, "PNG", transparency=transparency))
        assert picture.pixels[5, 5].tolist() == [255, 255, 255]
        assert np.abs(picture.pixels[5, 90].astype(int) - quarters()[5, 90]).max() < 8
    assert MEDIA.decode(saved(Image.new("LA", (4, 4), (0, 0)), "PNG")).pixels.min() == 255
    assert MEDIA.decode(written(quarters(), transparency=(200, 30, 30))).pixels[5, 5].tolist() == [255, 255, 255]
    assert MEDIA.decode(saved(Image.new("L", (4, 4), 9), "PNG", transparency=9)).pixels.min() == 255


def test_half_transparent_is_half_white() -> None:
    picture = MEDIA.decode(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG"))
    assert picture.pixels[0, 0].tolist() == [127, 127, 127]


@pytest.mark.parametrize("profile", [b"junk", b"\0" * 200])
def test_a_colour_profile_that_cannot_be_used_is_ignored(profile: bytes) -> None:
    assert np.array_equal(MEDIA.decode(written(quarters(), icc_profile=profile)).pixels, quarters())


@pytest.mark.parametrize("damage", [b"II*\0\x08\0\0\0\xff\xff", b"II*\0\xff\xff\xff\xff", b"garbage", b"MM\0*"])
def test_damaged_metadata_neither_warns_nor_hides_the_picture(damage: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = MEDIA.decode(written(quarters(), "JPEG", exif=b"Exif\0\0" + damage, quality=95))
    assert not picture.turned
    assert np.abs(picture.pixels.astype(int) - quarters()).mean() < 6


def test_several_threads_decode_at_once() -> None:
    content = [written(np.roll(NOISE, shift, axis=0)) for shift in range(16)]
    with ThreadPoolExecutor(4) as threads:
        pictures = list(threads.map(MEDIA.decode, content))
    assert all(np.array_equal(picture.pixels, np.roll(NOISE, shift, axis=0)) for shift, picture in enumerate(pictures))


def test_a_chip_of_a_box_wholly_outside_is_grey_and_of_an_absurd_one_refused() -> None:
    assert np.ptp(np.asarray(read(MEDIA.chip(quarters(), Box(3, 3, 0.2, 0.2), 40)))) == 0
    assert read(MEDIA.chip(quarters(), Box(0.5, 0.5, 0.0, 0.0), 40)).size == (40, 40)
    with pytest.raises(BadInput, match="find the faces of this picture again"):
        MEDIA.chip(quarters(), Box(0, 0, 1e6, 1e6), 40)


def test_metadata_of_the_original_does_not_come_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at 12 Hidden Street"
    pixels = MEDIA.decode(written(quarters(), "JPEG", exif=exif, comment=b"a name")).pixels
    for content in (MEDIA.chip(pixels, Box(0.2, 0.2, 0.4, 0.4), 40), MEDIA.blank(pixels, [])):
        assert b"Hidden" not in content
        assert b"a name" not in content
        assert b"Exif" not in content


def test_a_sheet_of_no_chips_is_refused() -> None:
    with pytest.raises(BadInput, match="at least one chip"):
        MEDIA.sheet([])


def test_long_words_on_a_sheet_are_broken_not_cut() -> None:
    chip = written(quarters(), "JPEG")
    short = read(MEDIA.sheet([("A1", chip)]))
    long = read(MEDIA.sheet([("référence " * 6 + "x" * 60, chip)]))
    assert short.width == long.width
    assert long.height >= short.height + 4 * 20
    assert (np.asarray(long)[:, CELL + 17 :] == 255).all()


def test_letters_that_the_font_lacks_are_written_with_those_it_has() -> None:
    chip = written(quarters(), "JPEG")
    assert MEDIA.sheet([("Référence n° 3 – cœur à Noël", chip)]) == MEDIA.sheet(
        [("Reference no 3 - coeur a Noel", chip)]
    )
    assert MEDIA.sheet([("\u6f22", chip)]) == MEDIA.sheet([("?", chip)])


def test_a_palette_is_shown_in_its_colours() -> None:
    assert np.abs(MEDIA.decode(saved(Image.fromarray(quarters()).quantize(4), "PNG")).pixels - quarters()).max() < 3


def test_an_address_with_settings_is_refused() -> None:
    with pytest.raises(Fault, match="pillow:"):
        PillowMedia("pillow:limits=none")


def test_importing_the_module_loads_no_pillow() -> None:
    code = "import sys, beholden.media.pillow as m; m.PillowMedia(); assert 'PIL' not in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_files_that_troubled_other_decoders_are_read_or_refused() -> None:
    files = [file for file in sorted(photographs("hostile").rglob("*")) if file.is_file()]
    readable, refusals = 0, []
    for file in files:
        try:
            readable += MEDIA.decode(file.read_bytes()).pixels.ndim == 3
        except UnreadableImage as refused:
            refusals.append(str(refused))
    assert readable + len(refusals) == len(files)
    assert min(readable, len(refusals)) > 100  # how many of each depends on the extras that are installed
    assert all("export" in words for words in refusals)
