"""Open-set identification: how often somebody who is held is not listed, where few who are not held get anybody listed.

The terms are those of ISO/IEC 19795-1 (2021) and NIST's FRTE 1:N (Grother et al., NIST IR 8271). FPIR: share of the
non-mated probes with any reference at or above the threshold. FNIR: share of the mated probes whose own reference is
not both at or above it and among the first `LISTED`. Selectivity: mean number of references at or above it for a
non-mated probe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beholden.evaluation.faces import NOT_FOUND, Faces, Real, Whole
from beholden.evaluation.identification import TIE, Gallery, Probes, blocks, gallery_of, of_people, scores_against
from beholden.evaluation.people import SEED

LISTED = 20  # people on a list of the product
TARGETS = (0.1, 0.03, 0.01, 0.003)  # of the FPIR
# A target is reported where at least this many of the non-mated people are expected to exceed its threshold. With ten
# the threshold's own error moves the FPIR by about a third of itself; with three it would say next to nothing.
EXPECTED = 10
LEAST_REFERENCES = 100  # a smaller gallery is not measured
HELD_OUT = 3  # one person of so many is a non-mated probe where too few have one photograph only


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """References in a drawn order, mated probes of their people, and people of whom nothing is held."""

    gallery: Gallery
    mated: Probes
    strangers: Whole  # places in the faces, one photograph a person


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """Every probe against each part of a gallery that was cut into `parts` equal ones."""

    parts: int
    own: Real  # of each mated probe its score with its own reference, and …
    places: Whole  # … its rank, within the part that holds that reference
    best: Real  # strangers × parts: the highest score
    every: Real  # all scores of strangers above the lowest threshold that is asked for, ascending


def open_set(faces: Faces, within: Whole | None = None, *, seed: int = SEED) -> list[dict[str, object]]:
    """The `open_set` of the report, largest gallery first; empty where the people are too few for any target.

    People with one photograph are halved into references and non-mated probes; everybody else gives a reference, their
    first photograph by name, and their others as mated probes. Where the halves are too small, a drawn third of all
    people are non-mated probes instead, by their first photograph.

    Smaller galleries are cut from the whole one: 2, 4, 8, … disjoint parts, in each of which every non-mated probe and
    those mated probes whose reference is in it search. So each size has the same people and one trial for each mated
    probe, and a rate for a small gallery is as sure as one for the whole. A face that was not found is a miss.
    """
    split = _split(faces, within, np.random.default_rng(seed))
    if split is None:
        return []
    cuts = [2**level for level in range(32) if split.gallery.width // 2**level >= LEAST_REFERENCES]
    targets = [target for target in TARGETS if target * len(split.strangers) >= EXPECTED]
    return [
        told
        for parts in (cuts if targets else [])
        for searched in [_search(faces, split, parts, targets)]
        for target in targets
        for told in [_told(split, searched, target)]
    ]


def threshold_for(best: Real, target: float) -> float:
    """The least multiple of 0.0001 at which the share of `best` at or above it is not more than the target."""
    falling = np.sort(best)[::-1]
    allowed = int(target * len(falling) + 1e-9)
    if allowed >= len(falling):
        return NOT_FOUND
    step = int(np.floor(falling[allowed] * 1e4))
    return next(score for score in ((step + 1) / 1e4, (step + 2) / 1e4) if score > falling[allowed])


def _split(faces: Faces, within: Whole | None, random: np.random.Generator) -> Split | None:
    whole = gallery_of(faces, within)
    more = np.isin(np.arange(whole.width), whole.owners)
    alone = random.permutation(np.flatnonzero(~more))
    away = alone[: len(alone) // 2]
    if len(away) * max(TARGETS) < EXPECTED:
        away = random.permutation(whole.width)[: whole.width // HELD_OUT]
    kept = random.permutation(np.setdiff1d(np.arange(whole.width), away))
    place = np.full(whole.width, -1)
    place[kept] = np.arange(len(kept))
    asked = place[whole.owners] >= 0
    if not asked.any() or not len(away):
        return None
    rows = whole.probes[asked]
    gallery = Gallery(whole.people[kept], whole.references[kept], rows, place[whole.owners[asked]])
    probes = Probes(faces.templates[rows], faces.found[rows], gallery.owners, rows[:, None])
    return Split(gallery, probes, whole.references[np.sort(away)])


def _search(faces: Faces, split: Split, parts: int, targets: Sequence[float]) -> Searched:
    gallery, mated = split.gallery, split.mated
    references, held = faces.templates[gallery.references], faces.found[gallery.references]
    starts = np.array([piece[0] for piece in np.array_split(np.arange(gallery.width), parts)])
    own, places = np.empty(len(mated.owners)), np.empty(len(mated.owners), dtype=np.int64)
    ends = np.append(starts[1:], gallery.width)
    part_of = np.searchsorted(starts, mated.owners, side="right") - 1
    columns = np.arange(gallery.width)
    for rows in blocks(len(mated.owners), gallery.width):
        scores = scores_against(mated.templates[rows], mated.found[rows], references, held)
        theirs = scores[np.arange(len(scores)), mated.owners[rows]]
        first, last = starts[part_of[rows], None], ends[part_of[rows], None]
        beside = (columns >= first) & (columns < last)
        places[rows] = ((scores >= (theirs - TIE)[:, None]) & beside).sum(axis=1)
        own[rows] = theirs
    missing = ~mated.found | ~held[mated.owners]
    own[missing], places[missing] = NOT_FOUND, gallery.width + 1

    best = np.empty((len(split.strangers), parts))
    for rows in blocks(len(split.strangers), gallery.width):
        who = split.strangers[rows]
        best[rows] = np.maximum.reduceat(
            scores_against(faces.templates[who], faces.found[who], references, held), starts, axis=1
        )
    lowest = threshold_for(best.ravel(), max(targets))
    above: list[Real] = []
    for rows in blocks(len(split.strangers), gallery.width):
        who = split.strangers[rows]
        scores = scores_against(faces.templates[who], faces.found[who], references, held)
        above.append(scores[scores >= lowest].astype(np.float64))
    return Searched(parts, own, places, best, np.sort(np.concatenate(above)))


def _told(split: Split, searched: Searched, target: float) -> dict[str, object]:
    threshold = threshold_for(searched.best.ravel(), target)
    listed = (searched.own >= threshold) & (searched.places <= LISTED)
    strangers = np.repeat(np.arange(len(split.strangers)), searched.parts)
    fnir = of_people(~listed, split.mated.owners)
    fpir = of_people((searched.best >= threshold).ravel(), strangers)
    above = len(searched.every) - int(np.searchsorted(searched.every, threshold))
    return {
        "references": round(split.gallery.width / searched.parts),
        "non_mated_probes": len(split.strangers),
        "mated_probes": len(split.mated.owners),
        "target_fpir": target,
        "threshold": threshold,
        "fnir": fnir.number(),
        "selectivity": round(above / searched.best.size, 6),
        "rates": {"fnir": fnir.document(), "fpir": fpir.document()},
    }
