"""A face turned, scaled and cut out so that eyes, nose and mouth lie where the embedder was taught to expect them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beholden.errors import NoUsableFace
from beholden.ports.media import Pixels
from beholden.windows import cut

SIDE = 112
# Where the five landmarks lie in a chip of 112 pixels: the ArcFace template, with which SFace was trained.
TEMPLATE = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))

Points = NDArray[np.float64]  # five rows of (x, y) in pixels; the centre of the first pixel is (0, 0)


def similarity(points: Points) -> tuple[complex, complex]:
    """The turn, scale and shift (q = a·p + b, points as x + iy) that carries `points` nearest to the template.

    Least squares without reflection: Umeyama (1991), which in two dimensions has this closed form.
    """
    if points.shape != (5, 2) or not np.isfinite(points).all():
        raise NoUsableFace("a face needs five landmarks with finite places; find the faces of this picture again")
    source = points[:, 0] + 1j * points[:, 1]
    target = np.array([complex(x, y) for x, y in TEMPLATE])
    spread = source - source.mean()
    power = float(np.sum(np.abs(spread) ** 2))
    turn = complex(np.sum(np.conj(spread) * (target - target.mean())) / power) if power > 1e-6 else 0j
    if abs(turn) < 1e-6:
        raise NoUsableFace("the landmarks of this face fall together; choose another face, or a larger picture")
    return turn, complex(target.mean() - turn * source.mean())


def chip(pixels: Pixels, points: Points) -> Pixels:
    """112 x 112 pixels, sampled bilinearly as cv2.warpAffine does: pixel centres at whole numbers, black outside.

    Where one pixel of the chip covers two or more of the picture they are averaged first: bare bilinear sampling takes
    4 of them whatever the size, and a large face would come out noisier than the same face photographed small.
    """
    turn, shift = similarity(points)
    across, down = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    source = (across + 1j * down - shift) / turn
    x, y = source.real, source.imag
    step = max(1, int(1 / abs(turn)))
    left, top = math.floor(x.min()) - step, math.floor(y.min()) - step
    columns = (math.ceil(x.max()) - left) // step + 2
    rows = (math.ceil(y.max()) - top) // step + 2
    if max(rows, columns) > 4 * SIDE:  # a turn and a margin need less than twice the side: the landmarks are no face's
        raise NoUsableFace("the landmarks of this face make no sense; find the faces of this picture again")
    region = cut(pixels, left, top, rows=rows, columns=columns, step=step)
    return _bilinear(region, (x - left + 0.5) / step - 0.5, (y - top + 0.5) / step - 0.5)


def _bilinear(region: NDArray[Any], x: NDArray[np.float64], y: NDArray[np.float64]) -> Pixels:
    column = np.clip(np.floor(x).astype(np.intp), 0, region.shape[1] - 2)
    row = np.clip(np.floor(y).astype(np.intp), 0, region.shape[0] - 2)
    right, low = (x - column)[..., None], (y - row)[..., None]
    upper = region[row, column] * (1 - right) + region[row, column + 1] * right
    lower = region[row + 1, column] * (1 - right) + region[row + 1, column + 1] * right
    return np.asarray(np.clip(np.rint(upper * (1 - low) + lower * low), 0, 255), dtype=np.uint8)
