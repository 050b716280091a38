"""Reads the manifest of a model pack: every field must be there, none may be that we do not know, and all faults are told."""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

from beholden.errors import BadInput
from beholden.model import quality
from beholden.model.manifest import (
    ALIGNMENTS,
    CHANNELS,
    DETECTORS,
    PERMISSIVE,
    PRECISIONS,
    RECOGNISERS,
    Figure,
    Manifest,
    PinnedFile,
    Recognising,
    Threshold,
)
from beholden.ports.model import LICENCE_KINDS

MOST_BYTES = 256 * 1024
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
DIGEST = re.compile(r"[0-9a-f]{64}")
DIMENSIONS = (16, 4096)

TOP = {
    *("name", "preprocessing", "dimension", "precision", "licence", "licence_kind", "agreement", "training_data"),
    *("intended_uses", "prohibited_uses", "limits", "not_measured", "calibration_sha256"),
    *("detector", "embedder", "thresholds", "measured"),
}
FILE = {"kind", "package", "version", "file", "sha256", "licence"}
EMBEDDER = {*FILE, "input", "output", "channels", "mean", "std", "alignment", "mirror", "lengths", "percentiles"}
THRESHOLD = {"fmr", "cosine", "tmr", "measured"}
FIGURE = {"about", "what", "figure", "on", "how"}


def manifest_in(content: bytes, folder: Path | None) -> Manifest:
    """Raises `BadInput` that tells of everything that is missing, unknown or wrong. `folder`: where its files lie."""
    if len(content) > MOST_BYTES:
        raise BadInput(
            f"the manifest has {len(content):,} bytes (at most {MOST_BYTES:,}): it describes a pack, no more"
        )
    try:
        told = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"the manifest is no TOML that can be read ({error})") from error
    faults: list[str] = []
    top = _Fields(told, "", TOP, faults)
    parts = {name: top.table(name, EMBEDDER if name == "embedder" else FILE) for name in PARTS}
    manifest = Manifest(
        name=top.text("name", NAME, "small letters, digits, '.', '_' and '-'"),
        preprocessing=top.text("preprocessing"),
        dimension=int(top.number("dimension", *DIMENSIONS, whole=True)),
        precision=top.choice("precision", PRECISIONS),
        licence=top.text("licence"),
        licence_kind=top.choice("licence_kind", LICENCE_KINDS),
        agreement=top.text("agreement") if told.get("licence_kind") == "agreement" or "agreement" in told else "",
        training_data=top.text("training_data"),
        intended_uses=top.texts("intended_uses"),
        prohibited_uses=top.texts("prohibited_uses"),
        limits=top.texts("limits"),
        not_measured=top.texts("not_measured"),
        detecting=parts["detector"].choice("kind", DETECTORS),
        detector=_pinned(parts["detector"], folder),
        embedder=_pinned(parts["embedder"], folder),
        recognising=_recognising(parts["embedder"]),
        thresholds=tuple(_threshold(row) for row in top.rows("thresholds", THRESHOLD)),
        measured=tuple(
            Figure(*(row.text(name) for name in ("about", "what", "figure", "on", "how")))
            for row in top.rows("measured", FIGURE)
        ),
        calibration_sha256=top.text("calibration_sha256", DIGEST, "64 hexadecimal digits", needed=False),
        sha256=hashlib.sha256(content).hexdigest(),
        folder=folder,
    )
    strict = [
        one.licence for one in (manifest.detector, manifest.embedder) if one.licence and one.licence not in PERMISSIVE
    ]
    if manifest.licence_kind == "permissive" and strict:
        faults.append(
            f"licence_kind is permissive, but a file is under {' and one under '.join(map(repr, strict))}; permissive are "
            f"{', '.join(PERMISSIVE)}"
        )
    if faults:
        raise BadInput(f"the manifest cannot be used: {'; '.join(faults)}")
    return manifest


PARTS = ("detector", "embedder")


def _pinned(told: _Fields, folder: Path | None) -> PinnedFile:
    package = told.text("package", needed=False)
    path = told.text("file")
    if not package and re.search(r"[/\\\0]|^\.", path):
        told.wrong("file", "must be the bare name of a file beside the manifest")
    if package and (path.startswith("/") or ".." in path.split("/")):
        told.wrong("file", "must be a path inside the package")
    return PinnedFile(
        package,
        told.text("version") if package else "",
        path,
        told.text("sha256", DIGEST, "64 hexadecimal digits"),
        told.text("licence"),
        None if package else folder,
    )


def _recognising(told: _Fields) -> Recognising:
    """SFace has mean and scale inside its graph and was measured by us: nothing of it is to be told."""
    kind = told.choice("kind", RECOGNISERS)
    mirror = told.flag("mirror")
    if not kind:  # which fields there must be depends on it
        return Recognising("", "", "", "", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "", mirror, (), ())
    if kind == "sface":
        for name in sorted(set(told.given) & (EMBEDDER - FILE - {"mirror"})):
            told.wrong(name, "is fixed for the kind sface")
        nothing, all_of_it = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
        scale = (quality.LENGTHS, quality.PERCENTILES)
        return Recognising(kind, "data", "fc1", "rgb", nothing, all_of_it, "arcface-112", mirror, *scale)
    lengths, percentiles = told.ascending("lengths"), told.ascending("percentiles")
    if lengths and percentiles and (len(lengths) != len(percentiles) or len(lengths) < 2):
        told.wrong("lengths", "must be as many as percentiles, and two at least")
    if any(not 0 <= one <= 100 for one in percentiles):
        told.wrong("percentiles", "must be from 0 to 100")
    std = told.colours("std")
    if not all(one > 0 for one in std):
        told.wrong("std", "must be above 0")
    return Recognising(
        kind,
        told.text("input"),
        told.text("output"),
        told.choice("channels", CHANNELS),
        told.colours("mean"),
        std,
        told.choice("alignment", ALIGNMENTS),
        mirror,
        lengths,
        percentiles,
    )


def _threshold(row: _Fields) -> Threshold:
    return Threshold(
        row.number("fmr", 0, 1), row.number("cosine", -1, 1), row.number("tmr", 0, 1), row.text("measured")
    )


class _Fields:
    """One table of the manifest. What is wrong goes into `faults`, and a value of its type comes back all the same."""

    def __init__(self, given: Mapping[str, Any], prefix: str, known: set[str], faults: list[str]) -> None:
        self.given, self._prefix, self._faults = given, prefix, faults
        faults.extend(f"{prefix}{name} is unknown" for name in sorted(set(given) - known))

    def wrong(self, name: str, words: str) -> None:
        self._faults.append(f"{self._prefix}{name} {words}")

    def text(self, name: str, form: re.Pattern[str] | None = None, words: str = "", *, needed: bool = True) -> str:
        value = self.given.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.wrong(name, "is missing" if value is None else "must be a text that is not empty")
            return ""
        if form and not form.fullmatch(value):
            self.wrong(name, f"must be {words}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.given.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one.strip() for one in value):
            self.wrong(name, "is missing" if value is None else "must be a list of texts, one at least")
            return ()
        return tuple(value)

    def choice(self, name: str, of: Sequence[str]) -> str:
        value = self.given.get(name)
        if value not in of:
            found = "is missing" if value is None else f"is {value!r}"
            self.wrong(name, f"{found}; known are {', '.join(of)}")
            return ""
        return str(value)

    def flag(self, name: str) -> bool:
        value = self.given.get(name, False)
        if not isinstance(value, bool):
            self.wrong(name, "must be true or false")
        return value is True

    def number(self, name: str, low: float, high: float, *, whole: bool = False) -> float:
        value = self.given.get(name)
        if not _is_number(value) or not low <= value <= high or (whole and not isinstance(value, int)):
            self.wrong(
                name, "is missing" if value is None else f"must be a {'whole ' * whole}number from {low} to {high}"
            )
            return low
        return float(value)

    def colours(self, name: str) -> tuple[float, float, float]:
        """One number for all three channels, or three."""
        value = self.given.get(name)
        three = [one for one in (value if isinstance(value, list) else [value] * 3) if _is_number(one)]
        if len(three) != 3 or (isinstance(value, list) and len(value) != 3):
            self.wrong(name, "is missing" if value is None else "must be one number, or three")
            return (1.0, 1.0, 1.0)
        return (float(three[0]), float(three[1]), float(three[2]))

    def ascending(self, name: str) -> tuple[float, ...]:
        value = self.given.get(name)
        if not isinstance(value, list) or not value or not all(_is_number(one) for one in value):
            self.wrong(name, "is missing" if value is None else "must be a list of numbers")
            return ()
        if any(a >= b for a, b in pairwise(value)):
            self.wrong(name, "must rise from each number to the next")
        return tuple(float(one) for one in value)

    def table(self, name: str, known: set[str]) -> _Fields:
        """Of a table that is not there nothing more is told: no field of it can be."""
        value = self.given.get(name)
        if not isinstance(value, dict):
            self.wrong(name, "is missing" if value is None else "must be a table")
            return _Fields({}, "", known, [])
        return _Fields(value, f"{name}.", known, self._faults)

    def rows(self, name: str, known: set[str]) -> list[_Fields]:
        value = self.given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(name, "must be a list of tables")
            return []
        return [_Fields(row, f"{name}[{place}].", known, self._faults) for place, row in enumerate(value)]


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
