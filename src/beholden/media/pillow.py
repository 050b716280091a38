"""Pictures decoded by Pillow within limits that are checked before any pixel: damage is refused, never guessed at."""

from __future__ import annotations

import math
import struct
import unicodedata
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from beholden.errors import BadInput, Fault, UnreadableImage
from beholden.media.walls import EVERY
from beholden.ports.media import Picture, Pixels
from beholden.records.faces import Box

if TYPE_CHECKING:
    from PIL import Image, ImageFont

MAX_BYTES = 64 * 1024 * 1024  # a 61-megapixel camera's JPEG is 30–60 MB; what is larger is no photograph of a person
MAX_PIXELS = 100_000_000  # 300 MB as RGB: the most that one decode may take of a machine of 2 GB
MAX_SIDE = 20_000  # beyond it a file is a panorama or a bomb; 65,500 is JPEG's own limit
# Only these decoders ever see a stranger's bytes. A camera's JPEG with a second picture inside (MPO) counts as JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF")
CHIP_MARGIN = 0.25
BLANK_MARGIN = 0.5  # hair and ears go with the face
GREY = 128  # where a face was, and what lies past a picture's edge
CHIP_QUALITY = 90
CELL, GAP, PER_ROW, LETTERS = 160, 16, 5, 14  # the contact sheet, in pixels

_ORIENTATION = 0x0112  # EXIF
# What Pillow's decoders were seen to raise on hostile files, beyond its own OSError and SyntaxError.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, ArithmeticError, LookupError, TypeError)
_DAMAGE_TOO = (AttributeError, RuntimeError, AssertionError, MemoryError, BufferError, zlib.error)


class PillowMedia:
    """`pillow:` has no settings; the limits are constants of this file."""

    def __init__(self, address: str = "pillow:") -> None:
        if address != "pillow:":
            raise Fault(f"{address!r} is no address of a picture reader; write it as pillow:")

    @property
    def max_bytes(self) -> int:
        return MAX_BYTES

    @property
    def missing_walls(self) -> tuple[str, ...]:
        return EVERY  # it reads in the process itself; `sandbox.py` has the walls

    def decode(self, content: bytes) -> Picture:
        if not content:
            raise UnreadableImage("the file is empty; take it again from where it was copied")
        if len(content) > MAX_BYTES:
            raise UnreadableImage(
                f"the file has {len(content):,} bytes, more than the {MAX_BYTES:,} that are read; export it smaller"
            )
        with _damage_told(), _opened(content) as image:
            _check_declared(image)
            _check_whole(content, image)
            turned = _orientation(image) > 1
            image.load()
            kind = "JPEG" if image.format == "MPO" else str(image.format)
            upright = _upright(image)
            _check_size(*upright.size)
            return Picture(np.asarray(_flat(_standard(upright))).copy(), kind, turned)

    def chip(self, pixels: Pixels, box: Box, side: int) -> bytes:
        from PIL import Image

        height, width = pixels.shape[:2]
        across, down = box.width * width, box.height * height
        reach = max(1.0, max(across, down) * (1 + 2 * CHIP_MARGIN))
        left = math.floor(box.left * width + (across - reach) / 2)
        top = math.floor(box.top * height + (down - reach) / 2)
        length = math.ceil(reach)
        if length > 2 * MAX_SIDE:
            raise BadInput("the box is many times larger than a picture can be; find the faces of this picture again")
        x0, x1, y0, y1 = max(left, 0), min(left + length, width), max(top, 0), min(top + length, height)
        square = Image.new("RGB", (length, length), (GREY, GREY, GREY))
        if x0 < x1 and y0 < y1:
            square.paste(Image.fromarray(np.ascontiguousarray(pixels[y0:y1, x0:x1])), (x0 - left, y0 - top))
        scaled = square.resize((side, side), Image.Resampling.LANCZOS)
        return _written(scaled, "JPEG", quality=CHIP_QUALITY)

    def blank(self, pixels: Pixels, boxes: list[Box]) -> bytes:
        from PIL import Image

        height, width = pixels.shape[:2]
        blanked = pixels.copy()
        for box in boxes:
            left = math.floor((box.left - box.width * BLANK_MARGIN) * width)
            right = math.ceil((box.left + box.width * (1 + BLANK_MARGIN)) * width)
            top = math.floor((box.top - box.height * BLANK_MARGIN) * height)
            bottom = math.ceil((box.top + box.height * (1 + BLANK_MARGIN)) * height)
            blanked[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = GREY
        # Level 3: within a few per cent of the size of Pillow's 6, in a third of the time for a large photograph.
        return _written(Image.fromarray(blanked), "PNG", compress_level=3)

    def sheet(self, chips: list[tuple[str, bytes]]) -> bytes:
        from PIL import Image, ImageDraw, ImageFont

        if not chips:
            raise BadInput("a contact sheet needs at least one chip")
        font = ImageFont.load_default(LETTERS)
        lines = [_wrapped(words, font) for words, _ in chips]
        columns, rows = min(PER_ROW, len(chips)), math.ceil(len(chips) / PER_ROW)
        line_height = LETTERS + 6
        cell_height = CELL + 6 + line_height * max(len(text) for text in lines) + GAP
        page = Image.new("RGB", (GAP + columns * (CELL + GAP), GAP + rows * cell_height), "white")
        draw = ImageDraw.Draw(page)
        for place, ((_, chip), text) in enumerate(zip(chips, lines, strict=True)):
            x, y = GAP + place % PER_ROW * (CELL + GAP), GAP + place // PER_ROW * cell_height
            face = Image.fromarray(self.decode(chip).pixels)
            face.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
            page.paste(face, (x + (CELL - face.width) // 2, y + (CELL - face.height) // 2))
            for number, line in enumerate(text):
                draw.text((x, y + CELL + 6 + number * line_height), line, fill="black", font=font)
        return _written(page, "PNG", compress_level=6)


@contextmanager
def _damage_told() -> Iterator[None]:
    """Whatever a decoder fails with, the person hears that the file is damaged; Pillow's warnings stay inside.

    The filter is added once and stays: another thread that decodes would undo `warnings.catch_warnings`.
    """
    if not any(entry[0] == "ignore" and getattr(entry[3], "pattern", "") == r"PIL\." for entry in warnings.filters[:8]):
        warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        yield
    except (*_DAMAGE, *_DAMAGE_TOO) as error:
        raise UnreadableImage(
            f"the file is damaged or cut short and is not repaired ({type(error).__name__}: {error}); "
            "copy it again from its source, or export it as PNG"
        ) from error


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    from PIL import Image, UnidentifiedImageError, features

    Image.MAX_IMAGE_PIXELS = None  # we check the declared size ourselves, before any pixel, and refuse rather than warn
    known = [name for name in FORMATS if name != "AVIF" or features.check("avif")]
    try:
        image = Image.open(BytesIO(content), formats=known)
    except UnidentifiedImageError as error:
        readable = ", ".join(known)
        raise UnreadableImage(
            f"the file is no picture in a format that is read ({readable}), or its beginning is damaged; "
            "export it as PNG or JPEG"
        ) from error
    with image:
        yield image


def _check_declared(image: Image.Image) -> None:
    _check_size(*image.size)
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # a camera's second picture is a thumbnail or a gain map of the first
        raise UnreadableImage(f"the file has {frames} frames; export the one frame you need")


def _check_whole(content: bytes, image: Image.Image) -> None:
    """Pillow decodes a PNG without looking at the checksum of its pixels; only `verify` does, and it uses the file up."""
    if image.format == "PNG":
        with _opened(content) as again:
            again.verify()


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise UnreadableImage(
            f"the picture declares {width:,} x {height:,} pixels; at most {MAX_SIDE:,} a side and {MAX_PIXELS:,} in "
            "all are read; export it smaller, or crop it"
        )


def _orientation(image: Image.Image) -> int:
    """1–8 as EXIF has it. Metadata that cannot be read turns nothing: viewers show the pixels as they are."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except _DAMAGE:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(image: Image.Image) -> Image.Image:
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(_orientation(image))  # asked after loading: Pillow has then turned a TIFF by itself, and says 1
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = image.info
    return turned


def _standard(image: Image.Image) -> Image.Image:
    """8 bits, RGB or RGBA, in sRGB as far as the file's profile can be used."""
    image = _eight_bits(image)
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    profile = image.info.get("icc_profile")
    if image.has_transparency_data and image.mode in ("RGB", "L", "1"):
        image = image.convert("RGBA")
    elif image.mode in ("LA", "La", "RGBa"):
        image = image.convert("RGBA" if image.mode == "RGBa" else "LA").convert("RGBA")
    if image.mode == "1":
        image = image.convert("L")
    return _in_srgb(image, profile)


def _eight_bits(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return image
    values = np.asarray(image)
    if image.mode == "F" or values.min() < 0 or values.max() > 65535:
        raise UnreadableImage("the pixels have more than 16 bits and no agreed white; export the picture with 8 bits")
    scaled = Image.fromarray(((values.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8))
    scaled.info = {key: value for key, value in image.info.items() if key == "icc_profile"}
    return scaled


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain = image.convert("RGB") if alpha else image
    shown = None
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            shown = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, *_DAMAGE):
            shown = None  # a profile for another kind of pixels, or a broken one: viewers ignore it, and so do we
    shown = shown or plain.convert("RGB")
    if alpha:
        shown.putalpha(alpha)
    return shown


def _flat(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode != "RGBA":
        return image
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, image).convert("RGB")


def _written(image: Image.Image, kind: str, **settings: int) -> bytes:
    kept = BytesIO()
    image.save(kept, kind, **settings)
    return kept.getvalue()


def _plain(words: str) -> str:
    """The words in ASCII, which is all that Pillow's built-in font has: é is e, œ is oe, what has no such letter is ?."""
    bare = words.translate({ord("œ"): "oe", ord("Œ"): "OE", ord("æ"): "ae", ord("Æ"): "AE", ord("’"): "'"})
    bare = "".join("-" if unicodedata.category(letter) == "Pd" else letter for letter in bare)
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(letter))
    return "".join(letter if letter.isascii() else "o" if letter == "°" else "?" for letter in bare)


def _wrapped(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    """Lines that fit a cell; nothing is left out, and a word too long for a line is broken."""
    lines = [""]
    for word in _plain(words).split():
        if lines[-1] and font.getlength(f"{lines[-1]} {word}") <= CELL:
            lines[-1] = f"{lines[-1]} {word}"
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font.getlength(lines[-1] + letter) > CELL:
                lines.append("")
            lines[-1] += letter
    return lines
