"""What reading a video costs, behind walls and without, and what several frames of a face are worth against one.

    python benches/videos.py [FOLDER]

FOLDER holds photographs named PERSON_NUMBER.jpg. Of each of 100 people with six or more, the first is the reference, and the next
five, each made smaller, blurred and pressed hard, stand for the frames of a video. Needs the extra [video].
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from beholden.actions.templates import weighted_mean
from beholden.media.pillow import PillowMedia
from beholden.media.sandbox import SandboxedMedia
from beholden.model.pack import FacePack
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, Template

SIZES = ((1280, 720), (1920, 1080), (3840, 2160))
SECONDS, RATE = 4, 25
PEOPLE, FRAMES = 100, 5


def drawn(width: int, height: int) -> bytes:
    """A soft picture that drifts, in H.264."""
    import av

    dice = np.random.default_rng(1)
    wide = np.asarray(Image.fromarray(dice.integers(0, 255, (12, 24, 3), np.uint8)).resize((2 * width, height)))
    made = BytesIO()
    with av.open(made, "w", format="mp4") as to:
        stream = to.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(SECONDS * RATE):
            pixels = np.ascontiguousarray(wide[:, number * 4 : number * 4 + width])
            to.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        to.mux(stream.encode(None))
    return made.getvalue()


def cost() -> None:
    for width, height in SIZES:
        content = drawn(width, height)
        for name, media in (("plain", PillowMedia()), ("walled", SandboxedMedia())):
            taken = []
            for _ in range(3):
                start = time.perf_counter()
                stills = sum(1 for _ in media.stills(content))
                taken.append(time.perf_counter() - start)
            print(f"{width}x{height}, {SECONDS * RATE} frames, {stills} stills: {min(taken):.2f} s {name}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"the largest reader took {peak} MiB")


def worse(pixels: Pixels, dice: random.Random) -> Pixels:
    image = Image.fromarray(pixels).reduce(dice.choice((1, 2, 3, 4, 5)))
    image = image.filter(ImageFilter.GaussianBlur(dice.choice((0.0, 0.5, 1.0, 1.5))))
    pressed = BytesIO()
    image.save(pressed, "JPEG", quality=dice.choice((20, 40, 70)))
    return np.asarray(Image.open(pressed).convert("RGB"))


def embedded(pack: FacePack, pixels: Pixels) -> Embedded | None:
    """The face nearest the middle."""
    middle = min(
        pack.find(pixels),
        key=lambda one: np.hypot(one.box.left + one.box.width / 2 - 0.5, one.box.top + one.box.height / 2 - 0.5),
        default=None,
    )
    return pack.embed(pixels, [middle])[0] if middle else None


def sets(folder: Path) -> Iterator[tuple[Template, list[Embedded]]]:
    """Of each person the reference, and frames of which three at least showed a face."""
    by_person: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*.jpg")):
        by_person[path.stem.rpartition("_")[0]].append(path)
    media, pack, dice = PillowMedia(), FacePack(), random.Random(1)  # noqa: S311 - not for secrets
    many = [paths for paths in by_person.values() if len(paths) > FRAMES]
    for paths in many[:PEOPLE]:
        read = [media.decode(path.read_bytes()).pixels for path in islice(paths, FRAMES + 1)]
        reference = embedded(pack, read[0])
        frames = [one for pixels in read[1:] if (one := embedded(pack, worse(pixels, dice)))]
        if reference and len(frames) >= 3:
            yield reference.template, frames


def worth(folder: Path) -> None:
    there = list(sets(folder))
    references = np.stack([reference for reference, _ in there]).astype(np.float64)
    ways: dict[str, Callable[[list[Embedded]], Template]] = {
        "the first frame": lambda frames: frames[0].template,
        "the best frame": lambda frames: max(frames, key=lambda one: one.quality.unified or 0).template,
        "the mean": lambda frames: weighted_mean([one.template for one in frames], [1] * len(frames)),
        "the weighted mean": lambda frames: weighted_mean(
            [one.template for one in frames], [one.quality.unified or 0 for one in frames]
        ),
    }
    own = np.eye(len(there), dtype=np.bool_)
    for name, way in ways.items():
        scores = np.stack([way(frames) for _, frames in there]).astype(np.float64) @ references.T
        at = {fmr: float(np.quantile(scores[~own], 1 - fmr)) for fmr in (1e-2, 1e-3)}
        reached = ", ".join(f"{float(np.mean(scores[own] > score)):.3f} at FMR {fmr:g}" for fmr, score in at.items())
        print(f"{name}: TMR {reached}; mated mean {float(scores[own].mean()):.3f} ({len(there)} people)")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("folder", type=Path, nargs="?")
    given = asked.parse_args()
    cost()
    if given.folder:
        worth(given.folder)


if __name__ == "__main__":
    main()
