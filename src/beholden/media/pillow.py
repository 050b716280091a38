"""Pictures decoded by Pillow within limits that are checked before any pixel: damage is refused, never guessed at."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from beholden.errors import BadInput, Fault, UnreadableImage
from beholden.media import extras, veils, video
from beholden.media.containers import check_nesting, jxl_declares, turns
from beholden.media.damage import DAMAGE, damage_told
from beholden.media.edits import edited
from beholden.media.metadata import digital_source, exif_of
from beholden.media.pdq import fingerprint_of
from beholden.media.recent import Recent
from beholden.media.walls import EVERY
from beholden.ports.media import Picture, Pixels, Sight, Still
from beholden.records.edits import Edit
from beholden.records.exhibits import KEPT_MARGIN
from beholden.records.faces import Box
from beholden.records.near import Fingerprint
from beholden.windows import cut

if TYPE_CHECKING:
    from PIL import Image, ImageFont

MAX_BYTES = 64 * 1024 * 1024  # a 61-megapixel camera's JPEG is 30–60 MB; what is larger is no photograph of a person
MAX_PIXELS = 100_000_000  # 300 MB as RGB: the most that one decode may take of a machine of 2 GB
MAX_SIDE = 20_000  # beyond it a file is a panorama or a bomb; 65,500 is JPEG's own limit
MAX_FRAMES = 1_000  # of an animation, of which the first is read; counting them goes through the file
# Only these decoders ever see a stranger's bytes, and those of `extras.py`. A camera's JPEG with a second picture inside (MPO)
# counts as JPEG.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "AVIF")
KINDS = (*FORMATS, *extras.EXTRAS)
# As people write them.
CALLED = {"WEBP": "WebP", "JPEG2000": "JPEG 2000"} | {kind: name for kind, (_, _, name) in extras.EXTRAS.items()}
CHIP_MARGIN = 0.25
LARGEST_CHIP = 4096  # pixels a side of what is in memory at once; what is larger is averaged as it is cut out
BLANK_MARGIN = 0.5  # hair and ears go with the face
GREY = 128  # where a face was, where a frame was, and what lies past a picture's edge
CHIP_QUALITY = 90
CELL, GAP, PER_ROW, LETTERS = 160, 16, 5, 14  # the contact sheet, in pixels

_ORIENTATION = 0x0112  # EXIF


class PillowMedia:
    """`pillow:` has no settings; the limits are constants of this file."""

    def __init__(self, address: str = "pillow:") -> None:
        if address != "pillow:":
            raise Fault(f"{address!r} is no address of a picture reader; write it as pillow:")
        self._recent = Recent()

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
        if kind := video.kind_of(content):
            raise UnreadableImage(
                f"the file is a video ({kind}), and one picture is asked for; export the frame you need as PNG"
            )
        extra = extras.kind_of(content)
        if extra:
            extras.check_there(extra)
        with damage_told():
            check_nesting(content)
            if extra == extras.JXL:
                return _jxl(content)
            with _opened(content) as image:
                frames = _check_declared(image)
                _check_whole(content, image)
                kind = "JPEG" if image.format == "MPO" else str(image.format)
                picture = _picture(content, image, kind, _orientation(image), frames)
                return replace(picture, turned=turns(content)) if kind == extras.HEIF else picture

    @property
    def max_video_bytes(self) -> int:
        return video.MAX_BYTES

    def video_kind(self, content: bytes) -> str:
        return video.kind_of(content)

    def stills(self, content: bytes) -> Generator[Still]:
        return video.stills_of(content)

    def edited(self, pixels: Pixels, box: Box, edits: Sequence[Edit]) -> Pixels:
        return edited(pixels, box, edits)

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
        step = math.ceil(length / LARGEST_CHIP)
        rows = math.ceil(length / step)
        square = np.rint(cut(pixels, left, top, rows=rows, columns=rows, step=step, beyond=GREY)).astype(np.uint8)
        scaled = Image.fromarray(square).resize((side, side), Image.Resampling.LANCZOS)
        return _written(scaled, "JPEG", quality=CHIP_QUALITY)

    def chips(self, content: bytes, sights: Sequence[Sight], side: int) -> tuple[bytes, ...]:
        def cut_now() -> list[bytes]:
            pixels = self.decode(content).pixels
            seen = [self.edited(pixels, one.around, one.edits) if one.edits else pixels for one in sights]
            return [self.chip(as_seen, one.box, side) for as_seen, one in zip(seen, sights, strict=True)]

        return self._recent.get((_digest(content), tuple(sights), side), cut_now)

    def whole(self, pixels: Pixels, side: int) -> bytes:
        from PIL import Image

        image = Image.fromarray(pixels)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        return _written(image, "JPEG", quality=CHIP_QUALITY)

    def veiled(self, chip: bytes) -> bytes:
        return self._recent.get(("veiled", _digest(chip)), lambda: [veils.veil(chip)])[0]

    def blurred(self, chip: bytes) -> bytes:
        return self._recent.get(("blurred", _digest(chip)), lambda: [veils.blur(chip)])[0]

    def strip(self, veiled: Sequence[bytes]) -> bytes:
        return veils.strip(veiled)

    def blank(self, pixels: Pixels, boxes: list[Box]) -> bytes:
        blanked = pixels.copy()
        for box in boxes:
            blanked[_region(pixels, box, BLANK_MARGIN)] = GREY
        return _kept(blanked)

    def only(self, pixels: Pixels, boxes: list[Box]) -> bytes:
        left = np.full_like(pixels, GREY)
        for box in boxes:
            region = _region(pixels, box, KEPT_MARGIN)
            left[region] = pixels[region]
        return _kept(left)

    def fingerprint(self, pixels: Pixels) -> Fingerprint:
        return fingerprint_of(pixels)

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


def _region(pixels: Pixels, box: Box, margin: float) -> tuple[slice, slice]:
    """The rows and columns of a box with its margin, as far as they lie in the picture."""
    height, width = pixels.shape[:2]
    left = math.floor((box.left - box.width * margin) * width)
    right = math.ceil((box.left + box.width * (1 + margin)) * width)
    top = math.floor((box.top - box.height * margin) * height)
    bottom = math.ceil((box.top + box.height * (1 + margin)) * height)
    return slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))


def _kept(pixels: Pixels) -> bytes:
    """As a PNG that `decode` takes again: one of more bytes is halved, which boxes, being fractions, do not notice.

    Level 3: within a few per cent of the size of Pillow's 6, in a third of the time for a large photograph.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    while len(content := _written(image, "PNG", compress_level=3)) > MAX_BYTES:
        image = image.reduce(2)
    return content


def _picture(content: bytes, image: Image.Image, kind: str, orientation: int, frames: int = 1) -> Picture:
    """Loads it: its declared size must have been checked."""
    metadata = exif_of(image)
    image.load()
    upright = _upright(image, orientation if image.format != "TIFF" else _orientation(image))
    _check_size(*upright.size)
    metadata = replace(metadata, digital_source=digital_source(content, image.info.get("xmp")))
    return Picture(np.asarray(_flat(_standard(upright))).copy(), kind, orientation > 1, frames, metadata)


def _jxl(content: bytes) -> Picture:
    """Its size is checked before its reader is asked, which decodes at once. Its reader turns it by itself."""
    declared = jxl_declares(content)
    _check_size(declared.width, declared.height)
    if declared.animated:
        raise UnreadableImage("the JPEG XL is an animation, of which no single frame is read; export the one you need")
    with extras.jxl(content) as image:
        _check_size(*image.size)
        if image.format == "JPEG":  # which was packed into it whole, with its EXIF
            return _picture(content, image, extras.JXL, _orientation(image))
        picture = _picture(content, image, extras.JXL, 1)
        return replace(picture, turned=declared.turned)


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    from PIL import Image, UnidentifiedImageError, features

    Image.MAX_IMAGE_PIXELS = None  # we check the declared size ourselves, before any pixel, and refuse rather than warn
    known = [name for name in FORMATS if name != "AVIF" or features.check("avif")]
    if extras.HEIF in extras.there():
        extras.register_heif()
        known.append(extras.HEIF)
    try:
        image = Image.open(BytesIO(content), formats=known)
    except UnidentifiedImageError as error:
        readable = ", ".join(CALLED.get(kind, kind) for kind in dict.fromkeys([*known, *extras.there()]))
        raise UnreadableImage(
            f"the file is no picture in a format that is read ({readable}) and no video in one ({video.CONTAINERS}), "
            "or its beginning is damaged; export it as PNG or JPEG, or a video as MP4"
        ) from error
    with image:
        yield image


def _check_declared(image: Image.Image) -> int:
    """How many frames there are."""
    _check_size(*image.size)
    if image.format == "MPO":  # a camera's second picture is a thumbnail or a gain map of the first
        return 1
    frames = int(getattr(image, "n_frames", 1))
    if frames > MAX_FRAMES:
        raise UnreadableImage(
            f"the file has {frames:,} frames, more than the {MAX_FRAMES:,} of a file whose first is read; export the one you need"
        )
    return frames


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
    except DAMAGE:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
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
    turn = turns.get(orientation)
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
        except (ImageCms.PyCMSError, *DAMAGE):
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


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
