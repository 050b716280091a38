"""A chip before anybody asks to see it clear: veiled, grey and clear in the face alone; or blurred, so that nobody is known by it.

Both are made of a chip, in which the face fills the middle two thirds of the longer side (`CHIP_MARGIN`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

VEILED, BLURRED = 112, 48  # pixels a side
COLUMNS = 10  # of a strip
# The clear part: an oval inside the box of an upright face, which is about three quarters as wide as it is high.
ACROSS, DOWN, SOFT = 0.24, 0.32, 0.02  # half of its width and height, and how softly it ends, as parts of the side
SMOOTH = VEILED / 14  # pixels, of the Gaussian around it
CELLS = 8  # a side, of a blurred one
QUALITY = 80


def veil(chip: bytes) -> bytes:
    from PIL import Image, ImageDraw, ImageFilter

    grey = _grey(chip).resize((VEILED, VEILED), Image.Resampling.LANCZOS)
    oval = Image.new("L", grey.size, 0)
    middle, across, down = VEILED / 2, VEILED * ACROSS, VEILED * DOWN
    ImageDraw.Draw(oval).ellipse((middle - across, middle - down, middle + across, middle + down), fill=255)
    soft = oval.filter(ImageFilter.GaussianBlur(VEILED * SOFT))
    return _jpeg(Image.composite(grey, grey.filter(ImageFilter.GaussianBlur(SMOOTH)), soft))


def blur(chip: bytes) -> bytes:
    from PIL import Image

    cells = _grey(chip).resize((CELLS, CELLS), Image.Resampling.BOX)
    return _jpeg(cells.resize((BLURRED, BLURRED), Image.Resampling.BICUBIC))


def strip(veiled: Sequence[bytes]) -> bytes:
    """`COLUMNS` in a row, so that a page asks for one file; what is left of the last row is black."""
    from PIL import Image

    rows = max(1, math.ceil(len(veiled) / COLUMNS))
    sheet = Image.new("L", (VEILED * min(COLUMNS, max(1, len(veiled))), VEILED * rows), 0)
    for place, one in enumerate(veiled):
        sheet.paste(_grey(one), (place % COLUMNS * VEILED, place // COLUMNS * VEILED))
    return _jpeg(sheet)


def _grey(chip: bytes) -> Image.Image:
    """A chip is of our own making: no stranger's bytes come here."""
    from PIL import Image

    with Image.open(BytesIO(chip), formats=["JPEG"]) as image:
        return image.convert("L")


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
