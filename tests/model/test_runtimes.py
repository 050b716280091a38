"""The same templates whatever runs the models: OpenVINO, onnxruntime on the processor, and onnxruntime on a GPU."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from beholden.errors import Fault
from beholden.model import inference, yunet
from beholden.model.catalogue import manifest_of
from beholden.model.inference import NO_GPU, Graph
from beholden.model.pack import FacePack
from beholden.model.weights import read_pinned
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace
from tests.own_pack import rendered

NAMES = ("p139_0_29y", "p139_3_29y", "p005_0_58y", "p021_1_53y", "p060_3_56y")


@cache
def pack(runtime: str, name: str = "yunet-sface") -> FacePack:
    return FacePack(f"pack:{name}?runtime={runtime}")


@cache
def pictures() -> list[tuple[Pixels, list[FoundFace]]]:
    alone = [rendered(name) for name in NAMES]
    crowd = np.concatenate(alone[2:], axis=1)
    return [(pixels, pack("openvino").find(pixels)) for pixels in (*alone, crowd)]


def templates(
    of: FacePack, found: list[tuple[Pixels, list[FoundFace]]]
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.stack([one.template.astype(np.float64) for made in of.embed_many(found) for one in made])


@pytest.mark.parametrize("name", ["yunet-sface", "yunet-sface-mirror"])
def test_onnxruntime_gives_the_templates_of_openvino_within_a_ten_thousandth(name: str) -> None:
    ours, theirs = (templates(pack(runtime, name), pictures()) for runtime in ("openvino", "onnxruntime"))
    assert ours.shape == (8, 128)
    assert np.abs(ours - theirs).max() <= 1e-4
    assert np.abs((ours * theirs).sum(axis=1) - 1).max() <= 1e-6


def test_onnxruntime_finds_the_same_faces_and_the_whole_way_gives_the_same_templates() -> None:
    theirs = [(pixels, pack("onnxruntime").find(pixels)) for pixels, _ in pictures()]
    for (pixels, faces), (_, found) in zip(pictures(), theirs, strict=True):
        assert len(found) == len(faces)
        for one, other in zip(faces, found, strict=True):
            assert np.abs(np.array(one.landmarks) - np.array(other.landmarks)).max() * max(pixels.shape) < 0.01
            assert other.quality.detector == pytest.approx(one.quality.detector, abs=1e-4)
    # A landmark that lies otherwise by a millionth can tip one grey value of a chip by one step.
    assert np.abs(templates(pack("openvino"), pictures()) - templates(pack("onnxruntime"), theirs)).max() <= 1e-3


def test_what_is_compared_does_not_depend_on_the_runtime_and_neither_does_the_card() -> None:
    assert pack("onnxruntime").card == pack("openvino").card == FacePack().card


def test_a_runtime_that_we_do_not_have_is_refused_by_name() -> None:
    with pytest.raises(Fault, match="names a runtime that we do not have; set one of: openvino, onnxruntime, gpu"):
        FacePack("pack:yunet-sface?runtime=tensorrt")


def test_without_onnxruntime_the_extra_is_named_and_the_default_runs() -> None:
    code = (
        "import sys, numpy; sys.modules['onnxruntime'] = None\n"
        "from beholden.errors import Fault\n"
        "from beholden.model.pack import FacePack\n"
        "grey = numpy.zeros((64, 64, 3), numpy.uint8)\n"
        "assert FacePack().find(grey) == []\n"
        "for runtime in ('onnxruntime', 'gpu'):\n"
        "    try:\n"
        "        FacePack(f'pack:yunet-sface?runtime={runtime}').find(grey)\n"
        "    except Fault as fault:\n"
        "        assert f'install beholden[{runtime}]' in str(fault), fault\n"
        "    else:\n"
        "        raise SystemExit('it ran without')\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_onnxruntime_is_not_loaded_unless_it_is_asked_for() -> None:
    code = (
        "import sys, numpy; from beholden.model.pack import FacePack; p = FacePack();"
        "p.find(numpy.zeros((64, 64, 3), numpy.uint8)); assert 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_bytes_that_are_no_graph_are_a_fault_and_no_crash(runtime: str) -> None:
    with pytest.raises(Fault, match="cannot be read"):
        Graph(b"no graph", input_shape=(-1, 3, 112, 112), outputs=("feature",), runtime=runtime)


def gpu_missing() -> str:
    """Why the runtime `gpu` cannot be used on this machine; empty if it can."""
    try:
        inference._onnxruntime(on_gpu=True)
    except Fault as fault:
        return str(fault)
    return ""


def test_where_no_gpu_is_it_is_said_and_nothing_falls_back_to_the_processor() -> None:
    if not gpu_missing():
        pytest.skip("there is a GPU here")
    with pytest.raises(Fault, match="no NVIDIA GPU"):
        pack("gpu").embed_many(pictures())
    assert gpu_missing() == NO_GPU


def test_a_gpu_gives_the_templates_of_the_processor_within_a_thousandth_of_a_cosine() -> None:
    if missing := gpu_missing():
        pytest.skip(missing)
    found = [(pixels, pack("gpu").find(pixels)) for pixels, _ in pictures()]
    assert [len(faces) for _, faces in found] == [len(faces) for _, faces in pictures()]
    for seen in (pictures(), found, pictures() * 9):  # one of them more than a batch
        ours = templates(pack("openvino"), pictures() * (len(seen) // len(pictures())))
        assert (ours * templates(pack("gpu"), seen)).sum(axis=1).min() >= 1 - 1e-3


def test_the_detector_is_multiplied_out_for_onnxruntime_without_changing_what_it_finds() -> None:
    content = read_pinned(manifest_of("yunet-sface").detector)
    pixels, _ = pictures()[-1]
    ours, theirs = (yunet.detect(yunet.load(content, runtime), pixels, 0.6) for runtime in ("openvino", "onnxruntime"))
    assert ours.boxes == pytest.approx(theirs.boxes, abs=0.01)
    assert ours.landmarks == pytest.approx(theirs.landmarks, abs=0.01)
