"""Whether a measure of quality knows which photographs will be missed: FNMR after the worst of the mated pairs are put aside.

The error-versus-discard characteristic of Grother and Tabassi 2007 (ISO/IEC 29794-1). The quality of a pair is that of its
worse photograph; one without a face is the worst of all. A measure that says something falls below `random`.
"""

from __future__ import annotations

import numpy as np

from beholden.evaluation.comparisons import Comparisons, level_name, rate_of_mated
from beholden.evaluation.faces import QUALITY, Faces, Real
from beholden.evaluation.people import SEED

LEVEL = 1e-4
DISCARDED = (0.0, 0.05, 0.1, 0.2, 0.3)
RANDOM = "random"


def error_against_discard(faces: Faces, comparisons: Comparisons | None) -> dict[str, object] | None:
    """The block `quality` of the report; None where there is no threshold to measure at."""
    level = comparisons.level_near(LEVEL) if comparisons else None
    if comparisons is None or level is None:
        return None
    threshold = comparisons.threshold_at(level)
    # ties are broken by chance, or 20 % of equally good pairs would be 20 % of the first names
    chance = np.random.default_rng(SEED).random(len(comparisons.mated))
    measures = {name: _curve(comparisons, threshold, _worse(faces, comparisons, name), chance) for name in QUALITY}
    nothing = np.zeros(len(comparisons.mated))
    measures[RANDOM] = _curve(comparisons, threshold, nothing, chance)
    return {"threshold": round(threshold, 4), "at_fmr": level_name(level), "measures": measures}


def _worse(faces: Faces, comparisons: Comparisons, measure: str) -> Real:
    quality = np.nan_to_num(faces.quality[measure], nan=-np.inf)
    return np.minimum(quality[comparisons.mated.a], quality[comparisons.mated.b])


def _curve(comparisons: Comparisons, threshold: float, quality: Real, chance: Real) -> list[dict[str, object]]:
    order = np.lexsort((chance, quality))
    wrong, people = comparisons.mated.scores < threshold, comparisons.people[comparisons.mated.a]
    told: list[dict[str, object]] = []
    for share in DISCARDED:
        kept = order[round(share * len(order)) :]
        missed = rate_of_mated(people[kept], wrong[kept], len(comparisons.images))
        told.append({"discarded": share, "fnmr": missed.number(), "rates": {"fnmr": missed.document()}})
    return told
