"""What a pack says of itself in `NAME.toml`: its pinned files, what it may be used for, what it cannot do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

DETECTORS = ("yunet",)
RECOGNISERS = ("sface", "arcface-112")
CHANNELS = ("rgb", "bgr")
ALIGNMENTS = ("arcface-112",)  # the template of `alignment.py`; any other would need another way of cutting out
PRECISIONS = ("f32",)  # see `inference.py` for why no other is loaded

# A pack is `permissive` if each of its files is under one of these (SPDX identifiers).
PERMISSIVE = (
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC-BY-4.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unlicense",
    "Zlib",
)


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file inside an installed package or beside the manifest, and the only digest with which it may be loaded."""

    package: str  # empty: the file lies in `folder`, beside the manifest
    version: str
    path: str  # inside the package's installation, with forward slashes; or a bare file name
    sha256: str
    licence: str
    folder: Path | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Recognising:
    """How templates are made with the embedder: all of it is part of what makes two templates comparable."""

    kind: str  # of RECOGNISERS
    input: str  # name of the graph's one input, n x 3 x 112 x 112
    output: str  # name of its one output, n x dimension
    channels: str  # order of the input's channels, of CHANNELS
    mean: tuple[float, float, float]  # the input is (value 0–255 − mean) / std, by channel in that order
    std: tuple[float, float, float]
    alignment: str
    mirror: bool  # the template is the sum of those of the chip and of its mirror image
    lengths: tuple[
        float, ...
    ]  # of the raw output of the chip as it is, ascending → quality 0–100, percentiles of a set
    percentiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cosine and the rates (fractions 0–1) that it gave on the set that is named."""

    fmr: float
    cosine: float
    tmr: float
    measured: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of what was measured, in words that can stand in a table, and how to measure it again."""

    about: str  # the table it belongs to
    what: str
    figure: str
    on: str
    how: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A pack has a detector and an embedder. There is no place for a model that tells anything else of a person."""

    name: str
    preprocessing: str
    dimension: int
    precision: str
    licence: str
    licence_kind: str  # of `ports.model.LICENCE_KINDS`
    agreement: str  # which contract, where the kind is `agreement`; else empty
    training_data: str
    intended_uses: tuple[str, ...]
    prohibited_uses: tuple[str, ...]
    limits: tuple[str, ...]
    not_measured: tuple[str, ...]
    detecting: str  # of DETECTORS
    detector: PinnedFile
    embedder: PinnedFile
    recognising: Recognising
    thresholds: tuple[Threshold, ...]
    measured: tuple[Figure, ...]
    calibration_sha256: str  # of NAME.calibration.json beside the manifest; empty: the pack has none
    sha256: str  # of the manifest's own bytes
    folder: Path | None  # where it lies; None for a pack that ships


def space_of(manifest: Manifest) -> str:
    """32 hex characters of SHA-256: equal exactly where templates compare.

    The runtime is not in it: on rendered people the templates of OpenVINO and onnxruntime differ by less than 1e-4 in any
    number, far below what one step of a grey value does. Mirroring, and what an embedder other than SFace wants of a chip,
    are named only where there is something to name: the first pack was hashed before there was a choice.
    """
    told = manifest.recognising
    space: dict[str, object] = {
        "weights": [manifest.detector.sha256, manifest.embedder.sha256],
        "precision": manifest.precision,
        "preprocessing": manifest.preprocessing,
    }
    if told.kind != "sface":
        space["recogniser"] = {
            "kind": told.kind,
            "channels": told.channels,
            "mean": [repr(value) for value in told.mean],
            "std": [repr(value) for value in told.std],
            "alignment": told.alignment,
        }
    if told.mirror:
        space["mirror"] = True
    canonical = json.dumps(space, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(canonical).hexdigest()[:32]
