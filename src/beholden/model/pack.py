"""A model pack, opened by address: it finds faces, embeds the selected ones, and loads nothing that was not pinned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault, Missing
from beholden.model import centerface, quality, yunet
from beholden.model import thorough as closely
from beholden.model.alignment import Points, chip
from beholden.model.calibration import calibration_of
from beholden.model.catalogue import manifest_of
from beholden.model.inference import DEFAULT_RUNTIME, RUNTIMES, Graph
from beholden.model.levelling import level
from beholden.model.manifest import space_of
from beholden.model.recogniser import Recogniser
from beholden.model.weights import read_pinned
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, ModelCard
from beholden.records.faces import Box, Landmarks, Quality

SCORE = 0.6  # OpenCV's own default for YuNet
SCORE_IN_BOX = 0.2  # where a person says that there is a face


class FacePack:
    """`pack:NAME`, a pack that ships; more may follow a `?`, with `&` between and in any order, the folder last.

    `score=0.2` is the least detector score that is found, 0.6 unless told; `runtime=onnxruntime` or `runtime=gpu` runs the
    models otherwise than with OpenVINO; `folder=PATH` is a folder of packs that do not ship, each in a folder of its name.
    No template depends on the score, and none of what is compared on the runtime.

    The weights are read and checked at the first use and kept. Safe to use from several threads.
    """

    def __init__(self, address: str = "pack:yunet-sface") -> None:
        """Raises `Fault` for an address that names no pack, `BadInput` for a pack whose manifest cannot be used."""
        told = read_address(address)
        try:
            self.manifest = manifest_of(told.name, told.folder)
        except Missing as error:
            raise Fault(str(error)) from error  # the settings name it: it was not mistyped just now
        self.runtime = told.runtime
        self._least_score = told.score
        self._lock = RLock()

    @property
    def card(self) -> ModelCard:
        with self._lock:
            return self._card

    def find(self, pixels: Pixels, *, thorough: bool = False) -> list[FoundFace]:
        """Thoroughly: with CenterFace too, if its wheel is installed; see `thorough.detect`."""
        if thorough:
            found = closely.detect(self._detector(), self._second_detector(), pixels, self._least_score)
        else:
            found = yunet.detect(self._detector(), pixels, self._least_score)
        return [
            _found(pixels, box, points, float(score))
            for box, points, score in zip(found.boxes, found.landmarks, found.scores, strict=True)
        ]

    def face_at(self, pixels: Pixels, box: Box, landmarks: Landmarks = ()) -> FoundFace | None:
        size = np.array([pixels.shape[1], pixels.shape[0]], dtype=np.float64)
        place = np.array([box.left, box.top, box.width, box.height]) * np.tile(size, 2)
        if landmarks:
            return _found(pixels, place, np.array(landmarks, dtype=np.float64) * size, 0.0)
        face = level(self._detector(), pixels, place, SCORE_IN_BOX)
        return None if face is None else _found(pixels, place, face.landmarks, face.score)

    def smallest_face(self, height: int, width: int, *, thorough: bool = False) -> int:
        return math.ceil(closely.smallest(height, width) if thorough else yunet.smallest(height, width))

    def embed(self, pixels: Pixels, faces: Sequence[FoundFace]) -> list[Embedded]:
        """The faces are cut out at the picture's own resolution, whatever size they were found at."""
        return self.embed_many([(pixels, faces)])[0]

    def embed_many(self, pictures: Sequence[tuple[Pixels, Sequence[FoundFace]]]) -> list[list[Embedded]]:
        """As `embed` for each picture, but the chips of all go through together: a GPU is worth it with full batches only."""
        chips = [chip(pixels, _points(pixels, face)) for pixels, faces in pictures for face in faces]
        if not chips:
            return [[] for _ in pictures]
        raw, lengths = self._embedder().raw_templates(chips)
        made = iter(zip(raw, lengths, strict=True))
        return [[self._embedded(face, *next(made)) for face in faces] for _, faces in pictures]

    def _embedded(self, face: FoundFace, raw: NDArray[np.float32], length: float) -> Embedded:
        told = self.manifest.recognising
        return Embedded(
            template=np.asarray(raw / np.linalg.norm(raw.astype(np.float64)), dtype=np.float32),
            quality=replace(face.quality, unified=quality.unified(float(length), told.lengths, told.percentiles)),
        )

    def _detector(self) -> Graph:
        with self._lock:
            return self._detector_graph

    def _second_detector(self) -> Graph | None:
        with self._lock:
            return self._second_detector_graph

    def _embedder(self) -> Recogniser:
        with self._lock:
            return self._recogniser

    @cached_property
    def _card(self) -> ModelCard:
        manifest = self.manifest
        for pinned in (manifest.detector, manifest.embedder):
            read_pinned(pinned)
        space_id = space_of(manifest)
        return ModelCard(
            name=manifest.name,
            space_id=space_id,
            dimension=manifest.dimension,
            files=tuple((pinned.name, pinned.sha256) for pinned in (manifest.detector, manifest.embedder)),
            licence=manifest.licence,
            training_data=manifest.training_data,
            limits=(
                *manifest.limits,
                centerface.words(),
                *(f"Not for {use}." for use in manifest.prohibited_uses),
            ),
            calibration=calibration_of(manifest, space_id),
            licence_kind=manifest.licence_kind,
            manifest_sha256=manifest.sha256,
        )

    @cached_property
    def _detector_graph(self) -> Graph:
        return yunet.load(read_pinned(self.manifest.detector), self.runtime)

    @cached_property
    def _second_detector_graph(self) -> Graph | None:
        return centerface.load(self.runtime)

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser(self.manifest, self.runtime)


@dataclass(frozen=True, slots=True)
class Address:
    """What an address of a model pack says."""

    name: str
    score: float = SCORE
    runtime: str = DEFAULT_RUNTIME
    folder: Path | None = None


def read_address(address: str) -> Address:
    """Raises `Fault` for an address that is none of a model pack."""
    scheme, _, rest = address.partition(":")
    name, _, query = rest.partition("?")
    if scheme != "pack":
        raise Fault(f"{address!r} is no address of a model pack; write it as pack:yunet-sface")
    told = Address(name)
    while query:
        setting, _, query = query.partition("=")
        value, _, query = (query, "", "") if setting == "folder" else query.partition("&")
        if setting == "score":
            told = replace(told, score=_score(address, value))
        elif setting == "folder":
            told = replace(told, folder=Path(value))
        elif setting == "runtime" and value in RUNTIMES:
            told = replace(told, runtime=value)
        elif setting == "runtime":
            raise Fault(f"{address!r} names a runtime that we do not have; set one of: {', '.join(RUNTIMES)}")
        else:
            raise Fault(
                f"{address!r} sets something that a model pack does not have; only `score`, `runtime` and `folder` can be set"
            )
    return told


def _score(address: str, number: str) -> float:
    try:
        score = float(number)
    except ValueError:
        score = 0.0
    if not 0.05 <= score < 1:  # below 0.05 nearly every cell of the grid would be a face
        raise Fault(f"{address!r}: the least detector score must be a number from 0.05 to 1, such as {SCORE}")
    return score


def _points(pixels: Pixels, face: FoundFace) -> Points:
    return np.array(face.landmarks, dtype=np.float64) * (pixels.shape[1], pixels.shape[0])


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
            dynamic_range=quality.dynamic_range(aligned),
            detail=quality.detail(aligned),
        ),
    )
