"""How well scores could be stated as likelihood ratios: the cost Cllr and the Tippett curve of a whole set, never of a pair.

The logistic calibrator is fitted on pairs of other people than those whose pairs it is then tried on (five groups of
people; a pair between two groups is tried with the calibrator of the other three). Formulas: Brümmer and du Preez 2006.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from beholden.evaluation.faces import Real, Whole, Yes
from beholden.evaluation.people import INSUFFICIENT, MIN_PEOPLE, MIN_TRIALS, SEED

MOST_PAIRS = 50_000  # of each kind: 1 s; on LFW four times as many move Cllr from 0.0274 to 0.0275
GROUPS = 5
# lir's calibrator keeps scikit-learn's penalty (C = 1), which flattens the slope where scores lie within −1 … 1: on the 2,200
# pairs of LFW Cllr is 0.092 with it, 0.0277 with this or less. With none a fit has no end where the two kinds do not overlap.
PENALTY = 1e4
STEPS = 100  # of the Tippett curve


@dataclass(frozen=True, slots=True, eq=False)
class Cost:
    """Log10 likelihood ratios of pairs that the calibrator had not seen; none where there is too little data."""

    llrs: Real
    mated: Yes
    scores: Real

    def document(self) -> dict[str, object]:
        """`cllr`, `cllr_min` (after the best monotone calibration, on the pairs themselves) and the points of `tippett`.

        The least cost is taken of the scores: the ratios come of several calibrators, which need not keep their order
        (on the 2,200 pairs of LFW it was 0.0214 of the ratios, and is 0.0208 of the scores).
        """
        if not len(self.llrs):
            return {"cllr": INSUFFICIENT, "cllr_min": INSUFFICIENT, "tippett": None}
        from lir.data.models import LLRData
        from lir.metrics import cllr, cllr_min

        labels = self.mated.astype(np.int64)
        cost = cllr(LLRData(features=self.llrs, labels=labels))
        least = cllr_min(LLRData(features=self.scores, labels=labels))
        return {"cllr": round(cost, 4), "cllr_min": round(least, 4), "tippett": self._tippett()}

    def _tippett(self) -> dict[str, list[float]]:
        """Share of the mated and of the non-mated pairs whose log10 LR is at least so much. A fixed grid: no pair shows."""
        low, high = np.quantile(self.llrs, [0.001, 0.999])
        grid = np.linspace(np.floor(low), max(np.ceil(high), np.floor(low) + 1), STEPS + 1)
        told = {"llr": [round(float(x), 4) for x in grid]}
        for name, of in (("mated", self.mated), ("non_mated", ~self.mated)):
            ordered = np.sort(self.llrs[of])
            share = 1 - np.searchsorted(ordered, grid, side="left") / len(ordered)
            told[name] = [round(float(x), 6) for x in share]
        return told


def cost_of(a: Whole, b: Whole, mated: Yes, scores: Real) -> Cost:
    """`a`, `b`: the person on each side of a pair. Nothing under 30 people or 100 pairs of either kind."""
    nothing = Cost(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0))
    there, places = np.unique(np.concatenate([a, b]), return_inverse=True)
    if len(there) < MIN_PEOPLE or min(int(mated.sum()), int((~mated).sum())) < MIN_TRIALS:
        return nothing
    group = np.random.default_rng(SEED).permutation(len(there)) % GROUPS
    first, second = group[places[: len(a)]], group[places[len(a) :]]
    llrs = np.full(len(scores), np.nan)
    for one, other in combinations_with_replacement(range(GROUPS), 2):
        tried = ((first == one) & (second == other)) | ((first == other) & (second == one))
        fitted = ~np.isin(first, (one, other)) & ~np.isin(second, (one, other))
        if not tried.any():
            continue
        if not (mated[fitted].any() and (~mated[fitted]).any()):
            return nothing
        llrs[tried] = _calibrated(scores[fitted], mated[fitted], scores[tried])
    return Cost(llrs, mated, scores)


def _calibrated(scores: Real, mated: Yes, asked: Real) -> Real:
    import sklearn.linear_model  # noqa: F401 - lir uses it without importing it
    from lir.algorithms.logistic_regression import LogitCalibrator

    # the default solver and tolerance stop early (Cllr differed by 4 % from the optimum) and take ten times as long
    calibrator = LogitCalibrator(C=PENALTY, solver="newton-cholesky", tol=1e-6)
    calibrator.fit(scores.reshape(-1, 1), mated.astype(np.int64))
    return np.asarray(calibrator.transform(asked.reshape(-1, 1)), dtype=np.float64).reshape(-1)
