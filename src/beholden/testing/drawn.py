"""A stand-in for a model pack: faces are drawn blocks whose cells spell who it is, so that tests are fast and exact."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault, NoUsableFace
from beholden.model.quality import eyes_px, luminance, sharpness
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, ModelCard, Template
from beholden.records.faces import Box, Landmarks, Quality

CELLS = 8  # a block is 8 x 8 cells: a frame one cell wide, and inside it 36 bits
PERSON_BITS, SEED_BITS, CHECK_BITS = 20, 8, 8
GREY = 128
FRAME, ZERO, ONE = (30, 60, 200), (210, 40, 40), (250, 230, 60)  # each far from grey in some channel
LANDMARKS = ((0.3, 0.35), (0.7, 0.35), (0.5, 0.55), (0.35, 0.75), (0.65, 0.75))  # as fractions of the block
DIMENSION = 128
OTHER = "drawn:other"
VARIATION = 0.25  # of a template's length: two photographs of one person have a cosine of about 0.94


def draw(*people: int, width: int = 640, seed: int = 0, block: int = 64) -> bytes:
    """A PNG, `width` pixels wide, with one block a person on grey, in rows, a block's width apart.

    A person is a number below 1,048,576. `seed` (below 256) makes another photograph of the same people: other
    templates, near the first. `block` is a face's side in pixels, a multiple of 8 (24 is small enough to be rejected).
    """
    if block < CELLS or block % CELLS or width < 3 * block:
        raise ValueError("a block is a multiple of 8 pixels, and the picture at least three blocks wide")
    a_row = (width - block) // (2 * block)
    rows = max(1, -(-len(people) // a_row))
    pixels = np.full((block + 2 * block * rows, width, 3), GREY, dtype=np.uint8)
    for place, person in enumerate(people):
        top, left = block + place // a_row * 2 * block, block + place % a_row * 2 * block
        pixels[top : top + block, left : left + block] = _block(person, seed, block // CELLS)
    return _png(pixels)


class DrawnModel:
    """Finds what `draw` drew, also after JPEG compression. `embedded` counts the faces embedded so far.

    `drawn:other` is another embedder behind the same detector: its templates have as many numbers, which mean something else.
    """

    def __init__(self, address: str = "drawn:") -> None:
        if address not in ("drawn:", OTHER):
            raise Fault(f"{address!r} is no address of the drawn model; write it as drawn:")
        self.embedded = 0
        self._other = address == OTHER

    @property
    def card(self) -> ModelCard:
        return ModelCard(
            name="other" if self._other else "drawn",
            space_id=hashlib.sha256(b"other blocks 1" if self._other else b"drawn blocks 1").hexdigest()[:32],
            dimension=DIMENSION,
            files=(),
            licence="Apache-2.0",
            training_data="none: it reads numbers that were drawn",
            limits=("It finds drawn blocks only, never a face.",),
            licence_kind="permissive",
        )

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:  # noqa: ARG002
        """However thoroughly: a drawn block stands upright and is seen at any size."""
        height, width = pixels.shape[:2]
        found = []
        for left, top, right, bottom in _blocks(pixels):
            inside = pixels[top:bottom, left:right]
            if _spelt(inside) is None:
                continue
            points = np.array(LANDMARKS) * (right - left, bottom - top) + (left, top)
            found.append(
                FoundFace(
                    box=Box(left / width, top / height, (right - left) / width, (bottom - top) / height),
                    landmarks=tuple((float(x) / width, float(y) / height) for x, y in points),
                    quality=Quality(
                        unified=None,
                        detector=0.95,
                        eyes_px=eyes_px(points),
                        sharpness=sharpness(inside),
                        luminance=luminance(inside),
                        frontality=1.0,
                    ),
                )
            )
        return found

    def face_at(self, pixels: Pixels, box: Box, landmarks: Landmarks = ()) -> FoundFace | None:
        if landmarks:
            size = (pixels.shape[1], pixels.shape[0])
            quality = Quality(None, 0.0, eyes_px(np.array(landmarks) * size), 0.0, 0.0, 1.0)
            return FoundFace(box, landmarks, quality)
        for face in self.find(pixels):
            across, down = face.box.left + face.box.width / 2, face.box.top + face.box.height / 2
            if box.left <= across <= box.left + box.width and box.top <= down <= box.top + box.height:
                return replace(face, box=box)
        return None

    def smallest_face(self, height: int, width: int, *, thorough: bool = False) -> int:  # noqa: ARG002
        return CELLS

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        made = []
        for face in faces:
            height, width = pixels.shape[:2]
            left, top = round(face.box.left * width), round(face.box.top * height)
            right = round((face.box.left + face.box.width) * width)
            bottom = round((face.box.top + face.box.height) * height)
            spelt = _spelt(pixels[max(top, 0) : bottom, max(left, 0) : right])
            if spelt is None:
                raise NoUsableFace("there is no drawn face at that place; find the faces of this picture again")
            template = np.roll(template_of(*spelt), 1 if self._other else 0)
            made.append(Embedded(template, replace(face.quality, unified=70 if self._other else 80)))
            self.embedded += 1
        return made


def template_of(person: int, seed: int = 0) -> Template:
    """Unit length; near for one person whatever the seed (cosine above 0.8), far for two people."""
    own = np.random.default_rng([1, person]).standard_normal(DIMENSION)
    photograph = np.random.default_rng([2, person, seed]).standard_normal(DIMENSION)
    mixed = own / np.linalg.norm(own) + VARIATION * photograph / np.linalg.norm(photograph)
    return np.asarray(mixed / np.linalg.norm(mixed), dtype=np.float32)


def _check(person: int, seed: int) -> int:
    return zlib.crc32(struct.pack(">II", person, seed)) & 0xFF


def _block(person: int, seed: int, cell: int) -> Pixels:
    if not 0 <= person < 1 << PERSON_BITS or not 0 <= seed < 1 << SEED_BITS:
        raise ValueError(f"a person is a number below {1 << PERSON_BITS:,}, a seed below {1 << SEED_BITS}")
    number = (person << SEED_BITS | seed) << CHECK_BITS | _check(person, seed)
    cells = np.full((CELLS, CELLS, 3), FRAME, dtype=np.uint8)
    for place in range(36):
        cells[1 + place // 6, 1 + place % 6] = ONE if number >> (35 - place) & 1 else ZERO
    return cells.repeat(cell, axis=0).repeat(cell, axis=1)


def _spelt(block: Pixels) -> tuple[int, int] | None:
    """(person, seed) as the middles of the cells spell them; None where the check does not agree: no block of ours."""
    height, width = block.shape[:2]
    if min(height, width) < CELLS:
        return None
    down = ((np.arange(1, 7) + 0.5) * height / CELLS).astype(int)
    across = ((np.arange(1, 7) + 0.5) * width / CELLS).astype(int)
    ones = block[np.ix_(down, across)][..., 1] > (ZERO[1] + ONE[1]) / 2
    number = 0
    for one in ones.reshape(-1):
        number = number << 1 | int(one)
    check, seed = number & 0xFF, number >> CHECK_BITS & 0xFF
    person = number >> (CHECK_BITS + SEED_BITS)
    return (person, seed) if check == _check(person, seed) else None


def _blocks(pixels: Pixels) -> Iterator[tuple[int, int, int, int]]:
    """(left, top, right, bottom) of what is not grey, row by row. JPEG moves a colour by less than the 40 allowed."""
    away = np.abs(pixels.astype(np.int16) - GREY).max(axis=2)
    coloured: NDArray[np.bool_] = np.asarray(away > 40)
    for top, bottom in _runs(np.any(coloured, axis=1)):
        for left, right in _runs(np.any(coloured[top:bottom], axis=0)):
            yield left, top, right, bottom


def _runs(filled: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Starts and ends of the stretches that are filled."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], filled, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _png(pixels: Pixels) -> bytes:
    """A PNG (RFC 2083) written here, so that drawing needs no picture library."""
    height, width = pixels.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), dtype=np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
