"""What a report says in plain sentences: the figures that matter first, and then what cannot be said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from beholden.evaluation import wording
from beholden.evaluation.people import INSUFFICIENT, MIN_PEOPLE, MIN_TRIALS
from beholden.evaluation.wording import Report, aimed, basis, in_a_sentence, level, name, score, things

NAMED = 12  # names in a sentence; report.json has all

GLOSSARY = (
    ("probe", "a photograph of somebody sought."),
    ("reference", "a photograph that is held under a name."),
    ("mated, non-mated", "a pair of photographs of one person; of two different people."),
    ("score", "how alike the model finds two faces, from −1 to 1. It is no probability."),
    ("FMR", "the share of non-mated pairs whose score reaches a threshold."),
    ("FNMR, TMR", "the share of mated pairs whose score stays below the threshold; reaches it."),
    ("FPIR", "the share of searches for somebody who is not held that list anybody at all."),
    ("FNIR", "the share of searches for somebody who is held that do not list them."),
    ("95 % interval", "were other people photographed likewise, 95 of 100 such intervals would hold the true rate."),
)


def measured(report: Report) -> str:
    """What was measured, with which model, when."""
    images, people = things(report["images"], "photograph", "photographs"), report["people"]
    of = f"of {things(people, 'person', 'people')}" if people else "of people who are not told"
    return (
        f"{images} {of}, measured on {wording.day(report['made_at'])} with the model {report['model']['name']}"
        f" (Beholden {report['beholden']}, in {things(max(1, round(report['seconds'])), 'second', 'seconds')})."
    )


def findings(report: Report) -> tuple[str, ...]:
    """The few figures that matter, for somebody who reads no other part."""
    found = (*_identification(report), *_open_set(report), *_pairs(report), *_cohorts(report), *_ages(report))
    return found or ("No rate could be measured: there is too little data.",)


def _told(cell: Mapping[str, Any], key: str) -> tuple[str, str]:
    """A rate in words, and what it rests on."""
    return in_a_sentence(cell[key], cell["rates"][key]), basis(cell["rates"][key])


def _identification(report: Report) -> Iterator[str]:
    told = report["identification"]
    if told is None or not wording.is_known(told["rates"]["rank1"]):
        return
    first, first_basis = _told(told, "rank1")
    tenth, tenth_basis = _told(told, "rank10")
    yield (
        f"Of {told['probes']:,} probes, {first} had the right person first among {told['references']:,} references"
        f" ({first_basis}), and {tenth} among the first ten ({tenth_basis})."
    )
    for fused in told["fused"][:1]:
        if not wording.is_known(fused["rates"]["rank1"]):
            continue
        together, together_basis = _told(fused, "rank1")
        alone, alone_basis = _told(fused, "rank1_one_photograph")
        yield (
            f"With {fused['photographs']} photographs of the person sought taken together, {together} had the right person"
            f" first ({together_basis}); with one photograph of the same people {alone} ({alone_basis})."
        )


def _open_set(report: Report) -> Iterator[str]:
    cells: Sequence[Mapping[str, Any]] = [
        cell for cell in report["open_set"] if wording.is_known(cell["rates"]["fnir"])
    ]
    for target in sorted({cell["target_fpir"] for cell in cells}, reverse=True)[:2]:
        cell = max((one for one in cells if one["target_fpir"] == target), key=lambda one: int(one["references"]))
        missed, rests = _told(cell, "fnir")
        yield (
            f"At the threshold where {aimed(target)} of the searches for people who are not held list anybody, {missed} of the"
            f" searches for people who are held miss them, among {cell['references']:,} references ({rests})."
        )


def _pairs(report: Report) -> Iterator[str]:
    told = report["all_pairs"]
    cells = [(fmr, cell) for fmr, cell in (told["tmr_at_fmr"].items() if told else ())]
    for fmr, cell in [one for one in cells if wording.is_known(one[1]["rates"]["tmr"])][-1:]:
        reached, rests = _told(cell, "tmr")
        yield (
            f"{level(fmr)} pairs of different people reach the score {score(cell['threshold'])}; of the pairs of one person"
            f" {reached} do ({rests})."
        )


def _cohorts(report: Report) -> Iterator[str]:
    told = report["cohorts"]
    for fmr in sorted(told["thresholds"], key=float, reverse=True)[:1] if told else ():
        for key, words in (("fmr", "different people of one cohort"), ("fnmr", "photographs of one person")):
            known = [
                (float(cell["at"][fmr][key]), name(cell["cohort"]), cell["at"][fmr]["rates"][key])
                for cell in told["cells"]
                if "interval_95" in cell["at"].get(fmr, {"rates": {}})["rates"].get(key, {})
            ]
            if len(known) > 1:
                ends = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
                least, most = (f"{in_a_sentence(at, rate)} for “{who}” ({basis(rate)})" for at, who, rate in ends)
                yield (
                    f"At one threshold for all (FMR {level(fmr)}), the {key.upper()} of {words} lies between {least} and {most}."
                )


def _ages(report: Report) -> Iterator[str]:
    told = report["age_gaps"]
    known = [gap for gap in told["gaps"] if wording.is_known(gap["rates"]["fnmr"])] if told else []
    for gap in known[-1:]:
        missed, rests = _told(gap, "fnmr")
        yield (
            f"Of the pairs of one person at least {gap['from_years']} years apart, {missed} stay below the score that"
            f" {level(told['at_fmr'])} pairs of different people reach ({rests})."
        )


def limits(report: Report, left_out: Mapping[str, str], titles: Mapping[str, str]) -> tuple[str, ...]:
    """What cannot be said from this report, and what stands in it that may mislead."""
    said = []
    if report["status"] != "complete":
        said.append("This evaluation is incomplete. Not measured: " + _named(report["missing"], "; ") + ".")
    small = sum(1 for _ in _too_small(report))
    if small:
        said.append(
            f"{things(small, 'cell says', 'cells say')} “{INSUFFICIENT}”: fewer than {MIN_PEOPLE} people or {MIN_TRIALS} trials."
        )
    said += [f"Left out, “{titles[figure]}”: {why}." for figure, why in left_out.items()]
    for key, words in (("unreadable", "could not be read"), ("faces_not_found", "showed no face that the model found")):
        if report[key]:
            said.append(
                f"{things(len(report[key]), 'file', 'files')} {words} (which counts as an error): {_named(report[key])}."
            )
    suspected = report["suspected_label_errors"]
    number = suspected["count"] if isinstance(suspected, Mapping) else len(suspected)
    if number:
        said.append(
            f"{things(number, 'label', 'labels')} may be wrong (see below). Until somebody has looked, errors of the labels"
            " count as errors of the model."
        )
    return (
        *said,
        "These figures are of these photographs. Others, of other people, ages, cameras or years, can give other figures.",
        "Whoever is not on a list may be held all the same, and a place on a list does not say who anybody is.",
    )


def _named(names: Sequence[object], between: str = ", ") -> str:
    more = len(names) - NAMED
    return between.join(map(name, names[:NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _too_small(part: object) -> Iterator[Mapping[str, Any]]:
    """Every rate of the report that has too little data."""
    if isinstance(part, Mapping):
        if part.get("value") == INSUFFICIENT:
            yield part
        for one in part.values():
            yield from _too_small(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _too_small(one)


def manner(report: Report) -> tuple[str, ...]:
    """How it was measured."""
    files = "; ".join(f"{name(file)} (SHA-256 {digest})" for file, digest in report["model"]["files"].items())
    return (
        "One face a photograph, the one nearest its centre, after a border of 30 % of width and height and with the longest side at"
        " most 640 pixels; where the detector found none at its usual setting, a second try at detector score 0.2. Where no face"
        " was found, every comparison scores −1: it counts, as an error where the pair is mated.",
        "Intervals are drawn over people, not over photographs or pairs, because two photographs of one person are not two"
        " independent trials: people are drawn anew, with replacement, a thousand times, and the middle 95 % kept. For rates"
        " between people, both people of a pair are drawn. With fewer than 30 errors no interval is told, only a one-sided 95 %"
        f" bound. With fewer than {MIN_PEOPLE} people or {MIN_TRIALS} trials nothing is told.",
        "Terms and rates are those of ISO/IEC 19795-1. Rates at a threshold count scores at or above it.",
        f"Seed {report['seed']}; the same folder gives the same figures. Space {report['model']['space_id']}."
        f" Model files: {files}.",
    )
