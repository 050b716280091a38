"""Edits of a probe: around the face only, the same numbers every time, and nothing that was not there."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from beholden.errors import BadInput
from beholden.media.edits import edited
from beholden.records.edits import REACH, WHOLE, Edit, Operation, edit_words, edits_of
from beholden.records.faces import Box

BOX = Box(0.4, 0.4, 0.2, 0.2)


def picture(seed: int = 0, height: int = 90, width: int = 120) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def once(name: str, value: float, pixels: NDArray[np.uint8], box: Box = BOX) -> NDArray[np.uint8]:
    before = pixels.copy()
    made = edited(pixels, box, [Edit(Operation(name), value)])
    assert np.array_equal(pixels, before), "the original is not touched"
    assert (made.shape, made.dtype) == (pixels.shape, np.uint8)
    return made


@pytest.mark.parametrize("operation", list(Operation))
def test_only_what_lies_around_the_face_is_edited(operation: Operation) -> None:
    pixels = picture()
    made = once(operation, REACH[operation][1] if operation != "rotate" else 33.0, pixels)
    changed = np.argwhere((made != pixels).any(axis=2))
    assert len(changed)
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert 9 <= top <= bottom < 81, "three times the longer side of 24 pixels, about the middle of the face"
    assert 24 <= left <= right < 96


@pytest.mark.parametrize(("operation", "value"), [("rotate", 0.0), ("exposure", 0.0), ("contrast", 1.0)])
def test_what_asks_for_nothing_changes_nothing(operation: str, value: float) -> None:
    pixels = picture()
    assert np.array_equal(once(operation, value, pixels), pixels)
    assert np.array_equal(edited(pixels, BOX, []), pixels)


def test_four_quarter_turns_are_none_and_one_turns_to_the_left() -> None:
    pixels, box = picture(height=120), Box(0.4, 0.4, 0.2, 0.2)
    turned = once("rotate", 90.0, pixels, box)
    assert np.array_equal(turned[24:96, 24:96], np.rot90(pixels[24:96, 24:96]))
    for _ in range(3):
        turned = once("rotate", 90.0, turned, box)
    assert np.array_equal(turned, pixels)
    assert np.array_equal(once("rotate", -180.0, pixels, box), once("rotate", 180.0, pixels, box))


def test_a_stop_of_light_doubles_the_linear_light_and_never_leaves_the_range() -> None:
    grey = np.full((90, 120, 3), 100, dtype=np.uint8)
    assert once("exposure", 1.0, grey)[45, 60, 0] == 138  # 0.1274 of linear light, doubled: 0.2548
    assert once("exposure", -1.0, grey)[45, 60, 0] == 71
    assert once("exposure", 3.0, np.full_like(grey, 250)).max() == 255


def test_contrast_is_about_middle_grey() -> None:
    for level, wanted in ((128, 128), (100, 72), (200, 255), (10, 0)):
        assert once("contrast", 2.0, np.full((90, 120, 3), level, dtype=np.uint8))[45, 60, 1] == wanted


def test_cropping_leaves_the_face_and_its_margin_and_greys_the_rest_of_the_square() -> None:
    pixels = np.full((90, 120, 3), 7, dtype=np.uint8)
    made = once("crop", 0.5, pixels)
    assert (made[45 - 17 : 45 + 17, 60 - 23 : 60 + 23] == 7).all()
    assert (made[45, 60 - 30], made[45 - 25, 60])[0].tolist() == [128, 128, 128]
    assert (made[:9] == 7).all()


def test_a_step_between_blocks_is_smoothed_and_an_edge_stays() -> None:
    pixels = np.full((96, 96, 3), 100, dtype=np.uint8)
    pixels[:, 48:] = 108  # between two blocks of eight
    made = once("deblock", 10.0, pixels, Box(0.375, 0.375, 0.25, 0.25))
    assert made[48, 46:50, 0].tolist() == [100, 102, 106, 108]
    assert np.array_equal(once("deblock", 7.0, pixels, Box(0.375, 0.375, 0.25, 0.25)), pixels)
    within = np.roll(pixels, 4, axis=1)  # a step within a block is the picture's own
    assert np.array_equal(once("deblock", 30.0, within, Box(0.375, 0.375, 0.25, 0.25))[48, 40:56], within[48, 40:56])


def test_a_median_takes_single_pixels_away() -> None:
    pixels = np.full((90, 120, 3), 60, dtype=np.uint8)
    pixels[45, 60] = 255
    assert (once("denoise", 1.0, pixels) == 60).all()


@settings(max_examples=60, deadline=None)
@given(
    left=st.floats(-2, 2),
    top=st.floats(-2, 2),
    size=st.floats(0.001, 1.5),
    edits=st.lists(st.sampled_from(list(Operation)), unique=True, max_size=6).flatmap(
        lambda names: st.tuples(
            *(
                st.floats(*REACH[name]).map(
                    lambda value, name=name: Edit(name, round(value) if name in WHOLE else value)
                )
                for name in names
            )
        )
    ),
)
def test_whatever_the_box_and_the_edits_the_picture_keeps_its_shape_and_twice_gives_the_same(
    left: float, top: float, size: float, edits: tuple[Edit, ...]
) -> None:
    pixels = picture(height=40, width=56)
    made = edited(pixels, Box(left, top, size, size), edits)
    assert (made.shape, made.dtype) == (pixels.shape, np.uint8)
    assert np.array_equal(made, edited(pixels, Box(left, top, size, size), edits))


def test_req_42_there_is_no_other_edit_and_every_fault_is_said() -> None:
    assert {str(one) for one in Operation} == {"crop", "rotate", "exposure", "contrast", "deblock", "denoise"}
    assert edits_of(["rotate=90", "exposure = -1.5"]) == (
        Edit(Operation.ROTATE, 90.0),
        Edit(Operation.EXPOSURE, -1.5),
    )
    for name in ("inpaint", "generate", "swap", "mirror", "symmetry", "sketch", "age", "upscale", "restore", "sharpen"):
        with pytest.raises(BadInput, match=f"'{name}' is no edit"):
            edits_of([f"{name}=1"])
    with pytest.raises(BadInput) as caught:
        edits_of(["inpaint=1", "contrast=9", "denoise=1.5", "rotate", "exposure=nan", "crop=0.5", "crop=0.6"])
    for words in (
        "'inpaint' is no edit",
        "contrast takes a number from 0.5 to 2",
        "denoise takes a whole number from 1 to 2",
        "rotate takes",
        "exposure takes",
        "an edit is made once",
    ):
        assert words in str(caught.value)
    with pytest.raises(BadInput, match="say what to edit"):
        edits_of([])


def test_what_is_said_of_edited_faces_names_each_with_its_numbers() -> None:
    class Probe:
        def __init__(self, *edits: Edit) -> None:
            self.edits = edits

    assert edit_words([Probe(), Probe()]) == ()
    assert edit_words([Probe(), Probe(Edit(Operation.ROTATE, 90.0), Edit(Operation.CONTRAST, 1.25))]) == (
        "Of 2 probe faces edited: 2 (rotate 90, contrast 1.25). Each is shown with its original before it.",
    )


@pytest.mark.parametrize("operation", list(Operation))
def test_a_box_across_a_long_narrow_picture_takes_memory_for_the_picture_alone(operation: Operation) -> None:
    pixels = picture(height=64, width=20_000)  # a PNG of one colour and this size has 4 kB
    value = {Operation.CROP: REACH[operation][0], Operation.ROTATE: 33.0}.get(operation, REACH[operation][1])
    tracemalloc.start()
    made = once(operation, value, pixels, Box(0.19, 0.19, 0.63, 0.63))
    assert tracemalloc.get_traced_memory()[1] < 150_000_000, "the square around the face would have 4.3 GB"
    tracemalloc.stop()
    assert (made != pixels).any()


@pytest.mark.parametrize(("degrees", "quarters"), [(90.0, 1), (180.0, 2), (-90.0, 3)])
def test_what_turns_out_of_the_picture_is_lost_and_what_turns_in_is_grey(degrees: float, quarters: int) -> None:
    pixels = picture(height=90, width=120)
    box = Box(0.05, 0.1, 0.2, 0.2)  # 6, 9, 24 x 18: a square of 72 from -18, -18, of which 54 x 54 are in the picture
    sheet = np.full((72, 72, 3), 128, dtype=np.uint8)
    sheet[18:, 18:] = pixels[:54, :54]
    made = once("rotate", degrees, pixels, box)
    assert np.array_equal(made[:54, :54], np.rot90(sheet, quarters)[18:, 18:])
    assert np.array_equal(made[54:], pixels[54:])
    assert np.array_equal(made[:, 54:], pixels[:, 54:])


def test_bands_leave_no_mark_where_they_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = picture(height=400, width=90) // 16  # steps of every size up to 15
    whole = once("deblock", 12.0, pixels, Box(0.1, 0.1, 0.8, 0.8))
    for band in (8, 16, 4_000):
        monkeypatch.setattr("beholden.media.edits.BAND", band)
        assert np.array_equal(once("deblock", 12.0, pixels, Box(0.1, 0.1, 0.8, 0.8)), whole)
