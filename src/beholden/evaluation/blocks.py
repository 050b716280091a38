"""The report as sections of text, tables and figures, from which the page and the Markdown are both made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beholden.evaluation import wording
from beholden.evaluation.people import FEW_ERRORS, INSUFFICIENT
from beholden.evaluation.wording import NOTHING, Name, Report, aimed, level, name, percent, score

MEASURED = ("rate", "95 % interval or bound", "errors", "trials", "people")
SHOWN = 50  # suspected labels in the page; report.json has all


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure by its name, and what it shows in words."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    text: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


def sections(report: Report) -> tuple[Section, ...]:
    return (
        _identification(report),
        _open_set(report),
        _all_pairs(report),
        _verification(report),
        _cohorts(report),
        _ages(report),
        _quality(report),
        _labels(report),
        _calibration(report),
    )


def _cells(value: object, rate: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The columns `MEASURED`."""
    if rate is None:
        return (percent(value), *[NOTHING] * 4)
    if not wording.is_known(rate):
        return (INSUFFICIENT, NOTHING, NOTHING, NOTHING, f"{rate['people']:,}")
    return (percent(value), wording.bound(rate), f"{rate['errors']:,}", f"{rate['trials']:,}", f"{rate['people']:,}")


def _row(what: tuple[str, ...], cell: Mapping[str, Any], rate: str) -> tuple[str, ...]:
    return (*what, *_cells(cell.get(rate), cell["rates"].get(rate)))


def _identification(report: Report) -> Section:
    title = "Finding a person who is held"
    told = report["identification"]
    pictures = (
        Picture(
            "cmc", "Step curve that rises from rank 1 to rank 50; its points at ranks 1 and 10 stand in the table."
        ),
    )
    if told is None:
        return Section(title, ("Not measured: no person has two photographs in a folder of their own.",), (), pictures)
    rows = [_row(("1", rank), told, key) for key, rank in (("rank1", "first"), ("rank10", "first ten"))]
    for fused in told["fused"]:
        together, alone = f"{fused['photographs']} together", f"1, of the same {fused['photographs']}"
        rows.append(_row((together, "first"), fused, "rank1"))
        rows.append(_row((together, "first ten"), fused, "rank10"))
        rows.append(_row((alone, "first"), fused, "rank1_one_photograph"))
    text = (
        f"The first photograph of each person, by name, is the reference ({told['references']:,}); every other photograph"
        f" is a probe ({told['probes']:,}) and is compared with all references. Everybody sought here is held: how"
        " searches for people who are not held end, the next section says.",
    )
    caption = "Share of the probes whose right person was listed first, or among the first ten"
    table = Table(caption, ("photographs of the person sought", "right person", *MEASURED), tuple(rows))
    return Section(title, text, (table,), pictures)


def _open_set(report: Report) -> Section:
    title = "When the person may not be held"
    alt = (
        "One line for each FPIR: FNIR against the number of references, with intervals; the figures stand in the table."
    )
    pictures = (Picture("fnir-by-gallery", alt),)
    cells = report["open_set"]
    if not cells:
        return Section(title, ("Not measured: too few people to hold some of them out as unknown.",), (), pictures)
    text = (
        "Some people are held out of the references. A threshold is set at which only a given share of the searches"
        " for them lists anybody (FPIR); FNIR is the share of the searches for people who are held that miss them there."
        " Smaller galleries are drawn from the whole by a seed.",
    )
    rows = tuple(
        (
            f"{cell['references']:,}",
            aimed(cell["target_fpir"]),
            score(cell["threshold"]),
            wording.bound(cell["rates"].get("fpir")),
            _selectivity(cell.get("selectivity")),
            *_cells(cell.get("fnir"), cell["rates"].get("fnir")),
        )
        for cell in sorted(cells, key=lambda one: (-one["target_fpir"], -one["references"]))
    )
    head = ("references", "FPIR aimed at", "threshold (score)", "FPIR, 95 %", "selectivity", *MEASURED)
    caption = "FNIR by gallery size and FPIR. Selectivity: references listed, on average, for a person who is not held."
    return Section(title, text, (Table(caption, head, rows),), pictures)


def _selectivity(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else NOTHING


def _all_pairs(report: Report) -> Section:
    title = "All pairs of photographs"
    pictures = (
        Picture("det", "Falling curve of FNMR against FMR on logarithmic axes; its marked points stand in the table."),
        Picture(
            "scores",
            "Two humps of scores, non-mated pairs to the left and mated pairs to the right, and where they overlap.",
        ),
        Picture(
            "tippett", "Two falling curves: shares of mated and of non-mated pairs at or above a likelihood ratio."
        ),
    )
    told = report["all_pairs"]
    if told is None:
        words = "Not measured: no two people, one of them with two photographs, lie in the folder."
        return Section(title, (words,), (), pictures[:1])
    text = [
        f"Every photograph was compared with every other: {told['mated']:,} mated and {told['non_mated']:,} non-mated pairs."
        " An FMR is told as far down as 30 non-mated pairs reach.",
    ]
    if isinstance(told.get("cllr"), int | float):
        text.append(
            f"Calibrated by a logistic regression on other people's pairs, Cllr is {told['cllr']:.4f}; {told['cllr_min']:.4f} is"
            " the least any calibration could reach (0: certain and right, 1: says nothing). It describes the model on"
            " pairs, and is no statement about a person on a list."
        )
    rows = []
    for fmr, cell in told["tmr_at_fmr"].items():
        at = (level(fmr), score(cell["threshold"]))
        rows.append(_row((*at, "TMR"), cell, "tmr"))
        if (reached := cell["rates"].get("fmr")) is not None:
            share = reached["errors"] / reached["trials"] if wording.is_known(reached) else None
            rows.append((*at, "FMR", *_cells(share, reached)))
    caption = "Thresholds by FMR over all pairs, and the TMR there (TMR = 1 − FNMR)"
    tables = (Table(caption, ("FMR aimed at", "threshold (score)", "what", *MEASURED), tuple(rows)),) if rows else ()
    return Section(title, tuple(text), tables, pictures)


def _verification(report: Report) -> Section:
    title = "Lists of pairs"
    lists = report["verification"]
    if not lists:
        return Section(title, ("No pairs*.csv was in the folder.",))
    accuracy, errors = [], []
    for file, told in lists.items():
        of = (name(file), f"{told['pairs']:,}")
        for key, threshold in (
            ("accuracy_at_best_threshold", "best_threshold"),
            ("accuracy_at_default", "default_threshold"),
        ):
            words = "best for this list" if threshold == "best_threshold" else "default"
            accuracy.append(_row((*of, f"{score(told.get(threshold))} ({words})"), told, key))
        for fmr, cell in told.get("fnmr_at_fmr", {}).items():
            shown = _cells(cell.get("fnmr"), cell.get("rates", {}).get("fnmr"))
            errors.append((name(file), level(fmr), score(cell["threshold"]), *shown))
    text = (
        "Accuracy is the share of the pairs on the right side of a threshold. The best threshold was chosen on the same"
        " pairs, so its accuracy is a little too high; the default threshold was fixed beforehand.",
    )
    tables = [Table("Accuracy", ("list", "pairs", "threshold (score)", *MEASURED), tuple(accuracy))]
    if errors:
        caption = "FNMR on each list at thresholds that were set on all pairs"
        tables.append(Table(caption, ("list", "FMR aimed at", "threshold (score)", *MEASURED), tuple(errors)))
    costs = tuple(
        (name(file), _plain(told.get("cllr")), _plain(told.get("cllr_min")))
        for file, told in lists.items()
        if "cllr" in told
    )
    tables += [Table("Cost of the calibrated scores (0 to 1; 1 says nothing)", ("list", "Cllr", "least Cllr"), costs)]
    return Section(title, text, tuple(tables))


def _plain(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else NOTHING if value is None else str(value)


def _cohorts(report: Report) -> Section:
    title = "By cohort"
    alt = "Rows of cohorts in the order of the table: intervals of FMR to the left, of FNMR to the right."
    pictures = (Picture("cohorts", alt),)
    told = report["cohorts"]
    if told is None:
        words = "Not measured: no labels.csv says who belongs to which cohort. Differences between cohorts are unknown."
        return Section(title, (words,), (), pictures)
    text = [
        "FMR compares different people of one cohort, FNMR photographs of one person. The threshold is the same for"
        " all. Where the intervals of two cohorts overlap, this data does not show which rate is the larger.",
    ]
    if without := told.get("people_without_cohort"):
        text.append(f"{wording.things(without, 'person', 'people')} without a cohort left out.")
    rows, alone = [], []
    for cell in told["cells"]:
        who = name(cell["cohort"])
        for fmr, at in cell["at"].items():
            rows += [_row((who, level(fmr), words), at, key) for key, words in (("fmr", "FMR"), ("fnmr", "FNMR"))]
        gallery = cell.get("single_cohort_gallery")
        if gallery is not None:
            alone.append(_row((who, f"{gallery['references']:,}", "right person first"), gallery, "rank1"))
            aim = gallery.get("target_fpir")
            words = "FNIR" if aim is None else f"FNIR at FPIR {aimed(aim)}"
            alone.append(_row((who, f"{gallery['references']:,}", words), gallery, "fnir"))
    tables = [Table("FMR and FNMR by cohort", ("cohort", "threshold of FMR", "what", *MEASURED), tuple(rows))]
    if alone:
        caption = "Searches in a gallery of that cohort alone"
        tables.append(Table(caption, ("cohort", "references", "what", *MEASURED), tuple(alone)))
    found = tuple(
        (name(cell["cohort"]), f"{cell['people']:,}", f"{cell['images']:,}", percent(cell.get("not_found")))
        for cell in told["cells"]
    )
    tables.append(Table("Photographs by cohort", ("cohort", "people", "photographs", "no face found"), found))
    return Section(title, tuple(text), tuple(tables), pictures)


def _ages(report: Report) -> Section:
    title = "Years between photographs, and age"
    told = report["age_gaps"]
    if told is None:
        words = (
            "Not measured: no ages.csv. What this model does with children, and across years of growing up, is unknown."
        )
        return Section(title, (words,))
    text = (f"At the score {score(told['threshold'])}, which {level(told['at_fmr'])} of all non-mated pairs reach.",)
    gaps = tuple(_row((_years(gap), f"{gap['mated']:,}"), gap, "fnmr") for gap in told["gaps"])
    bands = tuple(
        _row((band["band"], f"{band['images']:,}", words), band, key)
        for band in told["bands"]
        for key, words in (("fmr", "FMR"), ("fnmr", "FNMR"))
    )
    tables = (
        Table("FNMR by the years between two photographs of one person", ("years", "mated pairs", *MEASURED), gaps),
        Table("FMR and FNMR within a band of age", ("age", "photographs", "what", *MEASURED), bands),
    )
    return Section(title, text, tuple(table for table in tables if table.rows))


def _years(gap: Mapping[str, Any]) -> str:
    end = gap.get("to_years")
    return f"{gap['from_years']} or more" if end is None else f"{gap['from_years']} to under {end}"


def _quality(report: Report) -> Section:
    title = "Quality of photographs"
    alt = "One line for each measure: FNMR as more of the mated pairs of least quality are left out, and at random."
    pictures = (Picture("error-against-discard", alt),)
    told = report["quality"]
    if told is None:
        words = "Not measured: no two people, one of them with two photographs, lie in the folder."
        return Section(title, (words,), (), pictures)
    text = (
        "A measure of quality tells something when leaving out the pairs it calls worst lowers FNMR more than leaving"
        f" out as many at random. At the score {score(told['threshold'])} (FMR {level(told['at_fmr'])}).",
    )
    rows = tuple(
        _row((measure.replace("_px", " (pixels)"), aimed(cell["discarded"])), cell, "fnmr")
        for measure, cells in told["measures"].items()
        for cell in cells
        if measure in ("unified", "random") or cell["discarded"] in (cells[0]["discarded"], cells[-1]["discarded"])
    )
    caption = "FNMR after leaving out; of the single measures the first and the last point (report.json has all)"
    return Section(title, text, (Table(caption, ("measure", "left out", *MEASURED), rows),), pictures)


def _labels(report: Report) -> Section:
    title = "Labels that may be wrong"
    told: Mapping[str, Any] | Sequence[Mapping[str, Any]] = report["suspected_label_errors"]
    if isinstance(told, Mapping):
        number = f"Fewer than {FEW_ERRORS}" if told["count"] is None else f"{told['count']:,}"
        words = f"{number} suspected. On an operational system their names are withheld."
        return Section(title, (words,))
    if not told:
        return Section(title, ("None is suspected. That is no proof that all are right.",))
    text = (
        f"{len(told):,} suspected, by their scores alone. Look at each before changing anything: a person may look unlike"
        " themself, and two people alike. Nothing was left out of the figures above because it stands here.",
    )
    rows = tuple(
        (
            one["kind"],
            name(one["image_a"]),
            name(one["image_b"]) if one["image_b"] else Name(NOTHING),
            score(one["score"]),
        )
        for one in told[:SHOWN]
    )
    caption = "Suspected labels, best evidence first" + ("" if len(told) <= SHOWN else f" (the first {SHOWN})")
    return Section(title, text, (Table(caption, ("what", "photograph", "other photograph", "score"), rows),))


def _calibration(report: Report) -> Section:
    title = "What lists can be told"
    told = report["calibration"]
    if told is None:
        words = "Too little data for a calibration record. Lists stay headed “not measured on your data”."
        return Section(title, (words,))
    text = (
        "From this report “beholden calibrate” makes the signed record that lists and disclosures quote: how many"
        " unrelated people to expect on a list, and how likely it is that a person is held and not shown. It rests on"
        f" {told['images']:,} photographs of {told['people']:,} people and on {told['references']:,} references; what is"
        " said beyond that is marked as extrapolated. It never says how likely it is that a listed person is the one sought.",
    )
    rows = tuple(
        (
            f"{cell['least_quality']} to {cell['most_quality']}",
            str(cell["faces"]),
            f"{cell['trials']:,}",
            f"{cell['people']:,}",
        )
        for cell in told["cells"]
    )
    caption = "Kinds of probes that were measured (unified quality, 0 to 100)"
    return Section(title, text, (Table(caption, ("quality", "photographs together", "probes", "people"), rows),))
