"""A model pack, opened by address: it finds faces, embeds the selected ones, and loads nothing that was not pinned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault
from beholden.model import quality, sface, yunet
from beholden.model.alignment import Points, chip
from beholden.model.calibration import calibration_of
from beholden.model.inference import Graph
from beholden.model.manifest import manifest_of
from beholden.model.weights import read_pinned
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, ModelCard
from beholden.records.faces import Box, Quality

SCORE = 0.6  # OpenCV's own default for YuNet


class FacePack:
    """`pack:NAME` or `pack:NAME?score=0.2`: the least detector score that is found; no template depends on it.

    The weights are read and checked at the first use and kept. Safe to use from several threads.
    """

    def __init__(self, address: str = "pack:yunet-sface") -> None:
        """Raises `Fault` for an address that names no pack."""
        scheme, _, rest = address.partition(":")
        name, _, query = rest.partition("?")
        if scheme != "pack":
            raise Fault(f"{address!r} is no address of a model pack; write it as pack:yunet-sface")
        self.manifest = manifest_of(name)
        self._least_score = _score(address, query)
        self._lock = RLock()

    @property
    def card(self) -> ModelCard:
        with self._lock:
            return self._card

    def find(self, pixels: Pixels) -> list[FoundFace]:
        found = yunet.detect(self._detector(), pixels, self._least_score)
        return [
            _found(pixels, box, points, float(score))
            for box, points, score in zip(found.boxes, found.landmarks, found.scores, strict=True)
        ]

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        """The faces are cut out at the picture's own resolution, whatever size they were found at."""
        if not faces:
            return []
        size = np.array([pixels.shape[1], pixels.shape[0]], dtype=np.float64)
        chips = [chip(pixels, np.array(face.landmarks, dtype=np.float64) * size) for face in faces]
        raw = sface.raw_templates(self._embedder(), chips)
        lengths = np.linalg.norm(raw.astype(np.float64), axis=1)
        return [
            Embedded(
                template=np.asarray(row / length, dtype=np.float32),
                quality=replace(face.quality, unified=quality.unified(float(length))),
            )
            for row, length, face in zip(raw, lengths, faces, strict=True)
        ]

    def _detector(self) -> Graph:
        with self._lock:
            return self._detector_graph

    def _embedder(self) -> Graph:
        with self._lock:
            return self._embedder_graph

    @cached_property
    def _card(self) -> ModelCard:
        manifest = self.manifest
        for pinned in (manifest.detector, manifest.embedder):
            read_pinned(pinned)
        space = {
            "weights": [manifest.detector.sha256, manifest.embedder.sha256],
            "precision": manifest.precision,
            "preprocessing": manifest.preprocessing,
        }
        canonical = json.dumps(space, sort_keys=True, separators=(",", ":")).encode()
        space_id = hashlib.sha256(canonical).hexdigest()[:32]
        return ModelCard(
            name=manifest.name,
            space_id=space_id,
            dimension=manifest.dimension,
            files=tuple((pinned.name, pinned.sha256) for pinned in (manifest.detector, manifest.embedder)),
            licence=manifest.licence,
            training_data=manifest.training_data,
            limits=manifest.limits + tuple(f"Not for {use}." for use in manifest.prohibited_uses),
            calibration=calibration_of(manifest, space_id),
        )

    @cached_property
    def _detector_graph(self) -> Graph:
        return yunet.load(read_pinned(self.manifest.detector))

    @cached_property
    def _embedder_graph(self) -> Graph:
        return sface.load(read_pinned(self.manifest.embedder))


def _score(address: str, query: str) -> float:
    name, _, number = query.partition("=") if query else ("score", "", str(SCORE))
    if name != "score":
        raise Fault(f"{address!r} sets something that a model pack does not have; only `score` can be set")
    try:
        score = float(number)
    except ValueError:
        score = 0.0
    if not 0.05 <= score < 1:  # below 0.05 nearly every cell of the grid would be a face
        raise Fault(f"{address!r}: the least detector score must be a number from 0.05 to 1, such as {SCORE}")
    return score


def _found(pixels: Pixels, box: NDArray[np.float64], points: Points, score: float) -> FoundFace:
    height, width = pixels.shape[:2]
    aligned = chip(pixels, points)
    return FoundFace(
        box=Box(float(box[0]) / width, float(box[1]) / height, float(box[2]) / width, float(box[3]) / height),
        landmarks=tuple((float(x) / width, float(y) / height) for x, y in points),
        quality=Quality(
            unified=None,
            detector=min(1.0, score),
            eyes_px=quality.eyes_px(points),
            sharpness=quality.sharpness(aligned),
            luminance=quality.luminance(aligned),
            frontality=quality.frontality(points),
        ),
    )
