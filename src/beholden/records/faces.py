"""A face in an image of a gallery: where it is, how good it is, and its sealed template. It has no other property of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from beholden.records.retention import Kept
from beholden.records.rules import Rules


@dataclass(frozen=True, slots=True)
class Box:
    """Fractions (0–1) of the upright picture's width and height; may reach past its edges."""

    left: float
    top: float
    width: float
    height: float


# Of intersection over union: what covers half of another's area in one picture, or in two files of it, may show the same face. A
# detector leaves no two faces that overlap by more than 0.3, and finds the same face in the same pixels in the same place.
SAME_PLACE = 0.5


def overlap(one: Box, other: Box) -> float:
    """Intersection over union, 0–1; 1 for two boxes that both have no area, as those of erased faces."""
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    both = max(across, 0.0) * max(down, 0.0)
    either = one.width * one.height + other.width * other.height - both
    return min(both / either, 1.0) if either > 0 else 1.0  # rounded, a tiny box has more in common than it has


# Five (x, y), fractions as in Box: eyes, nose, mouth corners, image-left first. None is left of an erased face.
Landmarks = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a face can be compared. The parts after `unified` explain it; they are like those of OFIQ, not OFIQ."""

    unified: int | None  # 0–100, from the length of the raw template; None until the face is embedded
    detector: float  # 0–1
    eyes_px: float  # distance between the eyes, in pixels of the picture
    sharpness: float  # variance of the Laplacian of the aligned chip, 0–…
    luminance: float  # mean of the aligned chip, 0–255
    frontality: float  # 1 looking at the camera, 0 in profile
    dynamic_range: float | None = (
        None  # bits: entropy of the aligned chip's shades, 0–8; None where it was not measured
    )
    detail: float | None = None  # of the least of both eyes and the mouth, in that of the whole chip; 0–…


@dataclass(frozen=True, slots=True)
class Frame:
    """One sight of a face that a video shows for a while; its picture is a crop in the strip that is kept of the video."""

    seconds: float  # since the video's first frame
    box: Box  # in the strip, as are the landmarks
    landmarks: Landmarks
    quality: Quality


class FaceState(StrEnum):
    WAITING = "waiting"  # for its template, which the worker makes
    LIVE = "live"
    RESTRICTED = "restricted"  # held as evidence: sealed, and compared and shown to nobody any more (REQ 74)
    ERASING = "erasing"
    ERASED = "erased"


HELD = (FaceState.WAITING, FaceState.LIVE, FaceState.RESTRICTED)  # whose template or picture still opens with its key


@dataclass(frozen=True, slots=True)
class Face:
    id: str
    version: int
    kept: Kept
    face_no: int  # never used again; breaks ties
    image_id: str
    gallery_id: str
    source_id: str
    space_id: str
    person_mark: str  # equal for references that the source says are one person; empty where it says nothing
    box: Box
    landmarks: Landmarks
    quality: Quality
    template: bytes  # raw float32, sealed under this face's key; empty while waiting and once erased
    state: FaceState
    change_no: int  # of its last addition or removal: what an index must have applied
    frames: tuple[Frame, ...] = ()  # of a face in a video, the best first; empty for one in a picture


class Sighted(Protocol):
    @property
    def box(self) -> Box: ...
    @property
    def frames(self) -> tuple[Frame, ...]: ...


def boxes_of(face: Sighted) -> list[Box]:
    """Every place of the kept picture that shows this face: one, or as many as frames are kept of it."""
    return [frame.box for frame in face.frames] or [face.box]


def seconds_of(face: Sighted) -> tuple[float, float] | None:
    """The first and the last of the kept moments at which a video shows this face; None for a face in a picture.

    It was in sight all the time between them.
    """
    moments = [frame.seconds for frame in face.frames]
    return (min(moments), max(moments)) if moments else None


def time_code(seconds: float) -> str:
    """As players show it, to a tenth: 0:03.2, 1:02:03.4."""
    tenths = round(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    begin = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{begin}:{tenths // 10:02d}.{tenths % 10}"


class Found(Protocol):
    @property
    def box(self) -> Box: ...
    @property
    def quality(self) -> Quality: ...


@dataclass(frozen=True, slots=True)
class RejectedFace:
    box: Box
    reason: str


def rejection(face: Found, rules: Rules) -> str:
    """Why a found face is not worth a template; empty if it is."""
    quality = face.quality
    if quality.detector < rules.min_detector_score:
        return f"the detector is not sure that this is a face ({quality.detector:.2f}, at least {rules.min_detector_score})"
    if quality.eyes_px < rules.min_eyes_px:
        return (
            f"the eyes are {quality.eyes_px:.0f} pixels apart (at least {rules.min_eyes_px:.0f}): too small to compare"
        )
    return ""


def too_many(faces: Sequence[Found], rules: Rules) -> str:
    """Why an image is rejected whole; empty if it is not: a crowd is not a reference of anybody."""
    if len(faces) > rules.max_faces_an_image:
        return f"{len(faces)} faces in one image (at most {rules.max_faces_an_image}): crop the persons that the source names"
    return ""
