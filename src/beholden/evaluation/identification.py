"""Closed-set identification: at which place the right person stands when every probe's person is among the references."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beholden.evaluation.faces import NOT_FOUND, Faces, Whole, Yes
from beholden.evaluation.people import INSUFFICIENT, Rate, rate

RANKS = 50  # places of the CMC
FUSED = (2, 3)  # photographs of one person in one probe
CELLS = 4_000_000  # of a block of scores: 16 MB, whatever the size of the gallery

# A template's cosine with one and the same reference differs by up to 2e-7 with its place in a float32 product. Within
# ten times that, two references tie, and a tie counts against the right one.
TIE = 2e-6

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """One reference a person, their first photograph by name; all their others are probes."""

    people: Whole  # of each reference: a place in the people of the faces, ascending
    references: Whole  # places in the faces
    probes: Whole  # places in the faces
    owners: Whole  # of each probe: the place of their own reference in `references`

    @property
    def width(self) -> int:
        return len(self.references)


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """Templates to search with, one row each, of one photograph or of several fused."""

    templates: Scores  # n × d, unit length; zeros where no face was found
    found: Yes
    owners: Whole  # place of their own reference in the gallery
    members: Whole  # n × photographs: places in the faces


def gallery_of(faces: Faces, within: Whole | None = None) -> Gallery:
    """`within`: people to keep to, the same on both sides; None for everybody with a photograph."""
    named = np.flatnonzero(faces.people >= 0 if within is None else np.isin(faces.people, within) & (faces.people >= 0))
    people, first, owners = np.unique(faces.people[named], return_index=True, return_inverse=True)
    others = np.ones(len(named), dtype=bool)
    others[first] = False
    return Gallery(people, named[first], named[others], owners[others])


def single(faces: Faces, gallery: Gallery) -> Probes:
    """Every photograph that is no reference."""
    rows = gallery.probes
    return Probes(faces.templates[rows], faces.found[rows], gallery.owners, rows[:, None])


def fused(faces: Faces, gallery: Gallery, photographs: int) -> Probes:
    """Disjoint groups of so many photographs of one person, by name; what is left over is not used.

    As the search fuses them: the mean of the unit templates, of unit length. A photograph without a face is left out of
    its mean.
    """
    order = np.argsort(gallery.owners, kind="stable")
    owners, rows = gallery.owners[order], gallery.probes[order]
    first = np.searchsorted(owners, owners)  # where this person's photographs begin
    place, held = np.arange(len(owners)) - first, np.bincount(owners, minlength=gallery.width)[owners]
    used = place < held - held % photographs
    members = rows[used].reshape(-1, photographs)
    sums = faces.templates[members].astype(np.float64).sum(axis=1)  # a missing face is a row of zeros
    lengths = np.linalg.norm(sums, axis=1)
    whole = lengths > 1e-6
    means = np.where(whole[:, None], sums / np.where(whole, lengths, 1)[:, None], 0).astype(np.float32)
    return Probes(means, whole, owners[used][::photographs], members)


def blocks(rows: int, width: int) -> list[slice]:
    """Of `rows` rows, so that a block against `width` columns keeps within CELLS."""
    step = max(1, CELLS // max(1, width))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def scores_against(probes: Scores, there: Yes, references: Scores, held: Yes) -> Scores:
    """Every probe with every reference, −1 where a face is missing."""
    scores = probes @ references.T
    scores[~there] = NOT_FOUND
    scores[:, ~held] = NOT_FOUND
    return np.asarray(scores, dtype=np.float32)


def ranks(faces: Faces, gallery: Gallery, probes: Probes) -> tuple[Whole, NDArray[np.float64]]:
    """Of each probe the rank of its own reference, and its score with it.

    The rank is 1 + the other references that score as high or higher (ISO/IEC 19795-1: ties count against). A missing
    probe or own reference has a rank beyond the gallery and a score of −1.
    """
    references, held = faces.templates[gallery.references], faces.found[gallery.references]
    places = np.empty(len(probes.owners), dtype=np.int64)
    own = np.empty(len(probes.owners), dtype=np.float64)
    for part in blocks(len(probes.owners), gallery.width):
        scores = scores_against(probes.templates[part], probes.found[part], references, held)
        theirs = scores[np.arange(len(scores)), probes.owners[part]]
        places[part] = (scores >= (theirs - TIE)[:, None]).sum(axis=1)  # their own reference is one of these
        own[part] = theirs
    missing = ~probes.found | ~held[probes.owners]
    return np.where(missing, gallery.width + 1, places), np.where(missing, NOT_FOUND, own)


def misses(places: Whole, owners: Whole, rank: int) -> Rate:
    """How often the right person does not stand among the first `rank`."""
    return of_people(places > rank, owners)


def of_people(wrong: Yes, owners: Whole) -> Rate:
    """The rate of single trials, each somebody's."""
    width = int(owners.max(initial=-1)) + 1
    return rate(np.bincount(owners[wrong], minlength=width), np.bincount(owners, minlength=width))


def closed_set(faces: Faces, within: Whole | None = None) -> dict[str, object] | None:
    """The `identification` of the report; None if nobody has a second photograph, or there is one person alone.

    Reference: the first photograph by name of each person (of those in `within`); probes: all their others. A probe or
    a reference in which no face was found is a miss at every rank (ISO/IEC 19795-1, 2021: failures to acquire and to enrol).
    """
    gallery = gallery_of(faces, within)
    if gallery.width < 2 or not len(gallery.probes):
        return None
    probes = single(faces, gallery)
    places, _ = ranks(faces, gallery, probes)
    first, tenth = (misses(places, probes.owners, rank) for rank in (1, 10))
    return {
        "references": gallery.width,
        "probes": len(gallery.probes),
        "rank1": first.number("successes"),
        "rank10": tenth.number("successes"),
        "cmc": _cmc(places, gallery.width) if first.sufficient else INSUFFICIENT,
        "rates": {"rank1": first.document("successes"), "rank10": tenth.document("successes")},
        "fused": [told for photographs in FUSED if (told := _fused(faces, gallery, photographs))],
    }


def _fused(faces: Faces, gallery: Gallery, photographs: int) -> dict[str, object] | None:
    """With the rank-1 rate of the first photograph of each group alone, so that the same people are compared."""
    probes = fused(faces, gallery, photographs)
    if not len(probes.owners):
        return None
    heads = probes.members[:, 0]
    alone = Probes(faces.templates[heads], faces.found[heads], probes.owners, heads[:, None])
    together, one_by_one = (ranks(faces, gallery, asked)[0] for asked in (probes, alone))
    told = {
        "rank1": misses(together, probes.owners, 1),
        "rank10": misses(together, probes.owners, 10),
        "rank1_one_photograph": misses(one_by_one, probes.owners, 1),
    }
    return {
        "photographs": photographs,
        "references": gallery.width,
        "probes": len(probes.owners),
        **{name: found.number("successes") for name, found in told.items()},
        "rates": {name: found.document("successes") for name, found in told.items()},
    }


def _cmc(places: Whole, width: int) -> list[float]:
    """Share of the probes whose person stands at rank 1, 2, … or better; ends with the gallery."""
    return [round(float((places <= rank).mean()), 6) for rank in range(1, min(RANKS, width) + 1)]
