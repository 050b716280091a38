"""One to one, on lists of pairs that somebody made: accuracy, misses at the thresholds of the whole set, and Cllr."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from beholden.evaluation.comparisons import rate_of_mated
from beholden.evaluation.faces import Faces, Real, Whole
from beholden.evaluation.images import Pairs
from beholden.evaluation.likelihood import cost_of
from beholden.evaluation.people import INSUFFICIENT, rate_of_pairs

DEFAULT_THRESHOLD = 0.363  # OpenCV's stock one for SFace, by which published figures can be compared


def verification(
    faces: Faces,
    lists: Mapping[str, Pairs],
    thresholds: Mapping[str, float],
    *,
    default_threshold: float = DEFAULT_THRESHOLD,
) -> dict[str, object]:
    """The block `verification` of the report. `thresholds`: by name of the FMR (`1e-04`), from all pairs or from the pack."""
    return {name: _verified(faces, pairs, thresholds, default_threshold) for name, pairs in sorted(lists.items())}


def people_of(faces: Faces, pairs: Pairs) -> Whole:
    """Of each photograph a number for its person. One without a name is somebody else, unless a mated pair says who it is."""
    count = len(faces.identities)
    whose = np.where(faces.people >= 0, faces.people, count + np.arange(len(faces.people)))
    said = pairs.mated & ((faces.people[pairs.a] < 0) | (faces.people[pairs.b] < 0))
    a, b = whose[pairs.a[said]], whose[pairs.b[said]]
    nodes = count + len(faces.people)
    _, groups = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(nodes, nodes)), directed=False)
    return np.asarray(groups[whose], dtype=np.int64)


def _verified(
    faces: Faces, pairs: Pairs, thresholds: Mapping[str, float], default_threshold: float
) -> dict[str, object]:
    scores = faces.scores(pairs.a, pairs.b)
    whose = people_of(faces, pairs)
    a, b = whose[pairs.a], whose[pairs.b]
    best_threshold = _best_threshold(scores, pairs)
    at_default = rate_of_pairs(a, b, (scores >= default_threshold) != pairs.mated)
    told: dict[str, object] = {
        "pairs": len(scores),
        "mated": int(pairs.mated.sum()),
        "non_mated": int((~pairs.mated).sum()),
        "people": at_default.people,
        "accuracy_at_best_threshold": INSUFFICIENT,
        "best_threshold": INSUFFICIENT,  # of one pair it would be that pair's score
        "accuracy_at_default": at_default.number(of="successes"),
        "default_threshold": default_threshold,
    }
    rates = {"accuracy_at_default": at_default.document(of="successes")}
    at_best = at_default if best_threshold is None else rate_of_pairs(a, b, (scores >= best_threshold) != pairs.mated)
    if best_threshold is not None and at_best.sufficient:
        told["accuracy_at_best_threshold"] = at_best.number(of="successes")
        told["best_threshold"] = round(best_threshold, 4)
        rates["accuracy_at_best_threshold"] = at_best.document(of="successes")
    told["fnmr_at_fmr"] = {
        level: _missed_at(threshold, a[pairs.mated], scores[pairs.mated]) for level, threshold in thresholds.items()
    }
    return told | {"rates": rates} | cost_of(a, b, pairs.mated, scores).document()


def _missed_at(threshold: float, people: Whole, mated_scores: Real) -> dict[str, object]:
    missed = rate_of_mated(people, mated_scores < threshold, int(people.max(initial=-1)) + 1)
    return {"threshold": round(threshold, 4), "fnmr": missed.number(), "rates": {"fnmr": missed.document()}}


def _best_threshold(scores: Real, pairs: Pairs) -> float | None:
    """Chosen on the same pairs, as published figures do; the lowest of those equally good. None with pairs of one kind only."""
    if pairs.mated.all() or not pairs.mated.any():
        return None
    from sklearn.metrics import roc_curve

    fmr, tmr, thresholds = roc_curve(pairs.mated, scores, drop_intermediate=False)
    right = tmr * pairs.mated.sum() + (1 - fmr) * (~pairs.mated).sum()
    # by whole pairs: the product of a rate and a count is not exact
    best = np.flatnonzero(np.round(right[1:]) == np.round(right[1:]).max())[-1] + 1  # the first threshold is infinite
    return float(thresholds[best])
