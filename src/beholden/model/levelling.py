"""A face stood upright before its landmarks are told: YuNet was taught upright faces, and of a tilted one it tells them wrongly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beholden.model import yunet
from beholden.model.alignment import Points
from beholden.model.inference import Graph
from beholden.ports.media import Pixels
from beholden.windows import cut

SIDE = 256  # pixels looked at
LARGEST = 2048  # pixels a side of what is in memory at once; what is larger is averaged as it is cut out
ROOM = 2.2  # what is looked at, in lengths of the box: YuNet wants something around a face
TURNS = tuple(range(0, 360, 45))  # degrees
# YuNet reports a third to a half of a tilt that it was not taught. Turning on by twice what it reports, again until it
# reports next to none, comes near the tilt from either side. [cosine to the upright template, median of 40 LFW faces:
# 20° 0.74 as found, 0.95 levelled so; 30° 0.51, 0.94; 60° 0.08, 0.95; 90°, 135° and 180° 0.97]
ONWARD = 2.0
ENOUGH = 3.0  # degrees
STEPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Levelled:
    landmarks: Points  # in pixels of the picture
    score: float  # 0–1
    tilt: float  # degrees by which the picture was turned to the left so that the face stood upright, −180–180
    size: float  # pixels of the picture: the longer side of the box
    centre: NDArray[np.float64]  # in pixels of the picture


class Crop:
    """What lies around a box, enlarged or made smaller once, to be looked at in any turn."""

    def __init__(self, graph: Graph, pixels: Pixels, box: NDArray[np.float64]) -> None:
        """`box`: left, top, width, height in pixels. Black where the picture ends."""
        from PIL import Image

        self._graph = graph
        reach = ROOM * max(1.0, float(box[2:].max())) / math.sqrt(2)
        left, top = (math.floor(centre - reach) for centre in box[:2] + box[2:] / 2)
        length = math.ceil(2 * reach)
        step = math.ceil(length / LARGEST)
        rows = math.ceil(length / step)
        length = rows * step
        around = np.rint(cut(pixels, left, top, rows=rows, columns=rows, step=step)).astype(np.uint8)
        self._picture = Image.fromarray(yunet.scaled(around, math.sqrt(2) * SIDE / rows))
        self._corner = np.array([left, top], dtype=np.float64)
        self._scale = length / self._picture.width

    def look(self, turn: float, least_score: float) -> tuple[Levelled, float] | None:
        """The surest face in the middle, with the picture turned to the left; and the tilt that YuNet still reports."""
        from PIL import Image

        whole = self._picture.width
        edge = (whole - SIDE) // 2
        turned = self._picture.rotate(turn, Image.Resampling.BILINEAR) if turn else self._picture
        seen = np.asarray(turned)[edge : edge + SIDE, edge : edge + SIDE]
        found = yunet.look(self._graph, seen, least_score, side=SIDE, border=0.0)
        centres, sizes = found.boxes[:, :2] + found.boxes[:, 2:] / 2, found.boxes[:, 2:].max(axis=1, initial=0)
        one = SIDE / ROOM  # the box's own length here
        meant = (np.hypot(*(centres - SIDE / 2).T) < one / 4) & (sizes > 0.4 * one)
        if not meant.any():
            return None
        place = int(np.flatnonzero(meant)[0])  # the surest comes first
        points = found.landmarks[place]
        return (
            Levelled(
                landmarks=self._back(points + edge, turn),
                score=float(found.scores[place]),
                tilt=(turn + 180) % 360 - 180,
                size=float(sizes[place]) * self._scale,
                centre=self._back(centres[place : place + 1] + edge, turn)[0],
            ),
            _reported(points),
        )

    def _back(self, points: Points, turn: float) -> Points:
        """From places in the turned crop to places in the picture."""
        middle = self._picture.width / 2
        from_middle = (points[:, 0] - middle) + 1j * (points[:, 1] - middle)
        back = from_middle * np.exp(1j * math.radians(turn))
        return np.stack([back.real + middle, back.imag + middle], axis=1) * self._scale + self._corner


def level(
    graph: Graph, pixels: Pixels, box: NDArray[np.float64], least_score: float, turns: Iterable[float] = TURNS
) -> Levelled | None:
    """The face in this box as it looks upright; None where no turn shows one there with at least this score."""
    crop = Crop(graph, pixels, box)
    looks = [(turn, look) for turn in turns if (look := crop.look(turn, least_score))]
    if not looks:
        return None
    turn, (face, reported) = max(looks, key=lambda each: each[1][0].score)
    for _ in range(STEPS):
        if abs(reported) < ENOUGH:
            break
        turn += ONWARD * reported
        onward = crop.look(turn, least_score)
        if onward is None:
            break
        face, reported = onward
    return face


def _reported(points: Points) -> float:
    """By how many degrees these landmarks stand turned to the right: from both the eyes' line and the way to the mouth."""
    across = points[1] - points[0]
    down = (points[3] + points[4] - points[0] - points[1]) / 2
    return math.degrees(math.atan2(across[1] - down[0], across[0] + down[1]))
