"""Photographs that seem to lie under the wrong name: each is counted as an error of the model, and is none.

Only what unrelated people would hardly reach is told, so that somebody can look. A twin or a brother looks the same from
here. The rates are not changed: who mends the folder measures again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import expon

from beholden.evaluation.comparisons import BLOCK, Comparisons
from beholden.evaluation.faces import Faces, Real, Whole, Yes
from beholden.evaluation.people import FEW_ERRORS

UNDER_TWO_NAMES = "one person under two names"
ANOTHER_PERSON = "another person under this name"
UNLIKE_ALL = "unlike every other photograph of this name"
LISTED = 200
CHANCE = 0.1  # unrelated pairs expected by chance among all that are suspected
TAIL_LEVEL, UNLIKE_LEVEL = 1e-3, 1e-2


@dataclass(frozen=True, slots=True)
class Suspected:
    kind: str
    image_a: str
    image_b: str | None
    score: float  # of the two; where there is one photograph, its highest with another of its name
    beyond: float  # how far past what would have been usual, as a difference of scores: the best evidence has most


def suspected_label_errors(faces: Faces, comparisons: Comparisons | None) -> tuple[Suspected, ...]:
    """All of them, best evidence first.

    *One person under two names*: a non-mated pair above the median of the mated pairs and above what even one of all
    unrelated pairs would be expected to reach; the highest pair of two names. *Another person under this name*: a
    photograph below the threshold of FMR 1e-3 with every other of its name, and above what unrelated people reach with
    one of another name. *Unlike every other*: below the threshold of FMR 1e-2 with all of at least two others, or both
    photographs of a name with one another, and like nobody else.
    """
    if comparisons is None or TAIL_LEVEL not in comparisons.levels or not len(comparisons.mated):
        return ()
    own, others = _with_their_own(faces, comparisons.images)
    unlike = (others > 0) & (own < comparisons.threshold_at(TAIL_LEVEL))
    strangers = _strangers(faces, comparisons, own, unlike)
    taken = {name for found in strangers for name in (found.image_a, found.image_b)}
    twice = _under_two_names(faces, comparisons, unlike)
    alone = _unlike_all(faces, comparisons, own, others, taken)
    return tuple(sorted([*strangers, *twice, *alone], key=lambda found: (-found.beyond, found.image_a)))


def document(suspected: tuple[Suspected, ...], *, withheld: bool) -> list[dict[str, object]] | dict[str, object]:
    """The block of the report: the first 200, or only how many where names may not leave the system.

    None instead of a number under 30: whether there is one or none would tell of the one pair that somebody doubts.
    """
    if withheld:
        return {"count": len(suspected) if len(suspected) >= FEW_ERRORS else None, "names": "withheld"}
    return [
        {"kind": each.kind, "image_a": each.image_a, "image_b": each.image_b, "score": round(each.score, 4)}
        for each in suspected[:LISTED]
    ]


def _reached_by_chance(comparisons: Comparisons, pairs: int) -> float:
    """The score that CHANCE of so many unrelated pairs is expected to reach.

    The tail beyond FMR 1e-3 is taken as exponential. That of cosines falls faster (on LFW a tenth of the FMR costs 0.068,
    0.056, 0.048 of score), so this lies on the safe side: there 0.66 for all 19.6 M pairs.
    """
    start = max(comparisons.threshold_at(TAIL_LEVEL), comparisons.close_from)
    tail = comparisons.close.scores[comparisons.close.scores >= start]
    # wrong labels stand in the tail too: what one person usually reaches is no part of it
    unrelated = tail[tail <= max(float(np.median(comparisons.mated.scores)), float(np.median(tail)))]
    _, scale = expon.fit(unrelated, floc=start)
    share = min(1.0, CHANCE / (pairs * comparisons.fmr_at(start)))
    return float(expon.isf(share, loc=start, scale=max(scale, 1e-6)))


def _with_their_own(faces: Faces, images: Whole) -> tuple[Real, Whole]:
    """Of each photograph the highest score with another of its name, and how many others of it have a face."""
    own, others = np.full(len(faces.names), -np.inf), np.zeros(len(faces.names), dtype=np.int64)
    named = np.flatnonzero((faces.people >= 0) & faces.found)
    named = named[np.argsort(faces.people[named], kind="stable")]
    ends = np.cumsum(np.bincount(faces.people[named], minlength=len(images)))
    for places in np.split(named, ends[:-1]):
        for start in range(0, len(places) if len(places) > 1 else 0, BLOCK):
            rows = places[start : start + BLOCK]
            scores = faces.templates[rows] @ faces.templates[places].T
            scores[np.arange(len(rows)), np.arange(start, start + len(rows))] = -np.inf
            own[rows] = scores.max(axis=1)
        others[places] = len(places) - 1
    return own, others


def _strangers(faces: Faces, comparisons: Comparisons, own: Real, unlike: Yes) -> list[Suspected]:
    """Of each photograph unlike its name, its best pair with another name."""
    if not unlike.any():
        return []
    asked = int(unlike.sum()) * len(faces.names)
    far, near = _reached_by_chance(comparisons, asked), comparisons.threshold_at(TAIL_LEVEL)
    close = comparisons.close
    photograph, other = np.concatenate([close.a, close.b]), np.concatenate([close.b, close.a])
    scores = np.concatenate([close.scores, close.scores])
    rows = np.flatnonzero(unlike[photograph] & (scores >= far))
    rows = _first_of(rows[np.argsort(-scores[rows], kind="stable")], photograph)
    return [
        Suspected(
            ANOTHER_PERSON,
            faces.names[photograph[row]],
            faces.names[other[row]],
            float(scores[row]),
            float(scores[row] - far + near - own[photograph[row]]),
        )
        for row in rows
    ]


def _under_two_names(faces: Faces, comparisons: Comparisons, unlike: Yes) -> list[Suspected]:
    close = comparisons.close
    far = max(float(np.median(comparisons.mated.scores)), _reached_by_chance(comparisons, comparisons.non_mated))
    rows = np.flatnonzero((close.scores >= far) & ~unlike[close.a] & ~unlike[close.b])
    people = np.sort(np.stack([faces.people[close.a], faces.people[close.b]], axis=1), axis=1)
    names = people[:, 0] * len(faces.identities) + people[:, 1]
    rows = _first_of(rows[np.argsort(-close.scores[rows], kind="stable")], names)
    found = []
    for row in rows:
        first, second = sorted((faces.names[close.a[row]], faces.names[close.b[row]]))
        score = float(close.scores[row])
        found.append(Suspected(UNDER_TWO_NAMES, first, second, score, score - far))
    return found


def _unlike_all(
    faces: Faces, comparisons: Comparisons, own: Real, others: Whole, taken: set[str | None]
) -> list[Suspected]:
    usual = comparisons.threshold_at(UNLIKE_LEVEL)
    found = []
    for place in np.flatnonzero((others > 0) & (own < usual)):
        name, other = faces.names[place], None
        if name in taken:
            continue
        if others[place] == 1:  # of two, nobody can say which is the wrong one: they are told together
            same = np.flatnonzero((faces.people == faces.people[place]) & faces.found)
            if place != same[0] or faces.names[same[1]] in taken:
                continue
            other = faces.names[same[1]]
        found.append(Suspected(UNLIKE_ALL, name, other, float(own[place]), float(usual - own[place])))
    return found


def _first_of(rows: Whole, kind: NDArray[np.int64]) -> Whole:
    """Of the rows of each kind the first."""
    _, first = np.unique(kind[rows], return_index=True)
    return rows[np.sort(first)]
