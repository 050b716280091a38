"""What the walls around the reading of strangers' files cost: the same pictures decoded behind them and in the process itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from beholden.opening import open_address

SIZES = ((640, 480), (1632, 1224), (4000, 3000))
KINDS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Decoded:
    picture: str
    kib: float
    plain_ms: float  # the least of all times: what others do on the machine only adds to it
    walled_ms: float

    @property
    def more_ms(self) -> float:
        return self.walled_ms - self.plain_ms


def missing_walls() -> tuple[str, ...]:
    missing: tuple[str, ...] = open_address("sandbox:").missing_walls
    return missing


def measure(times: int) -> list[Decoded]:
    """Each picture read `times` times by each of both."""
    readers = {"plain": open_address("pillow:"), "walled": open_address("sandbox:")}
    found = []
    for width, height in SIZES:
        for kind in KINDS:
            content = drawn(width, height, kind)
            least = dict.fromkeys(readers, float("inf"))
            for turn in range(times + 1):
                for name, media in readers.items():
                    start = time.perf_counter()
                    media.decode(content)
                    if turn:  # the first one begins the process
                        least[name] = min(least[name], (time.perf_counter() - start) * 1e3)
            found.append(Decoded(f"{kind} {width} x {height}", len(content) / 1024, least["plain"], least["walled"]))
    return found


def drawn(width: int, height: int, kind: str) -> bytes:
    """Soft colours with the grain of a photograph on them, which compress about as one does."""
    random = np.random.default_rng(1)
    soft = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8)).resize((width, height))
    grain = random.normal(0, 4, (height, width, 1))
    written = BytesIO()
    pixels = np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(written, kind, **({} if kind == "PNG" else {"quality": 90}))
    return written.getvalue()
