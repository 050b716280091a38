"""A face that a person showed where no detector did: where its eyes, nose and mouth are taken to be, and how it is told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from beholden.errors import BadInput
from beholden.records.faces import Box, Landmarks

# Where the landmarks lie in a box of YuNet's, as fractions of it: the median of 48 rendered people, made even left and right.
IN_BOX = ((0.26, 0.39), (0.74, 0.39), (0.5, 0.6), (0.3, 0.735), (0.7, 0.735))
# Below and beside the middle of the eyes, in distances between the eyes: the median of the same people.
NOSE_DOWN, MOUTH_DOWN, MOUTH_ASIDE = 0.62, 1.04, 0.43


# A detector draws a box about 2.9 times as long as a face is large (`eyes_and_size`).
MOST_OF_BOX = 4.0


class LandmarksFrom(StrEnum):
    """Who told where the eyes, the nose and the mouth of a face are; a template is made by them."""

    DETECTOR = "detector"
    EYES = "eyes"  # a person showed the two eyes; nose and mouth are placed by them
    BOX = "box"  # nobody: they are placed by the box, as in a face that looks straight ahead


class Shown(Protocol):
    @property
    def drawn_by(self) -> str: ...
    @property
    def landmarks_from(self) -> LandmarksFrom: ...


def landmarks_in(box: Box) -> Landmarks:
    """As an upright face that looks straight ahead has them."""
    return tuple((box.left + x * box.width, box.top + y * box.height) for x, y in IN_BOX)


def landmarks_by(eyes: Landmarks, *, width: int, height: int) -> Landmarks:
    """Nose and mouth by the two eyes, tilted as they are. `eyes`: fractions of a picture of that many pixels.

    First the eye that is left in the picture once the face is stood upright. Raises ValueError where the eyes are no two
    places.
    """
    if len(eyes) != 2:
        raise ValueError("the eyes of a face are two places")
    left, right = (complex(x * width, y * height) for x, y in eyes)
    across = right - left
    if abs(across) < 1:
        raise ValueError("the two eyes are in one place")
    middle, down = (left + right) / 2, across * 1j
    points = (
        left,
        right,
        middle + NOSE_DOWN * down,
        middle + MOUTH_DOWN * down - MOUTH_ASIDE * across,
        middle + MOUTH_DOWN * down + MOUTH_ASIDE * across,
    )
    return tuple((point.real / width, point.imag / height) for point in points)


def eyes_and_size(landmarks: Landmarks, *, width: float, height: float) -> tuple[complex, float]:
    """Where the middle of the eyes is in a picture of this size, and how large the face is, both in its pixels.

    As large as the eyes are apart, or from them to the mouth if that is more, as in a profile. Raises ValueError for other
    than five landmarks.
    """
    left, right, _, *mouth = (complex(x * width, y * height) for x, y in landmarks)
    if len(mouth) != 2:
        raise ValueError("a face has five landmarks")
    middle = (left + right) / 2
    return middle, max(abs(right - left), abs(sum(mouth) / 2 - middle))


def is_close_around(box: Box, landmarks: Landmarks, *, width: int, height: int) -> bool:
    """Whether a drawn box is of the face that these landmarks are of, and has no room for somebody else."""
    _, size = eyes_and_size(landmarks, width=width, height=height)
    return max(box.width * width, box.height * height) <= MOST_OF_BOX * size


def eyes_of(typed: str) -> Landmarks:
    """Two places as a person types them, left,top,left,top; nothing typed are none. Raises `BadInput` for anything else."""
    if not typed.strip():
        return ()
    try:
        x, y, other_x, other_y = (float(part) for part in typed.split(","))
    except ValueError:
        raise BadInput(
            f"{typed[:60]!r} are no two eyes; write left and top of each as fractions of the picture: 0.44,0.17,0.47,0.17"
        ) from None
    return ((x, y), (other_x, other_y))


def words(faces: Sequence[Shown]) -> tuple[str, ...]:
    """What is said wherever something was compared with these faces; nothing if a detector found them all."""
    drawn = [face for face in faces if face.drawn_by]
    if not drawn:
        return ()
    placed = sum(face.landmarks_from is not LandmarksFrom.DETECTOR for face in drawn)
    many = len(drawn) > 1
    told = f"{len(drawn)} of {len(faces)} probe faces {'were' if many else 'was'} drawn by hand: "
    told += f"no detector had found {'them' if many else 'it'}."
    if placed:
        told += f" Of {placed} the eyes, nose and mouth are placed, not seen: a template of such a face is poor."
    return (told,)


def fits(box: Box, eyes: Landmarks) -> bool:
    """Whether a box lies in the picture, and the eyes in the box."""
    numbers = [box.left, box.top, box.width, box.height, *(part for eye in eyes for part in eye)]
    if not all(map(math.isfinite, numbers)):
        return False
    right, bottom = box.left + box.width, box.top + box.height
    inside = 0 <= box.left < right <= 1 and 0 <= box.top < bottom <= 1
    return inside and all(box.left <= x <= right and box.top <= y <= bottom for x, y in eyes)
