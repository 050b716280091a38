"""In a system: no report of copies of a few photographs, of empty pictures, or of what so few pairs did that it tells of them.

Fewer than 30 people are refused by the number of their folders. Folders are made easily: two photographs copied into a hundred
of them give a hundred "people" whose every figure is the score of one pair. So people are counted here by what is seen.
A crowd of real people whose scores somebody knows beforehand still tells of the one pair among them that they do not know;
that is why evaluations are few, have a reason and are logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from beholden.errors import BadInput
from beholden.evaluation.comparisons import BLOCK
from beholden.evaluation.faces import Faces, Whole
from beholden.evaluation.people import FEW_ERRORS, MIN_PEOPLE

COPIED = 0.9  # a cosine that copies keep through re-encoding; of 19.6 M pairs of different people of LFW 0.66 is expected once
MOST_UNSEEN = 0.05  # of the people: without a face each of their comparisons is known beforehand
WITHHELD = "withheld"


def with_copies_as_one(faces: Faces) -> Faces:
    """Names under which the same photograph lies are one person. Raises `BadInput` where too few people are left, or too
    many of them show no face."""
    named = faces.people >= 0
    seen = np.unique(faces.people[named & faces.found])
    held = np.unique(faces.people[named])
    if len(held) - len(seen) > MOST_UNSEEN * len(held):
        raise BadInput(
            f"in the photographs of {len(held) - len(seen):,} of {len(held):,} people no face is found: with so many of "
            "them the figures would tell of the few others; remove their folders, or give photographs that show a face"
        )
    whose = _groups(faces)
    if len(np.unique(whose[seen])) < MIN_PEOPLE:
        raise BadInput(
            f"the folders show {len(np.unique(whose[seen])):,} people, for the same photographs lie under several names: "
            f"measure on photographs of {MIN_PEOPLE} people or more"
        )
    return replace(faces, people=np.where(named, whose[faces.people], -1))


def _groups(faces: Faces) -> Whole:
    """Of each person the first of those who share a photograph with them, or with somebody who does."""
    count = len(faces.identities)
    places = np.flatnonzero((faces.people >= 0) & faces.found)
    people, templates = faces.people[places], faces.templates[places]
    alike = coo_array((count, count), dtype=np.int8)
    for top in range(0, len(places), BLOCK):
        for left in range(top, len(places), BLOCK):
            rows, columns = np.nonzero(templates[top : top + BLOCK] @ templates[left : left + BLOCK].T >= COPIED)
            pairs = np.unique(people[top + rows] * count + people[left + columns])
            ones = np.ones(len(pairs), dtype=np.int8)
            alike = (alike + coo_array((ones, (pairs // count, pairs % count)), shape=(count, count))).sign()
    _, groups = connected_components(alike, directed=False)
    _, first = np.unique(groups, return_index=True)
    return np.asarray(first[groups], dtype=np.int64)


def without_single_pairs(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report without what rests on fewer than 30 pairs: ends of curves, thin bins, thresholds that are one pair's score."""
    lists = {name: dict(told) for name, told in report["verification"].items()}
    for told in lists.values():
        if isinstance(told["best_threshold"], float):
            told["best_threshold"] = WITHHELD
    pairs = report["all_pairs"]
    if pairs is not None and pairs["curve"] is not None:
        pairs = pairs | {"curve": _inner(pairs["curve"], pairs["mated"]), "distribution": _thick(pairs["distribution"])}
    return {**report, "verification": lists, "all_pairs": pairs}


def _inner(curve: Mapping[str, list[float]], mated: int) -> dict[str, list[float]]:
    """The points with 30 mated pairs or more on either side."""
    kept = [place for place, missed in enumerate(curve["fnmr"]) if FEW_ERRORS <= missed * mated <= mated - FEW_ERRORS]
    return {name: [values[place] for place in kept] for name, values in curve.items()}


def _thick(distribution: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """A bin of fewer than 30 pairs counts none."""
    return {
        name: values if name == "edges" else [count if count >= FEW_ERRORS else 0 for count in values]
        for name, values in distribution.items()
    }
