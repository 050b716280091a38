"""The figure of cohorts: FMR and FNMR of each beside the others, with their intervals, at one threshold for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from beholden.evaluation import drawing, wording
from beholden.evaluation.people import INSUFFICIENT

LONGEST = 24  # characters of a cohort's name that fit beside the axes


def forest(cells: Sequence[Mapping[str, Any]], thresholds: Mapping[str, float]) -> Figure | str:
    levels = sorted(thresholds, key=float, reverse=True)
    if not any(wording.is_known(rate) for cell in cells for at in cell["at"].values() for rate in at["rates"].values()):
        return INSUFFICIENT
    height = 1.5 + 0.27 * len(levels) * len(cells)
    figure = Figure(figsize=(drawing.WIDE, height), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, kind in ((left, "fmr"), (right, "fnmr")):
        for row, cell in enumerate(cells):
            _row(axes, row, cell["at"], kind, levels)
        axes.set_yticks(range(len(cells)), [f"{_short(cell['cohort'])}\n{cell['people']:,} people" for cell in cells])
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(cells) - 0.4, -0.6)
    left.set(xscale="log", xlabel="FMR within the cohort (steps of ten)", xlim=_room(cells, levels))
    right.set(xlabel="FNMR", xlim=(0, right.get_xlim()[1] * 1.05))
    drawing.in_percent(left.xaxis, right.xaxis)
    for level, look in drawing.with_looks(levels):
        left.axvline(float(level), color=look["color"], linewidth=0.8, linestyle=":")
        words = f"threshold of FMR {wording.level(level)} over all (score {wording.score(thresholds[level])})"
        left.plot([], [], color=look["color"], marker=look["marker"], linestyle="-", label=words)
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", fontsize=8.5)
    return figure


def _row(axes: Axes, row: int, by_level: Mapping[str, Any], kind: str, levels: Sequence[str]) -> None:
    rates = {level: by_level[level]["rates"].get(kind) for level in levels if level in by_level}
    if not any(wording.is_known(rate) for rate in rates.values()):
        _say_so(axes, row)
        return
    for place, (level, look) in enumerate(drawing.with_looks(levels)):
        y = row + (place + 0.5) / len(levels) * 0.7 - 0.35
        rate = rates.get(level)
        if rate is None or not wording.is_known(rate):
            _say_so(axes, y)
        elif "interval_95" in rate:
            axes.plot([max(end, 1e-9) for end in rate["interval_95"]], [y, y], color=look["color"], linewidth=1.3)
            axes.plot(by_level[level][kind], y, marker=look["marker"], color=look["color"], markersize=5)
        else:
            axes.plot(rate["at_most"], y, marker="<", markerfacecolor="white", color=look["color"], markersize=6)


def _say_so(axes: Axes, y: float) -> None:
    where = axes.get_yaxis_transform()
    axes.text(0.03, y, INSUFFICIENT, transform=where, fontsize=8, va="center", bbox={"color": "white", "pad": 1.5})


def _room(cells: Sequence[Mapping[str, Any]], levels: Sequence[str]) -> tuple[float, float]:
    """The range of the logarithmic axis that holds every rate and every level; the lower ends of intervals may leave it."""
    ends = [float(level) for level in levels]
    for cell in cells:
        for at in cell["at"].values():
            rate = at["rates"].get("fmr", {})
            ends += [at["fmr"], *rate["interval_95"][1:]] if "interval_95" in rate else []
            ends += [rate["at_most"]] if "at_most" in rate else []
    positive = [end for end in ends if end > 0]
    return min(positive) / 4, min(1.0, max(positive) * 2)


def _short(cohort: object) -> str:
    text = drawing.drawable(wording.name(cohort))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
