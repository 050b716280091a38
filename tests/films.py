"""Small videos of drawn people, written by FFmpeg: each person is a block that stands or walks over grey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np

from beholden.ports.media import Pixels
from beholden.testing.drawn import GREY, draw
from beholden.testing.media_contract import read

RATE = 10  # frames a second
BLOCK = 64
Places = Mapping[int, tuple[int, int]]  # of each person in sight: from the left and the top, in pixels


@cache
def block(person: int, seed: int = 0, side: int = BLOCK) -> Pixels:
    """One drawn face without what is around it."""
    drawn = np.asarray(read(draw(person, width=3 * side, seed=seed, block=side)).convert("RGB"))
    return drawn[side : 2 * side, side : 2 * side]


def frame(places: Places, *, width: int = 480, height: int = 270, seed: int = 0) -> Pixels:
    pixels = np.full((height, width, 3), GREY, np.uint8)
    for person, (left, top) in places.items():
        pixels[top : top + BLOCK, left : left + BLOCK] = block(person, seed)
    return pixels


def walk(
    person: int, *, seconds: float, left: int = 20, top: int = 60, step: int = 2, seed: int = 0
) -> Iterator[Pixels]:
    """One person goes to the right, `step` pixels a frame."""
    for number in range(round(seconds * RATE)):
        yield frame({person: (left + number * step, top)}, seed=seed)


def with_xmp(content: bytes, xmp: bytes) -> bytes:
    """The MP4 or MOV with XMP in a box of its own (ISO 16684-3, 2.3.3: `uuid`), at its end."""
    box = b"uuid" + bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC") + xmp
    return content + (4 + len(box)).to_bytes(4, "big") + box


def film(
    frames: Sequence[Pixels] | Iterator[Pixels], codec: str = "libx264", container: str = "mp4", **settings: Any
) -> bytes:
    """The frames as a video, a tenth of a second each. Settings: `pix_fmt`, `options` of the codec, `muxing`, `tags`."""
    import av

    frames = list(frames)
    made = BytesIO()
    with av.open(made, "w", format=container, options=settings.get("muxing", {})) as to:
        to.metadata.update(settings.get("tags", {}))
        stream = to.add_stream(codec, rate=RATE, options=settings.get("options", {}))
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = settings.get("pix_fmt", "yuv420p")
        stream.thread_count = 1
        for pixels in frames:
            to.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        to.mux(stream.encode(None))
    return made.getvalue()
