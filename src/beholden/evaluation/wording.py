"""How the numbers of a report are written: rates with their bounds, counts, and names of files without tricks."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from beholden.evaluation.people import INSUFFICIENT

Report = Mapping[str, Any]
NOTHING = "–"
PER_CENT = "\N{NO-BREAK SPACE}%"


class Name(str):
    """What somebody else wrote, a file name or a cohort: shown as it is, never as part of a sentence."""

    __slots__ = ()


def name(text: object) -> Name:
    """Control and direction characters, which could make a name look like another, are written as their numbers."""
    return Name(
        "".join(
            f"\\u{ord(sign):04x}" if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else sign
            for sign in str(text)
        )
    )


def count(number: int | Sequence[object] | None) -> str:
    """A number of things, or how many are in a list."""
    if number is None:
        return NOTHING
    return f"{number if isinstance(number, int) else len(number):,}"


def things(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def decimals(*rates: float, least: int = 2) -> int:
    """Enough for two digits of how far the rates lie from none or from all."""
    far = max([min(rate, 1 - rate) for rate in rates], default=0.0)
    return least if far <= 0 else max(least, 1 - math.floor(math.log10(max(far, 1e-7) * 100)))


def percent(rate: object, *, least: int = 2) -> str:
    if not isinstance(rate, int | float) or isinstance(rate, bool) or math.isnan(rate):
        return INSUFFICIENT if rate == INSUFFICIENT else NOTHING
    return f"{rate * 100:.{decimals(rate, least=least)}f}{PER_CENT}"


def score(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else NOTHING if value is None else str(value)


def is_known(rate: Mapping[str, Any] | None) -> bool:
    return rate is not None and "value" not in rate


def bound(rate: Mapping[str, Any] | None, *, least: int = 2) -> str:
    """The interval, or the bound where there were fewer than 30 errors."""
    if rate is None:
        return NOTHING
    if (interval := rate.get("interval_95")) is not None:
        places = decimals(*interval, least=least)
        return f"{interval[0] * 100:.{places}f} – {interval[1] * 100:.{places}f}{PER_CENT}"
    for key, words in (("at_most", "at most"), ("at_least", "at least")):
        if key in rate:
            return f"{words} {percent(rate[key], least=least)}"
    return INSUFFICIENT


def in_a_sentence(value: object, rate: Mapping[str, Any]) -> str:
    """`98.3 %`; without a single error only the bound, `at least 99.1 %`, as 100 % would say too much."""
    return bound(rate, least=1) if rate.get("errors") == 0 else percent(value, least=1)


def basis(rate: Mapping[str, Any]) -> str:
    """What a rate rests on: `95 % interval 97.6 – 99.1 %; 57 errors in 3,426 trials, 1,036 people`."""
    if not is_known(rate):
        return things(rate["people"], "person", "people")
    of = f"{things(rate['errors'], 'error', 'errors')} in {rate['trials']:,} trials, {rate['people']:,} people"
    kind = "interval" if "interval_95" in rate else "bound"
    return f"95 % {kind} {bound(rate, least=1)}; {of}"


def aimed(target: float) -> str:
    """A rate that was chosen, not measured: `0.3 %`."""
    return f"{target * 100:g}{PER_CENT}"


def level(fmr: object) -> str:
    """`1e-03` → `1 in 1,000`."""
    try:
        return f"1 in {round(1 / float(str(fmr))):,}"
    except (ValueError, ZeroDivisionError):
        return str(fmr)


def day(made_at: object) -> str:
    """The date of a time, as it is written in the report."""
    return str(made_at)[:10]
