"""The years between two photographs, by the dates that people told. Nothing here looks at a face: no age is ever estimated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

UNKNOWN = (
    "How many years lie between the photographs is not known, because it is not known when each of them was taken. "
    "A face changes with the years, a child's most of all."
)
MANY = 1  # from so many years on they are warned of: a child's face changes within one [models.md, children]


def between(one: str, other: str) -> tuple[int, int] | None:
    """The least and the most whole years between two capture dates (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`), in either order.

    None where one is empty. A year or a month stands for each of its days, so that the two numbers may differ.
    """
    if not one or not other:
        return None
    (first, last), (from_, until) = _days(one), _days(other)
    apart = [_whole_years(first, until), _whole_years(last, from_)]
    least = 0 if first <= until and from_ <= last else min(apart)
    return least, max(apart)


def gap_words(probes: Sequence[str], reference: str) -> str:
    """One sentence or two for who compares: the most years that lie between any of the probes and the reference.

    Of dates alone. Raises ValueError for what is no capture date.
    """
    gaps = [between(probe, reference) for probe in probes]
    known = [gap for gap in gaps if gap is not None]
    if not known:
        return UNKNOWN
    least, most = max(known)[0], max(gap[1] for gap in known)
    told = "less than a year" if most == 0 else _years(least, most)
    lie = "lies" if most <= 1 and least == most else "lie"
    caution = ""
    if most >= MANY:
        caution = (
            " A face changes with the years, a child's most of all: differences may come of that, and how well this "
            "model bears it, has not been measured on children."
        )
    missing = "" if len(known) == len(gaps) else " When others of these photographs were taken is not known."
    return f"Between the photographs {lie} {told}.{caution}{missing}"


def _years(least: int, most: int) -> str:
    if least == most:
        return f"{most} year" if most == 1 else f"{most} years"
    return f"up to {most} years" if least == 0 else f"{least} to {most} years"


def _days(words: str) -> tuple[date, date]:
    """The first and the last day that a capture date may mean."""
    parts = [int(part) for part in words.split("-")]
    if len(parts) == 3:
        day = date(*parts)
        return day, day
    if len(parts) == 2:
        year, month = parts
        after = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else date.max
        return date(year, month, 1), date.fromordinal(after.toordinal() - (after != date.max))
    return date(parts[0], 1, 1), date(parts[0], 12, 31)


def _whole_years(one: date, other: date) -> int:
    early, late = min(one, other), max(one, other)
    return late.year - early.year - ((late.month, late.day) < (early.month, early.day))
