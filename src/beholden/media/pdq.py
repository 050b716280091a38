"""PDQ: what a picture looks like in 256 bits, by the library of its inventors."""

from __future__ import annotations

import numpy as np

from beholden.ports.media import Pixels
from beholden.records.near import Fingerprint

# PDQ takes 64 x 64 averages through windows that hang on the picture's size: of a photograph and its half, 16 bits differ.
# Both made this size first, it is 2; from PDQ of the picture as it is, that is 4 away (docs/performance.md).
SIDE = 128


def fingerprint_of(pixels: Pixels) -> Fingerprint:
    """PDQ of upright sRGB pixels, height x width x 3, made 128 x 128 whatever their shape, as PDQ itself does."""
    import pdqhash
    from PIL import Image

    small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    bits, quality = pdqhash.compute(np.asarray(small))
    return Fingerprint(np.packbits(bits.astype(np.uint8)).tobytes(), min(100, max(0, int(quality))))
