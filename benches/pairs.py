"""Speed of comparing everybody with everybody: `python benches/pairs.py --people N --photographs K` prints one JSON line.

Simulated templates. Beside it, in the same run, a bare float32 matrix product of the same size, block by block, which is the
least that any comparison of all pairs has to do.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np

from beholden.evaluation.comparisons import BLOCK, compare_all
from beholden.evaluation.faces import QUALITY, Faces


def simulated(people: int, photographs: int, dimension: int) -> Faces:
    """Photographs of one person have a cosine of about 0.6."""
    random = np.random.default_rng(20261122)
    own = np.repeat(random.standard_normal((people, dimension), dtype=np.float32), photographs, axis=0)
    rows = own + 0.8 * random.standard_normal(own.shape, dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    count = len(rows)
    return Faces(
        names=tuple(f"{n:08}" for n in range(count)),
        identities=tuple(f"{n:08}" for n in range(people)),
        people=np.repeat(np.arange(people), photographs),
        templates=rows,
        found=np.ones(count, dtype=bool),
        quality={name: np.full(count, 50.0) for name in QUALITY},
    )


def bare_product(rows: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    started = time.perf_counter()
    for top in range(0, len(rows), BLOCK):
        for left in range(top, len(rows), BLOCK):
            rows[top : top + BLOCK] @ rows[left : left + BLOCK].T
    return time.perf_counter() - started


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=2848)
    asked.add_argument("--photographs", type=int, default=2)
    asked.add_argument("--dim", type=int, default=128)
    chosen = asked.parse_args()
    faces = simulated(chosen.people, chosen.photographs, chosen.dim)
    product = bare_product(faces.templates)
    started = time.perf_counter()
    compared = compare_all(faces, lambda *_: None)
    seconds = time.perf_counter() - started
    pairs = len(faces.names) * (len(faces.names) - 1) // 2
    told = {
        "pairs": pairs,
        "seconds": round(seconds, 2),
        "bare_product_seconds": round(product, 2),
        "ratio": round(seconds / product, 2),
        "million_pairs_a_second": round(pairs / seconds / 1e6, 1),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "levels": list(compared.levels) if compared else [],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
