"""The figure of the bench: time of one search against the number of references, ours and others, and what memory allows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from beholden.durable import write_whole
from beholden.errors import BadInput

TITLE = "Time of one exact search against the number of references"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")  # of each engine one, told apart before colour
DASHES = ("--", "-.", (0, (1, 1)))
Document = Mapping[str, Any]


def read(paths: Sequence[Path]) -> list[Document]:
    """Documents of earlier runs. Raises `BadInput` for a file that is none."""
    documents = []
    for path in paths:
        try:
            document = json.loads(path.read_text())
            [document[name] for name in ("rows", "dim", "engines", "bandwidth_gbps", "beholden")]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path} is no JSON of `beholden bench search`; leave it out, or measure again") from error
        documents.append(document)
    return documents


def check(path: Path, earlier: Sequence[Document], dimension: int) -> None:
    """Raises `BadInput` for what could not be drawn, before it is measured."""
    if find_spec("matplotlib") is None:
        raise BadInput("drawing needs matplotlib: install the extra with `pip install beholden[evaluate]`")
    if not path.parent.is_dir():
        raise BadInput(f"{path.parent} is no folder; make it, or draw into another")
    if any(document["dim"] != dimension for document in earlier):
        raise BadInput("runs of different numbers of dimensions cannot be drawn together; leave some out")


def lines(documents: Sequence[Document]) -> tuple[dict[str, list[tuple[int, float]]], list[tuple[int, float]]]:
    """For each engine its points (rows, least ms), and those at which our rows would be read at the speed of memory.

    Of several runs over as many rows the least time counts. All are of one number of dimensions.
    """
    times: dict[str, dict[int, float]] = {}
    memory: dict[int, float] = {}
    for document in documents:
        rows = document["rows"]
        for name, one in document["engines"].items():
            if one is not None:
                points = times.setdefault(name, {})
                points[rows] = min(one["min_ms"], points.get(rows, one["min_ms"]))
        scanned = document["beholden"].get("scanned_bytes_per_row")
        if scanned and document["bandwidth_gbps"]:
            bound = rows * scanned / document["bandwidth_gbps"] / 1e6
            memory[rows] = min(bound, memory.get(rows, bound))
    return {name: sorted(points.items()) for name, points in times.items()}, sorted(memory.items())


def draw(documents: Sequence[Document], path: Path) -> None:
    """Into an SVG; the same documents give the same bytes. What `check` refuses is not asked for."""
    import matplotlib as mpl
    from matplotlib.ticker import FuncFormatter, NullFormatter

    from beholden.evaluation import drawing

    drawn, memory = lines(documents)
    colors = (drawing.EARTH, drawing.INK, drawing.PALE)
    with mpl.rc_context(dict(drawing.STYLE)):
        figure, axes = drawing.new(4.6)
        for place, (name, points) in enumerate(drawn.items()):
            ours = name == "beholden"
            axes.plot(
                *zip(*points, strict=True),
                label="Beholden" if ours else name,
                color=drawing.DEEP if ours else colors[place % len(colors)],
                linewidth=2.4 if ours else 1.1,
                linestyle="-" if ours else DASHES[place % len(DASHES)],
                marker=MARKERS[place % len(MARKERS)],
                markersize=5 if ours else 4,
            )
        if memory:
            axes.plot(
                *zip(*memory, strict=True), label="memory, for our rows", color=drawing.PALE, linewidth=4, alpha=0.5
            )
        axes.set(xscale="log", yscale="log", xlabel="references", ylabel="one search, the least time, ms")
        for axis, form in ((axes.xaxis, "{:,.0f}"), (axes.yaxis, "{:,g}")):
            axis.set_major_formatter(FuncFormatter(lambda value, _, form=form: form.format(value)))
            axis.set_minor_formatter(NullFormatter())
        drawing.legend_above(axes, 4)
        write_whole(path, drawing.saved(figure, "svg", TITLE))
    path.chmod(0o644)
