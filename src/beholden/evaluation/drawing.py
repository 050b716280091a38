"""How every figure looks: for print at page width, told apart by line and marker before colour, and the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import cycle
from typing import Any, TypeVar

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import FuncFormatter, NullFormatter

from beholden.evaluation.wording import PER_CENT

WIDE = 6.7  # inches: the width of the text on an A4 page, so that 9 points print as 9 points
INK, DEEP, EARTH, PALE = "#1a1a1a", "#1f4e79", "#8a5a00", "#7a7a7a"  # none is red or green, which would be a verdict
STYLE: Mapping[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that figures are the same everywhere
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": PALE,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "text.parse_math": False,  # a cohort may be called "$"
    "lines.linewidth": 1.5,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "svg.hashsalt": "beholden",
    "svg.fonttype": "path",
}
_Line = TypeVar("_Line")
Look = Mapping[str, Any]
LOOKS: tuple[Look, ...] = (
    {"color": DEEP, "linestyle": "-", "marker": "o"},
    {"color": EARTH, "linestyle": "--", "marker": "s"},
    {"color": INK, "linestyle": "-.", "marker": "^"},
    {"color": PALE, "linestyle": (0, (1, 1)), "marker": "D"},
    {"color": DEEP, "linestyle": (0, (6, 2, 1, 2, 1, 2)), "marker": "X"},
    {"color": EARTH, "linestyle": (0, (3, 1)), "marker": "P"},
)


def with_looks(lines: Iterable[_Line]) -> Iterator[tuple[_Line, Look]]:
    return zip(lines, cycle(LOOKS), strict=False)


def new(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDE, height), layout="constrained")
    return figure, figure.add_subplot()


def saved(figure: Figure, kind: str, title: str) -> bytes:
    """`kind`: svg or png. No date, no version of a program: they would make every run another file."""
    about: dict[str, Any] = {"Title": title}
    about |= {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    file = BytesIO()
    figure.savefig(file, format=kind, dpi=200, metadata=about)
    return file.getvalue()


def drawable(text: str) -> str:
    """With a box for each letter that the font of the figures lacks; the table beside has the whole name."""
    font = get_font(findfont(STYLE["font.family"]))
    return "".join(sign if font.get_char_index(ord(sign)) else "\N{WHITE SQUARE}" for sign in text)


def in_percent(*axes: Axis) -> None:
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(_percent))
        axis.set_minor_formatter(NullFormatter())


def _percent(value: float, _: int | None = None) -> str:
    words = f"{value * 100:.10f}".rstrip("0").rstrip(".")
    return f"{words}{PER_CENT}"


def legend_above(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns)


def point(axes: Axes, x: float, y: float, rate: Mapping[str, Any], look: Look) -> float:
    """A rate (y) with its interval, or its bound alone as an open triangle that points to where the rate lies.

    Returns the height at which it stands."""
    color = look["color"]
    if (interval := rate.get("interval_95")) is not None:
        low, high = interval
        reach = [[max(0.0, y - low)], [max(0.0, high - y)]]
        axes.errorbar(x, y, yerr=reach, fmt=look["marker"], color=color, capsize=2.5, elinewidth=1.1, markersize=5)
        return y
    below = "at_most" in rate
    at = float(rate["at_most"] if below else rate["at_least"])
    axes.plot(x, at, marker="v" if below else "^", markerfacecolor="white", color=color, markersize=6, linestyle="")
    return at


def errors_of(rate: Mapping[str, Any]) -> dict[str, Any]:
    """The bounds of the error rate, from those of the success rate."""
    if "interval_95" in rate:
        low, high = rate["interval_95"]
        return {"interval_95": [1 - high, 1 - low]}
    return {"at_most": 1 - rate["at_least"]}
