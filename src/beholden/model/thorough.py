"""Looking longer: a picture turned four ways, enlarged in tiles, and by a second detector; each face once, and levelled."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from beholden.model import centerface, yunet
from beholden.model.inference import Graph
from beholden.model.levelling import Levelled, level
from beholden.model.quality import frontality
from beholden.model.yunet import Detected
from beholden.ports.media import Pixels

TILE = 1200  # pixels looked at, at most
SHARED = 240  # pixels that neighbouring tiles share: a face that tiles are for lies whole in one
LARGEST = 160  # pixels of a tile: larger faces are found without tiles, and better
ENLARGED = 2.0  # at most: more shows YuNet nothing new
# Of one turn, some three seconds of a processor for all four; a picture that would need more is enlarged less.
MOST_TILES = 9
INSIDE = 0.6  # of the smaller box: a turned look draws the same face larger or smaller
# Degrees: a face that stands straighter keeps the landmarks of the plain look, with which references are made too.
# [levelling every face made frontal–profile pairs worse]
UPRIGHT = 12.0
# A head seen from the side, as found or once levelled, tells no tilt by its landmarks: it keeps them too, unless it is much
# surer a face in another turn. [of 356 profiles 247 would be levelled otherwise, to their loss]
FROM_THE_SIDE = (0.2, 0.4)  # frontality
MUCH_SURER = 0.1


def detect(graph: Graph, second: Graph | None, pixels: Pixels, least_score: float) -> Detected:
    """All faces with at least this score, the surest first. `second`: CenterFace's, where it is there.

    What the plain look finds upright stays as it was found. All else is stood upright and looked at once more, which
    both confirms that it is a face and tells its landmarks.
    """
    plain = yunet.detect(graph, pixels, least_score)
    kept: list[tuple[NDArray[np.float64], NDArray[np.float64], float]] = []
    for place in range(len(plain.scores)):
        found = plain.boxes[place], plain.landmarks[place], float(plain.scores[place])
        face = level(graph, pixels, plain.boxes[place], least_score)
        if face is None or _stays(face, found[1], found[2]):
            kept.append(found)
        else:
            kept.append(_as_found(face, surest=max(face.score, found[2])))
    for box in _elsewhere(graph, second, pixels, least_score):
        if any(same(box, other) for other, _, _ in kept):
            continue
        face = level(graph, pixels, box, least_score)
        if face is None:
            continue
        one = _as_found(face, surest=face.score)
        if not any(same(one[0], other) for other, _, _ in kept):
            kept.append(one)
    kept.sort(key=lambda each: -each[2])
    return Detected(
        np.array([box for box, _, _ in kept], dtype=np.float64).reshape(-1, 4),
        np.array([points for _, points, _ in kept], dtype=np.float64).reshape(-1, 5, 2),
        np.array([score for _, _, score in kept], dtype=np.float64),
    )


def smallest(height: int, width: int) -> float:
    """Length in pixels of the smallest face that is still well found in a picture of this size."""
    return yunet.SMALLEST / enlargement(height, width)


def enlargement(height: int, width: int) -> float:
    """How much the tiles enlarge, below 1 in a very large picture: as much as `MOST_TILES` allow, at most `ENLARGED`."""
    scale = ENLARGED
    while len(tiles(height, scale)) * len(tiles(width, scale)) > MOST_TILES:
        scale *= 0.95
    return scale


def same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether two boxes are of one face."""
    of_union, of_smaller = yunet.overlap(one, other[None])
    return bool(of_union[0] > yunet.OVERLAP or of_smaller[0] > INSIDE)


def _stays(face: Levelled, landmarks: NDArray[np.float64], score: float) -> bool:
    """Whether a face of the plain look keeps its landmarks."""
    if abs(face.tilt) < UPRIGHT:
        return True
    as_found, levelled = FROM_THE_SIDE
    from_the_side = frontality(landmarks) < as_found or frontality(face.landmarks) < levelled
    return from_the_side and face.score < score + MUCH_SURER


def _as_found(face: Levelled, *, surest: float) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Its box is a square: of a tilted face the upright one would not do."""
    side = np.array([face.size, face.size])
    return np.concatenate([face.centre - side / 2, side]), face.landmarks, surest


def _elsewhere(graph: Graph, second: Graph | None, pixels: Pixels, least_score: float) -> Iterator[NDArray[np.float64]]:
    """Boxes where the plain look may have missed a face: surest first within a detector, one face maybe several times."""
    looks = [*_enlarged(graph, pixels, least_score)]
    for turns in range(1, 4):
        turned = np.ascontiguousarray(np.rot90(pixels, turns))
        for found in (yunet.detect(graph, turned, least_score), *_enlarged(graph, turned, least_score)):
            boxes = turned_back(found.boxes, turns, pixels.shape[:2])
            looks.append(Detected(boxes, found.landmarks, found.scores))
    boxes = np.concatenate([look.boxes for look in looks])
    yield from boxes[np.argsort(-np.concatenate([look.scores for look in looks]), kind="stable")]
    if second is not None:
        yield from centerface.look(second, pixels)


def _enlarged(graph: Graph, pixels: Pixels, least_score: float) -> Iterator[Detected]:
    scale = enlargement(*pixels.shape[:2])
    for top, bottom in tiles(pixels.shape[0], scale):
        for left, right in tiles(pixels.shape[1], scale):
            tile = yunet.scaled(pixels[top:bottom, left:right], scale)
            found = yunet.look(graph, tile, least_score, side=max(tile.shape), border=0.0)
            small = found.boxes[:, 2:].max(axis=1, initial=0) <= LARGEST
            boxes = found.boxes[small] / scale
            boxes[:, :2] += (left, top)
            yield Detected(boxes, found.landmarks[small] / scale + (left, top), found.scores[small])


def tiles(length: int, scale: float) -> list[tuple[int, int]]:
    """First and last pixel of each tile along a side of so many pixels: as few as do, and of one length."""
    count = max(1, math.ceil((length * scale - SHARED) / (TILE - SHARED)))
    shared = SHARED / scale
    step = (length - shared) / count
    return [(math.floor(number * step), math.ceil((number + 1) * step + shared)) for number in range(count)]


def turned_back(boxes: NDArray[np.float64], turns: int, size: tuple[int, ...]) -> NDArray[np.float64]:
    """Boxes found in the picture after `turns` quarter turns to the left, in places of the picture itself."""
    height, width = size
    left, top, wide, tall = boxes.T
    back = {
        0: (left, top, wide, tall),
        1: (width - top - tall, left, tall, wide),
        2: (width - left - wide, height - top - tall, wide, tall),
        3: (top, height - left - wide, tall, wide),
    }[turns]
    return np.stack(back, axis=1)
