"""How well a face can be compared: one number from its template's length, and parts that explain it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beholden.model.alignment import Points
from beholden.ports.media import Pixels

# Length of SFace's raw output → quality: its percentiles on LFW (1, 5, 50, 95, 99), drawn on with the outer slopes.
# Of six measures it predicts misses best: discarding the worst 10 % halves the miss rate, 2.30 → 1.15 % at FMR 1e-4.
LENGTHS = (9.27, 9.52, 10.51, 12.47, 14.11, 14.76, 14.92)
PERCENTILES = (0.0, 1.0, 5.0, 50.0, 95.0, 99.0, 100.0)

# Rows and columns of the aligned chip, less one row: a difference lies between its neighbours.
FACE = np.s_[20:105, 15:97]
LIDS_AND_LIPS = (np.s_[43:59, 25:51], np.s_[43:59, 61:87], np.s_[82:100, 38:74])


def unified(length: float, lengths: Sequence[float] = LENGTHS, percentiles: Sequence[float] = PERCENTILES) -> int:
    """0–100, from the Euclidean length of the raw template; the scale is SFace's unless a pack brings its own."""
    return round(float(np.interp(length, lengths, percentiles)))


def eyes_px(points: Points) -> float:
    """Distance between the eyes in pixels of the picture."""
    return float(np.hypot(*(points[1] - points[0])))


def frontality(points: Points) -> float:
    """1 where the nose lies midway between the eyes, 0 beyond one of them; a turn in the plane changes nothing."""
    axis = points[1] - points[0]
    reach = float(axis @ axis)
    if reach == 0:
        return 0.0
    along = float((points[2] - points[0]) @ axis) / reach
    return max(0.0, 1 - 2 * abs(along - 0.5))


def luminance(chip: Pixels) -> float:
    """Mean of the aligned chip in grey (ITU-R BT.601), 0–255."""
    return float(_grey(chip).mean())


def sharpness(chip: Pixels) -> float:
    """Variance of the Laplacian (four neighbours) of the aligned chip in grey."""
    grey = _grey(chip)
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return float(edges.var())


def dynamic_range(chip: Pixels) -> float:
    """Entropy of the aligned chip's 256 shades of grey, 0–8 bits, as ISO/IEC 29794-5 has it."""
    counts = np.bincount(np.rint(_grey(chip)).astype(np.intp).reshape(-1), minlength=256)
    shares = counts[counts > 0] / counts.sum()
    return float(max(0.0, -(shares * np.log2(shares)).sum()))


def detail(chip: Pixels) -> float:
    """How much lids and lips show: the least of three places, in the mean of the face; 0 where one of them is all one shade.

    Differences from row to row, because lids and lips lie across. It notices glasses that hide the eyes, a mask, a bar; what
    covers a face and has a pattern of its own, as a hand or hair, it does not. [of 80 LFW faces 95 % are above 1.0; with a flat or
    shaded lower half or a bar over the eyes all but one in twenty are below 0.8]
    """
    grey = _grey(chip)
    steps = np.abs(grey[2:] - grey[:-2])
    whole = float(steps[FACE].mean())
    return min(float(steps[place].mean()) for place in LIDS_AND_LIPS) / whole if whole > 0 else 0.0


def _grey(chip: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(chip @ np.array([0.299, 0.587, 0.114]))
