"""A model pack: finds faces in a picture, and makes templates of those that somebody selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.ports.media import Pixels
from beholden.records.calibration import Measured
from beholden.records.faces import Box, Landmarks, Quality

Template = NDArray[np.float32]  # one dimension, unit length


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is in the pack, for people who must answer for its use."""

    name: str
    space_id: str  # hash of weights, precision and preprocessing version: only templates of one space compare
    dimension: int
    files: tuple[tuple[str, str], ...]  # (file name, SHA-256)
    licence: str
    training_data: str
    limits: tuple[str, ...]
    calibration: Measured | None = None  # on photographs that are not the agency's; None: it was not measured


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face and where it is, as fractions of the picture's width and height; no template."""

    box: Box
    landmarks: Landmarks
    quality: Quality


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    template: Template
    quality: Quality  # as found, with what only embedding tells


class Model(Protocol):
    @property
    def card(self) -> ModelCard:
        """Raises `Untrusted` if a file is not the one that was pinned."""

    def find(self, pixels: Pixels) -> list[FoundFace]:
        """All faces, the surest first. Makes no template."""

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        """One template for each of these faces, in their order, and for no other."""
