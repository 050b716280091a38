"""SFace: a raw template of 128 numbers for each aligned chip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from beholden.model.alignment import SIDE
from beholden.model.inference import Graph
from beholden.model.weights import plain_graph
from beholden.ports.media import Pixels

BATCH = 16  # more gains nothing and takes memory


def load(content: bytes) -> Graph:
    return Graph(plain_graph(content, "data"), input_shape=(-1, 3, SIDE, SIDE), outputs=("fc1",))


def raw_templates(graph: Graph, chips: Sequence[Pixels]) -> NDArray[np.float32]:
    """n x 128, not yet of unit length: the length tells quality. RGB 0–255; mean and scale are inside the graph."""
    made = [np.zeros((0, 128), dtype=np.float32)]
    for start in range(0, len(chips), BATCH):
        batch = np.stack(chips[start : start + BATCH]).transpose(0, 3, 1, 2)
        made.append(graph.run(np.ascontiguousarray(batch, dtype=np.float32))["fc1"])
    return np.concatenate(made)
