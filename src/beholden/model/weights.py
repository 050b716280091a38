"""The pinned weights: read from a package without running it, refused if one byte differs, rewritten to run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Untrusted
from beholden.model.manifest import PinnedFile

if TYPE_CHECKING:
    from google.protobuf.message import Message  # type: ignore[import-untyped]  # protobuf ships no types
    from onnx import ModelProto, TensorProto


def read_pinned(pinned: PinnedFile) -> bytes:
    """The bytes that were checked are the bytes that are used: the file is read once.

    The package is found through its metadata and never imported, because it would load OpenCV. Raises `Untrusted` if
    the file is missing, cannot be read, or is not the pinned one.
    """
    how = (
        f"install {pinned.package}=={pinned.version} again, from a source that you trust"
        if pinned.package
        else "put the file that the manifest pins beside it"
    )
    try:
        content = _place(pinned).read_bytes()
    except metadata.PackageNotFoundError as error:
        raise Untrusted(f"the package {pinned.package}, which holds {pinned.name}, is not installed; {how}") from error
    except OSError as error:
        raise Untrusted(f"the model file {pinned.name} cannot be read ({error.strerror or error}); {how}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != pinned.sha256:
        raise Untrusted(
            f"the model file {pinned.name} is not the pinned one: its SHA-256 is {found}, pinned is {pinned.sha256}; "
            f"nothing was loaded; {how}, and find out who changed it"
        )
    return content


def _place(pinned: PinnedFile) -> Path:
    if pinned.folder is not None:
        return pinned.folder / pinned.path
    return Path(str(metadata.distribution(pinned.package).locate_file(pinned.path)))


def model_in(content: bytes) -> ModelProto:
    """Raises `Untrusted` for what is no ONNX model, and for one that would have other files read: those no manifest pins."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise Untrusted(
            "a file of the model cannot be read as an ONNX graph; name the right file in the manifest"
        ) from error
    if any(tensor.external_data or tensor.data_location == tensor.EXTERNAL for tensor in _tensors(model)):
        raise Untrusted(
            "a file of the model cannot be used: some of its weights lie in other files, which are not pinned; save it as "
            "one file"
        )
    return model


def _tensors(message: Message) -> Iterator[TensorProto]:
    """Every tensor in whatever part of a model: in graphs inside nodes, in functions, and in sparse initialisers too."""
    from onnx import TensorProto

    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for part in value if isinstance(value, Sequence) else (value,):
            if isinstance(part, TensorProto):
                yield part
            else:
                yield from _tensors(part)


def plain_graph(content: bytes, input_name: str) -> bytes:
    """An ONNX graph whose block-quantised weights are multiplied out to float32, with one input and any batch size.

    SFace as published lists its weights as inputs without values, and no runtime reads its block-wise dequantisation.
    Not cached on disk: it takes 0.1–0.7 s, and a cache would be a second file to trust.
    """
    from onnx import helper, numpy_helper

    model = model_in(content)
    graph = model.graph
    stored = {tensor.name: tensor for tensor in graph.initializer}
    weights: dict[str, NDArray[Any]] = {}
    nodes = []
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            whole, scales, zeros = (numpy_helper.to_array(stored[name]) for name in node.input)
            sizes = {attribute.name: attribute.i for attribute in node.attribute}
            weights[node.output[0]] = _multiplied_out(whole, scales, zeros, sizes["axis"], sizes["block_size"])
        elif node.op_type == "Reshape" and node.input[0] in weights:
            shape = numpy_helper.to_array(stored[node.input[1]])
            weights[node.output[0]] = weights.pop(node.input[0]).reshape(shape)
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    kept += [numpy_helper.from_array(array, name) for name, array in weights.items()]
    inputs = [value for value in graph.input if value.name == input_name]
    for value in (*inputs, *graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "faces"
    plain = helper.make_model(
        helper.make_graph(nodes, graph.name, inputs, list(graph.output), kept),
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
    )
    return bytes(plain.SerializeToString())


def _multiplied_out(
    whole: NDArray[Any], scales: NDArray[Any], zeros: NDArray[Any], axis: int, block_size: int
) -> NDArray[np.float32]:
    """ONNX DequantizeLinear, blocked: y = (x − zero) · scale, with one zero and scale for each block along the axis."""
    rows = range(whole.shape[axis])  # the last block may be shorter
    scale = np.repeat(scales, block_size, axis=axis).take(rows, axis=axis)
    zero = np.repeat(zeros, block_size, axis=axis).take(rows, axis=axis)
    return np.asarray((whole.astype(np.float32) - zero.astype(np.float32)) * scale, dtype=np.float32)
