"""Edits of a probe's pixels around one face: the same numbers on every machine, and nothing that was not there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beholden.ports.media import Pixels
from beholden.records.edits import Edit, Operation
from beholden.records.faces import Box

AREA = 3.0  # times the longer side of the face's box: enough to turn, align and find the face anew
GREY = 128
BLOCK = 8  # pixels: of a JPEG
BAND = 64  # rows that are smoothed at once

Patch = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a patch lies: in its picture, and in the square around the face, of which it is what the picture has."""

    left: int  # pixels of the picture
    top: int
    side: int  # of the square
    across: int  # from the square's left edge
    down: int
    face: tuple[float, float]  # width and height of the box, in pixels


def edited(pixels: Pixels, box: Box, edits: Sequence[Edit]) -> Pixels:
    """A copy in which a square around the face's box was edited, in this order; all else is as it was.

    Rotating and cropping leave what they do not know grey (128). sRGB, height × width × 3, uint8. No more is in memory than
    a few times what the picture has, however far the square reaches past it.
    """
    height, width = pixels.shape[:2]
    face = (box.left * width, box.top * height, box.width * width, box.height * height)
    side = max(2, math.ceil(AREA * max(face[2:])))
    left, top = round(face[0] + face[2] / 2 - side / 2), round(face[1] + face[3] / 2 - side / 2)
    x0, x1, y0, y1 = max(left, 0), min(left + side, width), max(top, 0), min(top + side, height)
    made = np.array(pixels, copy=True)
    if x0 >= x1 or y0 >= y1:
        return made
    place = _Place(x0, y0, side, x0 - left, y0 - top, (face[2], face[3]))
    patch = np.ascontiguousarray(pixels[y0:y1, x0:x1])
    for edit in edits:
        patch = _DOES[edit.operation](patch, edit.value, place)
    made[y0:y1, x0:x1] = patch
    return made


Does = Callable[[Patch, float, _Place], Patch]


def _cropped(patch: Patch, margin: float, place: _Place) -> Patch:
    across, down = (min(place.side / 2, length * (0.5 + margin)) for length in place.face)
    columns = _within(place.side / 2, across, place.across)
    rows = _within(place.side / 2, down, place.down)
    made = np.full_like(patch, GREY)
    made[rows, columns] = patch[rows, columns]
    return made


def _within(middle: float, reach: float, start: int) -> slice:
    """So far to both sides of the square's middle, counted from where the patch starts in the square."""
    return slice(max(0, math.floor(middle - reach) - start), max(0, math.ceil(middle + reach) - start))


def _rotated(patch: Patch, degrees: float, place: _Place) -> Patch:
    if degrees % 90 == 0:  # whole turns lose nothing
        return _turned(patch, round(degrees / 90) % 4, place)
    from PIL import Image

    middle = (place.side / 2 - place.across, place.side / 2 - place.down)
    grey = (GREY, GREY, GREY)
    turned = Image.fromarray(patch).rotate(degrees, Image.Resampling.BICUBIC, center=middle, fillcolor=grey)
    return np.asarray(turned)


def _turned(patch: Patch, quarters: int, place: _Place) -> Patch:
    """To the left, about the square's middle. What turns out of the picture is lost; what turns in is grey."""
    height, width = patch.shape[:2]
    top, left, tall, wide = place.down, place.across, height, width
    for _ in range(quarters):
        top, left, tall, wide = place.side - (left + wide), top, wide, tall
    down, across = top - place.down, left - place.across  # of the turned patch, seen from the patch
    y0, y1, x0, x1 = max(down, 0), min(down + tall, height), max(across, 0), min(across + wide, width)
    made = np.full_like(patch, GREY)
    if y0 < y1 and x0 < x1:
        made[y0:y1, x0:x1] = np.rot90(patch, quarters)[y0 - down : y1 - down, x0 - across : x1 - across]
    return made


def _exposed(patch: Patch, stops: float, _place: _Place) -> Patch:
    """In linear light (IEC 61966-2-1), as a camera would have had it."""
    coded = np.arange(256) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4) * 2.0**stops
    clipped = np.clip(linear, 0, 1)
    again = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return _by_table(patch, again * 255)


def _contrasted(patch: Patch, times: float, _place: _Place) -> Patch:
    return _by_table(patch, (np.arange(256) - GREY) * times + GREY)


def _deblocked(patch: Patch, levels: float, place: _Place) -> Patch:
    """Steps of at most so many levels between the blocks of the picture are halved on both sides; larger ones are edges.

    Band by band, each ending in the middle of a row of blocks: between there and the next nothing is changed together.
    """
    made = np.empty_like(patch)
    first = (BLOCK // 2 - place.top) % BLOCK or BLOCK
    edges = [0, *range(first, len(patch), BAND), len(patch)]
    for start, end in pairwise(edges):
        made[start:end] = _smoothed(patch[start:end], levels, place.left, place.top + start)
    return made


def _smoothed(band: Patch, levels: float, left: int, top: int) -> Patch:
    made = band.astype(np.float64)
    for axis, start in ((1, left), (0, top)):
        lines = np.moveaxis(made, axis, 0)
        for line in range((-start) % BLOCK or BLOCK, len(lines), BLOCK):
            step = lines[line] - lines[line - 1]
            share = np.where(np.abs(step) <= levels, step / 4, 0.0)
            lines[line - 1] += share
            lines[line] -= share
    return np.clip(np.rint(made), 0, 255).astype(np.uint8)


def _denoised(patch: Patch, radius: float, _place: _Place) -> Patch:
    from PIL import Image, ImageFilter

    return np.asarray(Image.fromarray(patch).filter(ImageFilter.MedianFilter(2 * int(radius) + 1)))


def _by_table(patch: Patch, values: NDArray[np.floating[Any]]) -> Patch:
    """Each level in the place of another, without an array of places as wide as numpy's own."""
    from PIL import Image

    table = np.clip(np.rint(values), 0, 255).astype(int).tolist()
    return np.asarray(Image.fromarray(patch).point(3 * table))


_DOES: Mapping[Operation, Does] = {
    Operation.CROP: _cropped,
    Operation.ROTATE: _rotated,
    Operation.EXPOSURE: _exposed,
    Operation.CONTRAST: _contrasted,
    Operation.DEBLOCK: _deblocked,
    Operation.DENOISE: _denoised,
}
