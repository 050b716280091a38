"""The default pack on people who do not exist: it finds each of them once and ranks them as one would."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import pytest

from beholden.media.pillow import PillowMedia
from beholden.model.pack import FacePack
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace, Template

PEOPLE = ("p005", "p021", "p024", "p042", "p060", "p075", "p085", "p117", "p139", "p192")


@cache
def pack() -> FacePack:
    return FacePack()


def pixels_of(person: str, photograph: int) -> Pixels:
    folder = files("beholden") / "demo" / "people"
    (file,) = [entry for entry in folder.iterdir() if entry.name.startswith(f"{person}_{photograph}_")]
    return PillowMedia().decode(file.read_bytes()).pixels


@cache
def seen(person: str, photograph: int) -> tuple[FoundFace, Template]:
    pixels = pixels_of(person, photograph)
    (face,) = pack().find(pixels)
    return face, pack().embed(pixels, [face])[0].template


@pytest.mark.parametrize("person", PEOPLE)
def test_each_photograph_shows_one_face_well_inside_it(person: str) -> None:
    for photograph in (0, 3):
        face, _ = seen(person, photograph)
        assert face.quality.detector > 0.9
        assert 40 < face.quality.eyes_px < 110
        assert 0 < face.box.left < face.box.left + face.box.width < 1
        assert 0 < face.quality.frontality <= 1
        assert 20 < face.quality.luminance < 235
        assert face.quality.sharpness > 10


def test_the_same_person_at_the_same_age_comes_first() -> None:
    references = np.stack([seen(person, 0)[1] for person in PEOPLE])
    probes = np.stack([seen(person, 3)[1] for person in PEOPLE])
    cosines = probes @ references.T
    assert (cosines.argmax(axis=1) == np.arange(len(PEOPLE))).all()
    assert np.diag(cosines).min() > 0.5


def test_a_child_is_near_to_the_adult_on_the_whole_but_less_so() -> None:
    people = ("p005", "p024", "p117", "p139", "p192")
    references = np.stack([seen(person, 0)[1] for person in PEOPLE])
    cosines = np.stack([seen(person, 4)[1] for person in people]) @ references.T
    own = np.array([cosines[row, PEOPLE.index(person)] for row, person in enumerate(people)])
    assert own.mean() > cosines.mean() + 0.1


def test_a_crop_that_fills_the_frame_is_still_found() -> None:
    pixels = pixels_of("p060", 0)
    (face,) = pack().find(pixels)
    height, width = pixels.shape[:2]
    left, top = int(face.box.left * width), int(face.box.top * height)
    crop = pixels[top : top + int(face.box.height * height), left : left + int(face.box.width * width)]
    (again,) = pack().find(np.ascontiguousarray(crop))
    one, other = pack().embed(pixels, [face])[0], pack().embed(crop, [again])[0]
    assert float(one.template @ other.template) > 0.8


def test_a_small_face_in_a_large_picture_is_found_by_the_second_look() -> None:
    pixels = np.full((1400, 2000, 3), 110, dtype=np.uint8)
    pixels[500:950, 800:1160] = pixels_of("p021", 0)
    (face,) = pack().find(pixels)
    assert face.box.left * 2000 > 800
    assert (face.box.left + face.box.width) * 2000 < 1160
    (template,) = (embedded.template for embedded in pack().embed(pixels, [face]))
    assert float(template @ seen("p021", 0)[1]) > 0.95


def test_a_large_face_in_a_large_picture_is_one_face() -> None:
    from PIL import Image

    large = np.asarray(Image.fromarray(pixels_of("p021", 0)).resize((1440, 1800), Image.Resampling.BICUBIC))
    (face,) = pack().find(large)
    (embedded,) = pack().embed(large, [face])
    assert float(embedded.template @ seen("p021", 0)[1]) > 0.95


def test_a_face_lying_on_its_side_is_aligned_as_one_standing() -> None:
    pixels = pixels_of("p139", 0)
    (upright,) = pack().find(pixels)
    turned = np.ascontiguousarray(np.rot90(pixels))
    lying = FoundFace(upright.box, tuple((y, 1 - x) for x, y in upright.landmarks), upright.quality)
    (one,), (other,) = pack().embed(pixels, [upright]), pack().embed(turned, [lying])
    assert float(one.template @ other.template) > 0.99


def test_a_low_least_score_finds_no_fewer() -> None:
    pixels = pixels_of("p085", 0)
    eager = FacePack("pack:yunet-sface?score=0.2").find(pixels)
    assert eager[0] == pack().find(pixels)[0]
