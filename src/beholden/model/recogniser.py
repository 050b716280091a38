"""Raw templates of aligned chips, by SFace or by any embedder of the ArcFace family that a manifest describes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault, Untrusted
from beholden.model.alignment import SIDE
from beholden.model.inference import BATCH, DEFAULT_RUNTIME, Graph
from beholden.model.manifest import Manifest, Recognising
from beholden.model.weights import model_in, plain_graph, read_pinned
from beholden.ports.media import Pixels

if TYPE_CHECKING:
    from onnx import ValueInfoProto


class Recogniser:
    """Makes templates as one manifest says. Safe to use from several threads, one after the other."""

    def __init__(self, manifest: Manifest, runtime: str = DEFAULT_RUNTIME) -> None:
        """Raises `Untrusted` if the file is not the pinned one, or the graph takes or tells anything else than allowed."""
        self._told = manifest.recognising
        self._dimension = manifest.dimension
        content = read_pinned(manifest.embedder)
        one_at_a_time = False
        if self._told.kind == "sface":
            content = plain_graph(content, self._told.input)
        else:
            one_at_a_time = _check_graph(content, self._told, manifest.dimension)
        self._batch = 1 if one_at_a_time else BATCH[runtime]
        first = 1 if one_at_a_time else -1
        self._graph = Graph(content, input_shape=(first, 3, SIDE, SIDE), outputs=(self._told.output,), runtime=runtime)

    def raw_templates(self, chips: Sequence[Pixels]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """n x dimension, not yet of unit length, and n lengths that tell quality: those of the chips as they are."""
        plain = self._run([np.asarray(chip) for chip in chips])
        lengths = np.linalg.norm(plain.astype(np.float64), axis=1)
        if self._told.mirror:
            # The sum of both raw outputs (ArcFace's own evaluation, Deng et al. 2019): the surer of the two weighs more.
            plain = plain + self._run([chip[:, ::-1] for chip in chips])
        if not (np.isfinite(plain).all() and plain.any(axis=1).all()):
            raise Fault(
                "the embedder gave a template without a direction, which compares with nothing; do not use this pack"
            )
        return plain, lengths

    def _run(self, chips: Sequence[Pixels]) -> NDArray[np.float32]:
        made = [np.zeros((0, self._dimension), dtype=np.float32)]
        for start in range(0, len(chips), self._batch):
            inputs = _inputs(np.stack(chips[start : start + self._batch]), self._told)
            made.append(self._graph.run(inputs)[self._told.output].reshape(len(inputs), -1))
        return np.concatenate(made)


def _inputs(chips: Pixels, told: Recognising) -> NDArray[np.float32]:
    """n x 3 x 112 x 112 out of n chips in RGB, 0–255."""
    ordered = chips[..., ::-1] if told.channels == "bgr" else chips
    mean, std = (np.asarray(three, dtype=np.float32) for three in (told.mean, told.std))
    scaled = (ordered.astype(np.float32) - mean) / std
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), dtype=np.float32)


def _check_graph(content: bytes, told: Recognising, dimension: int) -> bool:
    """Whether the graph takes one chip at a time only. Raises `Untrusted` with everything about it that is not allowed."""
    from onnx import TensorProto

    graph = model_in(content).graph
    stored = {tensor.name for tensor in graph.initializer}
    inputs = {value.name: _shape(value) for value in graph.input if value.name not in stored}
    outputs = {value.name: _shape(value) for value in graph.output}
    wrong = []
    if list(inputs) != [told.input] or inputs[told.input][1:] != (3, SIDE, SIDE):
        wrong.append(f"its inputs are {_words(inputs)}; allowed is one, {told.input} n x 3 x {SIDE} x {SIDE}")
    elif inputs[told.input][0] not in (0, 1):
        wrong.append(f"it takes exactly {inputs[told.input][0]} chips at a time; one, or any number, is allowed")
    if list(outputs) != [told.output] or outputs[told.output][-1:] != (dimension,) or len(outputs[told.output]) != 2:
        wrong.append(
            f"its outputs are {_words(outputs)}; allowed is one, {told.output} n x {dimension}: a model that tells anything "
            "else of a face is not loaded"
        )
    kinds = {value.type.tensor_type.elem_type for value in (*graph.input, *graph.output) if value.name not in stored}
    if kinds - {TensorProto.FLOAT}:
        wrong.append("its input and output are not all float32")
    if wrong:
        raise Untrusted(f"the embedder cannot be used: {'; '.join(wrong)}")
    return inputs[told.input][0] == 1


def _shape(value: ValueInfoProto) -> tuple[int, ...]:
    """Sizes as the graph declares them; 0 where one may vary."""
    return tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)


def _words(heads: dict[str, tuple[int, ...]]) -> str:
    return (
        ", ".join(f"{name} {' x '.join(str(size or 'n') for size in sizes)}" for name, sizes in heads.items()) or "none"
    )
