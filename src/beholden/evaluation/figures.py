"""The figures of a report, as SVG and PNG, from what the report says and nothing else; the same report gives the same bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from beholden.evaluation import drawing, wording
from beholden.evaluation.drawing import DEEP, EARTH, INK, PALE, STYLE
from beholden.evaluation.forest import forest
from beholden.evaluation.people import FEW_ERRORS, INSUFFICIENT
from beholden.evaluation.wording import Report

TITLES = {
    "det": "FNMR against FMR over all pairs (DET), with operating points",
    "scores": "Scores of mated and of non-mated pairs",
    "cmc": "How often the right person was within the first ranks (CMC)",
    "fnir-by-gallery": "FNIR against the number of references",
    "cohorts": "FMR and FNMR by cohort, at one threshold for all",
    "error-against-discard": "FNMR when the pairs of least quality are left out",
    "tippett": "Calibrated scores of all pairs (Tippett plot)",
}
NO_PAIRS = "no two people, one of them with two photographs, lie in the folder"


def draw(report: Report) -> dict[str, bytes]:
    """File name → what it holds: `.svg` and `.png` of every figure that the report has data for."""
    drawn: dict[str, bytes] = {}
    with mpl.rc_context(dict(STYLE)):
        for name, made in _made(report).items():
            if isinstance(made, Figure):
                drawn |= {f"{name}.{kind}": drawing.saved(made, kind, TITLES[name]) for kind in ("svg", "png")}
    return drawn


def left_out(report: Report) -> dict[str, str]:
    """Name of each figure that cannot be drawn → why."""
    with mpl.rc_context(dict(STYLE)):
        return {name: made for name, made in _made(report).items() if isinstance(made, str)}


def _made(report: Report) -> dict[str, Figure | str]:
    """A figure, or the reason why there is none."""
    makers: Mapping[str, Callable[[Report], Figure | str]] = {
        "det": _det,
        "scores": _scores,
        "cmc": _cmc,
        "fnir-by-gallery": _fnir,
        "cohorts": _cohorts,
        "error-against-discard": _discard,
        "tippett": _tippett,
    }
    return {name: make(report) for name, make in makers.items()}


def _det(report: Report) -> Figure | str:
    pairs = report["all_pairs"]
    if pairs is None:
        return NO_PAIRS
    if pairs["curve"] is None:
        return INSUFFICIENT
    curve = zip(pairs["curve"]["fmr"], pairs["curve"]["fnmr"], strict=True)
    points = sorted((fmr, fnmr) for fmr, fnmr in curve if fmr > 0 and fnmr > 0)
    carried = FEW_ERRORS / max(1, pairs["non_mated"])  # the least FMR with 30 non-mated pairs behind it
    sure = [one for one in points if one[0] >= carried]
    if len(sure) < 2:
        return INSUFFICIENT
    figure, axes = drawing.new(3.9)
    axes.set(xscale="log", yscale="log", ylabel="FNMR: share of mated pairs below the score")
    axes.set_xlabel("FMR: share of non-mated pairs at or above the score")
    axes.plot(*zip(*sure, strict=True), color=DEEP, label="measured")
    if few := [one for one in points if one[0] < carried]:
        words = f"fewer than {FEW_ERRORS} non-mated pairs"
        axes.plot(*zip(*[*few, sure[0]], strict=True), color=DEEP, linestyle=":", label=words)
    for level, cell in pairs["tmr_at_fmr"].items():
        rate = cell["rates"]["tmr"]
        if wording.is_known(rate):
            errors = drawing.errors_of(rate)
            at = drawing.point(axes, float(level), 1 - cell["tmr"], errors, {"color": INK, "marker": "o"})
            words = f"FMR {wording.level(level)}, score {cell['threshold']:.3f}\n"
            words += f"FNMR {_with_bound(1 - cell['tmr'], errors)}"
            axes.annotate(words, (float(level), at), xytext=(8, 8), textcoords="offset points", fontsize=8)
    seen = [fnmr for fmr, fnmr in points if fmr >= carried / 10]
    axes.set_xlim(carried / 10, 1)
    axes.set_ylim(max(min(seen) / 1.5, 1e-5), min(1.0, max(seen) * 2.5))
    drawing.in_percent(axes.xaxis, axes.yaxis)
    axes.legend(loc="lower left")
    return figure


def _with_bound(value: object, rate: Mapping[str, Any]) -> str:
    """The rate; where it has few errors, its bound too, which is what the figure shows."""
    told = wording.percent(value)
    return told if "interval_95" in rate else f"{told}, {wording.bound(rate)}"


def _scores(report: Report) -> Figure | str:
    pairs = report["all_pairs"]
    if pairs is None:
        return NO_PAIRS
    if pairs["distribution"] is None:
        return INSUFFICIENT
    edges = pairs["distribution"]["edges"]
    figure, axes = drawing.new(3.5)
    filled: list[int] = []
    least = 1.0
    for kind, words, color, line in (
        ("non_mated", f"{pairs['non_mated']:,} non-mated pairs", EARTH, "--"),
        ("mated", f"{pairs['mated']:,} mated pairs", DEEP, "-"),
    ):
        counts = pairs["distribution"][kind]
        shares = [number / max(1, sum(counts)) for number in counts]
        filled += [place for place, share in enumerate(shares) if share]
        least = min([least, *(share for share in shares if share)])
        axes.stairs(shares, edges, label=words, linewidth=1.6, color=color, linestyle=line)
        axes.stairs(shares, edges, fill=True, alpha=0.09, color=color)
    if not filled:
        return INSUFFICIENT
    axes.set(yscale="log", xlabel="Score: cosine of two templates, −1 to 1 (−1 where no face was found)")
    axes.set_ylabel(f"Share of the pairs, per {edges[1] - edges[0]:.3g} of score")
    axes.set_xlim(edges[min(filled)], edges[max(filled) + 1])
    axes.set_ylim(least / 1.5, 300)  # room above what is drawn for the words
    axes.set_yticks([10.0**power for power in range(math.floor(math.log10(least)) + 1, 1)])
    for level, cell in pairs["tmr_at_fmr"].items():
        axes.axvline(cell["threshold"], color=INK, linewidth=0.8, linestyle=":")
        words = f"FMR {wording.level(level)}"
        axes.text(cell["threshold"], 250, words, fontsize=7.5, rotation=90, ha="right", va="top")
    drawing.in_percent(axes.yaxis)
    axes.yaxis.set_minor_locator(NullLocator())
    drawing.legend_above(axes, 2)
    return figure


def _cmc(report: Report) -> Figure | str:
    told = report["identification"]
    if told is None:
        return "no person has two photographs in a folder of their own"
    cmc = told["cmc"]
    if isinstance(cmc, str):
        return INSUFFICIENT
    figure, axes = drawing.new(3.4)
    axes.plot(range(1, len(cmc) + 1), cmc, color=DEEP, drawstyle="steps-post")
    lowest = cmc[0]
    for name, rank in (("rank1", 1), ("rank10", 10)):
        rate = told["rates"][name]
        if wording.is_known(rate) and rank <= len(cmc):
            at = drawing.point(axes, rank, told[name], rate, {"color": INK, "marker": "o"})
            lowest = min([lowest, *rate.get("interval_95", [at])])
            words = f"rank {rank}: {_with_bound(told[name], rate)}"
            axes.annotate(words, (rank, at), xytext=(9, -12), textcoords="offset points", fontsize=8.5)
    axes.set(xscale="log", xlabel=f"Rank among {told['references']:,} references")
    axes.set_ylabel(f"Share of {told['probes']:,} probes")
    axes.set_xlim(0.9, len(cmc) * 1.1)
    axes.set_ylim(max(0.0, lowest - (1 - lowest) * 0.35), 1 + (1 - lowest) * 0.04)
    drawing.in_percent(axes.xaxis, axes.yaxis)
    marks = [rank for rank in (1, 2, 5, 10, 20, 50) if rank <= len(cmc)]
    axes.set_xticks(marks, [str(rank) for rank in marks])
    return figure


def _fnir(report: Report) -> Figure | str:
    if not report["open_set"]:
        return "there are too few people to hold some of them out as unknown"
    cells = [cell for cell in report["open_set"] if wording.is_known(cell["rates"]["fnir"])]
    if not cells:
        return INSUFFICIENT
    figure, axes = drawing.new(3.6)
    targets = sorted({cell["target_fpir"] for cell in cells})
    for place, (target, look) in enumerate(drawing.with_looks(targets)):
        line = sorted(
            (cell for cell in cells if cell["target_fpir"] == target), key=lambda cell: int(cell["references"])
        )
        aside = 1.03 ** (place - (len(targets) - 1) / 2)  # so that the intervals of one gallery lie side by side
        known = [cell for cell in line if "interval_95" in cell["rates"]["fnir"]]
        x, y = [cell["references"] * aside for cell in known], [cell["fnir"] for cell in known]
        axes.plot(x, y, markersize=5, label=f"FPIR {wording.aimed(target)}", **look)
        for cell in line:
            drawing.point(axes, cell["references"] * aside, cell["fnir"], cell["rates"]["fnir"], look)
    sizes = sorted({cell["references"] for cell in cells})
    axes.set(xscale="log", xlabel="References in the gallery")
    axes.set_ylabel("FNIR: share of searches for a\nheld person that miss them")
    axes.set_xlim(sizes[0] / 1.25, sizes[-1] * 1.25)
    axes.set_ylim(bottom=0)
    drawing.in_percent(axes.xaxis, axes.yaxis)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    drawing.legend_above(axes, min(4, len(targets)))
    return figure


def _cohorts(report: Report) -> Figure | str:
    told = report["cohorts"]
    if told is None:
        return "no labels.csv says who belongs to which cohort"
    return forest(told["cells"], told["thresholds"])


def _discard(report: Report) -> Figure | str:
    told = report["quality"]
    if told is None:
        return NO_PAIRS
    lines = {
        measure: [cell for cell in cells if wording.is_known(cell["rates"]["fnmr"])]
        for measure, cells in sorted(
            told["measures"].items(), key=lambda one: (one[0] == "random", one[0] != "unified")
        )
    }
    if not any(lines.values()):
        return INSUFFICIENT
    figure, axes = drawing.new(3.6)
    for (measure, cells), usual in drawing.with_looks(lines.items()):
        look = usual if measure != "random" else {"color": PALE, "linestyle": ":", "marker": ""}
        words = "at random" if measure == "random" else f"by {measure.replace('_px', ' (pixels)')}"
        known = [cell for cell in cells if "interval_95" in cell["rates"]["fnmr"]]
        x, y = [cell["discarded"] for cell in known], [cell["fnmr"] for cell in known]
        axes.plot(x, y, markersize=4, label=words, **look)
        for cell in cells:
            if measure == "unified" or "at_most" in cell["rates"]["fnmr"]:
                drawing.point(axes, cell["discarded"], cell["fnmr"], cell["rates"]["fnmr"], look)
    axes.set(xlabel="Share of the mated pairs left out, least quality first")
    axes.set_ylabel(f"FNMR at the threshold of\nFMR {wording.level(told['at_fmr'])}")
    axes.set_ylim(bottom=0)
    drawing.in_percent(axes.xaxis, axes.yaxis)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8.5)
    return figure


def _tippett(report: Report) -> Figure | str:
    told = (report["all_pairs"] or {}).get("tippett")
    if not told:
        return NO_PAIRS if report["all_pairs"] is None else INSUFFICIENT
    figure, axes = drawing.new(3.4)
    axes.plot(told["llr"], told["mated"], color=DEEP, linestyle="-", label="mated pairs")
    axes.plot(told["llr"], told["non_mated"], color=EARTH, linestyle="--", label="non-mated pairs")
    axes.axvline(0, color=INK, linewidth=0.8, linestyle=":")
    axes.set(xlabel="Calibrated log₁₀ likelihood ratio", ylabel="Share of the pairs at or above it")
    drawing.in_percent(axes.yaxis)
    drawing.legend_above(axes, 2)
    return figure
