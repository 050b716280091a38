"""Every photograph compared with every other, once, in blocks: what unrelated people reach, and what one person does.

Of the non-mated scores only a histogram is kept, and the pairs at the upper end of it; memory stays the same however many
there are. Measured on two cores: the 19.7 M comparisons of 6,274 photographs take 0.7 s and 125 MB beside the templates,
the 1,150 M of 48,000 photographs take 12 s and 195 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beholden.evaluation.faces import Faces, Real, Whole
from beholden.evaluation.likelihood import MOST_PAIRS, cost_of
from beholden.evaluation.people import FEW_ERRORS, INSUFFICIENT, MIN_PEOPLE, MIN_TRIALS, SEED, Rate, rate, rate_between

BLOCK = 2048  # photographs a side: 16 MB of scores at a time
BINS = 65_536  # over −1 … 1, so a threshold is exact to 3e-5
MOST_CLOSE = 2_000_000  # non-mated pairs kept one by one (48 MB)
MOST_MATED = 5_000_000  # more (one folder of 3,200 photographs) are sampled
CURVE_POINTS = 400
COARSE_BINS = 80
LEVELS = tuple(10.0**-exponent for exponent in range(2, 10))

EDGES: Real = np.linspace(-1.0, 1.0, BINS + 1)  # exact: a power of two of them


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Pairs of photographs, by their places among the faces, and their scores."""

    a: Whole
    b: Whole
    scores: Real

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True, slots=True, eq=False)
class Comparisons:
    """All pairs of the photographs that lie in a person's folder. One with a missing face scores −1."""

    people: Whole  # of each photograph: its person, −1 for none; as in the faces
    images: Whole  # of each person: their photographs
    mated: Compared  # all, or a seeded sample of MOST_MATED
    mated_in_all: int
    non_mated: int
    non_mated_histogram: NDArray[np.int64]  # BINS numbers, of the scores between EDGES
    close: Compared  # the non-mated pairs at or above `close_from`
    close_from: float

    def threshold_at(self, fmr: float) -> float:
        """The smallest edge of a bin that at most this share of the non-mated comparisons reaches."""
        return float(EDGES[int(np.argmax(self._reaching() <= fmr * self.non_mated))])

    def fmr_at(self, score: float) -> float:
        """Share of the non-mated comparisons at or above the edge of a bin next to the score."""
        return float(self._reaching()[int(np.searchsorted(EDGES, score))] / self.non_mated)

    @property
    def levels(self) -> tuple[float, ...]:
        """The FMR levels 1e-2, 1e-3 … that the data carries: 30 non-mated pairs or more reach their threshold."""
        if np.count_nonzero(self.images) < MIN_PEOPLE:
            return ()
        return tuple(
            level for level in LEVELS if self.fmr_at(self.threshold_at(level)) * self.non_mated >= FEW_ERRORS - 0.5
        )

    def level_near(self, level: float) -> float | None:
        """This level, or the lowest above it that the data carries."""
        return min((carried for carried in self.levels if carried >= level * 0.999), default=None)

    def not_mated_at(self, threshold: float, among: Whole | None = None) -> Rate:
        """FNMR at a threshold, of all people or of those that a row of 0 and 1 names."""
        people = self.people[self.mated.a]
        asked = np.ones(len(people), dtype=bool) if among is None else among[people] > 0
        return rate_of_mated(people[asked], self.mated.scores[asked] < threshold, len(self.images))

    def reaching(self, threshold: float, among: Whole | None = None) -> Rate | None:
        """FMR at a threshold, of all people or within those that a row of 0 and 1 names; None below `close_from`."""
        if threshold < self.close_from:
            return None
        a, b = self.people[self.close.a], self.people[self.close.b]
        above = self.close.scores >= threshold
        if among is not None:
            above &= (among[a] > 0) & (among[b] > 0)
        return rate_between(a[above], b[above], self.images if among is None else self.images * (among > 0))

    def _reaching(self) -> NDArray[np.int64]:
        """How many reach each edge: BINS + 1 numbers, the last is 0."""
        return np.append(np.cumsum(self.non_mated_histogram[::-1])[::-1], 0)


def level_name(level: float) -> str:
    """`1e-03`: how a level is named in the report."""
    return f"{level:.0e}"


def rate_of_mated(people: Whole, wrong: NDArray[np.bool_], count: int) -> Rate:
    """FNMR of mated pairs by the person that each is of, one of `count`."""
    return rate(np.bincount(people[wrong], minlength=count), np.bincount(people, minlength=count))


def compare_all(faces: Faces, tell: Callable[[int, int], None]) -> Comparisons | None:
    """`tell` hears how many blocks of how many are done. None where nothing can be told apart: without a mated pair, or with
    photographs of fewer than two people."""
    images = np.bincount(faces.people[faces.people >= 0], minlength=len(faces.identities)).astype(np.int64)
    if np.count_nonzero(images) < 2 or images.max() < 2:
        return None
    held = int(images.sum())
    non_mated = (held * held - int((images * images).sum())) // 2
    # sorted by person, so that a pair (i, j) with i < j is non-mated exactly where person i < person j
    places = np.flatnonzero((faces.people >= 0) & faces.found)
    places = places[np.argsort(faces.people[places], kind="stable")]
    templates, people = faces.templates[places], faces.people[places]
    parts = -(-len(places) // BLOCK)
    steps = parts * (parts + 1)  # of both passes

    histogram = np.zeros(BINS + 1, dtype=np.int64)
    for done, (_, _, _, bins) in enumerate(_blocks(templates, people), 1):
        histogram += np.bincount(bins.ravel(), minlength=BINS + 1)
        tell(done, steps)
    histogram = histogram[:BINS]
    histogram[0] += non_mated - histogram.sum()  # those in which a face is missing: −1

    reaching = np.append(np.cumsum(histogram[::-1])[::-1], 0)
    floor = int(np.argmax(reaching <= min(LEVELS[0] * non_mated, MOST_CLOSE)))
    found: list[tuple[Whole, Whole, Real]] = []
    for done, (top, left, scores, bins) in enumerate(_blocks(templates, people), steps // 2 + 1):
        row, column = np.nonzero((bins >= floor) & (bins < BINS))
        # a score that rounding lifted into a bin takes the edge of the bin: threshold and list always count alike
        score = np.maximum(scores[row, column].astype(np.float64), EDGES[bins[row, column]])
        found.append((places[row + top], places[column + left], score))
        tell(done, steps)
    close = Compared(*(np.concatenate(part) for part in zip(*found, strict=True))) if found else _nothing()
    mated_in_all = int((images * (images - 1) // 2).sum())
    return Comparisons(
        people=faces.people,
        images=images,
        mated=_mated(faces, images, mated_in_all),
        mated_in_all=mated_in_all,
        non_mated=non_mated,
        non_mated_histogram=histogram,
        close=close,
        close_from=float(EDGES[floor]),
    )


def _blocks(
    templates: NDArray[np.float32], people: Whole
) -> Iterator[tuple[int, int, NDArray[np.float32], NDArray[np.int32]]]:
    """Scores of the upper triangle and the bin of each; BINS for what is no non-mated pair or is counted elsewhere."""
    for top in range(0, len(people), BLOCK):
        rows = slice(top, top + BLOCK)
        for left in range(top, len(people), BLOCK):
            columns = slice(left, left + BLOCK)
            scores = templates[rows] @ templates[columns].T
            bins = ((scores + np.float32(1)) * np.float32(BINS // 2)).astype(np.int32)
            np.clip(bins, 0, BINS - 1, out=bins)
            if people[rows][-1] >= people[left]:
                bins[people[rows, None] >= people[None, columns]] = BINS
            yield top, left, scores, bins


def _nothing() -> Compared:
    none = np.zeros(0, dtype=np.int64)
    return Compared(none, none, np.zeros(0))


def _mated(faces: Faces, images: Whole, in_all: int) -> Compared:
    """The t-th pair of a person's photographs is (i, j), i < j, with t = j (j − 1) / 2 + i."""
    wanted = np.arange(in_all)
    if in_all > MOST_MATED:
        wanted = np.sort(np.random.default_rng(SEED).choice(in_all, MOST_MATED, replace=False, shuffle=False))
    before = np.cumsum(images * (images - 1) // 2)
    person = np.searchsorted(before, wanted, side="right")
    nth = wanted - (before - images * (images - 1) // 2)[person]
    second = ((1 + np.sqrt(1 + 8.0 * nth)) // 2).astype(np.int64)
    first = nth - second * (second - 1) // 2
    places = np.flatnonzero(faces.people >= 0)
    places = places[np.argsort(faces.people[places], kind="stable")]
    start = (np.cumsum(images) - images)[person]
    a, b = places[start + first], places[start + second]
    scores = [faces.scores(a[i : i + 65_536], b[i : i + 65_536]) for i in range(0, len(a), 65_536)]
    return Compared(a, b, np.concatenate(scores))


def all_pairs_document(faces: Faces, comparisons: Comparisons) -> dict[str, object]:
    """The block `all_pairs` of the report. Under 30 people or 100 pairs of either kind, counts alone are told."""
    told: dict[str, object] = {"mated": comparisons.mated_in_all, "non_mated": comparisons.non_mated}
    told["tmr_at_fmr"] = {
        level_name(level): _operating_point(comparisons, comparisons.threshold_at(level))
        for level in comparisons.levels
        if comparisons.threshold_at(level) >= comparisons.close_from
    }
    with_pairs = int(np.count_nonzero(comparisons.images >= 2))
    if with_pairs < MIN_PEOPLE or min(len(comparisons.mated), comparisons.non_mated) < MIN_TRIALS:
        nothing = {"cllr": INSUFFICIENT, "cllr_min": INSUFFICIENT, "tippett": None}
        return told | {"curve": None, "distribution": None} | nothing
    told["curve"], told["distribution"] = _curve(comparisons), _distribution(comparisons)
    a, b, mated = _some_pairs(comparisons)
    cost = cost_of(comparisons.people[a], comparisons.people[b], mated, faces.scores(a, b))
    return told | cost.document()


def _operating_point(comparisons: Comparisons, threshold: float) -> dict[str, object]:
    missed = comparisons.not_mated_at(threshold)
    reached = comparisons.reaching(threshold)
    rates = {"tmr": missed.document(of="successes")} | ({"fmr": reached.document()} if reached else {})
    return {"threshold": round(threshold, 4), "tmr": missed.number(of="successes"), "rates": rates}


def _curve(comparisons: Comparisons) -> dict[str, list[float]]:
    """FMR and FNMR by score, as far as 30 non-mated comparisons reach it; evenly by the logarithm of the FMR."""
    from sklearn.metrics import det_curve

    kept = np.flatnonzero(comparisons.non_mated_histogram)
    mated = comparisons.mated.scores
    fmr, fnmr, score = det_curve(
        np.concatenate([np.ones(len(mated)), np.zeros(len(kept))]),
        np.concatenate([np.floor((mated + 1) * (BINS // 2)) / (BINS // 2) - 1, EDGES[kept]]),
        sample_weight=np.concatenate([np.ones(len(mated)), comparisons.non_mated_histogram[kept]]),
    )
    carried = np.isfinite(score) & (fmr * comparisons.non_mated >= FEW_ERRORS - 0.5)
    fmr, fnmr, score = fmr[carried], fnmr[carried], score[carried]
    order = np.argsort(score)
    fmr, fnmr, score = fmr[order], fnmr[order], score[order]
    if len(score) > CURVE_POINTS:
        at = np.geomspace(fmr[0], fmr[-1], CURVE_POINTS)
        places = np.unique(np.clip(np.searchsorted(-fmr, -at), 0, len(fmr) - 1))
        fmr, fnmr, score = fmr[places], fnmr[places], score[places]
    return {
        "score": [round(float(x), 4) for x in score],
        "fmr": [float(f"{x:.6g}") for x in fmr],  # six decimals would leave nothing of 1e-7
        "fnmr": [round(float(x), 6) for x in fnmr],
    }


def _distribution(comparisons: Comparisons) -> dict[str, list[float] | list[int]]:
    edges = np.linspace(-1, 1, COARSE_BINS + 1)
    middles = (EDGES[:-1] + EDGES[1:]) / 2
    non_mated, _ = np.histogram(middles, edges, weights=comparisons.non_mated_histogram.astype(np.float64))
    mated, _ = np.histogram(np.clip(comparisons.mated.scores, -1, 1), edges)
    return {
        "edges": [round(float(edge), 4) for edge in edges],
        "mated": [int(count) for count in mated],
        "non_mated": [int(count) for count in np.round(non_mated)],
    }


def _some_pairs(comparisons: Comparisons) -> tuple[Whole, Whole, NDArray[np.bool_]]:
    """MOST_PAIRS of the mated and of the non-mated pairs, drawn with a seed, or all where there are fewer."""
    random = np.random.default_rng(SEED)
    some = np.sort(random.permutation(len(comparisons.mated))[:MOST_PAIRS])
    places = np.flatnonzero(comparisons.people >= 0)
    if len(places) <= 1000:
        first, second = np.triu_indices(len(places), 1)
    else:
        first, second = random.integers(0, len(places), (2, 4 * MOST_PAIRS))
    a, b = places[first], places[second]
    other = np.flatnonzero(comparisons.people[a] != comparisons.people[b])
    other = np.sort(random.permutation(other)[:MOST_PAIRS])
    mated = np.arange(len(some) + len(other)) < len(some)
    return (
        np.concatenate([comparisons.mated.a[some], a[other]]),
        np.concatenate([comparisons.mated.b[some], b[other]]),
        mated,
    )
