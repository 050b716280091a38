"""Templates of faces that somebody selected: of a face in a video the mean over the frames that are kept of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, Model, Template

LEAST_LENGTH = 1e-6  # of a mean of unit templates: below it they cancel each other out


def embed_seen(model: Model, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
    """One for each face, in their order, as `Model.embed` has it; nobody else's template is made.

    Of a face in a video: the weighted mean of its frames' templates. The quality told is that of the best frame.
    """
    asked = [FoundFace(one.box, one.landmarks, one.quality) for face in faces for one in face.frames or (face,)]
    made = iter(model.embed(pixels, asked))
    return [_mean([next(made) for _ in face.frames or (face,)]) for face in faces]


def weighted_mean(templates: Sequence[Template], quality: Sequence[int]) -> Template:
    """Of unit length; each template counts by its quality (0-100), and by 1 at least.

    Those that cancel each other out, which one face's hardly do, give the one of the best quality.
    """
    weights = np.array([max(1, one) for one in quality], np.float64)
    mean = weights @ np.stack(templates).astype(np.float64) / weights.sum()
    length = float(np.linalg.norm(mean))
    if length < LEAST_LENGTH:
        return templates[int(weights.argmax())].copy()
    return np.asarray(mean / length, np.float32)


def _mean(frames: Sequence[Embedded]) -> Embedded:
    if len(frames) == 1:
        return frames[0]
    mean = weighted_mean([one.template for one in frames], [one.quality.unified or 0 for one in frames])
    for one in frames:
        one.template.fill(0)  # a probe's template lives no longer than it must
    return Embedded(mean, frames[0].quality)
