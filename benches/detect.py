"""How many faces are found, small or turned: `python benches/detect.py FOLDER` prints one JSON line a condition.

FOLDER holds a folder of photographs for each of many people, each of one centred face (as LFW has). Of the first photograph of
80 people spread over the folder, each is put on a grey canvas of 640 x 480 pixels, made smaller and turned; found is a face
whose middle lies within a third of its length of the photograph's. For both looks: the share found, the other faces
found on the canvas (background and mistakes alike), how the template resembles that of the photograph as it is (cosine, 10th
percentile and median of those found), and seconds a picture.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image

from beholden.media.pillow import PillowMedia
from beholden.model.pack import FacePack
from beholden.ports.media import Pixels
from beholden.ports.model import FoundFace, Template

CANVAS = (640, 480)
FACE = 115 / 250  # of a photograph's side: the box of a face in LFW
CONDITIONS = (
    *((1.0, turn) for turn in (0, 15, 20, 30, 45, 60, 90, 135, 180, 270)),
    *((scale, 0) for scale in (0.5, 0.25, 0.15, 0.1, 0.07)),
    (0.25, 90),
)
GOAL = ((0.15, 0), (1.0, 90), (1.0, 180), (1.0, 270), (0.1, 0))


def chosen(folder: Path, count: int) -> list[Pixels]:
    people = sorted(one for one in folder.iterdir() if one.is_dir())
    first = [sorted(one.glob("*.jpg"))[0] for one in people[:: max(1, len(people) // count)]][:count]
    return [PillowMedia().decode(one.read_bytes()).pixels for one in first]


def on_canvas(photograph: Pixels, scale: float, turn: float) -> Pixels:
    """Smaller first, turned to the left then; grey all around."""
    whole = Image.fromarray(photograph)
    small = whole.resize((max(1, round(whole.width * scale)),) * 2, Image.Resampling.LANCZOS).convert("RGBA")
    turned = small.rotate(turn, Image.Resampling.BICUBIC, expand=True)
    canvas = Image.new("RGB", CANVAS, (128, 128, 128))
    canvas.paste(turned, ((CANVAS[0] - turned.width) // 2, (CANVAS[1] - turned.height) // 2), turned)
    return np.asarray(canvas)


def in_the_middle(found: list[FoundFace], length: float) -> FoundFace | None:
    """The face that was put there, if it is among those found; `length` in pixels."""
    for face in found:
        box = face.box
        across = (box.left + box.width / 2 - 0.5) * CANVAS[0]
        down = (box.top + box.height / 2 - 0.5) * CANVAS[1]
        size = max(box.width * CANVAS[0], box.height * CANVAS[1])
        if np.hypot(across, down) < 0.35 * length and 0.5 < size / length < 2.2:
            return face
    return None


def measured(
    pack: FacePack,
    photographs: list[Pixels],
    upright: list[Template | None],
    *,
    scale: float,
    turn: float,
    thorough: bool,
) -> dict[str, object]:
    length = FACE * photographs[0].shape[0] * scale
    there, others, cosines, started = 0, 0, [], time.perf_counter()
    for photograph, reference in zip(photographs, upright, strict=True):
        canvas = on_canvas(photograph, scale, turn)
        found = pack.find(canvas, thorough=thorough)
        face = in_the_middle(found, length)
        there, others = there + (face is not None), others + len(found) - (face is not None)
        if face is not None and reference is not None:
            cosines.append(float(pack.embed(canvas, [face])[0].template @ reference))
    return {
        "look": "thorough" if thorough else "plain",
        "face_px": round(length),
        "turned_degrees": turn,
        "found": round(there / len(photographs), 4),
        "others": others,
        "cosine": [round(float(one), 3) for one in np.percentile(cosines, [10, 50])] if cosines else None,
        "seconds": round((time.perf_counter() - started) / len(photographs), 3),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--faces", type=int, default=80)
    asked.add_argument("--only", choices=("plain", "thorough"), help="one look instead of both")
    asked.add_argument(
        "--goal", action="store_true", help="only what the thorough look is for: 17 and 12 pixels, quarter turns"
    )
    told = asked.parse_args()
    pack = FacePack()
    photographs = chosen(told.folder, told.faces)
    upright = []
    for photograph in photographs:
        face = in_the_middle(pack.find(on_canvas(photograph, 1.0, 0)), FACE * photograph.shape[0])
        upright.append(None if face is None else pack.embed(on_canvas(photograph, 1.0, 0), [face])[0].template)
    for scale, turn in GOAL if told.goal else CONDITIONS:
        for thorough in {"plain": (False,), "thorough": (True,)}.get(told.only, (False, True)):
            print(
                json.dumps(measured(pack, photographs, upright, scale=scale, turn=turn, thorough=thorough)), flush=True
            )


if __name__ == "__main__":
    main()
