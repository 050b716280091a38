"""Packs of one's own: any embedder of the ArcFace family that a manifest pins, and nothing that tells more of a face."""

from __future__ import annotations

import hashlib
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholden.errors import BadInput, Fault, Untrusted
from beholden.media.pillow import PillowMedia
from beholden.model import yunet
from beholden.model.adding import read_new
from beholden.model.alignment import chip
from beholden.model.catalogue import manifest_of, pack_names
from beholden.model.levelling import level
from beholden.model.manifest import PinnedFile, space_of
from beholden.model.pack import FacePack
from beholden.model.reading import manifest_in
from beholden.model.recogniser import Recogniser
from beholden.model.weights import read_pinned
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace
from beholden.records.faces import Box
from tests.own_pack import DIMENSION, described, expected, rendered, text_of, tiny, write_pack

SOMEBODY = "p139_0_29y"


def opened(folder: Path, *, runtime: str = "openvino", name: str = "tiny") -> FacePack:
    return FacePack(f"pack:{name}?runtime={runtime}&folder={folder}")


def somebody(pack: FacePack) -> tuple[Pixels, FoundFace, Pixels]:
    pixels = rendered(SOMEBODY)
    [face] = pack.find(pixels)
    points = np.array(face.landmarks) * (pixels.shape[1], pixels.shape[0])
    return pixels, face, chip(pixels, points)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
@pytest.mark.parametrize(
    ("channels", "mean", "std"), [("rgb", 127.5, 127.5), ("bgr", 127.5, 127.5), ("rgb", 127.5, 128.0)]
)
def test_a_template_is_what_the_manifest_says_of_channels_mean_and_std(
    tmp_path: Path, runtime: str, channels: str, mean: float, std: float
) -> None:
    write_pack(tmp_path, embedder__channels=channels, embedder__mean=mean, embedder__std=std)
    pack = opened(tmp_path, runtime=runtime)
    pixels, face, cut = somebody(pack)
    [made] = pack.embed(pixels, [face])
    raw = expected(cut, channels=channels, mean=mean, std=std)
    assert made.template == pytest.approx(raw / np.linalg.norm(raw), abs=1e-5)
    assert made.template.shape == (DIMENSION,) == (pack.card.dimension,)
    assert made.quality.unified == round((float(np.linalg.norm(raw)) - 1) / 29 * 100)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_a_graph_that_takes_one_chip_at_a_time_or_lists_its_weights_as_inputs_gives_the_same(
    tmp_path: Path, runtime: str
) -> None:
    write_pack(tmp_path / "any")
    write_pack(tmp_path / "one", tiny(batch=1))
    write_pack(tmp_path / "old", tiny(listed=True))
    pixels, face, _ = somebody(FacePack())
    packs = [opened(tmp_path / name, runtime=runtime) for name in ("any", "one", "old")]
    wanted, *made = [np.stack([one.template for one in pack.embed(pixels, [face] * 3)]) for pack in packs]
    for templates in made:
        assert templates == pytest.approx(wanted, abs=1e-6)


def test_a_mean_for_each_channel_is_taken_in_the_order_of_the_channels(tmp_path: Path) -> None:
    write_pack(tmp_path, embedder__channels="bgr", embedder__mean=[10.0, 20.0, 30.0], embedder__std=[1.0, 2.0, 4.0])
    pack = opened(tmp_path)
    pixels, face, cut = somebody(pack)
    [made] = pack.embed(pixels, [face])
    scaled = (cut.astype(np.float64) - (30.0, 20.0, 10.0)) / (4.0, 2.0, 1.0)
    raw = expected(scaled, channels="bgr", mean=0, std=1)
    assert made.template == pytest.approx(raw / np.linalg.norm(raw), abs=1e-5)


def test_a_mirrored_template_is_the_sum_of_both_and_has_the_quality_of_the_chip_as_it_is(tmp_path: Path) -> None:
    write_pack(tmp_path / "plain")
    write_pack(tmp_path / "mirror", embedder__mirror=True)
    plain, mirror = opened(tmp_path / "plain"), opened(tmp_path / "mirror")
    pixels, face, cut = somebody(plain)
    [one], [both] = plain.embed(pixels, [face]), mirror.embed(pixels, [face])
    raw = expected(cut) + expected(cut[:, ::-1])
    assert both.template == pytest.approx(raw / np.linalg.norm(raw), abs=1e-5)
    assert both.quality == one.quality
    assert not np.allclose(both.template, one.template, atol=1e-3)
    assert plain.card.space_id != mirror.card.space_id


def test_a_mirror_image_of_a_picture_has_the_same_template_in_a_mirrored_pack() -> None:
    pack = FacePack("pack:yunet-sface-mirror")
    pixels, face, _ = somebody(pack)
    points = [(1 - 1 / pixels.shape[1] - x, y) for x, y in face.landmarks]
    turned = FoundFace(face.box, tuple(points[place] for place in (1, 0, 2, 4, 3)), face.quality)
    [one], [other] = pack.embed(pixels, [face]), pack.embed(pixels[:, ::-1], [turned])
    assert float(one.template @ other.template) > 0.99
    plain = FacePack()
    [same] = plain.embed(pixels, [face])
    assert 0.8 < float(same.template @ one.template) < 0.9999
    assert same.quality == one.quality


def test_many_pictures_at_once_have_the_templates_of_each_alone() -> None:
    pack = FacePack()
    names = (SOMEBODY, "p005_0_58y", "p021_1_53y")
    pictures = [(pixels, pack.find(pixels)) for pixels in map(rendered, names)]
    pictures.insert(1, (np.zeros((64, 64, 3), dtype=np.uint8), []))
    together = pack.embed_many(pictures)
    assert [len(made) for made in together] == [1, 0, 1, 1]
    for (pixels, faces), made in zip(pictures, together, strict=True):
        for one, other in zip(pack.embed(pixels, faces), made, strict=True):
            assert one.quality == other.quality
            assert np.allclose(one.template, other.template, atol=1e-6)
    assert pack.embed_many([]) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            tiny(heads=("feature", "years")),
            "its outputs are feature n x 24, years n x 24; allowed is one, feature n x 24",
        ),
        (tiny(heads=("years",)), "its outputs are years n x 24; allowed is one, feature"),
        (tiny(dimension=32), "its outputs are feature n x 32; allowed is one, feature n x 24"),
        (
            tiny(inputs=("face", "mask")),
            "its inputs are face n x 3 x 112 x 112, mask n x 3 x 112 x 112; allowed is one",
        ),
        (tiny(side=160), "its inputs are face n x 3 x 160 x 160; allowed is one, face n x 3 x 112 x 112"),
        (tiny(batch=8), "it takes exactly 8 chips at a time"),
        (b"no graph at all", "cannot be read as an ONNX graph"),
    ],
    ids=["two heads", "another head", "another dimension", "two inputs", "another size", "a fixed batch", "no graph"],
)
@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_req_53_a_graph_that_takes_or_tells_anything_else_is_not_loaded(
    tmp_path: Path, content: bytes, words: str, runtime: str
) -> None:
    write_pack(tmp_path, content)
    pixels, face, _ = somebody(FacePack())
    with pytest.raises(Untrusted) as caught:
        opened(tmp_path, runtime=runtime).embed(pixels, [face])
    assert words in str(caught.value)


def test_req_120_weights_in_further_files_are_not_followed(tmp_path: Path) -> None:
    import onnx

    model = onnx.load_model_from_string(tiny())
    [weights] = model.graph.initializer
    onnx.external_data_helper.set_external_data(weights, "weights.bin", 0, len(weights.raw_data))
    (tmp_path / "weights.bin").write_bytes(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = onnx.TensorProto.EXTERNAL
    write_pack(tmp_path, model.SerializeToString())
    pixels, face, _ = somebody(FacePack())
    with pytest.raises(Untrusted, match="some of its weights lie in other files, which are not pinned"):
        opened(tmp_path).embed(pixels, [face])


def test_req_120_weights_beside_the_manifest_are_pinned_as_those_of_a_package_are(tmp_path: Path) -> None:
    manifest = write_pack(tmp_path)
    weights = manifest.parent / "tiny.onnx"
    content = bytearray(weights.read_bytes())
    content[700] ^= 1
    weights.write_bytes(content)
    found = hashlib.sha256(content).hexdigest()
    with pytest.raises(Untrusted, match=rf"tiny\.onnx is not the pinned one: its SHA-256 is {found}.*put the file"):
        _ = opened(tmp_path).card
    weights.unlink()
    with pytest.raises(
        Untrusted, match=r"tiny\.onnx cannot be read \(No such file.*put the file that the manifest pins"
    ):
        _ = opened(tmp_path).card


def test_a_name_that_ships_is_never_another_pack(tmp_path: Path) -> None:
    write_pack(tmp_path, name="yunet-sface")
    assert opened(tmp_path, name="yunet-sface").card == FacePack().card
    assert pack_names(tmp_path) == ("yunet-sface",)
    assert pack_names(tmp_path / "none") == ()
    with pytest.raises(Fault, match="there is no model pack 'other'; set one of: yunet-sface, yunet-sface-mirror"):
        opened(tmp_path, name="other")


def test_a_manifest_tells_of_everything_that_is_wrong_at_once() -> None:
    told = described(
        tiny(),
        name="Not A Name",
        dimension=4.5,
        precision="bf16",
        licence_kind="free",
        training_data=None,
        limits=[],
        years="2026",
        embedder__input=None,
        embedder__channels="grey",
        embedder__std=0,
        embedder__lengths=[3.0, 2.0, 4.0],
        embedder__sha256="abc",
        embedder__file="../tiny.onnx",
        detector__kind="centerface",
        detector__file="/etc/passwd",
    )
    with pytest.raises(BadInput) as caught:
        manifest_in(text_of(told).encode(), None)
    for words in (
        "name must be small letters",
        "dimension must be a whole number from 16 to 4096",
        "precision is 'bf16'; known are f32",
        "licence_kind is 'free'; known are permissive, agreement, research-only, unknown",
        "training_data is missing",
        "limits must be a list of texts",
        "years is unknown",
        "embedder.input is missing",
        "embedder.channels is 'grey'; known are rgb, bgr",
        "embedder.std must be above 0",
        "embedder.lengths must rise",
        "embedder.lengths must be as many as percentiles",
        "embedder.sha256 must be 64 hexadecimal digits",
        "embedder.file must be the bare name of a file beside the manifest",
        "detector.kind is 'centerface'; known are yunet",
        "detector.file must be a path inside the package",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"licence_kind": None, "embedder__licence": "CC-BY-NC-4.0"}, "licence_kind is missing"),
        ({"embedder__licence": None}, "embedder.licence is missing"),
        ({"detector": None}, "detector is missing"),
        ({"embedder": "weights"}, "embedder must be a table"),
        ({"embedder__kind": None}, "embedder.kind is missing"),
        ({"embedder__lengths": None}, "embedder.lengths is missing"),
        ({"embedder__percentiles": []}, "embedder.percentiles must be a list of numbers"),
    ],
)
def test_a_manifest_with_one_fault_is_told_of_that_one(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        manifest_in(text_of(described(tiny(), **changes)).encode(), None)
    assert re.sub("; known are [^;]*", "", str(caught.value)) == f"the manifest cannot be used: {words}"


@pytest.mark.parametrize(
    "name", ["licence_kind", "licence", "training_data", "limits", "not_measured", "prohibited_uses"]
)
def test_req_120_a_manifest_that_leaves_out_what_people_must_answer_for_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match=f"{name} is missing"):
        manifest_in(text_of(described(tiny(), **{name: None})).encode(), None)


def test_the_manifest_in_the_documents_can_be_used() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    told = manifest_in(block.replace("64 hexadecimal digits", "0" * 64).encode(), None)
    assert (told.name, told.recognising.kind, told.embedder.package) == ("mine", "arcface-112", "")


def test_a_field_that_the_kind_fixes_is_not_told_anew() -> None:
    told = described(tiny(), embedder__kind="sface")
    with pytest.raises(BadInput, match=r"embedder\.channels is fixed for the kind sface"):
        manifest_in(text_of(told).encode(), None)


def test_req_122_permissive_is_said_of_licences_on_the_closed_list_only() -> None:
    told = described(tiny(), embedder__licence="CC-BY-NC-4.0")
    with pytest.raises(BadInput, match=r"a file is under 'CC-BY-NC-4\.0'; permissive are Apache-2\.0"):
        manifest_in(text_of(told).encode(), None)
    assert manifest_in(text_of(told | {"licence_kind": "research-only"}).encode(), None).licence_kind == "research-only"
    with pytest.raises(BadInput, match="agreement is missing"):
        manifest_in(text_of(told | {"licence_kind": "agreement"}).encode(), None)


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", b"x" * 300_000, b"", b"detector = 1"])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        manifest_in(content, None)


def test_req_121_whatever_changes_a_template_changes_the_space_and_nothing_else_does() -> None:
    def space(**changes: object) -> str:
        return space_of(manifest_in(text_of(described(tiny(), **changes)).encode(), None))

    spaces = [
        space(),
        space(embedder__sha256="0" * 64),
        space(detector__sha256="0" * 64),
        space(preprocessing="2"),
        space(embedder__channels="bgr"),
        space(embedder__mean=127.0),
        space(embedder__std=[127.5, 127.5, 128.0]),
        space(embedder__mirror=True),
        space_of(manifest_of("yunet-sface")),
        space_of(manifest_of("yunet-sface-mirror")),
    ]
    assert len(set(spaces)) == len(spaces)
    assert (
        space(limits=["another"], name="other", embedder__lengths=[1.0, 9.0], embedder__mean=[127.5] * 3) == spaces[0]
    )


def outside(tensor: Any, folder: Path, name: str = "weights.bin") -> Any:
    """The tensor with its numbers in a file of their own, which lies where a runtime would look for it."""
    import onnx

    (folder / name).write_bytes(tensor.raw_data)
    onnx.external_data_helper.set_external_data(tensor, name, 0, len(tensor.raw_data))
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    return tensor


def hidden_away(place: str, folder: Path) -> bytes:
    """`tiny` with its weights in another file, and what names that file in some part of the graph."""
    import onnx
    from onnx import helper

    model = onnx.load_model_from_string(tiny())
    weights = model.graph.initializer.pop()
    outside(weights, folder)
    multiply = model.graph.node.pop()
    constant = helper.make_node("Constant", [], ["weights"], value=weights)
    if place == "a node":
        model.graph.node.extend([constant, multiply])
    elif place == "a function":
        inside = helper.make_node("MatMul", ["x", "weights"], ["y"])
        opsets = [helper.make_opsetid("", 13)]
        model.functions.append(helper.make_function("own", "F", ["x"], ["y"], [constant, inside], opsets))
        model.opset_import.append(helper.make_opsetid("own", 1))
        model.graph.node.append(helper.make_node("F", ["row"], ["feature"], domain="own"))
    elif place == "a sparse initialiser":
        sparse = model.graph.sparse_initializer.add()
        sparse.values.CopyFrom(weights)
        sparse.dims.extend([147, DIMENSION])
        model.graph.node.append(multiply)
    else:
        yes = helper.make_tensor("yes", onnx.TensorProto.BOOL, [], [True])
        told = helper.make_tensor_value_info("weights", onnx.TensorProto.FLOAT, [147, DIMENSION])
        branch = helper.make_graph([constant], "branch", [], [told])
        either = helper.make_node("If", ["so"], ["weights"], then_branch=branch, else_branch=branch)
        model.graph.node.extend([helper.make_node("Constant", [], ["so"], value=yes), either, multiply])
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("place", ["a node", "a function", "a sparse initialiser", "a graph inside a node"])
def test_req_120_weights_in_further_files_are_not_followed_from_anywhere_in_a_graph(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where a runtime that is given bytes looks for such files
    manifest = write_pack(tmp_path / "given", hidden_away(place, tmp_path))
    with pytest.raises(Untrusted, match="some of its weights lie in other files, which are not pinned"):
        read_new(manifest, tmp_path / "packs")


@pytest.mark.parametrize("part", ["detector", "embedder"])
@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_req_120_neither_a_detector_nor_an_sface_has_weights_in_further_files(
    tmp_path: Path, part: str, runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx

    monkeypatch.chdir(tmp_path)
    shipped = manifest_of("yunet-sface")
    model = onnx.load_model_from_string(read_pinned(getattr(shipped, part)))
    outside(max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data)), tmp_path)
    content = model.SerializeToString()
    if part == "detector":
        with pytest.raises(Untrusted, match="some of its weights lie in other files, which are not pinned"):
            yunet.load(content, runtime)
        return
    (tmp_path / "sface.onnx").write_bytes(content)
    pinned = PinnedFile("", "", "sface.onnx", hashlib.sha256(content).hexdigest(), "Apache-2.0", tmp_path)
    with pytest.raises(Untrusted, match="some of its weights lie in other files, which are not pinned"):
        Recogniser(replace(shipped, embedder=pinned), runtime)


def test_eyes_that_lie_far_apart_in_a_long_narrow_picture_take_no_memory_for_what_is_not_there() -> None:
    pixels = np.full((64, 20_000, 3), 90, dtype=np.uint8)
    points = np.array([[4_000.0, 30], [16_000, 30], [10_000, 7_000], [5_000, 14_000], [15_000, 14_000]])
    tracemalloc.start()
    assert chip(pixels, points).shape == (112, 112, 3)
    graph = yunet.load(read_pinned(manifest_of("yunet-sface").detector))
    assert level(graph, pixels, np.array([3_800.0, 12, 12_600, 40]), 0.2) is None
    assert tracemalloc.get_traced_memory()[1] < 250_000_000, "as they are: 30 GB and 4 GB"
    tracemalloc.stop()
    shown = PillowMedia().chip(pixels, Box(0.19, 0.19, 0.63, 0.63), 224)
    assert PillowMedia().decode(shown).pixels.shape == (224, 224, 3)
