"""Near-duplicates: how long a fingerprint and a question take, what a copy keeps of it, and who is near whom in a folder.

    python benches/near.py                      # times
    python benches/near.py FOLDER --sample 500  # FOLDER/PERSON/*.jpg: copies of 500 photographs, and every pair

Milliseconds of the processor, the least of many.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beholden.index.prints import MemoryPrints
from beholden.media.pdq import fingerprint_of
from beholden.media.pillow import PillowMedia
from beholden.ports.media import Pixels
from beholden.records.near import NEAR, SURE

SIZES = ((640, 480), (1732, 1155), (3000, 2000), (4256, 2832))
MARKS = (4, 10, 16, 31, 48, 60)


def least(act: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.process_time()
        act()
        taken.append(time.process_time() - begun)
    return min(taken) * 1e3


def saved(image: Image.Image, kind: str, **settings: int) -> Image.Image:
    content = BytesIO()
    image.save(content, kind, **settings)
    return Image.open(content).convert("RGB")


def cropped(image: Image.Image, share: float) -> Image.Image:
    """Without so much of its width and height, half of it on each side."""
    across, down = image.width * share / 2, image.height * share / 2
    return image.crop((round(across), round(down), round(image.width - across), round(image.height - down)))


def written_on(image: Image.Image) -> Image.Image:
    marked = image.copy()
    height = image.height // 10
    ImageDraw.Draw(marked).rectangle((0, image.height - height, image.width // 2, image.height), fill="white")
    return marked


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "JPEG again, quality 90": lambda image: saved(image, "JPEG", quality=90),
    "JPEG again, quality 50": lambda image: saved(image, "JPEG", quality=50),
    "JPEG again, quality 20": lambda image: saved(image, "JPEG", quality=20),
    "WebP, quality 50": lambda image: saved(image, "WEBP", quality=50),
    "half as wide and high": lambda image: image.resize(
        (image.width // 2, image.height // 2), Image.Resampling.LANCZOS
    ),
    "a quarter as wide and high, JPEG 50": lambda image: saved(
        image.resize((image.width // 4, image.height // 4), Image.Resampling.LANCZOS), "JPEG", quality=50
    ),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "a fifth brighter": lambda image: image.point(lambda value: min(255, value * 6 // 5)),
    "a white box over a corner (5 %)": written_on,
    "1 % cropped": lambda image: cropped(image, 0.01),
    "2 % cropped": lambda image: cropped(image, 0.02),
    "5 % cropped": lambda image: cropped(image, 0.05),
    "10 % cropped": lambda image: cropped(image, 0.10),
    "turned by 2 degrees": lambda image: image.rotate(2, Image.Resampling.BICUBIC),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def words_of(pixels: Pixels) -> tuple[NDArray[np.uint64], int]:
    found = fingerprint_of(pixels)
    return np.frombuffer(found.bits, dtype=np.uint64), found.quality


def times() -> None:
    random = np.random.default_rng(1)
    for width, height in SIZES:
        coarse = random.integers(0, 256, (height // 16, width // 16, 3), dtype=np.uint8)
        pixels = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
        taken = least(partial(fingerprint_of, pixels), 9)
        print(f"fingerprint of {width * height / 1e6:.1f} megapixels: {taken:.1f} ms")
    for count in (100_000, 1_000_000):
        prints = MemoryPrints()
        rows = [random.bytes(32) for _ in range(count)]
        begun = time.process_time()
        prints.hold([f"{number:032x}" for number in range(count)], rows)
        held = (time.process_time() - begun) * 1e3
        print(
            f"holding {count:,}: {held:.0f} ms; one question: {least(partial(prints.near, rows[7], NEAR), 15):.2f} ms"
        )


def copies(files: list[Path]) -> None:
    media = PillowMedia()
    images = [Image.fromarray(media.decode(file.read_bytes()).pixels) for file in files]
    own = [words_of(np.asarray(image)) for image in images]
    print(f"{len(images)} photographs, quality below {SURE}: {sum(quality < SURE for _, quality in own)}")
    for name, copy in COPIES.items():
        apart = [
            int(np.bitwise_count(words ^ words_of(np.asarray(copy(image)))[0]).sum())
            for image, (words, _) in zip(images, own, strict=True)
        ]
        near = np.mean(np.array(apart) <= NEAR)
        print(f"{name:38} near: {near:7.2%}   bits apart, median {np.median(apart):3.0f}, most {max(apart):3d}")


def pairs(files: list[Path]) -> None:
    media = PillowMedia()
    rows = np.stack([words_of(media.decode(file.read_bytes()).pixels)[0] for file in files])
    people = np.array([file.parent.name for file in files])
    one, other = dict.fromkeys(MARKS, 0), dict.fromkeys(MARKS, 0)
    for place, apart in distances(rows):
        same = people[place + 1 :] == people[place]
        for mark in MARKS:
            one[mark] += int((apart[same] <= mark).sum())
            other[mark] += int((apart[~same] <= mark).sum())
        for near in np.flatnonzero((apart <= NEAR) & ~same):
            print(f"near, under two names: {files[place]} {files[place + 1 + near]} at {apart[near]}")
    print(f"{len(files):,} photographs, {len(files) * (len(files) - 1) // 2:,} pairs; at most so many bits apart:")
    for mark in MARKS:
        print(f"  {mark:3d}: {one[mark]:4d} of one person, {other[mark]:4d} of two")


def distances(rows: NDArray[np.uint64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    for place in range(len(rows) - 1):
        yield place, np.bitwise_count(rows[place] ^ rows[place + 1 :]).sum(axis=1).astype(np.int64)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument("--sample", type=int, default=500)
    given = asked.parse_args()
    times()
    if given.folder:
        files = sorted(given.folder.glob("*/*.jpg"))
        copies(files[:: max(1, len(files) // given.sample)][: given.sample])
        pairs(files)


if __name__ == "__main__":
    main()
