"""What a pack says of itself in `packs/NAME.toml`: its pinned files, what it may be used for, what it cannot do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from beholden.errors import Fault


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """A file inside an installed package, and the only digest with which it may be loaded."""

    package: str
    version: str
    path: str  # inside the package's installation, with forward slashes
    sha256: str
    licence: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cosine and the rates (fractions 0–1) that it gave on the set that is named."""

    fmr: float
    cosine: float
    tmr: float
    measured: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A pack has a detector and an embedder. There is no place for a model that tells anything else of a person."""

    name: str
    preprocessing: str
    dimension: int
    precision: str
    licence: str
    training_data: str
    intended_uses: tuple[str, ...]
    prohibited_uses: tuple[str, ...]
    limits: tuple[str, ...]
    detector: PinnedFile
    embedder: PinnedFile
    thresholds: tuple[Threshold, ...]
    calibration_sha256: str  # of NAME.calibration.json beside the manifest; empty: the pack has none


def pack_names() -> tuple[str, ...]:
    """The packs that come with Beholden."""
    folder = files("beholden.model") / "packs"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def manifest_of(name: str) -> Manifest:
    """Raises `Fault` for a pack that we do not have."""
    if name not in pack_names():
        raise Fault(f"there is no model pack {name!r}; set one of: {', '.join(pack_names())}")
    told = tomllib.loads((files("beholden.model") / "packs" / f"{name}.toml").read_text(encoding="utf-8"))
    return Manifest(
        name=told["name"],
        preprocessing=told["preprocessing"],
        dimension=told["dimension"],
        precision=told["precision"],
        licence=told["licence"],
        training_data=told["training_data"],
        intended_uses=tuple(told["intended_uses"]),
        prohibited_uses=tuple(told["prohibited_uses"]),
        limits=tuple(told["limits"]),
        detector=_pinned(told["detector"]),
        embedder=_pinned(told["embedder"]),
        thresholds=tuple(Threshold(**row) for row in told["thresholds"]),
        calibration_sha256=told.get("calibration_sha256", ""),
    )


def _pinned(told: dict[str, Any]) -> PinnedFile:
    return PinnedFile(told["package"], told["version"], told["file"], told["sha256"], told["licence"])
