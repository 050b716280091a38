"""What a model was measured to do, and what follows from it for a list: unrelated people on it, and people missing from it."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

ALL_QUALITIES = (0, 100)
QUALITY_BANDS = ((0, 24), (25, 49), (50, 74), (75, 100))
MOST_FACES = 3  # more faces fused are told as three
CELL_POINTS = 101
LEAST_SCORE, MOST_SCORE = -1.0, 1.0  # of a cosine
LEAST_RATE = 1e-9  # of which one comparison is told; what lies beyond any measured tail has no digits
NO_CHANCE = 1e-6  # a chance below it does not show in the digits that are told
EXPECTED_UNRELATED = (10.0, 1.0, 0.1)  # of which a list names the scores


@dataclass(frozen=True, slots=True)
class Tail:
    """Beyond what was measured: a generalised Pareto distribution fitted to the scores above `start` (Pickands 1975)."""

    start: float  # a score
    rate: float  # share of the non-mated comparisons at or above it
    shape: float
    scale: float


@dataclass(frozen=True, slots=True)
class Curve:
    """FMR by score, for probes fused of so many photographs, against references of one photograph."""

    faces: int
    scores: tuple[float, ...]  # ascending
    fmr: tuple[float, ...]  # share of the non-mated comparisons at or above each score; falls
    least_fmr: float  # below it fewer than 30 comparisons were left: what is said of it is extrapolated
    tail: Tail


@dataclass(frozen=True, slots=True)
class Cell:
    """Mated scores of one kind of probe."""

    least_quality: int  # unified quality of the probe (of several fused: their mean), inclusive
    most_quality: int  # inclusive
    faces: int
    people: int
    trials: int
    scores: tuple[float, ...]  # the 0, 1, … 100 % points of the mated scores, ascending; -1 where no face was found


@dataclass(frozen=True, slots=True)
class Measured:
    """What an evaluation leaves for lists to quote. Rates are fractions."""

    model: str
    space_id: str
    measured_on: str  # in words: how many photographs of how many people, and what they are
    measured_at: str  # a date
    people: int
    images: int
    references: int  # in the largest gallery that was measured
    curves: tuple[Curve, ...]  # by number of faces, ascending; the first is of one
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """A number that follows from what was measured, or from a continuation of it."""

    number: float
    extrapolated: bool


def fmr_at(measured: Measured, faces: int, score: float) -> Expected:
    """The FMR at a score, for a probe of so many faces: the share of non-mated comparisons at or above it (ISO/IEC 19795-1).

    Between two measured points linear in log10 FMR. Beyond the last one the tail of the peaks over a threshold (Pickands
    1975; Coles 2001, section 4.3): rate · (1 + shape · (score − start) / scale)^(−1/shape), never more than the last
    point. Extrapolated there, and where no curve for so many faces was measured.
    """
    curve, other = _curve(measured, faces)
    if score > curve.scores[-1]:
        return Expected(min(_beyond(curve.tail, score), curve.fmr[-1]), extrapolated=True)
    if score < curve.scores[0]:
        return Expected(1.0, other)
    after = bisect_right(curve.scores, score, hi=len(curve.scores) - 1)
    low, high = curve.scores[after - 1], curve.scores[after]
    share = (score - low) / (high - low)
    logarithm = (1 - share) * math.log10(curve.fmr[after - 1]) + share * math.log10(curve.fmr[after])
    return Expected(10**logarithm, other)


def unrelated(measured: Measured, *, faces: int, score: float, references: int) -> Expected:
    """How many unrelated references are expected at or above a score: references · FMR (linearity of expectation)."""
    rate = fmr_at(measured, faces, score)
    return Expected(references * rate.number, rate.extrapolated)


def score_at(measured: Measured, *, faces: int, references: int, unrelated: float) -> Expected:
    """The score at or above which so many unrelated references are expected: FMR⁻¹(unrelated / references)."""
    curve, other = _curve(measured, faces)
    rate = unrelated / references if references else 1.0
    if rate >= curve.fmr[0]:
        return Expected(curve.scores[0] if rate < 1 else LEAST_SCORE, other)
    if rate < curve.fmr[-1]:
        beyond = max(curve.scores[-1], _beyond_at(curve.tail, rate))
        return Expected(min(beyond, MOST_SCORE), extrapolated=True)
    falling = [-fmr for fmr in curve.fmr]
    after = min(bisect_right(falling, -rate), len(falling) - 1)
    first, last = math.log10(curve.fmr[after - 1]), math.log10(curve.fmr[after])
    share = (math.log10(rate) - first) / (last - first) if last < first else 1.0
    return Expected(curve.scores[after - 1] + share * (curve.scores[after] - curve.scores[after - 1]), other)


def not_shown(measured: Measured, *, quality: float, faces: int, references: int, limit: int) -> Expected | None:
    """The chance that a reference of the person, who is held, is not among the `limit` that score highest.

    The mean over the mated scores s of such probes of P(N ≥ limit), where N, the unrelated references at or above s, is
    Poisson with mean references · FMR(s): comparisons are taken as independent, as where ISO/IEC 19795-1 relates FPIR to
    FMR by 1 − (1 − FMR)^references. The scores are known by their percentiles, and the mean is taken by trapezoids
    between them. People with several references take one place on a list and have several chances, so this errs on
    the high side.

    `quality` is the mean unified quality of the fused faces. Without a cell of that quality the cell of all qualities for
    so many faces stands in; None if there is none either. Extrapolated if the gallery is larger than the largest that was
    measured, if an FMR below the least has a part in it, and if no curve for so many faces was measured.
    """
    if references <= limit:
        return Expected(0.0, extrapolated=False)
    cell = _cell(measured, quality, min(faces, MOST_FACES))
    if cell is None:
        return None
    curve, other = _curve(measured, faces)
    chances = [_at_least(limit, references * fmr_at(measured, faces, score).number) for score in cell.scores]
    mean = math.fsum((first + second) / 2 for first, second in pairwise(chances)) / (len(chances) - 1)
    # The tail is never above the last point: where even that point's FMR fills no list, no score beyond it matters.
    tail_matters = _at_least(limit, references * curve.fmr[-1]) > NO_CHANCE
    return Expected(mean, other or tail_matters or references > measured.references)


def fnmr_at(measured: Measured, *, quality: float, faces: int, score: float) -> Expected | None:
    """The FNMR at a score, for such probes: the share of mated comparisons below it (ISO/IEC 19795-1), 0–1.

    Between two of the measured percentiles linear. `quality` as in `not_shown`, and as there None without a cell.
    Extrapolated where the scores for so many faces were not measured.
    """
    cell = _cell(measured, quality, min(faces, MOST_FACES))
    if cell is None:
        return None
    below = bisect_left(cell.scores, score)
    if below == 0:
        return Expected(0.0, faces > MOST_FACES)
    if below == len(cell.scores):
        return Expected(1.0, faces > MOST_FACES)
    low, high = cell.scores[below - 1], cell.scores[below]
    return Expected((below - 1 + (score - low) / (high - low)) / (len(cell.scores) - 1), faces > MOST_FACES)


def pair_words(measured: Measured, *, quality: tuple[int, ...], score: float, own: bool) -> tuple[str, ...]:
    """What a comparison of one probe with one reference says of itself: how often two people score as high, and one
    person lower. No sentence divides the one by the other, which would be a likelihood ratio that nobody validated."""
    faces = max(1, len(quality))
    mean = sum(quality) / faces
    missed, cell = (
        fnmr_at(measured, quality=mean, faces=faces, score=score),
        _cell(measured, mean, min(faces, MOST_FACES)),
    )
    return (
        _measured_words(measured, own),
        _as_high_words(fmr_at(measured, faces, score), score),
        "How often photographs of one person score lower is not known: too few of such a number were measured."
        if missed is None or cell is None
        else f"Of photographs of one person {_kind(cell)}, {_percent(missed.number, cell.people)} score lower than "
        f"that{_mark(missed)}.",
    )


def words(measured: Measured, *, quality: tuple[int, ...], references: int, limit: int, own: bool) -> tuple[str, ...]:
    """What a list says of itself, once for all of it and of no lead alone. `own`: measured on the agency's own photographs.

    `quality`: of each face that was fused; `references`: how many were compared; `limit`: people asked for.
    """
    faces = max(1, len(quality))
    mean = sum(quality) / faces
    chance = not_shown(measured, quality=mean, faces=faces, references=references, limit=limit)
    cell = _cell(measured, mean, min(faces, MOST_FACES))
    return (
        _measured_words(measured, own),
        _unrelated_words(measured, faces, references),
        _not_shown_words(chance, cell, references, limit),
    )


def faults(measured: Measured) -> tuple[str, ...]:
    """What is impossible in it, in words; empty if it can be used. For what came from a file."""
    wrong = [] if measured.curves and measured.curves[0].faces == 1 else ["there is no curve for one face"]
    kinds = [curve.faces for curve in measured.curves]
    if kinds != sorted(set(kinds)):
        wrong.append("the curves do not stand by their number of faces")
    wrong += [f"the curve for {curve.faces} {fault}" for curve in measured.curves for fault in _curve_faults(curve)]
    wrong += [f"cell {place} {fault}" for place, cell in enumerate(measured.cells, 1) for fault in _cell_faults(cell)]
    cells = [(cell.faces, cell.least_quality, cell.most_quality) for cell in measured.cells]
    if len(set(cells)) != len(cells):
        wrong.append("two cells are of one kind")
    if min(measured.people, measured.images, measured.references) < 1:
        wrong.append("it counts no people, photographs or references")
    return tuple(wrong)


def _curve_faults(curve: Curve) -> list[str]:
    rising = all(low < high for low, high in pairwise(curve.scores))
    falling = all(high >= low for high, low in pairwise(curve.fmr))
    tail = curve.tail
    checks = {
        "has not two points or more, or not one FMR for each score": 2 <= len(curve.scores) == len(curve.fmr),
        "has scores that do not rise from −1 to 1": rising and _within(curve.scores, LEAST_SCORE, MOST_SCORE),
        "has FMRs that do not fall, or none above 0 and at most 1": falling and _within(curve.fmr, 1e-12, 1),
        "has no least FMR between 0 and 1": _within((curve.least_fmr,), 1e-12, 1),
        "has a tail that cannot be": _within((tail.start,), LEAST_SCORE, MOST_SCORE)
        and _within((tail.rate,), 1e-12, 1)
        and _within((tail.scale,), 1e-9, 10)
        and _within((tail.shape,), -5, 5),
        "is of no number of faces from 1 to 3": 1 <= curve.faces <= MOST_FACES,
    }
    return [fault for fault, holds in checks.items() if not holds]


def _cell_faults(cell: Cell) -> list[str]:
    rising = all(low <= high for low, high in pairwise(cell.scores))
    checks = {
        "has not 101 scores that rise from −1 to 1": len(cell.scores) == CELL_POINTS
        and rising
        and _within(cell.scores, LEAST_SCORE, MOST_SCORE),
        "is of no quality from 0 to 100": 0 <= cell.least_quality <= cell.most_quality <= 100,
        "is of no number of faces from 1 to 3": 1 <= cell.faces <= MOST_FACES,
        "counts no people or fewer trials than people": 1 <= cell.people <= cell.trials,
    }
    return [fault for fault, holds in checks.items() if not holds]


def _within(values: Sequence[float], least: float, most: float) -> bool:
    return all(least <= value <= most for value in values)  # false for nan


def _curve(measured: Measured, faces: int) -> tuple[Curve, bool]:
    """Of so many faces, or of the most below; and whether it stands in for another number."""
    curve = [curve for curve in measured.curves if curve.faces <= max(1, faces)][-1]
    return curve, curve.faces != faces


def _cell(measured: Measured, quality: float, faces: int) -> Cell | None:
    """The narrowest cell of so many faces in which the quality, to the nearest whole number, lies."""
    near = min(100, max(0, math.floor(quality + 0.5)))
    cells = [cell for cell in measured.cells if cell.faces == faces and cell.least_quality <= near <= cell.most_quality]
    return min(cells, key=lambda cell: cell.most_quality - cell.least_quality, default=None)


def _beyond(tail: Tail, score: float) -> float:
    """The FMR by the tail; 0 past its end, if it has one."""
    along = max(0.0, (score - tail.start) / tail.scale)
    if abs(tail.shape) < 1e-9:  # the limit is the exponential distribution
        return tail.rate * math.exp(-along)
    reach = 1 + tail.shape * along
    return float(tail.rate * reach ** (-1 / tail.shape)) if reach > 0 else 0.0


def _beyond_at(tail: Tail, rate: float) -> float:
    """The score at which the tail has this FMR."""
    if rate <= 0:
        return MOST_SCORE
    times = max(1.0, tail.rate / rate)
    along = math.log(times) if abs(tail.shape) < 1e-9 else (times**tail.shape - 1) / tail.shape
    return float(tail.start + tail.scale * along)


def _at_least(count: int, mean: float) -> float:
    """P(N ≥ count) of a Poisson N, its terms by logarithms so that none overflows."""
    if mean <= 0 or count <= 0:
        return 1.0 if count <= 0 else 0.0
    fewer = math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count))
    return min(1.0, max(0.0, 1 - fewer))


def _unrelated_words(measured: Measured, faces: int, references: int) -> str:
    if not references:
        return "No reference was compared, so no unrelated one is expected on the list."
    told: list[str] = []
    for number in (number for number in EXPECTED_UNRELATED if number < references):
        score = score_at(measured, faces=faces, references=references, unrelated=number)
        ones = " unrelated one is expected" if number == 1 else " unrelated ones are expected"
        told.append(f"{number:g}{'' if told else ones} at a score of {score.number:.2f} or more{_mark(score)}")
    among = "1 reference" if references == 1 else f"{references:,} references"
    return f"Among {among}, about {', '.join(told)}."


def _not_shown_words(chance: Expected | None, cell: Cell | None, references: int, limit: int) -> str:
    if references <= limit:
        return "The list has room for every reference that was compared: none is left off it."
    listed = "the one person listed" if limit == 1 else f"among the {limit:,} people listed"
    about = f"If the person is held, the chance that they are not {listed}"
    if chance is None or cell is None:
        return f"{about} is not known: too few such photographs were measured."
    return f"{about} is {_percent(chance.number, cell.people)}{_mark(chance)} for probes {_kind(cell)}."


def _measured_words(measured: Measured, own: bool) -> str:
    if own:
        return f"Measured on {measured.measured_on}, {measured.measured_at}."
    return f"Not measured on your data: these figures are of {measured.measured_on}, {measured.measured_at}."


def _as_high_words(rate: Expected, score: float) -> str:
    """As one in so many, to two digits: rates of one in a million are hard to read as shares."""
    if rate.number >= 0.1:
        often = f"about {100 * rate.number:.0f} %"
    else:
        often = f"about 1 in {float(f'{1 / max(rate.number, LEAST_RATE):.2g}'):,.0f}"
        if rate.number < LEAST_RATE:
            often = f"fewer than 1 in {1 / LEAST_RATE:,.0f}"
    return f"Of pairs of photographs of two people, {often} score {score:.4f} or more{_mark(rate)}."


def _kind(cell: Cell) -> str:
    if (cell.least_quality, cell.most_quality) == ALL_QUALITIES:
        return "of this number and any quality; too few of this quality were measured"
    return "of this quality and number"


def _mark(expected: Expected) -> str:
    return " (extrapolated)" if expected.extrapolated else ""


def _percent(share: float, people: int) -> str:
    """With two significant digits. Below what so many people can show, the bound: 3 / people where none of them erred
    (the rule of three, Hanley and Lippman-Hand 1983)."""
    least = max(3 / people, 1e-4)
    if share < least:
        return f"less than {100 * least:.2g} %"
    return f"about {100 * share:.2g} %" if share < 0.985 else "more than 98 %"
