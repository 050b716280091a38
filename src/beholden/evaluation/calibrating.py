"""What an evaluation leaves for lists to quote: FMR by score with its tail, and mated scores by quality and number of faces."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from beholden.evaluation.comparisons import BINS, Comparisons
from beholden.evaluation.faces import NOT_FOUND, Faces, Real, Whole
from beholden.evaluation.identification import FUSED, Gallery, Probes, blocks, fused, gallery_of, scores_against, single
from beholden.evaluation.people import FEW_ERRORS, MIN_PEOPLE, MIN_TRIALS
from beholden.records.calibration import (
    ALL_QUALITIES,
    CELL_POINTS,
    QUALITY_BANDS,
    Cell,
    Curve,
    Measured,
    Tail,
)

POINTS = 200  # of a curve: on LFW a step is 0.003, within which log10 FMR is straight to 0.01
TAIL_FMR = 1e-3  # the tail is fitted to what lies above this score …
LEAST_EXCEEDANCES = 100  # … or above a lower one, until so many do
MOST_EXCEEDANCES = 100_000  # more are thinned evenly by rank: the fit takes seconds and no longer moves
LEAST_COMPARISONS = 10_000  # with fewer there is neither a curve nor a tail to speak of


def measured_of(
    faces: Faces,
    comparisons: Comparisons,
    *,
    model: str,
    space_id: str,
    measured_on: str,
    at: date,
    grouped: bool = False,
) -> Measured | None:
    """None where the people are too few for a curve (30 people and 10,000 non-mated comparisons).

    `measured_on` says in words how many photographs of how many people, and of what kind. Probes of one photograph are
    compared as in the rest of the evaluation, every photograph with every other; fused ones with every photograph of
    everybody else. A mated score is that with the person's own reference, their first photograph by name.

    `grouped`: no number is the score of one pair. Mated scores are told as means of 30 or more that lie next to each
    other, by hundredths, and a curve begins where 30 comparisons lie below.
    """
    gallery = gallery_of(faces)
    one = _curve(1, comparisons.non_mated_histogram, grouped) if gallery.width >= MIN_PEOPLE else None
    if one is None:
        return None
    probes = {1: single(faces, gallery)} | {photographs: fused(faces, gallery, photographs) for photographs in FUSED}
    curves = [one]
    for photographs in FUSED:
        asked = probes[photographs]
        if len(np.unique(asked.owners)) >= MIN_PEOPLE:
            curve = _curve(photographs, non_mated_histogram(faces, gallery, asked), grouped)
            curves += [curve] if curve else []
    return Measured(
        model=model,
        space_id=space_id,
        measured_on=measured_on,
        measured_at=at.isoformat(),
        people=gallery.width,
        images=gallery.width + len(gallery.probes),
        references=gallery.width,
        curves=tuple(curves),
        cells=tuple(
            cell
            for photographs, asked in probes.items()
            for cell in _cells(photographs, *_mated(faces, gallery, asked), asked.owners, grouped)
        ),
    )


def non_mated_histogram(faces: Faces, gallery: Gallery, probes: Probes) -> NDArray[np.int64]:
    """Scores of the probes with every photograph of everybody else, in BINS over −1 … 1; −1 where a face is missing."""
    held = np.flatnonzero(faces.people >= 0)
    people, templates, found = faces.people[held], faces.templates[held], faces.found[held]
    whose = gallery.people[probes.owners]
    counts = np.zeros(BINS + 1, dtype=np.int64)  # the last is of their own photographs
    for rows in blocks(len(whose), len(held)):
        scores = scores_against(probes.templates[rows], probes.found[rows], templates, found)
        bins = np.clip((scores + np.float32(1)) * np.float32(BINS // 2), 0, BINS - 1).astype(np.int32)
        bins[whose[rows, None] == people[None, :]] = BINS
        counts += np.bincount(bins.ravel(), minlength=BINS + 1)
    return counts[:BINS]


def _mated(faces: Faces, gallery: Gallery, probes: Probes) -> tuple[Real, Real]:
    """Score with the own reference, and mean unified quality (nan where no face was found)."""
    references = gallery.references[probes.owners]
    cosines = np.einsum("ij,ij->i", probes.templates.astype(np.float64), faces.templates[references].astype(np.float64))
    scores = np.where(probes.found & faces.found[references], cosines, NOT_FOUND)
    unified, there = faces.quality["unified"][probes.members], faces.found[probes.members]
    counted = there.sum(axis=1)
    sums = np.where(there, unified, 0).sum(axis=1)
    return scores, np.where(counted > 0, sums / np.maximum(counted, 1), np.nan)


def _cells(photographs: int, scores: Real, quality: Real, owners: Whole, grouped: bool) -> list[Cell]:
    """One a band and one of all; only where there are people and trials enough. Missing faces are in the one of all."""
    near = np.floor(quality + 0.5)
    kinds = [(band, (near >= band[0]) & (near <= band[1])) for band in QUALITY_BANDS]
    return [
        Cell(
            least_quality=band[0],
            most_quality=band[1],
            faces=photographs,
            people=people,
            trials=int(inside.sum()),
            scores=tuple(_rounded(_points(scores[inside], grouped))),
        )
        for band, inside in [(ALL_QUALITIES, np.ones(len(scores), dtype=bool)), *kinds]
        for people in [len(np.unique(owners[inside]))]
        if people >= MIN_PEOPLE and inside.sum() >= MIN_TRIALS
    ]


def _points(scores: Real, grouped: bool) -> Real:
    """The 0, 1, … 100 % points; grouped, each is the mean of 30 scores or more that lie about it."""
    if not grouped:
        return np.quantile(scores, np.linspace(0, 1, CELL_POINTS))
    groups = np.array_split(np.sort(scores), len(scores) // FEW_ERRORS)
    means = np.round([group.mean() for group in groups], 2)
    return means[np.arange(CELL_POINTS) * len(means) // CELL_POINTS]


def _rounded(scores: Real) -> list[float]:
    return [round(min(1.0, max(-1.0, float(score))), 4) for score in scores]


def _curve(photographs: int, histogram: NDArray[np.int64], grouped: bool = False) -> Curve | None:
    """FMR at evenly spaced scores, as far as 30 non-mated comparisons reach; None if there are too few of them."""
    count = int(histogram.sum())
    if count < LEAST_COMPARISONS:
        return None
    reaching = np.append(np.cumsum(histogram[::-1])[::-1], 0)
    below = FEW_ERRORS if grouped else 1
    first, last = int(np.argmax(reaching <= count - below)) - 1, int(np.flatnonzero(reaching >= FEW_ERRORS)[-1])
    even = np.floor(np.linspace(_edge(first), _edge(last), POINTS - 1) * 1e4) / 1e4
    scores = sorted({round(max(-1.0, float(score)), 4) for score in [-1.0, *even]})
    if len(scores) < 2:
        return None
    fmr = [round(int(reaching[_bin(score)]) / count, 12) for score in scores]
    return Curve(photographs, tuple(scores), tuple(fmr), round(FEW_ERRORS / count, 12), _tail(histogram, reaching))


def _tail(histogram: NDArray[np.int64], reaching: NDArray[np.int64]) -> Tail:
    """A generalised Pareto distribution of the scores above that of TAIL_FMR, by maximum likelihood."""
    from scipy.stats import genpareto

    count = int(reaching[0])
    above = max(TAIL_FMR * count, LEAST_EXCEEDANCES)
    start = round(float(np.floor(_edge(int(np.flatnonzero(reaching >= above)[-1])) * 1e4)) / 1e4, 4)
    place = _bin(start)
    middles = (np.arange(place, BINS) + 0.5) / (BINS // 2) - 1 - start
    ranks, there = np.cumsum(histogram[place:]), int(reaching[place])
    wanted = np.arange(there) if there <= MOST_EXCEEDANCES else np.linspace(0, there - 1, MOST_EXCEEDANCES).astype(int)
    exceedances = np.maximum(middles[np.searchsorted(ranks, wanted, side="right")], 1e-6)
    with np.errstate(all="ignore"):  # the search for the maximum tries shapes at which the likelihood is 0
        shape, _, scale = genpareto.fit(exceedances, floc=0)
    # Outside −1 … 1 the maximum is of no use: below −1 the likelihood has none (Smith 1985), above 1 there is no mean.
    if not -1 < shape < 1 or not 1e-6 < scale < 10:
        shape, scale = 0.0, float(exceedances.mean())
    return Tail(start, round(there / count, 12), round(float(shape), 9), round(float(scale), 9))


def _edge(place: int) -> float:
    return place / (BINS // 2) - 1


def _bin(score: float) -> int:
    """The bin in which the score lies; its whole content counts as at or above."""
    return min(BINS - 1, int((score + 1) * (BINS // 2) + 1e-9))
