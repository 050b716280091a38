"""Why a face compares badly, in parts that somebody can do something about. Like OFIQ's in name and aim, and not OFIQ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from beholden.records.faces import Quality


class Component(StrEnum):
    """Names of components of ISO/IEC 29794-5. OFIQ, its reference implementation, measures otherwise: values do not compare."""

    INTER_EYE_DISTANCE = "inter-eye-distance"
    HEAD_POSE = "head-pose"
    SHARPNESS = "sharpness"
    UNDER_EXPOSURE = "under-exposure-prevention"
    OVER_EXPOSURE = "over-exposure-prevention"
    DYNAMIC_RANGE = "dynamic-range"
    FACE_OCCLUSION = "face-occlusion-prevention"


@dataclass(frozen=True, slots=True)
class Reason:
    """One component that falls short. `measured` and `bound` are in `unit`; empty: a number without one."""

    component: Component
    measured: float
    bound: float
    unit: str
    words: str
    advice: str


@dataclass(frozen=True, slots=True)
class _Part:
    component: Component
    measure: Callable[[Quality], float | None]
    bound: float
    at_least: bool
    unit: str
    words: str
    advice: str


# Where a bound stands says no more than that something is out of the ordinary: the unified value, which predicts errors by far
# better than any of these, is the one to go by. Eyes: a chip has them 35 pixels apart, and what is smaller is enlarged. Sharpness,
# dynamic range and detail: between photographs as they are and the same blurred (σ 3 pixels), dimmed to a fifth, or covered.
_PARTS = (
    _Part(
        Component.INTER_EYE_DISTANCE,
        lambda quality: quality.eyes_px,
        35.0,
        True,
        "pixels",
        "the face is small",
        "look for a larger picture: the original file, another frame, a scan of higher resolution",
    ),
    _Part(
        Component.HEAD_POSE,
        lambda quality: quality.frontality,
        0.4,
        True,
        "",
        "the head is turned away",
        "look for a picture in which the face looks at the camera; read ranks and never the score",
    ),
    _Part(
        Component.SHARPNESS,
        lambda quality: quality.sharpness,
        15.0,
        True,
        "",
        "the face is blurred",
        "look for a sharper frame or the original file, before it was sent or saved again",
    ),
    _Part(
        Component.UNDER_EXPOSURE,
        lambda quality: quality.luminance,
        50.0,
        True,
        "of 255",
        "the face is dark",
        "look for a brighter frame, or the original file with more in its shadows",
    ),
    _Part(
        Component.OVER_EXPOSURE,
        lambda quality: quality.luminance,
        205.0,
        False,
        "of 255",
        "the face is overexposed",
        "look for a frame with less light on the face",
    ),
    _Part(
        Component.DYNAMIC_RANGE,
        lambda quality: quality.dynamic_range,
        6.0,
        True,
        "bits",
        "the face has few shades",
        "look for the original file; a copy of a copy or a low contrast has lost what tells faces apart",
    ),
    _Part(
        Component.FACE_OCCLUSION,
        lambda quality: quality.detail,
        0.8,
        True,
        "",
        "an eye or the mouth shows little: something may cover it",
        "look for a picture in which eyes and mouth are uncovered; a hand or hair over them is not noticed here",
    ),
)


def quality_reasons(quality: Quality) -> tuple[Reason, ...]:
    """What falls short, in the order above; none where nothing does. What was not measured is passed over."""
    short = []
    for part in _PARTS:
        measured = part.measure(quality)
        if measured is not None and (measured < part.bound if part.at_least else measured > part.bound):
            short.append(Reason(part.component, measured, part.bound, part.unit, part.words, part.advice))
    return tuple(short)
