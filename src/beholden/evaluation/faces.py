"""The faces that were found in the photographs to measure on: one row a photograph, with its template and its quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Yes = NDArray[np.bool_]

QUALITY = ("unified", "detector", "eyes_px", "sharpness", "luminance", "frontality")
NOT_FOUND = -1.0  # the score of a comparison in which a face is missing


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """n photographs, sorted by name."""

    names: tuple[str, ...]  # paths below the folder, with `/`
    identities: tuple[str, ...]  # sorted
    people: Whole  # n: a place in `identities`, −1 for a photograph that lies in no person's folder
    templates: NDArray[np.float32]  # n × d, unit length; zeros where no face was found
    found: Yes  # n
    quality: Mapping[str, Real]  # each of QUALITY: n numbers, nan where no face was found

    def scores(self, a: Whole, b: Whole) -> Real:
        """The cosine of each pair of places, −1 where a face is missing."""
        cosines = np.einsum("ij,ij->i", self.templates[a].astype(np.float64), self.templates[b].astype(np.float64))
        return np.where(self.found[a] & self.found[b], cosines, NOT_FOUND)
