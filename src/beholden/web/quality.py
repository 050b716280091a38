"""What makes a face hard to compare, in the reader's words; which parts fall short is `records/quality.py`'s to say."""

from __future__ import annotations

from beholden.records.faces import Quality
from beholden.records.quality import Component, quality_reasons
from beholden.web.words import _, named

WORDS = {
    Component.INTER_EYE_DISTANCE: (
        named("the face is small"),
        named("look for a larger picture: the original file, another frame, a scan of higher resolution"),
    ),
    Component.HEAD_POSE: (
        named("the head is turned away"),
        named("look for a picture in which the face looks at the camera; read ranks and never the score"),
    ),
    Component.SHARPNESS: (
        named("the face is blurred"),
        named("look for a sharper frame or the original file, before it was sent or saved again"),
    ),
    Component.UNDER_EXPOSURE: (
        named("the face is dark"),
        named("look for a brighter frame, or the original file with more in its shadows"),
    ),
    Component.OVER_EXPOSURE: (
        named("the face is overexposed"),
        named("look for a frame with less light on the face"),
    ),
    Component.DYNAMIC_RANGE: (
        named("the face has few shades"),
        named("look for the original file; a copy of a copy or a low contrast has lost what tells faces apart"),
    ),
    Component.FACE_OCCLUSION: (
        named("an eye or the mouth shows little: something may cover it"),
        named("look for a picture in which eyes and mouth are uncovered; a hand or hair over them is not noticed here"),
    ),
}


def reasons(quality: Quality) -> list[tuple[str, str]]:
    """Each part that falls short: what it is, and what can be done."""
    return [(_(words), _(advice)) for words, advice in (WORDS[one.component] for one in quality_reasons(quality))]
