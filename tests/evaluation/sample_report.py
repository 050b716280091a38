"""Reports as `beholden evaluate` writes them, made up: a full one, one of an operational system, one of almost nothing."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from scipy.stats import norm

INSUFFICIENT = "insufficient data"
MATED, NON_MATED, SPREAD_MATED, SPREAD_NON_MATED = 0.66, 0.06, 0.09, 0.094  # scores, about as on photographs of adults


def rate(errors: int, trials: int, people: int, *, of: str = "errors") -> dict[str, Any]:
    """A cell as `people.Rate.document` writes it, its bounds roughly as wide."""
    if people < 30 or trials < 100:
        return {"people": people, "value": INSUFFICIENT}
    wrong = errors / trials
    half = 1.96 * float(np.sqrt(max(wrong * (1 - wrong), 1e-12) / max(people, 1)))
    told: dict[str, Any] = {"people": people, "trials": trials, "errors": errors}
    if errors < 30:
        upper = (errors + 1.7 * float(np.sqrt(errors)) + 3) / trials
        return told | ({"at_least": round(1 - upper, 6)} if of == "successes" else {"at_most": round(upper, 6)})
    low, high = max(0.0, wrong - half), min(1.0, wrong + half)
    if of == "successes":
        low, high = 1 - high, 1 - low
    return told | {"interval_95": [round(low, 6), round(high, 6)]}


def number(errors: int, trials: int, people: int, *, of: str = "errors") -> float | str:
    if people < 30 or trials < 100:
        return INSUFFICIENT
    return round(errors / trials if of == "errors" else 1 - errors / trials, 6)


def cell(name: str, errors: int, trials: int, people: int, *, of: str = "errors") -> dict[str, Any]:
    """`{name: number, "rates": {name: RATE}}`"""
    return {
        name: number(errors, trials, people, of=of),
        "rates": {name: rate(errors, trials, people, of=of)},
    }


def _verification(pairs: int, people: int, wrong: int) -> dict[str, Any]:
    mated = pairs // 2
    return {
        "pairs": pairs,
        "mated": mated,
        "non_mated": pairs - mated,
        "people": people,
        "accuracy_at_best_threshold": number(wrong, pairs, people, of="successes"),
        "best_threshold": 0.3301,
        "accuracy_at_default": number(wrong + 8, pairs, people, of="successes"),
        "default_threshold": 0.363,
        "cllr": 0.0312,
        "cllr_min": 0.0257,
        "fnmr_at_fmr": {
            "1e-03": {"threshold": 0.3596, "fnmr": number(wrong, mated, people)},
            "1e-04": {"threshold": 0.4159, "fnmr": number(wrong * 3, mated, people)},
        },
        "rates": {
            "accuracy_at_best_threshold": rate(wrong, pairs, people, of="successes"),
            "accuracy_at_default": rate(wrong + 8, pairs, people, of="successes"),
        },
    }


def _below(score: Any) -> Any:
    """Share of the mated pairs under a score: most of them alike, a few of hard photographs."""
    return 0.97 * norm.cdf(score, MATED, SPREAD_MATED) + 0.03 * norm.cdf(score, 0.45, 0.12)


def _all_pairs() -> dict[str, Any]:
    mated, non_mated, people = 41_018, 19_635_383, 1_036
    score = np.linspace(-0.2, 1, 400)
    fmr, fnmr = norm.sf(score, NON_MATED, SPREAD_NON_MATED), _below(score)
    edges = np.linspace(-1, 1, 81)
    found = {f"1e-{power:02}": float(norm.isf(10.0**-power, NON_MATED, SPREAD_NON_MATED)) for power in (2, 3, 4, 5)}
    levels = {level: (round(at, 4), int(_below(at) * mated)) for level, at in found.items()}
    llr = np.linspace(-4, 6, 60)
    return {
        "mated": mated,
        "non_mated": non_mated,
        "tmr_at_fmr": {
            level: {
                "threshold": threshold,
                "tmr": number(missed, mated, people, of="successes"),
                "rates": {
                    "tmr": rate(missed, mated, people, of="successes"),
                    "fmr": rate(int(float(level) * non_mated), non_mated, 2_848),
                },
            }
            for level, (threshold, missed) in levels.items()
        },
        "curve": {
            "score": [round(float(one), 4) for one in score],
            "fmr": [round(float(one), 9) for one in fmr],
            "fnmr": [round(float(one), 6) for one in fnmr],
        },
        "distribution": {
            "edges": [round(float(one), 4) for one in edges],
            "mated": [int(one) for one in np.diff(_below(edges)) * mated],
            "non_mated": [int(one) for one in np.diff(norm.cdf(edges, NON_MATED, SPREAD_NON_MATED)) * non_mated],
        },
        "cllr": 0.0298,
        "cllr_min": 0.0251,
        "tippett": {
            "llr": [round(float(one), 3) for one in llr],
            "mated": [round(float(one), 6) for one in norm.sf(llr, 3.6, 1.2)],
            "non_mated": [round(float(one), 6) for one in norm.sf(llr, -2.6, 0.9)],
        },
    }


def _identification() -> dict[str, Any]:
    probes, people = 3_426, 1_036
    cmc = [round(0.9834 + (0.9965 - 0.9834) * (1 - rank**-0.7), 6) for rank in range(1, 51)]
    return {
        "references": 2_848,
        "probes": probes,
        "rank1": number(57, probes, people, of="successes"),
        "rank10": number(21, probes, people, of="successes"),
        "cmc": cmc,
        "rates": {
            "rank1": rate(57, probes, people, of="successes"),
            "rank10": rate(21, probes, people, of="successes"),
        },
        "fused": [
            {
                "photographs": photographs,
                "references": 2_848,
                "probes": tried,
                "rank1": number(wrong, tried, who, of="successes"),
                "rank10": number(1, tried, who, of="successes"),
                "rank1_one_photograph": number(14, tried, who, of="successes"),
                "rates": {
                    "rank1": rate(wrong, tried, who, of="successes"),
                    "rank10": rate(1, tried, who, of="successes"),
                    "rank1_one_photograph": rate(14, tried, who, of="successes"),
                },
            }
            for photographs, tried, who, wrong in ((2, 1_390, 561, 5), (3, 812, 344, 2))
        ],
    }


def _open_set() -> list[dict[str, Any]]:
    told = []
    for target, threshold, share in ((0.1, 0.44, 0.012), (0.01, 0.51, 0.034), (0.003, 0.56, 0.071)):
        for step, references in enumerate((1_942, 971, 485, 242)):
            missed = int(3_426 * share * 0.86**step)
            told.append(
                {
                    "references": references,
                    "non_mated_probes": 906,
                    "mated_probes": 3_426 >> step,
                    "target_fpir": target,
                    "threshold": round(threshold - 0.012 * step, 4),
                    "fnir": number(missed >> step, 3_426 >> step, 1_036 >> step),
                    "selectivity": round(target * 1.08, 4),
                    "rates": {
                        "fnir": rate(missed >> step, 3_426 >> step, 1_036 >> step),
                        "fpir": rate(int(906 * target), 906, 906),
                    },
                }
            )
    return told


def _cohort(name: str, people: int, images: int, per_mille: float) -> dict[str, Any]:
    pairs, mated = images * (images - 1) // 2, images * 6 if people > 29 else 40
    at = {}
    for level, share in (("1e-03", 1.0), ("1e-04", 0.1)):
        false, missed = int(pairs * per_mille / 1000 * share), int(mated * 0.006 * (2.2 - 1.2 * share))
        at[level] = {
            "fmr": number(false, pairs, people),
            "fnmr": number(missed, mated, people),
            "rates": {"fmr": rate(false, pairs, people), "fnmr": rate(missed, mated, people)},
        }
    enough = people >= 30
    return {
        "cohort": name,
        "people": people,
        "images": images,
        "not_found": 0.0 if enough else INSUFFICIENT,
        "at": at,
        "single_cohort_gallery": {
            "references": people,
            "probes": images - people,
            "rank1": number(20, images - people, people, of="successes"),
            "target_fpir": 0.1,
            "threshold": 0.4411,
            "fnir": number(44, images - people, people),
            "rates": {
                "rank1": rate(20, images - people, people, of="successes"),
                "fnir": rate(44, images - people, people),
            },
        },
    }


def _ages() -> dict[str, Any]:
    gaps = (
        (0, 1, 1_900, 21, 420),
        (1, 3, 1_500, 33, 380),
        (3, 5, 700, 40, 190),
        (5, 10, 420, 44, 121),
        (10, 20, 60, 9, 18),
    )
    bands = (("0-3", 11, 20), ("4-8", 34, 140), ("9-12", 40, 170), ("13-17", 52, 260), ("adult", 900, 3_100))
    return {
        "threshold": 0.4159,
        "at_fmr": "1e-04",
        "gaps": [
            {"from_years": start, "to_years": end, "mated": mated} | cell("fnmr", wrong, mated, people)
            for start, end, mated, wrong, people in gaps
        ]
        + [{"from_years": 20, "to_years": None, "mated": 0} | cell("fnmr", 0, 0, 0)],
        "bands": [
            {
                "band": band,
                "people": people,
                "images": images,
                "fmr": number(images // 4, images * images // 2, people),
                "fnmr": number(images // 4, images * 2, people),
                "rates": {
                    "fmr": rate(images // 4, images * images // 2, people),
                    "fnmr": rate(images // 4, images * 2, people),
                },
            }
            for band, people, images in bands
        ],
    }


def _quality() -> dict[str, Any]:
    measures = {"unified": 2.4, "detector": 1.3, "eyes_px": 0.7, "sharpness": 0.9, "luminance": 0.25, "frontality": 2.0}
    measures["random"] = 0.02
    return {
        "threshold": 0.4159,
        "at_fmr": "1e-04",
        "measures": {
            name: [
                {"discarded": discarded}
                | cell(
                    "fnmr",
                    int(525 * np.exp(-use * discarded * 3) * (1 - discarded)),
                    int(41_018 * (1 - discarded)),
                    1_036,
                )
                for discarded in (0.0, 0.05, 0.1, 0.2, 0.3)
            ]
            for name, use in measures.items()
        },
    }


def full() -> dict[str, Any]:
    """Everything measured; cells with too little data, bounds and hostile file names in it."""
    return {
        "format": "beholden/evaluation/v1",
        "made_at": "2026-11-22T14:03:11.201Z",
        "beholden": "0.1.0",
        "seed": 20261122,
        "seconds": 214.6,
        "model": {
            "name": "yunet-sface",
            "space_id": "5c1b2e0f9a77d3e4",
            "files": {"face_detection_yunet.onnx": "8f2383e4" * 8, "face_recognition_sface.onnx": "0ba9fbfa" * 8},
        },
        "status": "incomplete",
        "missing": ["age band 0-3: too few people", "age gap of 10 to 20 years: too few people"],
        "images": 6_274,
        "people": 2_848,
        "unreadable": ["Ann_Veneman/broken|<script>alert(1)</script>.jpg"],
        "faces_not_found": ["Aaron_Peirsol/Aaron_Peirsol_0003.jpg"],
        "verification": {
            "pairs.csv": _verification(2_200, 1_812, 12),
            "pairs-few.csv": _verification(60, 22, 1),
        },
        "all_pairs": _all_pairs(),
        "identification": _identification(),
        "open_set": _open_set(),
        "cohorts": {
            "thresholds": {"1e-03": 0.3596, "1e-04": 0.4159},
            "people_without_cohort": 3,
            "cells": [
                _cohort("female", 711, 1_462, 2.64),
                _cohort("male", 2_137, 4_812, 1.12),
                _cohort("over 70", 61, 130, 1.9),
                _cohort("not told", 12, 31, 1.0),
            ],
        },
        "age_gaps": _ages(),
        "quality": _quality(),
        "suspected_label_errors": [
            {
                "kind": "one person under two names",
                "image_a": "Andrew_Gilligan/Andrew_Gilligan_0001.jpg",
                "image_b": "Andrew_Caldecott/Andrew_Caldecott_0001.jpg",
                "score": 0.9132,
            },
            {
                "kind": "unlike every other photograph of this name",
                "image_a": "a*b_`c`/\u202egpj.exe\n.jpg",
                "image_b": None,
                "score": 0.0711,
            },
        ],
        "calibration": {
            "model": "yunet-sface",
            "space_id": "5c1b2e0f9a77d3e4",
            "measured_on": "6,274 photographs of 2,848 people",
            "measured_at": "2026-11-22",
            "people": 2_848,
            "images": 6_274,
            "references": 2_848,
            "curves": [{"faces": 1, "scores": [0.3, 0.4], "fmr": [0.006, 0.0002], "least_fmr": 0.000002, "tail": {}}],
            "cells": [
                {
                    "least_quality": 0,
                    "most_quality": 100,
                    "faces": 1,
                    "people": 1_036,
                    "trials": 3_426,
                    "scores": [0.1, 0.66, 0.97],
                }
            ],
        },
    }


def operational() -> dict[str, Any]:
    """From a running system: no names of suspected label errors."""
    report = full()
    report["suspected_label_errors"] = {"count": 7, "names": "withheld"}
    return report


def bare() -> dict[str, Any]:
    """Two dozen photographs directly in the folder and one list of pairs: nothing but that list can be measured."""
    report = copy.deepcopy(full())
    report |= {
        "images": 24,
        "people": 0,
        "unreadable": [],
        "faces_not_found": [],
        "missing": ["everything that needs more than pairs: no photograph lies in a folder of a person"],
        "verification": {"pairs-few.csv": _verification(60, 22, 1)},
        "open_set": [],
        "suspected_label_errors": [],
    }
    report |= dict.fromkeys(("all_pairs", "identification", "cohorts", "age_gaps", "quality", "calibration"))
    for name in ("cllr", "cllr_min", "best_threshold"):
        report["verification"]["pairs-few.csv"][name] = INSUFFICIENT
    report["verification"]["pairs-few.csv"]["fnmr_at_fmr"] = {}
    return report
