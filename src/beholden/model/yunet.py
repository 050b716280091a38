"""YuNet: where faces are, with five landmarks each; run on a scaled picture with a border so that any size is found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beholden.model.inference import DEFAULT_RUNTIME, Graph
from beholden.model.weights import plain_graph
from beholden.ports.media import Pixels

STRIDES = (8, 16, 32)
OUTPUTS = tuple(f"{head}_{stride}" for head in ("cls", "obj", "bbox", "kps") for stride in STRIDES)
OVERLAP = 0.3  # boxes that share more than this (intersection over union) are one face, as in OpenCV's own use of YuNet
# YuNet finds faces of about 10 to 300 pixels that have something around them; a crop that fills its frame is found only
# with a border. Hence 0.3 of the width left and right and of the height above and below, always: one rule for any picture.
BORDER = 0.3
# Longest side looked at, border included. The second look is for pictures that have the pixels, and for small faces: one
# that is large in the first stands as it was found (CFP frontal-profile: 94.9 % right so; 94.6 % where the surer look stood
# and the border was by the longest side).
SIDES = (640, 1280)
LARGE = 48  # pixels of the first look
SMALLEST = 24  # pixels of a look [of 80 LFW faces on a canvas: 29 px 98.8 %, 17 px 68.8 %, 12 px 25 %]


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """Faces in pixels of the picture, the surest first."""

    boxes: NDArray[np.float64]  # n x 4: left, top, width, height
    landmarks: NDArray[np.float64]  # n x 5 x 2
    scores: NDArray[np.float64]  # n


def load(content: bytes, runtime: str = DEFAULT_RUNTIME) -> Graph:
    if runtime != DEFAULT_RUNTIME:  # OpenVINO alone reads weights that are quantised block by block
        content = plain_graph(content, "input")
    return Graph(content, input_shape=(1, 3, -1, -1), outputs=OUTPUTS, runtime=runtime)


def detect(graph: Graph, pixels: Pixels, least_score: float) -> Detected:
    """All faces with at least this score (0–1), looked for once in a small picture, twice in a larger one."""
    longest = max(pixels.shape[:2]) * (1 + 2 * BORDER)
    first = look(graph, pixels, least_score, side=SIDES[0], border=BORDER)
    if longest <= SIDES[0]:
        return first
    second = look(graph, pixels, least_score, side=SIDES[1], border=BORDER)
    large = first.boxes[:, 2:].max(axis=1, initial=0) * SIDES[0] / longest >= LARGE
    return best(
        np.concatenate([first.boxes, second.boxes]),
        np.concatenate([first.landmarks, second.landmarks]),
        np.concatenate([first.scores, second.scores]),
        standing=np.concatenate([large, np.zeros(len(second.scores), dtype=np.bool_)]),
    )


def smallest(height: int, width: int) -> float:
    """Length in pixels of the smallest face that is still well found in a picture of this size."""
    return SMALLEST * max(1.0, max(height, width) * (1 + 2 * BORDER) / SIDES[-1])


def look(graph: Graph, pixels: Pixels, least_score: float, *, side: int, border: float) -> Detected:
    """One pass: scaled down by area so that the longest side with its border is at most `side`; never scaled up."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / (max(height, width) * (1 + 2 * border)))
    small = scaled(pixels, scale)
    tall, wide = small.shape[:2]
    above, beside = round(border * tall), round(border * wide)
    canvas = np.zeros((1, 3, _padded(tall + 2 * above), _padded(wide + 2 * beside)), dtype=np.float32)
    canvas[0, :, above : above + tall, beside : beside + wide] = small[:, :, ::-1].transpose(2, 0, 1)  # it wants BGR
    boxes, landmarks, scores = _decoded(graph.run(canvas), canvas.shape[3], least_score)
    stretch = np.array([width / wide, height / tall])
    boxes[:, :2] = (boxes[:, :2] - (beside, above)) * stretch
    boxes[:, 2:] *= stretch
    landmarks = (landmarks - (beside, above)) * stretch
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    inside = ((centres >= 0) & (centres <= (width, height))).all(axis=1)  # nobody is in the border
    return best(boxes[inside], landmarks[inside], scores[inside])


def _padded(length: int) -> int:
    return -(-length // STRIDES[-1]) * STRIDES[-1]


def scaled(pixels: Pixels, scale: float) -> Pixels:
    """Smaller by area, or larger by cubic interpolation."""
    height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
    if pixels.shape[:2] == (height, width):
        return pixels
    from PIL import Image

    return np.asarray(
        Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    )


def _decoded(
    heads: dict[str, NDArray[np.float32]], width: int, least_score: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Boxes, landmarks and scores on the canvas. Each cell of each grid tells of one face relative to its corner."""
    boxes, landmarks, scores = [], [], []
    for stride in STRIDES:
        face = np.clip(heads[f"cls_{stride}"].reshape(-1).astype(np.float64), 0, 1)
        score = np.sqrt(face * np.clip(heads[f"obj_{stride}"].reshape(-1).astype(np.float64), 0, 1))
        cells = np.flatnonzero(score >= least_score)
        corner = np.stack([cells % (width // stride), cells // (width // stride)], axis=1).astype(np.float64)
        box = heads[f"bbox_{stride}"].reshape(-1, 4)[cells].astype(np.float64)
        size = np.exp(np.minimum(box[:, 2:], 20.0)) * stride
        boxes.append(np.concatenate([(corner + box[:, :2]) * stride - size / 2, size], axis=1))
        points = heads[f"kps_{stride}"].reshape(-1, 5, 2)[cells].astype(np.float64)
        landmarks.append((points + corner[:, None]) * stride)
        scores.append(score[cells])
    return np.concatenate(boxes), np.concatenate(landmarks), np.concatenate(scores)


def best(
    boxes: NDArray[np.float64],
    landmarks: NDArray[np.float64],
    scores: NDArray[np.float64],
    standing: NDArray[np.bool_] | None = None,
) -> Detected:
    """Greedy non-maximum suppression: the surest box stays (those standing before all others), and what overlaps it goes."""
    order = np.lexsort((-scores, np.zeros(len(scores)) if standing is None else ~standing))
    chosen: list[int] = []
    while order.size:
        first, rest = order[0], order[1:]
        chosen.append(int(first))
        order = rest[overlap(boxes[first], boxes[rest])[0] <= OVERLAP]
    chosen.sort(key=lambda place: -scores[place])
    return Detected(boxes[chosen], landmarks[chosen], scores[chosen])


def overlap(box: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a box shares with each of others: its part of their union, and of the smaller of the two, 0–1."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[:2] + box[2:], others[:, :2] + others[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    area, areas = np.prod(box[2:]), np.prod(others[:, 2:], axis=1)
    least = np.finfo(np.float64).tiny  # boxes without area share nothing
    return shared / np.maximum(area + areas - shared, least), shared / np.maximum(np.minimum(area, areas), least)
