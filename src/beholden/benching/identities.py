"""Synthetic templates to measure a search with: people who are alike only by chance, and probes of some of them.

Impostors are uniform on the sphere: their cosines have a mean of 0 and a deviation of 1/√dimensions. A probe and the
reference of the same person have a cosine of 0.60 ± 0.10, so that some mates are not even among the best: whether they are
found must not be asked of a search, only whether it finds those that a comparison in float64 finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GENUINE, DEVIATION = 0.60, 0.10
AT_ONCE = 65_536
Rows = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Identities:
    """Files of numpy, float32 unit vectors, one a row. Probe number i is of the same person as reference `mates[i]`."""

    references: Path
    probes: Path
    mates: tuple[int, ...]


def unit(rows: NDArray[np.float32] | NDArray[np.float64]) -> Rows:
    """Each row made 1 long, reckoned in float64."""
    exact = rows.astype(np.float64)
    scaled: Rows = (exact / np.linalg.norm(exact, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def make(folder: Path, *, rows: int, dimension: int, probes: int, seed: int) -> Identities:
    """The same people for the same numbers. The mates lie evenly among the references, from the first on."""
    random = np.random.default_rng(seed)
    made = Identities(
        folder / "references.npy",
        folder / "probes.npy",
        tuple(number * rows // probes for number in range(probes)),
    )
    references = np.lib.format.open_memmap(made.references, mode="w+", dtype=np.float32, shape=(rows, dimension))
    for start in range(0, rows, AT_ONCE):
        count = min(AT_ONCE, rows - start)
        references[start : start + count] = unit(random.standard_normal((count, dimension), dtype=np.float32))
    np.save(made.probes, _of_the_same(random, references[list(made.mates)]))
    references.flush()
    return made


def _of_the_same(random: np.random.Generator, references: Rows) -> Rows:
    cosines = np.clip(random.normal(GENUINE, DEVIATION, len(references)), -0.99, 0.99)[:, None]
    own = references.astype(np.float64)
    other = random.standard_normal(own.shape)
    other -= (other * own).sum(axis=1, keepdims=True) * own
    return unit(cosines * own + np.sqrt(1 - cosines**2) * unit(other))


def best(made: Identities, limit: int) -> list[list[int]]:
    """For each probe the numbers of the `limit` nearest references by cosine in float64 over every row, the nearest first."""
    references: Rows = np.load(made.references, mmap_mode="r")
    probes = np.load(made.probes).astype(np.float64)
    numbers: Numbers = np.zeros((len(probes), 0), dtype=np.int64)
    scores = np.zeros((len(probes), 0))
    for start in range(0, len(references), AT_ONCE):
        some = probes @ references[start : start + AT_ONCE].astype(np.float64).T
        wanted = min(limit, some.shape[1])
        own = np.argpartition(some, some.shape[1] - wanted, axis=1)[:, some.shape[1] - wanted :]
        numbers = np.hstack([numbers, own + start])
        scores = np.hstack([scores, np.take_along_axis(some, own, axis=1)])
        order = np.lexsort((numbers, -scores), axis=1)[:, :limit]
        numbers = np.take_along_axis(numbers, order, axis=1)
        scores = np.take_along_axis(scores, order, axis=1)
    found: list[list[int]] = numbers.tolist()
    return found
