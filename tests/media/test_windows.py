"""A piece of a picture cut out: the same numbers as from the whole laid out on a larger sheet, without ever making that."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden import windows
from beholden.windows import cut


@settings(max_examples=200, deadline=None)
@given(
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    left=st.integers(-40, 40),
    top=st.integers(-40, 40),
    rows=st.integers(1, 12),
    columns=st.integers(1, 12),
    step=st.integers(1, 9),
    beyond=st.sampled_from([0, 128]),
    at_once=st.sampled_from([1, 500, windows.AT_ONCE]),
)
def test_it_is_what_averaging_the_picture_on_a_large_sheet_gives(
    size: tuple[int, int], left: int, top: int, rows: int, columns: int, step: int, beyond: int, at_once: int
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    sheet = np.full((300, 300, 3), beyond, dtype=np.uint8)
    sheet[100 : 100 + size[0], 100 : 100 + size[1]] = pixels
    around = sheet[100 + top :, 100 + left :][: rows * step, : columns * step]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "AT_ONCE", at_once)
        made = cut(pixels, left, top, rows=rows, columns=columns, step=step, beyond=beyond)
    assert np.array_equal(made, around.reshape(rows, step, columns, step, 3).mean(axis=(1, 3)))


def test_a_window_that_reaches_far_past_a_narrow_picture_takes_no_memory_for_what_is_not_there() -> None:
    pixels = np.full((64, 20_000, 3), 7, dtype=np.uint8)
    tracemalloc.start()
    made = cut(pixels, -9_000, -19_000, rows=300, columns=300, step=130)  # 39,000 pixels a side: 4.5 GB as they are
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()
    assert made.max() == pytest.approx(7 * 64 / 130, rel=0.1)
