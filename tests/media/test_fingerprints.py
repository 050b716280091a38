"""What a fingerprint keeps of a picture through the copies that people make, and what it does not; by PDQ as it is shipped."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import beholden.demo
from beholden.media.pillow import PillowMedia
from beholden.ports.media import Pixels
from beholden.records.near import NEAR, SURE, Fingerprint, are_near, distance

MEDIA = PillowMedia()
PORTRAITS = sorted((Path(beholden.demo.__file__).parent / "people").glob("*.jpg"))[::20]  # rendered, of nobody


def pressed(image: Image.Image, quality: int) -> Image.Image:
    content = BytesIO()
    image.save(content, "JPEG", quality=quality)
    return Image.open(content)


COPIES: dict[str, tuple[Callable[[Image.Image], Image.Image], int]] = {
    "the same": (lambda image: image, 0),
    "pressed": (lambda image: pressed(image, 50), 10),
    "pressed hard": (lambda image: pressed(image, 20), 16),
    "half as wide and high": (lambda image: image.resize((image.width // 2, image.height // 2)), 16),
    "a quarter as wide and high": (lambda image: image.resize((image.width // 4, image.height // 4)), 22),
    "twice as wide and high": (lambda image: image.resize((image.width * 2, image.height * 2)), 16),
    "grey": (lambda image: image.convert("L").convert("RGB"), 10),
}


def fingerprint_of(image: Image.Image) -> Fingerprint:
    return MEDIA.fingerprint(np.asarray(image.convert("RGB")))


@pytest.fixture(scope="module")
def portraits() -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in PORTRAITS]


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_has_nearly_the_fingerprint_of_the_picture(name: str, portraits: list[Image.Image]) -> None:
    copy, most = COPIES[name]
    apart = [distance(fingerprint_of(one).bits, fingerprint_of(copy(one)).bits) for one in portraits]
    assert max(apart) <= most <= NEAR


def test_different_portraits_that_are_framed_alike_are_not_near(portraits: list[Image.Image]) -> None:
    prints = [fingerprint_of(one) for one in portraits]
    assert min(one.quality for one in prints) >= SURE
    near = [(a, b) for a in range(len(prints)) for b in range(a) if are_near(prints[a], prints[b])]
    assert near == []


def test_a_mirrored_picture_is_far_away(portraits: list[Image.Image]) -> None:
    turned = [one.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for one in portraits]
    apart = [distance(fingerprint_of(a).bits, fingerprint_of(b).bits) for a, b in zip(portraits, turned, strict=True)]
    assert min(apart) > NEAR


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (2, 3), (63, 65), (129, 127)])
def test_pixels_of_any_shape_have_a_fingerprint(shape: tuple[int, int]) -> None:
    pixels: Pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = MEDIA.fingerprint(pixels)
    assert len(found.bits) == 32
    assert 0 <= found.quality <= 100
    assert MEDIA.fingerprint(pixels.copy()) == found


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_is_too_plain_to_tell(value: int) -> None:
    assert MEDIA.fingerprint(np.full((300, 400, 3), value, dtype=np.uint8)).quality < SURE
