"""The drawn stand-in: exact enough for every other test to lean on."""

from __future__ import annotations

import numpy as np
import pytest

from beholden.errors import Fault, NoUsableFace
from beholden.media.pillow import PillowMedia
from beholden.ports.media import Pixels
from beholden.records.faces import Box, rejection
from beholden.records.rules import Rules
from beholden.testing.drawn import DrawnModel, draw, template_of


def pixels_of(content: bytes) -> Pixels:
    return PillowMedia().decode(content).pixels


def test_the_same_person_is_near_and_any_other_far() -> None:
    one = np.stack([template_of(person, 0) for person in range(200)]).astype(np.float64)
    two = np.stack([template_of(person, 7) for person in range(200)]).astype(np.float64)
    cosines = one @ two.T
    assert np.diag(cosines).min() > 0.8
    assert np.abs(cosines - np.diag(np.diag(cosines))).max() < 0.4


def test_every_drawn_person_is_found_and_told_apart() -> None:
    model, people = DrawnModel(), [0, 1, 2, 500, 77_777, (1 << 20) - 1]
    pixels = pixels_of(draw(*people, seed=3))
    embedded = model.embed(pixels, model.find(pixels))
    assert all(
        np.array_equal(face.template, template_of(person, 3)) for face, person in zip(embedded, people, strict=True)
    )


def test_nobody_drawn_is_nobody_found() -> None:
    assert DrawnModel().find(pixels_of(draw())) == []
    assert DrawnModel().find(np.random.default_rng(0).integers(0, 256, (99, 99, 3), dtype=np.uint8)) == []


def test_faces_embedded_are_counted_and_faces_found_are_not() -> None:
    model, pixels = DrawnModel(), pixels_of(draw(1, 2, 3))
    found = model.find(pixels)
    assert model.embedded == 0
    model.embed(pixels, found[:1])
    model.embed(pixels, found[1:])
    assert model.embedded == 3


def test_a_drawn_face_survives_compression_a_chip_and_the_blanking_of_its_neighbour() -> None:
    media, model = PillowMedia(), DrawnModel()
    pixels = pixels_of(draw(11, 12))
    first, second = model.find(pixels)
    chip = pixels_of(media.chip(pixels, second.box, 160))
    assert np.array_equal(model.embed(chip, model.find(chip))[0].template, template_of(12))
    left = pixels_of(media.blank(pixels, [first.box]))
    (remaining,) = model.find(left)
    assert remaining.box == second.box


def test_a_small_block_is_found_and_rejected_as_too_small() -> None:
    (face,) = DrawnModel().find(pixels_of(draw(5, block=24)))
    assert "too small" in rejection(face, Rules())
    (face,) = DrawnModel().find(pixels_of(draw(5)))
    assert rejection(face, Rules()) == ""


def test_what_cannot_be_drawn_is_said() -> None:
    for people, settings in (
        ([1 << 20], {}),
        ([-1], {}),
        ([1], {"seed": 256}),
        ([1], {"block": 60}),
        ([1], {"width": 64}),
    ):
        with pytest.raises(ValueError):
            draw(*people, **settings)


def test_a_face_that_is_not_there_is_refused() -> None:
    model, pixels = DrawnModel(), pixels_of(draw(1))
    (face,) = model.find(pixels)
    moved = type(face)(Box(0.5, 0.5, 0.1, 0.1), face.landmarks, face.quality)
    with pytest.raises(NoUsableFace):
        model.embed(pixels, [moved])
    with pytest.raises(Fault):
        DrawnModel("pack:yunet-sface")
