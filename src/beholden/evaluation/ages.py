"""How the years between two photographs and the age of a child change what the model misses and whom it takes for another."""

from __future__ import annotations

import math

import numpy as np

from beholden.evaluation.comparisons import Comparisons, level_name, rate_of_mated
from beholden.evaluation.faces import Faces, Real, Whole, Yes
from beholden.evaluation.images import LabelledImages
from beholden.evaluation.people import INSUFFICIENT, Rate, rate_between

LEVEL = 1e-4
GAPS = ((0, 1), (1, 3), (3, 5), (5, 10), (10, 20), (20, None))  # years, from … to below
BANDS = (("0-3", 4), ("4-8", 9), ("9-12", 13), ("13-17", 18), ("adult", math.inf))  # to below this age
DAYS = 365.25


def ages(
    faces: Faces, images: LabelledImages, comparisons: Comparisons | None
) -> tuple[dict[str, object] | None, tuple[str, ...]]:
    """The block `age_gaps` of the report, and in words each mandatory cell that could not be measured.

    The years between two photographs are those between their dates, or between the ages where a date is missing. A pair
    belongs to an age band when both photographs do.
    """
    if not images.captured and not images.ages:
        return None, (
            "error rates by age gap and by age band: no ages.csv says how old anybody is in which photograph",
        )
    level = comparisons.level_near(LEVEL) if comparisons else None
    if comparisons is None or level is None:
        return None, ("error rates by age gap and by age band: too few non-mated pairs for a threshold",)
    threshold = comparisons.threshold_at(level)
    gaps, missing = _gaps(faces, images, comparisons, threshold)
    bands, empty = _bands(faces, images, comparisons, threshold)
    return {
        "threshold": round(threshold, 4),
        "at_fmr": level_name(level),
        "gaps": gaps,
        "bands": bands,
    }, tuple(missing + empty)


def _of(names: tuple[str, ...], known: dict[str, float]) -> Real:
    """One number a photograph, nan where nobody said."""
    return np.array([known.get(name, math.nan) for name in names])


def _gaps(
    faces: Faces, images: LabelledImages, comparisons: Comparisons, threshold: float
) -> tuple[list[dict[str, object]], list[str]]:
    days = _of(faces.names, {name: float(day.toordinal()) for name, day in images.captured.items()})
    old = _of(faces.names, dict(images.ages))
    a, b = comparisons.mated.a, comparisons.mated.b
    years = np.abs(days[a] - days[b]) / DAYS
    years = np.where(np.isnan(years), np.abs(old[a] - old[b]), years)
    told: list[dict[str, object]] = []
    missing: list[str] = []
    for start, end in GAPS:
        within = (years >= start) & (years < (math.inf if end is None else end))
        missed = _missed(faces, comparisons, threshold, within)
        told.append(
            {
                "from_years": start,
                "to_years": end,
                "mated": missed.trials,
                "fnmr": missed.number(),
                "rates": {"fnmr": missed.document()},
            }
        )
        if not missed.sufficient:
            words = f"{start} years or more" if end is None else f"{start} to {end} years"
            missing.append(f"FNMR over {words} between the photographs: {INSUFFICIENT}")
    return told, missing


def _bands(
    faces: Faces, images: LabelledImages, comparisons: Comparisons, threshold: float
) -> tuple[list[dict[str, object]], list[str]]:
    old = _of(faces.names, dict(images.ages))
    ends = [end for _, end in BANDS]
    band = np.where(np.isnan(old) | (faces.people < 0), -1, np.searchsorted(ends, old, side="right"))
    above = comparisons.close.scores >= threshold
    close_a, close_b = comparisons.close.a[above], comparisons.close.b[above]
    mated = comparisons.mated
    told: list[dict[str, object]] = []
    missing: list[str] = []
    for place, (name, _) in enumerate(BANDS):
        photographs = np.bincount(faces.people[band == place], minlength=len(faces.identities)).astype(np.int64)
        both = (band[close_a] == place) & (band[close_b] == place)
        reached = rate_between(faces.people[close_a[both]], faces.people[close_b[both]], photographs)
        missed = _missed(faces, comparisons, threshold, (band[mated.a] == place) & (band[mated.b] == place))
        told.append(_band(name, photographs, reached, missed))
        missing += [
            f"{measure} within the age band {name}: {INSUFFICIENT}"
            for measure, found in (("FMR", reached), ("FNMR", missed))
            if not found.sufficient
        ]
    return told, missing


def _band(name: str, photographs: Whole, reached: Rate, missed: Rate) -> dict[str, object]:
    return {
        "band": name,
        "people": int(np.count_nonzero(photographs)),
        "images": int(photographs.sum()),
        "fmr": reached.number(),
        "fnmr": missed.number(),
        "rates": {"fmr": reached.document(), "fnmr": missed.document()},
    }


def _missed(faces: Faces, comparisons: Comparisons, threshold: float, asked: Yes) -> Rate:
    mated = comparisons.mated
    return rate_of_mated(faces.people[mated.a[asked]], mated.scores[asked] < threshold, len(faces.identities))
