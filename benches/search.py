"""How long one exact search takes, beside a plain float32 matrix-vector product over the same rows in the same run.

    python benches/search.py --rows 100000 --dim 128

Synthetic templates: impostors uniform on the sphere, genuine cosine 0.60 ± 0.10. Times in milliseconds; on a shared
machine `min` is the figure to trust, and the ratio holds within one run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from beholden.index.exact import ExactIndex
from beholden.ports.index import Shelf

LIMIT = 50
Rows = NDArray[np.float32]


def unit(rows: NDArray[np.float64]) -> Rows:
    scaled: Rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def people(seed: int, rows: int, dimension: int, probes: int) -> tuple[Rows, Rows]:
    """References, and probes of which number i is of the same person as reference i."""
    random = np.random.default_rng(seed)
    references = unit(random.standard_normal((rows, dimension)))
    cosines = np.clip(random.normal(0.60, 0.10, probes), -0.99, 0.99)[:, None]
    own = references[:probes].astype(np.float64)
    other = random.standard_normal((probes, dimension))
    other -= (other * own).sum(axis=1, keepdims=True) * own
    return references, unit(cosines * own + np.sqrt(1 - cosines**2) * unit(other))


def timed(act: Callable[[int], object], times: int) -> tuple[float, float]:
    """Least and median, in ms."""
    act(0)
    taken = []
    for turn in range(times):
        start = time.perf_counter()
        act(turn)
        taken.append((time.perf_counter() - start) * 1e3)
    return min(taken), statistics.median(taken)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--dim", type=int, default=128)
    asked.add_argument("--probes", type=int, default=239)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    references, probes = people(given.seed, given.rows, given.dim, min(given.probes, given.rows))
    shelf = Shelf("gallery", "source", "space")
    index = ExactIndex()
    start = time.perf_counter()
    index.hold(shelf, b"a secret for the bench", range(given.rows), list(references))
    held = time.perf_counter() - start

    plain = timed(lambda turn: references @ probes[turn % len(probes)], 200)
    ours = timed(lambda turn: index.nearest(probes[turn % len(probes)], LIMIT, [shelf]), 200)
    found = sum(number in index.nearest(probe, LIMIT, [shelf]).face_nos for number, probe in enumerate(probes))
    best = [
        set(np.argsort(-(references.astype(np.float64) @ probe), kind="stable")[:LIMIT].tolist())
        for probe in probes[:20]
    ]
    same = sum(
        set(index.nearest(probe, LIMIT, [shelf]).face_nos) == wanted
        for probe, wanted in zip(probes, best, strict=False)
    )
    print(f"{given.rows} rows x {given.dim}, seed {given.seed}, top {LIMIT}; held in {held:.1f} s")
    print(f"plain numpy float32 product   min {plain[0]:8.3f}   median {plain[1]:8.3f}")
    print(f"exact index                   min {ours[0]:8.3f}   median {ours[1]:8.3f}")
    print(f"ratio                         min {ours[0] / plain[0]:8.2f}   median {ours[1] / plain[1]:8.2f}")
    print(f"mates in the list: {found} of {len(probes)}; list as in float64 over every row: {same} of {len(best)}")


if __name__ == "__main__":
    main()
