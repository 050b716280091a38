"""One ONNX graph, compiled for one thread of this processor in float32, with exactly the outputs it may have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault, Untrusted

# f32 because OpenVINO otherwise takes bfloat16 where the processor has it, and templates of two machines would differ.
# One thread because a second one gained nothing when measured; run one process a core instead.
SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}


@cache
def _core() -> Any:
    """One for the process, and never let go.

    OpenVINO gives the thread that first uses a Core a stack for signals, and takes its memory away with the Core, in
    whatever thread that happens: the next signal to the first thread then kills the process [12 of 12 servers that were
    told to end, after a System before theirs had been used and dropped].
    """
    import openvino

    return openvino.Core()


class Graph:
    """Safe to use from several threads, one after the other."""

    def __init__(self, content: bytes, *, input_shape: Sequence[int], outputs: Sequence[str]) -> None:
        """`input_shape` has −1 where a size may vary. Raises `Untrusted` if the graph has other inputs or outputs."""
        try:
            model = _core().read_model(model=content)
        except RuntimeError as error:
            raise Fault(f"the model cannot be read by OpenVINO; install Beholden's pinned version: {error}") from error
        heads = sorted(name for output in model.outputs for name in output.get_names())
        if len(model.inputs) != 1 or heads != sorted(outputs):
            raise Untrusted(
                f"the model has {len(model.inputs)} inputs and the outputs {', '.join(heads)}; allowed are one "
                f"input and {', '.join(sorted(outputs))}: a model that tells anything else of a face is not loaded"
            )
        try:
            model.reshape(list(input_shape))
            compiled = _core().compile_model(model, "CPU", SETTINGS)
        except RuntimeError as error:
            raise Fault(f"the model cannot run on this processor: {error}") from error
        precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        if precision != "f32":
            raise Fault(f"OpenVINO would run the model in {precision}; templates compare only in f32")
        self._outputs = tuple(outputs)
        self._request: Any = compiled.create_infer_request()
        self._lock = Lock()

    def run(self, array: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """The outputs by name, as arrays of their own."""
        with self._lock:
            try:
                self._request.infer([array])
            except RuntimeError as error:
                raise Fault(f"the model failed: {error}") from error
            return {name: np.array(self._request.get_tensor(name).data, dtype=np.float32) for name in self._outputs}
