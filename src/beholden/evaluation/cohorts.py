"""How often the model errs by cohort: within each, at the thresholds that everybody shares, and in a gallery of it alone."""

from __future__ import annotations

import numpy as np

from beholden.evaluation.comparisons import Comparisons, level_name
from beholden.evaluation.faces import Faces, Whole
from beholden.evaluation.identification import closed_set
from beholden.evaluation.images import LabelledImages
from beholden.evaluation.open_set import open_set
from beholden.evaluation.people import INSUFFICIENT, rate

LEVELS = (1e-3, 1e-4)
TARGET_FPIR = 0.1


def cohorts(
    faces: Faces, images: LabelledImages, comparisons: Comparisons | None
) -> tuple[dict[str, object] | None, tuple[str, ...]]:
    """The block `cohorts` of the report, and in words what of it could not be measured.

    Both photographs of a pair are of the cohort: who searches a gallery for somebody meets those who look alike. People
    without a cohort are left out and counted.
    """
    if not images.cohorts:
        return None, ("error rates by cohort: no labels.csv says who belongs to which",)
    if comparisons is None:
        return None, ("error rates by cohort: no two photographs of one person, or of one person alone",)
    carried = [level for level in LEVELS if level in comparisons.levels]
    missing = [
        f"error rates by cohort at the FMR {level_name(level)}: too few non-mated pairs for a threshold"
        for level in LEVELS
        if level not in carried
    ]
    thresholds = {level_name(level): comparisons.threshold_at(level) for level in carried}
    labels = [images.cohorts.get(person, "").strip() for person in faces.identities]
    cells = []
    for name in sorted(set(labels) - {""}):
        among = np.array([label == name for label in labels], dtype=np.int64)
        cell, empty = _cell(faces, comparisons, name, among, thresholds)
        cells.append(cell)
        missing += empty
    without = np.array([not label for label in labels], dtype=bool)
    return {
        "thresholds": {level: round(threshold, 4) for level, threshold in thresholds.items()},
        "people_without_cohort": int(np.count_nonzero(without & (comparisons.images > 0))),
        "cells": cells,
    }, tuple(missing)


def _cell(
    faces: Faces, comparisons: Comparisons, name: str, among: Whole, thresholds: dict[str, float]
) -> tuple[dict[str, object], list[str]]:
    images = comparisons.images * among
    lost = np.bincount(faces.people[(faces.people >= 0) & ~faces.found], minlength=len(images)) * among
    not_found = rate(lost, images)
    at, missing = {}, []
    for level, threshold in thresholds.items():
        missed, reached = comparisons.not_mated_at(threshold, among), comparisons.reaching(threshold, among)
        at[level] = {
            "fmr": reached.number() if reached else INSUFFICIENT,
            "fnmr": missed.number(),
            "rates": {"fnmr": missed.document()} | ({"fmr": reached.document()} if reached else {}),
        }
        for measure, told in (("FMR", reached), ("FNMR", missed)):
            if told is None or not told.sufficient:
                missing.append(f"{measure} within the cohort {name} at the FMR {level}: {INSUFFICIENT}")
    return {
        "cohort": name,
        "people": int(np.count_nonzero(images)),
        "images": int(images.sum()),
        "not_found": not_found.number(),
        "rates": {"not_found": not_found.document()},
        "at": at,
        "single_cohort_gallery": _gallery_of(faces, np.flatnonzero(among)),
    }, missing


def _gallery_of(faces: Faces, people: Whole) -> dict[str, object] | None:
    """Searched where nobody else is held; None without probes."""
    closed = closed_set(faces, people)
    if closed is None:
        return None
    rates = closed["rates"]
    assert isinstance(rates, dict)
    told: dict[str, object] = {name: closed[name] for name in ("references", "probes", "rank1")}
    told |= {"target_fpir": TARGET_FPIR, "threshold": None, "fnir": INSUFFICIENT, "rates": {"rank1": rates["rank1"]}}
    for cell in open_set(faces, people):  # the largest gallery first
        if cell["target_fpir"] == TARGET_FPIR:
            assert isinstance(cell["rates"], dict)
            told |= {name: cell[name] for name in ("threshold", "fnir")}
            told["rates"] = {"rank1": rates["rank1"], **cell["rates"]}
            break
    return told
