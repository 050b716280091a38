"""Which faces of a video's frames are one face in sight for a while, told by where they stand and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from beholden.records.faces import Box, Quality, overlap

# Two sights of one face, a fifth of a second apart: SORT (Bewley et al., 2016) links at the same share of the boxes.
LEAST_OVERLAP = 0.3
BESIDE_OTHERS = 0.6  # … where somebody else is near, and could have come to this place meanwhile
NEAR = 2.5  # widths of a face from middle to middle: two who walk towards each other come nearer by as much
MOST_GROWTH = 2.0  # in width or height from one sight to the next: a head comes no nearer in that time
MOST_PAUSE = 1.0  # seconds between two sights that are linked where the picture moves
CLEAR_EYES = 64.0  # pixels: beyond it a template gets no better by size
CLEAR_EDGES = 100.0  # sharpness at which half is lost


@dataclass(frozen=True, slots=True)
class Link:
    """Face `face` of the new frame is what face `before` of the last one was; `beside` somebody else who is near."""

    before: int
    face: int
    beside: bool = False


def links(before: Sequence[Box], faces: Sequence[Box]) -> list[Link]:
    """Who of the frame before is who of this one, by overlap of their boxes (fractions of the same picture).

    A link is made only where no other could be meant: not for a face that lies over two of the frame before, or two over
    one, and not where somebody near came or went, who may stand before the other now. Two people who cross are several
    faces in a row, never one of both; but two who change places within one step cannot be told from two who stay, so a link
    beside others is one to be doubted until the next step bears it out.
    """
    pairs = [(i, j) for i, one in enumerate(before) for j, other in enumerate(faces) if may_be_one(one, other)]
    sole = {
        (i, j)
        for i, j in pairs
        if sum(other == i for other, _ in pairs) == 1 and sum(other == j for _, other in pairs) == 1
    }
    around = {pair: (_near(before, pair[0]), _near(faces, pair[1])) for pair in sole}
    sure = {(i, j) for i, j in sole if not any(around[i, j]) or overlap(before[i], faces[j]) >= BESIDE_OTHERS}
    followed, following = {i for i, _ in sure}, {j for _, j in sure}
    return [
        Link(i, j, any(around[i, j]))
        for i, j in sorted(sure)
        if around[i, j][0] <= followed and around[i, j][1] <= following
    ]


def _near(boxes: Sequence[Box], place: int) -> set[int]:
    one = boxes[place]
    return {
        number
        for number, other in enumerate(boxes)
        if number != place
        and abs(_middle(one)[0] - _middle(other)[0]) < NEAR * max(one.width, other.width)
        and abs(_middle(one)[1] - _middle(other)[1]) < NEAR * max(one.height, other.height)
    }


def _middle(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


def may_be_one(one: Box, other: Box) -> bool:
    grown = (_ratio(one.width, other.width), _ratio(one.height, other.height))
    return max(grown) <= MOST_GROWTH and overlap(one, other) >= LEAST_OVERLAP


def worth(quality: Quality) -> float:
    """0–1: which of a face's sights are kept, before any template is made: sure, large, sharp, looking this way."""
    size = min(1.0, quality.eyes_px / CLEAR_EYES)
    edges = quality.sharpness / (quality.sharpness + CLEAR_EDGES)
    return quality.detector * size * edges * (0.1 + 0.9 * quality.frontality)


def _ratio(one: float, other: float) -> float:
    small, large = sorted((one, other))
    return large / small if small > 0 else float("inf")
