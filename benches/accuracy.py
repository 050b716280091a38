"""Accuracy on labelled pairs: `python benches/accuracy.py FOLDER` prints one JSON line for each list of pairs it finds.

FOLDER holds `lfw/pairs.csv`, `cfp/pairs-FF.csv` and `cfp/pairs-FP.csv` (columns `image_a,image_b,mated`). One face
an image, the one nearest the centre; where none scores 0.6, of those above 0.2; a pair with a missing face scores −1.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np

from beholden.errors import UnreadableImage
from beholden.media.pillow import PillowMedia
from beholden.model.pack import SCORE, FacePack
from beholden.ports.model import FoundFace, Template

LISTS = ("lfw/pairs.csv", "cfp/pairs-FF.csv", "cfp/pairs-FP.csv")
THRESHOLDS = (0.363, 0.4244, 0.4913)  # OpenCV's stock one, and those of FMR 1e-4 and 1e-5 on LFW


def nearest_centre(faces: list[FoundFace]) -> FoundFace | None:
    """Of the sure faces, or of all where none is sure."""
    sure = [face for face in faces if face.quality.detector >= SCORE] or faces
    return min(sure, key=_from_centre, default=None)


def _from_centre(face: FoundFace) -> float:
    box = face.box
    return (box.left + box.width / 2 - 0.5) ** 2 + (box.top + box.height / 2 - 0.5) ** 2


def template_of(pack: FacePack, media: PillowMedia, file: Path) -> Template | None:
    try:
        pixels = media.decode(file.read_bytes()).pixels
    except UnreadableImage:
        return None
    face = nearest_centre(pack.find(pixels))
    return None if face is None else pack.embed(pixels, [face])[0].template


def measured(folder: Path, pairs_file: str, every: int) -> dict[str, object]:
    """Rates as fractions 0–1; the best threshold is chosen on the same pairs, as the published figures do."""
    started = time.monotonic()
    pack, media = FacePack("pack:yunet-sface?score=0.2"), PillowMedia()
    with (folder / pairs_file).open(encoding="utf-8", newline="") as opened:
        pairs = [(row["image_a"], row["image_b"], row["mated"] == "1") for row in csv.DictReader(opened)][::every]
    base = (folder / pairs_file).parent
    names = sorted({name for a, b, _ in pairs for name in (a, b)})
    templates = {name: template_of(pack, media, base / name) for name in names}
    scores = np.array([_cosine(templates[a], templates[b]) for a, b, _ in pairs])
    mated = np.array([same for _, _, same in pairs])
    cuts = np.unique(scores)
    right = [float(((scores >= cut) == mated).mean()) for cut in cuts]
    best = int(np.argmax(right))
    return {
        "pairs": pairs_file,
        "count": len(pairs),
        "images": len(names),
        "not_found": sum(template is None for template in templates.values()),
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


def _cosine(a: Template | None, b: Template | None) -> float:
    return -1.0 if a is None or b is None else float(a.astype(np.float64) @ b.astype(np.float64))


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
