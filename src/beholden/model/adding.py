"""A pack that somebody brings: read and checked whole, then placed in the folder of packs, all of it or nothing."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholden.durable import sync_folder
from beholden.errors import BadInput, BeholdenError, Fault, NoRoom, Untrusted
from beholden.model import yunet
from beholden.model.alignment import SIDE
from beholden.model.calibration import calibration_of
from beholden.model.catalogue import pack_names
from beholden.model.manifest import Manifest, PinnedFile, space_of
from beholden.model.reading import MOST_BYTES, manifest_in
from beholden.model.recogniser import Recogniser
from beholden.model.weights import read_pinned

FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class NewPack:
    """Implements `ports.model.NewPack`. Its bytes are those that were checked."""

    name: str
    manifest_sha256: str
    space_id: str
    licence_kind: str
    files: tuple[tuple[str, str], ...]  # (file name, SHA-256)
    content: Mapping[str, bytes]  # by file name: the manifest, and what lies beside it
    into: Path  # a folder of packs

    def place(self) -> None:
        """Under its name in the folder of packs; a crash leaves all of it or nothing. Placed already, it stays as it is."""
        place = self.into / self.name
        part = self.into / f".{self.name}.part"
        try:
            if place.exists():
                self._check_same(place)
                return
            self.into.mkdir(mode=0o700, exist_ok=True)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700)
            for name, content in self.content.items():
                _write(part / name, content)
            sync_folder(part)
            part.rename(place)
            sync_folder(self.into)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            kind = NoRoom if error.errno in FULL else Fault
            raise kind(
                f"the pack cannot be written to {place} ({error.strerror}): check the disk and its owner"
            ) from error

    def _check_same(self, place: Path) -> None:
        there = {path.name: path.read_bytes() for path in place.iterdir()} if place.is_dir() else {}
        if there != dict(self.content):
            raise BadInput(f"there is another pack named {self.name!r} in {self.into}; give yours another name")


def read_manifest(manifest: Path) -> Manifest:
    """What a pack says of itself: text alone, none of its files is read. Raises `BadInput` for what cannot be used."""
    return manifest_in(_content(manifest), manifest.parent)


def _content(manifest: Path) -> bytes:
    try:
        with manifest.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{manifest} cannot be read ({error.strerror}); name the manifest (TOML) of a pack") from error


def read_new(manifest: Path, into: Path) -> NewPack:
    """Read a manifest and the files beside it, and run both models once; `into` is the folder of packs it is meant for.

    Raises `BadInput` for a manifest that cannot be used, `Untrusted` that tells of every file that is not the pinned one
    with what was found instead, and of a graph that takes or tells anything else than allowed.
    """
    content = _content(manifest)
    told = manifest_in(content, manifest.parent)
    beside = {f"{told.name}.toml": content}
    wrong = []
    if told.name in pack_names():
        wrong.append(f"{told.name} is the name of a pack that ships; give yours another")
    for pinned in (told.detector, told.embedder):
        if pinned.name in (f"{told.name}.toml", f"{told.name}.calibration.json"):
            wrong.append(f"{pinned.name} is the name of another file of the pack; rename the weights")
            continue
        if (found := _read(pinned, wrong)) is not None and not pinned.package:
            beside[pinned.path] = found
    if told.calibration_sha256:
        wrong += _check_calibration(told)
        if not wrong:
            name = f"{told.name}.calibration.json"
            beside[name] = (manifest.parent / name).read_bytes()
    if not wrong:
        wrong += _try_out(told)
    if wrong:
        raise Untrusted(f"the pack was not added: {'; '.join(wrong)}")
    return NewPack(
        name=told.name,
        manifest_sha256=told.sha256,
        space_id=space_of(told),
        licence_kind=told.licence_kind,
        files=tuple((pinned.name, pinned.sha256) for pinned in (told.detector, told.embedder)),
        content=beside,
        into=into,
    )


def _read(pinned: PinnedFile, wrong: list[str]) -> bytes | None:
    try:
        return read_pinned(pinned)
    except Untrusted as error:
        wrong.append(str(error))
        return None


def _check_calibration(told: Manifest) -> list[str]:
    try:
        if calibration_of(told, space_of(told)) is None:
            return [f"the calibration was measured with another model: this pack's space is {space_of(told)}"]
    except BeholdenError as error:
        return [str(error)]
    return []


def _try_out(told: Manifest) -> list[str]:
    """Both models on noise, which shows nobody: what cannot run here is not added."""
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    wrong = []
    try:
        yunet.detect(yunet.load(read_pinned(told.detector)), noise, 0.9)
    except BeholdenError as error:
        wrong.append(f"its detector: {error}")
    try:
        Recogniser(told).raw_templates([noise])
    except BeholdenError as error:
        wrong.append(f"its embedder: {error}")
    return wrong


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
