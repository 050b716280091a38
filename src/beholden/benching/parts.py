"""The two parts of the model, each by itself: finding faces, and making templates of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from beholden.actions.preparing import usable
from beholden.actions.seeing import Seen
from beholden.errors import BadInput, NoUsableFace, UnreadableImage
from beholden.opening import open_preparing
from beholden.ports.media import Picture
from beholden.ports.model import FoundFace
from beholden.records.rules import Rules


@dataclass(frozen=True, slots=True)
class Part:
    images: int
    faces: int
    ms_per_image: float  # of the processor: what others do on the machine is not in it
    images_per_s: float  # by the clock


def measure(paths: Sequence[Path], model: str) -> dict[str, Part]:
    """Finding over all photographs that can be read, embedding over the faces of them that are usable."""
    media, pack = open_preparing(model)
    pictures: list[Picture] = []
    for path in paths:
        try:
            pictures.append(media.decode(path.read_bytes()))
        except UnreadableImage:
            continue
    if not pictures:
        raise BadInput(f"none of the {len(paths):,} photographs can be read; name others")
    for picture in pictures[:4]:  # the models are read, and their memory is taken
        pack.embed(picture.pixels, pack.find(picture.pixels))
    cpu, clock = time.process_time(), time.perf_counter()
    seen = [Seen(picture, b"", tuple(pack.find(picture.pixels))) for picture in pictures]
    detect = _part(len(pictures), sum(len(one.faces) for one in seen), cpu, clock)
    chosen = [(one.picture, _usable(one)) for one in seen]
    cpu, clock = time.process_time(), time.perf_counter()
    made = sum(len(pack.embed(picture.pixels, faces)) for picture, faces in chosen)
    return {"detect": detect, "embed": _part(len(pictures), made, cpu, clock)}


def _usable(seen: Seen) -> tuple[FoundFace, ...]:
    try:
        return usable(Rules(), seen)[0]
    except NoUsableFace:
        return ()


def _part(images: int, faces: int, cpu: float, clock: float) -> Part:
    spent, passed = time.process_time() - cpu, time.perf_counter() - clock
    return Part(images, faces, round(1000 * spent / images, 3), round(images / passed, 2) if passed else 0.0)
