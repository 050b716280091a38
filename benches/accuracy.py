"""Accuracy on labelled pairs: `python benches/accuracy.py FOLDER` prints one JSON line for each list of pairs it finds.

FOLDER holds `lfw/pairs.csv`, `cfp/pairs-FF.csv` and `cfp/pairs-FP.csv` (columns `image_a,image_b,mated`). One face
an image, the one nearest the centre; where none scores 0.6, of those above 0.2; a pair with a missing face scores −1.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from beholden.evaluation.embedding import make_faces
from beholden.evaluation.images import read_images
from beholden.media.pillow import PillowMedia
from beholden.model.pack import FacePack

LISTS = ("lfw/pairs.csv", "cfp/pairs-FF.csv", "cfp/pairs-FP.csv")
THRESHOLDS = (0.363, 0.4244, 0.4913)  # OpenCV's stock one, and those of FMR 1e-4 and 1e-5 on LFW


def parts() -> tuple[FacePack, PillowMedia]:
    return FacePack("pack:yunet-sface?score=0.2"), PillowMedia()


def measured(folder: Path, pairs_file: str, every: int) -> dict[str, object]:
    """Rates as fractions 0–1; the best threshold is chosen on the same pairs, as the published figures do."""
    started = time.monotonic()
    images = read_images((folder / pairs_file).parent)
    pairs = images.pairs[Path(pairs_file).name]
    asked, places = np.unique([pairs.a[::every], pairs.b[::every]], return_inverse=True)
    few = replace(images, names=tuple(images.names[place] for place in asked), people=images.people[asked])
    faces, _ = make_faces(few, parts, cache=None, tell=lambda _done, _count: None)
    scores = faces.scores(*places)
    mated = pairs.mated[::every]
    cuts = np.unique(scores)
    right = [float(((scores >= cut) == mated).mean()) for cut in cuts]
    best = int(np.argmax(right))
    return {
        "pairs": pairs_file,
        "count": len(mated),
        "images": len(few.names),
        "not_found": int((~faces.found).sum()),
        "accuracy": round(right[best], 5),
        "best_threshold": round(float(cuts[best]), 4),
        "at": {
            str(cut): {
                "accuracy": round(float(((scores >= cut) == mated).mean()), 5),
                "fnmr": round(float((scores[mated] < cut).mean()), 5),
                "fmr": round(float((scores[~mated] >= cut).mean()), 5),
            }
            for cut in THRESHOLDS
        },
        "seconds": round(time.monotonic() - started, 1),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--only", choices=LISTS, help="one list of pairs instead of all")
    asked.add_argument("--every", type=int, default=1, help="measure each n-th pair only, for a quick look")
    chosen = asked.parse_args()
    for pairs_file in [chosen.only] if chosen.only else LISTS:
        if (chosen.folder / pairs_file).exists():
            print(json.dumps(measured(chosen.folder, pairs_file, chosen.every)), flush=True)


if __name__ == "__main__":
    main()
