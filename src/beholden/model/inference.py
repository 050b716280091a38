"""One ONNX graph, compiled in float32 for the runtime that was chosen, with exactly the outputs it may have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from beholden.errors import Fault, Untrusted
from beholden.model.weights import model_in

RUNTIMES = ("openvino", "onnxruntime", "gpu")
DEFAULT_RUNTIME = "openvino"

# f32 because OpenVINO otherwise takes bfloat16 where the processor has it, and templates of two machines would differ.
# One thread because a second one gained nothing when measured; run one process a core instead.
SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}

# TF32 keeps ten bits of each factor, and is what CUDA takes for convolutions unless told not to. The algorithm is chosen
# by rule, because trying all of them out takes seconds for each new size of a picture.
GPU_SETTINGS = {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}
BATCH = {"openvino": 16, "onnxruntime": 16, "gpu": 64}  # chips at one time; on a processor more gains nothing

Arrays = dict[str, NDArray[np.float32]]


class Graph:
    """Safe to use from several threads, one after the other."""

    def __init__(
        self, content: bytes, *, input_shape: Sequence[int], outputs: Sequence[str], runtime: str = DEFAULT_RUNTIME
    ) -> None:
        """`input_shape` has −1 where a size may vary.

        Raises `Untrusted` if the graph has other inputs or outputs, or if it would have a runtime read further files.
        """
        model_in(content)  # before any runtime sees it: both follow such names to the disk
        self.runtime = runtime
        self._outputs = tuple(outputs)
        self._compiled: _Compiled = (
            _OpenVino(content, input_shape, self._outputs)
            if runtime == "openvino"
            else _OnnxRuntime(content, input_shape, self._outputs, on_gpu=runtime == "gpu")
        )
        self._lock = Lock()

    def run(self, array: NDArray[np.float32]) -> Arrays:
        """The outputs by name, as arrays of their own."""
        with self._lock:
            return self._compiled.run(array)


class _Compiled(Protocol):
    def run(self, array: NDArray[np.float32]) -> Arrays: ...


@cache
def _core() -> Any:
    """One for the process, and never let go.

    OpenVINO gives the thread that first uses a Core a stack for signals, and takes its memory away with the Core, in
    whatever thread that happens: the next signal to the first thread then kills the process [12 of 12 servers that were
    told to end, after a System before theirs had been used and dropped].
    """
    import openvino

    return openvino.Core()


class _OpenVino:
    def __init__(self, content: bytes, input_shape: Sequence[int], outputs: tuple[str, ...]) -> None:
        try:
            model = _core().read_model(model=content)
        except RuntimeError as error:
            raise Fault(f"the model cannot be read by OpenVINO; install Beholden's pinned version: {error}") from error
        _check_heads(len(model.inputs), [name for output in model.outputs for name in output.get_names()], outputs)
        try:
            model.reshape(list(input_shape))
            compiled = _core().compile_model(model, "CPU", SETTINGS)
        except RuntimeError as error:
            raise Fault(f"the model cannot run on this processor: {error}") from error
        precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        if precision != "f32":
            raise Fault(f"OpenVINO would run the model in {precision}; templates compare only in f32")
        self._outputs = outputs
        self._request: Any = compiled.create_infer_request()

    def run(self, array: NDArray[np.float32]) -> Arrays:
        try:
            self._request.infer([array])
        except RuntimeError as error:
            raise Fault(f"the model failed: {error}") from error
        return {name: np.array(self._request.get_tensor(name).data, dtype=np.float32) for name in self._outputs}


class _OnnxRuntime:
    """On the processor with one thread, or on the first NVIDIA GPU. It never falls back from one to the other by itself."""

    def __init__(self, content: bytes, input_shape: Sequence[int], outputs: tuple[str, ...], *, on_gpu: bool) -> None:
        ort = _onnxruntime(on_gpu=on_gpu)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what goes wrong is raised; nothing is printed past us
        provider = ("CUDAExecutionProvider", GPU_SETTINGS) if on_gpu else "CPUExecutionProvider"
        try:
            self._session = ort.InferenceSession(_of_size(content, input_shape), options, providers=[provider])
        except _errors() as error:
            raise Fault(f"the model cannot be run by onnxruntime: {error}") from error
        inputs = self._session.get_inputs()
        _check_heads(len(inputs), [output.name for output in self._session.get_outputs()], outputs)
        if on_gpu and self._session.get_providers()[0] != "CUDAExecutionProvider":
            raise Fault(NO_GPU)
        self._input, self._outputs = inputs[0].name, outputs

    def run(self, array: NDArray[np.float32]) -> Arrays:
        try:
            made = self._session.run(list(self._outputs), {self._input: array})
        except _errors() as error:
            raise Fault(f"the model failed: {error}") from error
        return {name: np.array(one, dtype=np.float32) for name, one in zip(self._outputs, made, strict=True)}


NO_GPU = (
    "there is no NVIDIA GPU that onnxruntime can use here; install beholden[gpu] in the place of beholden[onnxruntime] on a "
    "machine that has one, with its driver, CUDA and cuDNN, or set another runtime"
)


def _onnxruntime(*, on_gpu: bool) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        extra = "gpu" if on_gpu else "onnxruntime"
        raise Fault(f"onnxruntime, which this runtime needs, is not installed; install beholden[{extra}]") from error
    onnxruntime.disable_telemetry_events()  # it has any on Windows only; said all the same
    if on_gpu:
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise Fault(NO_GPU)
        onnxruntime.preload_dlls()  # CUDA and cuDNN out of NVIDIA's own packages, if they are installed
    return onnxruntime


def _errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises: classes of its own without a common one."""
    from onnxruntime.capi import onnxruntime_pybind11_state as raised

    kinds = [kind for kind in vars(raised).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    return (RuntimeError, ValueError, *kinds)


def _check_heads(inputs: int, heads: Sequence[str], outputs: Sequence[str]) -> None:
    if inputs != 1 or sorted(heads) != sorted(outputs):
        raise Untrusted(
            f"the model has {inputs} inputs and the outputs {', '.join(sorted(heads))}; allowed are one "
            f"input and {', '.join(sorted(outputs))}: a model that tells anything else of a face is not loaded"
        )


def _of_size(content: bytes, input_shape: Sequence[int]) -> bytes:
    """The graph with this input, as OpenVINO's `reshape` has it: onnxruntime takes the sizes that the file declares."""
    model = model_in(content)
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in stored]
    if len(inputs) == 1:
        shape = inputs[0].type.tensor_type.shape
        del shape.dim[:]
        for place, size in enumerate(input_shape):
            dim = shape.dim.add()
            if size < 0:
                dim.dim_param = f"size_{place}"
            else:
                dim.dim_value = size
        for output in model.graph.output:
            output.type.tensor_type.ClearField("shape")
        del model.graph.value_info[:]
    return bytes(model.SerializeToString())
