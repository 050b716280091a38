"""Each scanner, and each variant of the kernel that runs here, against a comparison with every row in float64."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pytest

from beholden.errors import Fault
from beholden.index.choosing import best_scanner
from beholden.index.floats import FloatScanner
from beholden.index.halves import FaissScanner, HalfCodes
from beholden.index.scanning import UNIT, Codes, Places, Rows, Scanner
from beholden.index.turning import summed
from tests.compiled import KernelCodes, KernelScanner, _scan

VARIANTS = _scan.variants()
HALVES = ", halves first"
SCANNERS = ["numpy", "faiss", *(f"kernel {variant}{how}" for variant in VARIANTS for how in ("", HALVES))]


@functools.cache
def scanner_of(name: str) -> Scanner:
    if name.endswith(HALVES):
        return KernelScanner(name.removeprefix("kernel ").removesuffix(HALVES), always_halves=True)
    return best_scanner(name)


@pytest.fixture(params=SCANNERS)
def scanner(request: pytest.FixtureRequest) -> Scanner:
    return scanner_of(request.param)


def units(seed: int, count: int, dimension: int) -> Rows:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension))
    return made_unit(drawn)


def made_unit(rows: np.ndarray) -> Rows:
    exact = rows.astype(np.float64)
    return (exact / np.linalg.norm(exact, axis=1, keepdims=True)).astype(np.float32)


def chunks(scanner: Scanner, rows: Rows, *ends: int) -> list[Codes]:
    made = []
    for start, end in zip([0, *ends], [*ends, len(rows)], strict=True):
        codes = scanner.codes(rows.shape[1], max(1, end - start) + 5)
        codes.put(0, rows[start:end])
        codes.count = end - start
        made.append(codes)
    return made


def scored(rows: Rows, probe: Rows) -> np.ndarray:
    return summed(rows.astype(np.float64) * probe.astype(np.float64))


def together(shown: Sequence[Places], parts: Sequence[Codes]) -> set[int]:
    starts = np.cumsum([0, *(part.count for part in parts)])
    return {int(place + start) for places, start in zip(shown, starts, strict=False) for place in places}


def needed(rows: Rows, probe: Rows, wanted: int) -> set[int]:
    """By their final scores: the best, and whatever ties with the last of them."""
    if wanted == 0 or not len(rows):
        return set()
    scores = scored(rows, probe)
    return set(np.flatnonzero(scores >= np.sort(scores)[-min(wanted, len(rows))]).tolist())


def holds(scanner: Scanner, rows: Rows, probes: Rows, wanted: Sequence[int], *ends: int) -> list[set[int]]:
    parts = chunks(scanner, rows, *ends)
    shown = scanner.shortlist(parts, [[probe] * len(parts) for probe in probes], wanted)
    for probe, limit, places in zip(probes, wanted, shown, strict=True):
        assert all((np.diff(each) > 0).all() for each in places), "places ascend, each once"
        assert needed(rows, probe, limit) <= together(places, parts)
        if limit == 0:
            assert together(places, parts) == set()
    return [together(places, parts) for places in shown]


@pytest.mark.parametrize("dimension", [1, 2, 3, 5, 64, 127, 128, 192, 512, 1030, 4096])
def test_the_best_of_random_rows_are_shown_in_every_dimension(scanner: Scanner, dimension: int) -> None:
    rows = units(1, 700, dimension)
    holds(scanner, rows, units(2, 3, dimension), [1, 20, 300], 100, 100, 229)


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 128, 1000])
def test_it_is_so_for_any_number_of_rows_and_for_more_wanted_than_there_are(scanner: Scanner, count: int) -> None:
    rows = units(3, count, 128)
    probes = units(4, 5, 128)
    shown = holds(scanner, rows, probes, [0, 1, max(count - 1, 0), count, count + 7])
    assert shown[3] == shown[4] == set(range(count))


def test_no_part_at_all_shows_nothing(scanner: Scanner) -> None:
    assert scanner.shortlist([], [[], []], [3, 0]) == [[], []]


def test_all_doubles_of_the_last_one_are_shown(scanner: Scanner) -> None:
    rows = np.repeat(units(5, 8, 128), 150, axis=0)
    shown = holds(scanner, rows, units(6, 4, 128), [1, 150, 151, 1199], 333, 800)
    assert all(len(each) >= 150 for each in shown)


def test_a_crowd_of_equal_rows_overflows_no_list(scanner: Scanner) -> None:
    rows = np.repeat(units(7, 1, 128), 20_000, axis=0)
    assert holds(scanner, rows, rows[:2], [1, 3], 5_000) == [set(range(20_000))] * 2


def test_rows_that_come_better_and_better_are_all_kept_in_view(scanner: Scanner) -> None:
    one, other = units(8, 2, 128).astype(np.float64)
    parts = np.linspace(0, 1, 6_000)[:, None]
    rows = made_unit((1 - parts) * one + parts * other)
    for order in (rows, rows[::-1].copy()):
        holds(scanner, order, made_unit(np.array([other, one])), [10, 50], 1_000)


def test_opposites_and_right_angles(scanner: Scanner) -> None:
    probe = units(9, 1, 128)
    rows = np.vstack([np.eye(128, dtype=np.float32), -np.eye(128, dtype=np.float32), probe, -probe, probe, -probe])
    for wanted in (1, 2, 3, 130, 258, 259):
        holds(scanner, rows, np.vstack([probe, -probe, np.eye(128, dtype=np.float32)[:1]]), [wanted] * 3, 128)


@pytest.mark.parametrize("distance", [1e-2, 1e-4, 1e-6, 3e-8])
def test_rows_so_near_that_a_first_pass_cannot_order_them(scanner: Scanner, distance: float) -> None:
    centre = units(10, 1, 192)
    rows = made_unit(centre + distance * np.random.default_rng(11).standard_normal((3_000, 192)))
    holds(scanner, rows, np.vstack([centre, units(12, 1, 192)]), [7, 50], 1_111)


@pytest.mark.parametrize(
    ("probe", "many", "best"),
    [
        ([1] * 128, [127] + [10] * 95 + [11] * 32, [127] + [10.49] * 127),  # each rest of the best row is half a step
        ([127] + [10.49] * 127, [0] + [1] * 124 + [0] * 3, [0] + [1] * 127),  # so is each of the probe's high parts
    ],
    ids=["the row's rest", "the probe's rest"],
)
def test_what_coding_takes_from_the_best_row_does_not_leave_it_out(
    scanner: Scanner, probe: list[float], many: list[float], best: list[float]
) -> None:
    given, one, other = made_unit(np.array([probe, many, best], dtype=np.float64))
    rows = np.vstack([np.tile(one, (64, 1)), other[None], units(45, 63, 128)])
    assert needed(rows, given, 1) == {64}
    [shown] = holds(scanner, rows, given[None], [1])
    assert 64 in shown


def test_differences_that_are_less_than_any_normal_number(scanner: Scanner) -> None:
    rows = np.zeros((400, 128), dtype=np.float32)
    rows[:, 0] = 1
    rows[:, 1] = np.arange(400) * np.float32(1e-45)
    probe = np.zeros((1, 128), dtype=np.float32)
    probe[0, 0], probe[0, 1] = 1, 1e-42
    holds(scanner, rows, probe, [5])


def test_lengths_may_be_as_far_from_one_as_a_template_s(scanner: Scanner) -> None:
    rows = units(13, 500, 128) * np.linspace(1 - UNIT, 1 + UNIT, 500, dtype=np.float32)[:, None]
    holds(scanner, rows, units(14, 2, 128) * np.float32(1 + UNIT), [5, 50])


def test_many_probes_in_one_reading_are_each_served_as_if_alone(scanner: Scanner) -> None:
    rows, probes = units(15, 3_000, 128), units(16, 37, 128)
    wanted = [at % 7 * 9 for at in range(37)]
    shown = holds(scanner, rows, probes, wanted, 1_000, 2_500)
    for probe, limit, places in zip(probes, wanted, shown, strict=True):
        assert holds(scanner, rows, probe[None], [limit], 1_000, 2_500) == [places]


def test_parts_of_several_turns_are_each_compared_with_their_own_probe(scanner: Scanner) -> None:
    rows, probes = units(17, 900, 128), units(18, 2, 128)
    turned = rows[:, ::-1].copy()
    parts = [chunks(scanner, rows)[0], chunks(scanner, turned)[0]]
    shown = scanner.shortlist(parts, [[probe, probe[::-1].copy()] for probe in probes], [40, 40])
    for probe, places in zip(probes, shown, strict=True):
        assert needed(np.vstack([rows, rows]), probe, 40) <= together(places, parts)


def test_no_number_of_threads_changes_what_is_shown(scanner: Scanner) -> None:
    rows, probes = units(19, 70_000, 64), units(20, 2, 64)
    parts = chunks(scanner, rows, 30_000, 30_100)
    asked = [[probe] * 3 for probe in probes]
    alone = scanner.shortlist(parts, asked, [50, 500], threads=1)
    for threads in (2, 5):
        for one, other in zip(alone, scanner.shortlist(parts, asked, [50, 500], threads=threads), strict=True):
            assert [each.tolist() for each in one] == [each.tolist() for each in other]


def test_rows_beyond_the_count_are_not_seen_and_moved_ones_are(scanner: Scanner) -> None:
    rows = units(21, 300, 128)
    codes = scanner.codes(128, 300)
    codes.put(0, rows[:200])
    codes.count = 200
    codes.put(200, rows[200:])  # while a pass might run
    probes = [[rows[250]], [rows[3]]]
    first = scanner.shortlist([codes], probes, [1, 1])
    assert first[0][0].max() < 200
    assert first[1][0].tolist() == [3]
    codes.count = 300
    codes.move(np.array([298, 299]), np.array([3, 70]))
    codes.cut(298)
    assert codes.count == 298
    left = rows[:298].copy()
    left[[3, 70]] = rows[[298, 299]]
    for probe in (rows[298], rows[299], rows[250]):
        (places,) = scanner.shortlist([codes], [[probe]], [1])[0]
        assert needed(left, probe, 1) <= set(places.tolist())
    (places,) = scanner.shortlist([codes], [[rows[3]]], [5])[0]
    nearest = needed(left, rows[3], 5)
    assert nearest <= set(places.tolist()), "by the row that is there now, not by the one that was"
    assert 3 not in nearest
    fresh = scanner.codes(128, 300)
    fresh.put(0, left)
    assert memory_of(codes) == memory_of(fresh), "every part of a row is moved"


def test_what_is_cut_away_or_was_never_used_is_zeros(scanner: Scanner) -> None:
    codes = scanner.codes(130, 300)
    codes.put(0, units(22, 300, 130))
    codes.count = 300
    codes.cut(77)
    fresh = scanner.codes(130, 300)
    fresh.put(0, units(22, 77, 130))
    assert memory_of(codes) == memory_of(fresh)
    codes.cut(0)
    assert not any(memory_of(codes))
    assert codes.count == 0
    assert codes.nbytes >= 300 * scanner.row_bytes(130)


def memory_of(codes: Codes) -> bytes:
    if isinstance(codes, KernelCodes):
        return codes.words.tobytes()
    if isinstance(codes, HalfCodes):
        return codes.halves.tobytes() + codes.rests.tobytes()
    return codes.rows.tobytes()  # type: ignore[attr-defined]


def test_what_does_not_fit_is_refused_in_words(scanner: Scanner) -> None:
    codes = scanner.codes(128, 100)
    for place, rows in ((0, units(1, 3, 64)), (98, units(1, 3, 128)), (-1, units(1, 3, 128)), (101, units(1, 0, 128))):
        with pytest.raises(Fault, match=r"Rows of|do not fit"):
            codes.put(place, rows)
    with pytest.raises(Fault, match="float32"):
        codes.put(0, units(1, 3, 128).astype(np.float64))  # type: ignore[arg-type]
    assert not any(memory_of(codes))


def test_what_is_no_unit_vector_is_refused_since_every_interval_supposes_it(scanner: Scanner) -> None:
    codes = scanner.codes(128, 10)
    for wrong in (0.0, 0.5, 0.9985, 1.0015, 1.5, np.nan, np.inf):
        rows = units(23, 3, 128)
        rows[1] *= np.float32(wrong)
        with pytest.raises(Fault, match="Row 1 of 3 is no vector of the length 1"):
            codes.put(0, rows)
    assert not any(memory_of(codes))


@pytest.mark.parametrize("name", [name for name in SCANNERS if name != "numpy"])
def test_a_probe_of_another_dimension_is_refused(name: str) -> None:
    parts = chunks(scanner_of(name), units(24, 200, 128))
    with pytest.raises(Fault, match="came to rows of"):
        scanner_of(name).shortlist(parts, [[units(25, 1, 64)[0]]], [3])
    probe = units(25, 1, 128)[0]
    with pytest.raises(Fault, match="came to rows of"):
        scanner_of(name).shortlist([*parts, *chunks(scanner_of(name), units(24, 200, 127))], [[probe, probe]], [3])


def test_the_scanner_is_named_by_whoever_wants_another_than_the_quickest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BEHOLDEN_SCANNER", raising=False)
    assert best_scanner().name == f"kernel {VARIANTS[0]}"
    assert isinstance(best_scanner("numpy"), FloatScanner)
    monkeypatch.setenv("BEHOLDEN_SCANNER", "faiss")
    assert isinstance(best_scanner(), FaissScanner)
    assert best_scanner("kernel plain").name == "kernel plain"
    for wrong in ("abacus", "kernel avx1024", "numpy plain"):
        with pytest.raises(Fault, match="does not run"):
            best_scanner(wrong)


def test_without_the_kernel_it_is_faiss_and_without_faiss_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BEHOLDEN_SCANNER", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "beholden.index.kernel", None)
    assert isinstance(best_scanner(), FaissScanner)
    with pytest.raises(Fault, match="does not run here"):
        best_scanner("kernel")
    monkeypatch.setitem(__import__("sys").modules, "beholden.index.halves", None)
    assert isinstance(best_scanner(), FloatScanner)


def test_a_faiss_that_sums_otherwise_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    import faiss

    search = faiss.IndexScalarQuantizer.search

    def coarser(self: object, probes: Rows, count: int) -> tuple[Rows, Places]:
        sums, places = search(self, probes, count)
        return (sums * np.float32(1.01)), places

    monkeypatch.setattr(faiss.IndexScalarQuantizer, "search", coarser)
    with pytest.raises(Fault, match="does not sum in float32"):
        FaissScanner()


def test_faiss_is_asked_deeper_until_the_last_place_is_proven() -> None:
    rows = np.repeat(units(7, 3, 128), 400, axis=0)
    shown = holds(scanner_of("faiss"), rows, rows[:1], [2], 700)
    assert shown == [set(range(400))]


def test_a_variant_of_the_kernel_that_is_not_here_is_refused() -> None:
    with pytest.raises(Fault, match="does not run on this processor"):
        KernelScanner("vax")
