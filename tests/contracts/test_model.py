"""The models that we have, held to the contract."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np

from beholden.media.pillow import PillowMedia
from beholden.model.pack import FacePack
from beholden.ports.media import Pixels
from beholden.testing.drawn import DrawnModel, draw
from beholden.testing.model_contract import ModelContract


@cache
def pack() -> FacePack:
    return FacePack()


@cache
def mirrored() -> FacePack:
    return FacePack("pack:yunet-sface-mirror?runtime=onnxruntime")


@cache
def rendered(name: str) -> Pixels:
    return PillowMedia().decode((files("beholden") / "demo" / "people" / f"{name}.jpg").read_bytes()).pixels


class TestFacePack(ModelContract):
    def model(self) -> FacePack:
        return pack()

    def crowd(self) -> Pixels:
        return np.concatenate([rendered(name) for name in ("p005_0_58y", "p021_1_53y", "p060_3_56y")], axis=1)

    def twice(self) -> tuple[Pixels, Pixels]:
        return rendered("p139_0_29y"), rendered("p139_3_29y")


class TestMirroredPackWithOnnxruntime(TestFacePack):
    def model(self) -> FacePack:
        return mirrored()


class TestDrawnModel(ModelContract):
    def model(self) -> DrawnModel:
        return DrawnModel()

    def crowd(self) -> Pixels:
        return PillowMedia().decode(draw(1, 2, 3, 4, 5, 6)).pixels

    def twice(self) -> tuple[Pixels, Pixels]:
        first, second = draw(7, width=200), draw(7, width=200, seed=1)
        return PillowMedia().decode(first).pixels, PillowMedia().decode(second).pixels
