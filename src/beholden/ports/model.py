"""A model pack: finds faces in a picture, and makes templates of those that somebody selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.ports.media import Pixels
from beholden.records.calibration import Measured
from beholden.records.faces import Box, Frame, Landmarks, Quality

Template = NDArray[np.float32]  # one dimension, unit length

# By which right weights are used. With a fit one an agency may work with them; an operational system loads no other (REQ 122).
LICENCE_KINDS = ("permissive", "agreement", "research-only", "unknown")
FIT_LICENCES = ("permissive", "agreement")


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
    licence_kind: str = "unknown"  # of LICENCE_KINDS
    manifest_sha256: str = ""  # of the pack's manifest, which pins its files; empty where there is none


@dataclass(frozen=True, slots=True)
class FoundFace:
    """A face and where it is, as fractions of the picture's width and height; no template."""

    box: Box
    landmarks: Landmarks
    quality: Quality
    frames: tuple[
        Frame, ...
    ] = ()  # of a face in a video: where it is seen, the best first, which the fields before are


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    template: Template
    quality: Quality  # as found, with what only embedding tells


class Model(Protocol):
    @property
    def card(self) -> ModelCard:
        """Raises `Untrusted` if a file is not the one that was pinned."""

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:
        """All faces, the surest first. Makes no template. Thoroughly: also tilted and small ones, in seconds a picture."""

    def face_at(self, pixels: Pixels, box: Box, landmarks: Landmarks = ()) -> FoundFace | None:
        """The face that a person says is in this box: at these landmarks, or where they are looked for in any turn.

        None where none are given and no face shows there. The detector is 0 sure of a face whose landmarks are given.
        """

    def smallest_face(self, height: int, width: int, *, thorough: bool = False) -> int:
        """Length in pixels of a picture of that size below which faces are often missed by this look."""

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        """One template for each of these faces, in their order, and for no other."""


class Described(Protocol):
    """What the manifest of a model pack says, as far as it decides whether the pack may be loaded."""

    @property
    def name(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def licence_kind(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def folder(self) -> Path | None:
        """Where it lies; None for a pack that ships."""


class NewPack(Protocol):
    """A model pack that somebody brings: its files are the pinned ones, and it ran."""

    @property
    def name(self) -> str: ...
    @property
    def manifest_sha256(self) -> str: ...
    @property
    def space_id(self) -> str: ...
    @property
    def licence_kind(self) -> str: ...
    @property
    def files(self) -> tuple[tuple[str, str], ...]: ...

    def place(self) -> None:
        """Where packs of this system lie: all of it or nothing. Raises `BadInput` where another one has its name."""
