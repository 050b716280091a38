"""The interval around each score holds the score, and the kernel touches nothing outside of what it is given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.index.halves import HalfCodes, _work
from beholden.index.halves import _Ask as Ask
from beholden.index.scanning import UNIT, Rows
from tests.compiled import BLOCK, KernelCodes, _coded, _scan
from tests.contracts.test_scanning import (
    HALVES,
    SCANNERS,
    VARIANTS,
    chunks,
    made_unit,
    needed,
    scanner_of,
    scored,
    units,
)


def coded(row: Rows) -> KernelCodes:
    codes = KernelCodes(len(row), 1)
    codes.put(0, row[None])
    codes.count = 1
    return codes


def interval(variant: str, row: Rows, probe: Rows, *, rest: float | None = None) -> tuple[float, float]:
    """The kernel's own interval around the score of one row; with another rest than its own, if one is given."""
    codes, head = coded(row), _coded(probe[None], len(probe))
    if rest is not None:
        codes.halves[1][0, -1, 0] = np.float32(rest).view(np.uint32)
    places, (lows, highs) = np.full(BLOCK, -1), np.empty((2, BLOCK), dtype=np.float32)
    assert _scan.finish(variant, codes.words, len(row), 1, np.zeros(1, int), head, -np.inf, places, lows, highs) == 1
    assert places[0] == 0
    return float(lows[0]), float(highs[0])


def upper(variant: str, row: Rows, probe: Rows, *, whole: bool) -> float:
    """The end that the kernel gives for a block that this row fills."""
    codes, bounds = KernelCodes(len(row), BLOCK), np.full(1, np.nan, dtype=np.float32)
    codes.put(0, np.repeat(row[None], BLOCK, axis=0))
    assert (
        _scan.bounds(variant, codes.words, len(row), BLOCK, 0, 1, _coded(probe[None], len(probe)), whole, bounds, 0)
        == 1
    )
    return float(bounds[0])


def shaped(kind: int, seed: int, dimension: int) -> Rows:
    """Vectors on which rounding to whole numbers is at its best and at its worst."""
    drawn = np.random.default_rng(seed).standard_normal(dimension)
    at = np.arange(dimension)
    shape = [
        drawn,
        np.where(at == seed % dimension, 1.0, 0.0),
        np.ones(dimension),
        np.where(at % 2, -1.0, 1.0),
        np.where(at == 0, 127.0, 0.5),  # each rest is half a step, all to one side
        np.where(at == 0, 127.0, np.where(at % 2, -0.4999, 0.4999)),
        np.where(at == 0, 1.0, 1e-40),
        np.sign(drawn) * np.exp(3 * drawn),
    ][kind % 8]
    return made_unit(shape[None])[0]


ROOM = 64 * (128 + 12) // 4  # numbers of 32 bits for 64 rows of 128 dimensions
KINDS = st.integers(0, 7)
SEEDS = st.integers(0, 2**31)
DIMENSIONS = st.sampled_from([1, 2, 3, 4, 7, 128, 192, 511, 512, 2048, 4096])


@pytest.mark.parametrize("variant", VARIANTS)
@given(KINDS, SEEDS, KINDS, SEEDS, DIMENSIONS, st.floats(1 - UNIT, 1 + UNIT), st.booleans())
def test_the_final_score_lies_in_the_interval(
    variant: str, kind: int, seed: int, other: int, drawn: int, dimension: int, length: float, opposite: bool
) -> None:
    row = shaped(kind, seed, dimension) * np.float32(length)
    probe = shaped(other, drawn, dimension) * np.float32(-2 + length if opposite else 2 - length)
    low, high = interval(variant, row, probe)
    assert low <= scored(row[None], probe)[0] <= high
    assert high - low <= 2.1 * np.sqrt(dimension) / 254 + 2e-4, (
        "and it is as narrow as rounding to 255 steps lets it be"
    )
    for whole, steps in ((True, 254), (False, 15)):
        end, other_end = (upper(variant, row, given, whole=whole) for given in (probe, -probe))
        assert -other_end <= scored(row[None], probe)[0] <= end
        rests = 1.01 * np.sqrt(dimension) / np.array([steps, 254])
        # The probe's rest counts twice, since a half is always rounded up, and p' and (-p)' so are not opposites.
        assert end + other_end <= 2 * (rests[0] + 2 * rests[1] + 2 * rests.prod()) + 2e-4


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("whole", [False, True])
def test_what_coding_takes_from_probe_and_row_together_is_in_the_interval(variant: str, whole: bool) -> None:
    """What is left of the probe lies along the row and what is left of the row along the probe: both count in full."""
    row, probe = made_unit(np.array([[127.0] + [8.0] * 127, [127.0] + [0.49] * 127]))
    for one, other in ((row, probe), (-row, -probe), (row, -probe), (-row, probe)):
        assert scored(one[None], other)[0] <= upper(variant, one, other, whole=whole)


@given(KINDS, SEEDS, KINDS, SEEDS, DIMENSIONS)
def test_the_final_score_lies_in_the_interval_of_faiss(
    kind: int, seed: int, other: int, drawn: int, dimension: int
) -> None:
    row, probe = shaped(kind, seed, dimension), shaped(other, drawn, dimension)
    codes = HalfCodes(dimension, 1)
    codes.put(0, row[None])
    ask = Ask(0, [0], 1)
    _work([codes], [1], [[probe]], iter([ask]))
    assert ask.seen[0].lows[0] <= scored(row[None], probe)[0] <= ask.seen[0].highs[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_interval_that_is_too_narrow_would_be_noticed_here(variant: str) -> None:
    """The tests above bite: half of the rest that was kept, and the score of such a row is outside."""
    row, probe = shaped(4, 0, 512), shaped(4, 0, 512)
    rest = float(rest_of(row))
    away = made_unit((row.astype(np.float64) - stood_for(row))[None])[0]  # along what was lost
    for towards in (probe, away):
        low, high = interval(variant, row, towards)
        assert low <= scored(row[None], towards)[0] <= high
    low, high = interval(variant, row, away, rest=rest / 2)
    assert not low <= scored(row[None], away)[0] <= high


def rest_of(row: Rows) -> np.float32:
    return coded(row).halves[1][0, -1, 0].view(np.float32)


def stood_for(row: Rows, *, high_alone: bool = False) -> np.ndarray:
    """What the codes of a row say it is."""
    high, low = coded(row).halves
    halves = []
    for words in (high[0, :-2, 0], low[0, :-1, 0]):
        both = words.copy().view(np.uint8).reshape(-1, 1, 4)
        halves.append(np.concatenate([both & 15, both >> 4], axis=1).reshape(-1)[: len(row)].astype(np.float64))
    scale = float(high[0, -2, 0].view(np.float32))
    return scale * (16 * (halves[0] - 7.5) if high_alone else 16 * halves[0] + halves[1] - 128)


@pytest.mark.parametrize("dimension", [3, 8, 128, 511])
def test_the_rests_are_the_lengths_of_what_the_codes_leave_of_a_row(dimension: int) -> None:
    for kind in range(8):
        row = shaped(kind, 3, dimension)
        high, low = coded(row).halves
        for rest, high_alone in ((low[0, -1, 0], False), (high[0, -1, 0], True)):
            left = np.linalg.norm(row.astype(np.float64) - stood_for(row, high_alone=high_alone))
            assert left <= rest.view(np.float32) <= left * (1 + 1e-5) + 1e-30


@pytest.mark.parametrize("half", [0, 1], ids=["high halves", "whole codes"])
@pytest.mark.parametrize("name", [name for name in SCANNERS if name.endswith(HALVES)])
def test_a_list_by_intervals_that_are_too_narrow_would_be_noticed_too(name: str, half: int) -> None:
    """With rests of nothing some of the best are missed among rows this near, and the comparison with every row sees it."""
    scanner = scanner_of(name)
    centre = units(10, 1, 192)
    rows = made_unit(centre + 1e-4 * np.random.default_rng(11).standard_normal((3_000, 192)))
    parts = chunks(scanner, rows)
    parts[0].halves[half][:, -1, :] = 0  # type: ignore[attr-defined]
    (probe,) = units(10, 1, 192)
    (places,) = scanner.shortlist(parts, [[probe]], [50])[0]
    assert not needed(rows, probe, 50) <= set(places.tolist())


def test_every_variant_of_the_kernel_counts_the_same_whole_numbers() -> None:
    """In whole numbers there is no rounding: the intervals are the same to the last bit, or to a fused rounding."""
    for kind in range(8):
        row, probe = shaped(kind, 5, 511), shaped(0, 6, 511)
        ends = np.array([interval(variant, row, probe) for variant in VARIANTS])
        assert np.ptp(ends, axis=0).max() < 1e-6


def arguments(**others: object) -> list[object]:
    codes = KernelCodes(128, 130)
    codes.put(0, units(1, 130, 128))
    given = {
        "variant": VARIANTS[0],
        "words": codes.words,
        "dimension": 128,
        "rows": 130,
        "blocks": np.array([8, 0, 3]),
        "head": _coded(units(2, 1, 128), 128),
        "bar": -1.0,
        "places": np.zeros(48, dtype=np.int64),
        "lows": np.zeros(48, dtype=np.float32),
        "highs": np.zeros(48, dtype=np.float32),
    }
    return list((given | others).values())


def for_bounds(**others: object) -> list[object]:
    codes = KernelCodes(128, 130)
    codes.put(0, units(1, 130, 128))
    given = {
        "variant": VARIANTS[0],
        "words": codes.words,
        "dimension": 128,
        "rows": 130,
        "start": 0,
        "stop": 9,
        "heads": _coded(units(2, 2, 128), 128),
        "whole": False,
        "uppers": np.ones((2, 9), dtype=np.float32),
        "apart": 9,
    }
    return list((given | others).values())


OUTSIDE: list[dict[str, object]] = [
    {"variant": "avx1024"},
    {"dimension": 0},
    {"dimension": 4097},
    {"dimension": 256},
    {"dimension": -128},
    {"rows": -1},
    {"rows": 145},
    {"rows": 2**33},
    {"words": np.zeros(100, dtype=np.uint32)},
    {"words": np.zeros(10**5, dtype=np.uint8)[1:]},
]


def test_what_the_kernel_is_given_in_these_tests_is_what_it_takes() -> None:
    assert _scan.bounds(*for_bounds()) == 9  # type: ignore[arg-type]
    assert _scan.finish(*arguments()) == 2 + 16 + 16, "rows of the last block, of the first and of another"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "others",
    [
        *OUTSIDE,
        {"blocks": np.array([0, 9])},
        {"blocks": np.array([-1])},
        {"blocks": np.array([2**62])},
        {"blocks": np.zeros(9, dtype=np.uint8)[1:]},
        {"head": np.zeros(303, dtype=np.uint8)},
        {"head": np.zeros(600, dtype=np.uint8)[2:]},
        {"places": np.zeros(47, dtype=np.int64)},
        {"lows": np.zeros(47, dtype=np.float32)},
        {"highs": np.zeros(47, dtype=np.float32)},
        {"highs": np.zeros(193, dtype=np.uint8)[1:]},
    ],
    ids=lambda others: " ".join(others),
)
def test_the_kernel_reads_and_writes_nothing_outside_of_what_it_is_given(others: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        _scan.finish(*arguments(**others))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "others",
    [
        *OUTSIDE,
        {"start": -1},
        {"stop": 10},
        {"stop": 2**33},
        {"start": 5, "stop": 4},
        {"heads": np.zeros(303, dtype=np.uint8)},
        {"heads": np.zeros(600, dtype=np.uint8)[2:]},
        {"uppers": np.zeros((2, 8), dtype=np.float32)},
        {"uppers": np.zeros(73, dtype=np.uint8)[1:]},
        {"apart": -1},
        {"apart": 10},
        {"apart": 2**62},
    ],
    ids=lambda others: " ".join(others),
)
def test_neither_does_its_first_reading(others: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        _scan.bounds(*for_bounds(**others))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "dimension", "place", "rows"),
    [
        (ROOM, 128, 1, units(1, 64, 128)),
        (ROOM, 128, -1, units(1, 1, 128)),
        (ROOM, 128, 2**62, units(1, 1, 128)),
        (ROOM - 1, 128, 0, units(1, 63, 128)),
        (ROOM, 0, 0, units(1, 1, 128)),
        (ROOM, -4, 0, units(1, 1, 128)),
        (10**6, 4097, 0, units(1, 1, 4097)),
        (ROOM, 128, 0, np.zeros(513, dtype=np.uint8)[1:]),
    ],
)
def test_the_kernel_codes_nothing_outside_of_what_it_is_given(
    words: int, dimension: int, place: int, rows: np.ndarray
) -> None:
    room = np.zeros(words, dtype=np.uint32)
    with pytest.raises(ValueError):
        _scan.put(room, dimension, place, rows)
    assert not room.any()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("variant", VARIANTS)
def test_several_probes_in_one_reading_have_the_ends_that_each_has_alone(variant: str, whole: bool) -> None:
    """Read in groups of blocks, and the last ones alone; compilers have taken the addresses of one for the other's."""
    for dimension in (5, 128, 192):
        codes, probes = KernelCodes(dimension, 130), units(3, 5, dimension)
        codes.put(0, units(1, 130, dimension))
        together = np.empty((5, 9), dtype=np.float32)
        for start in range(9):
            heads = _coded(probes, dimension)
            assert _scan.bounds(variant, codes.words, dimension, 130, start, 9, heads, whole, together, 9) == 9
            for probe, ends in zip(probes, together, strict=True):
                alone = np.empty(9, dtype=np.float32)
                _scan.bounds(
                    "plain", codes.words, dimension, 130, 0, 9, _coded(probe[None], dimension), whole, alone, 0
                )
                assert ends == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("wrong", [0.0, 1e-40, 3.0, np.nan, np.inf])
def test_the_kernel_codes_no_row_that_has_no_codes(wrong: float) -> None:
    rows = units(1, 2, 128)
    rows[1] *= np.float32(wrong)
    assert _scan.put(np.zeros(ROOM, dtype=np.uint32), 128, 0, rows) == 1


def test_what_may_not_be_written_to_is_refused() -> None:
    words = np.zeros(ROOM, dtype=np.uint32)
    words.flags.writeable = False
    with pytest.raises(TypeError, match="read-write"):
        _scan.put(words, 128, 0, units(1, 1, 128))
