"""A piece of a picture, made smaller as it is cut out: however far it reaches, no more is in memory than the picture has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 2**20  # numbers of a picture that are averaged together


def cut(
    pixels: NDArray[np.uint8], left: int, top: int, *, rows: int, columns: int, step: int = 1, beyond: int = 0
) -> NDArray[Any]:
    """rows x columns x 3 means (float64, 0–255) of squares of `step` pixels, from this place on; with step 1 the pixels.

    What lies past an edge of the picture counts as `beyond`, a grey value.
    """
    height, width = pixels.shape[:2]
    made = np.full((rows, columns, 3), beyond, dtype=np.uint8 if step == 1 else np.float64)
    first, last = max(0, -top // step), min(rows, -((top - height) // step))
    begin, end = max(0, -left // step), min(columns, -((left - width) // step))
    if first >= last or begin >= end:
        return made
    x0, x1 = left + begin * step, left + end * step
    together = max(1, AT_ONCE // (step * step * 3 * (end - begin))) if step > 1 else last - first
    for row in range(first, last, together):
        until = min(row + together, last)
        y0, y1 = top + row * step, top + until * step
        strip = np.full((y1 - y0, x1 - x0, 3), beyond, dtype=np.uint8)
        inside = pixels[max(y0, 0) : y1, max(x0, 0) : x1]
        strip[max(-y0, 0) :, max(-x0, 0) :][: inside.shape[0], : inside.shape[1]] = inside
        if step > 1:
            squares = strip.reshape(until - row, step, end - begin, step, 3)
            made[row:until, begin:end] = squares.mean(axis=(1, 3), dtype=np.float64)
        else:
            made[row:until, begin:end] = strip
    return made
