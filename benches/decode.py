"""What the walls around the reading of strangers' files cost: the same pictures decoded behind them and in the process itself.

    python benches/decode.py

Drawn pictures with the grain of a photograph, from 0.3 to 12 megapixels. Milliseconds; on a shared machine `min` is the figure
to trust.
"""

from __future__ import annotations

import argparse
import statistics
import time
from io import BytesIO

import numpy as np
from PIL import Image

from beholden.media.pillow import PillowMedia
from beholden.media.sandbox import SandboxedMedia

SIZES = ((640, 480), (1632, 1224), (4000, 3000))
KINDS = ("JPEG", "PNG", "WEBP")


def drawn(width: int, height: int, kind: str) -> bytes:
    """Soft colours with noise on them, which compress about as a photograph does."""
    random = np.random.default_rng(1)
    soft = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8)).resize((width, height))
    grain = random.normal(0, 4, (height, width, 1))
    written = BytesIO()
    pixels = np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(written, kind, **({} if kind == "PNG" else {"quality": 90}))
    return written.getvalue()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--times", type=int, default=25)
    given = asked.parse_args()
    plain, walled = PillowMedia(), SandboxedMedia()
    print(f"missing walls: {', '.join(walled.missing_walls) or 'none'}")
    for width, height in SIZES:
        for kind in KINDS:
            content = drawn(width, height, kind)
            taken: dict[str, list[float]] = {"plain": [], "walled": []}
            for turn in range(given.times + 1):
                for name, media in (("plain", plain), ("walled", walled)):
                    start = time.perf_counter()
                    media.decode(content)
                    if turn:  # the first one begins the process
                        taken[name].append((time.perf_counter() - start) * 1e3)
            least = {name: min(times) for name, times in taken.items()}
            middle = {name: statistics.median(times) for name, times in taken.items()}
            print(
                f"{width}x{height} {kind:5} {len(content) / 1024:7.0f} KiB: {least['plain']:6.1f} ms plain, "
                f"{least['walled']:6.1f} walled (+{least['walled'] - least['plain']:.1f}); "
                f"medians {middle['plain']:.1f}, {middle['walled']:.1f}"
            )


if __name__ == "__main__":
    main()
