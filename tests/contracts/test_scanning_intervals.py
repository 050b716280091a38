"""The interval around each score holds the score, and the kernel touches nothing outside of what it is given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.index.halves import HalfCodes, _work
from beholden.index.halves import _Ask as Ask
from beholden.index.scanning import UNIT, Rows
from tests.compiled import KernelCodes, _coded, _Lists, _scan
from tests.contracts.test_scanning import SCANNERS, VARIANTS, chunks, made_unit, needed, scanner_of, scored, units


def interval(variant: str, row: Rows, probe: Rows, *, rest: float | None = None) -> tuple[float, float]:
    """The kernel's own interval around the score of one row; with another rest than its own, if one is given."""
    codes = KernelCodes(len(row), 1)
    codes.put(0, row[None])
    if rest is not None:
        codes.words[0, -1, 0] = np.float32(rest).view(np.uint32)
    lists = _Lists([1])
    heads = _coded(probe[None], len(probe)).view(np.uint8)
    arrays = (heads, lists.state, lists.heap, lists.found, lists.highs)
    assert _scan.scan(variant, codes.words, len(row), 0, 1, 0, *arrays) == 1
    assert lists.shown[0] == lists.held[0] == 1
    return float(lists.heap[0]), float(lists.highs[0])


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
    codes = KernelCodes(len(row), 1)
    codes.put(0, row[None])
    return codes.words[0, -1, 0].view(np.float32)


def stood_for(row: Rows) -> np.ndarray:
    """What the codes of a row say it is."""
    codes = KernelCodes(len(row), 1)
    codes.put(0, row[None])
    whole = codes.words[0, :-2, 0].copy().view(np.uint8).astype(np.float64)[: len(row)] - 128
    return whole * float(codes.words[0, -2, 0].view(np.float32))


@pytest.mark.parametrize("name", [name for name in SCANNERS if name.startswith("kernel")])
def test_a_list_by_intervals_that_are_too_narrow_would_be_noticed_too(name: str) -> None:
    """With rests of nothing some of the best are missed among rows this near, and the comparison with every row sees it."""
    scanner = scanner_of(name)
    centre = units(10, 1, 192)
    rows = made_unit(centre + 1e-4 * np.random.default_rng(11).standard_normal((3_000, 192)))
    parts = chunks(scanner, rows)
    parts[0].words[:, -1, :] = 0  # type: ignore[attr-defined]
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
    codes, lists = KernelCodes(128, 130), _Lists([3])
    codes.put(0, units(1, 130, 128))
    given = {
        "variant": VARIANTS[0],
        "words": codes.words,
        "dimension": 128,
        "start": 0,
        "stop": 130,
        "tag": 0,
        "heads": _coded(units(2, 1, 128), 128).view(np.uint8),
        "state": lists.state,
        "heap": lists.heap,
        "found": lists.found,
        "highs": lists.highs,
    }
    return list((given | others).values())


def state(**others: int) -> np.ndarray:
    columns = {"heap": 0, "wanted": 3, "held": 0, "found": 0, "room": 1036, "shown": 0} | others
    return np.array([list(columns.values())], dtype=np.int64)


@pytest.mark.parametrize(
    "others",
    [
        {"variant": "avx1024"},
        {"dimension": 0},
        {"dimension": 4097},
        {"dimension": 256},
        {"dimension": -128},
        {"start": -64},
        {"start": 1},
        {"stop": 193},
        {"stop": 2**33},
        {"start": 128, "stop": 64},
        {"tag": -1},
        {"tag": 2**31},
        {"words": np.zeros(100, dtype=np.uint32)},
        {"words": np.zeros(10**5, dtype=np.uint8)[1:]},
        {"heads": np.zeros(543, dtype=np.uint8)},
        {"heads": np.zeros(600, dtype=np.uint8)[2:]},
        {"heap": np.zeros(2, dtype=np.float32)},
        {"found": np.zeros(1035, dtype=np.int64)},
        {"highs": np.zeros(1035, dtype=np.float32)},
        {"state": np.zeros(49, dtype=np.uint8)[1:]},
        {"state": state(heap=1)},
        {"state": state(heap=-1)},
        {"state": state(heap=2**62)},
        {"state": state(wanted=0)},
        {"state": state(wanted=4)},
        {"state": state(wanted=2**63 - 1)},
        {"state": state(held=-1)},
        {"state": state(held=4)},
        {"state": state(found=1)},
        {"state": state(found=-1)},
        {"state": state(found=2**62)},
        {"state": state(room=-1)},
        {"state": state(room=2**63 - 1)},
        {"state": state(shown=-1)},
        {"state": state(shown=1037)},
    ],
    ids=lambda others: " ".join(others),
)
def test_the_kernel_reads_and_writes_nothing_outside_of_what_it_is_given(others: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        _scan.scan(*arguments(**others))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "dimension", "place", "rows"),
    [
        (8704 // 4, 128, 1, units(1, 64, 128)),
        (8704 // 4, 128, -1, units(1, 1, 128)),
        (8704 // 4, 128, 2**62, units(1, 1, 128)),
        (8704 // 4 - 1, 128, 0, units(1, 1, 128)),
        (8704 // 4, 0, 0, units(1, 1, 128)),
        (8704 // 4, -4, 0, units(1, 1, 128)),
        (10**6, 4097, 0, units(1, 1, 4097)),
        (8704 // 4, 128, 0, np.zeros(513, dtype=np.uint8)[1:]),
    ],
)
def test_the_kernel_codes_nothing_outside_of_what_it_is_given(
    words: int, dimension: int, place: int, rows: np.ndarray
) -> None:
    room = np.zeros(words, dtype=np.uint32)
    with pytest.raises(ValueError):
        _scan.put(room, dimension, place, rows)
    assert not room.any()


@pytest.mark.parametrize("wrong", [0.0, 1e-40, 3.0, np.nan, np.inf])
def test_the_kernel_codes_no_row_that_has_no_codes(wrong: float) -> None:
    rows = units(1, 2, 128)
    rows[1] *= np.float32(wrong)
    assert _scan.put(np.zeros(8704 // 4, dtype=np.uint32), 128, 0, rows) == 1


def test_what_may_not_be_written_to_is_refused() -> None:
    words = np.zeros(8704 // 4, dtype=np.uint32)
    words.flags.writeable = False
    with pytest.raises(TypeError, match="read-write"):
        _scan.put(words, 128, 0, units(1, 1, 128))
