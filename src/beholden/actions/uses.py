"""How often faces were compared, week by week and for what: counted from the log alone, as the statement of use is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from beholden.actions.authority_figures import leaves_of_acts
from beholden.actions.desk import at_desk, is_one_of, owes_opinion
from beholden.errors import BadInput, Missing
from beholden.ports.system import System
from beholden.records.people import Officer, Role
from beholden.records.small_cells import withheld

COUNTED = ("search.started", "comparison.made")
LONGEST = timedelta(days=366 * 20)
MOST_WEEKS = 53  # of a longer time the months are told: a year of weeks is what one picture can show


@dataclass(frozen=True, slots=True)
class Uses:
    """Of each purpose one count for each part of the time; None: too small to be told."""

    parts: tuple[date, ...]  # the first days of weeks (Mondays), or of months
    by_month: bool
    counts: tuple[tuple[str, tuple[int | None, ...]], ...]


def uses_over_time(
    system: System, officer: Officer, *, begins_at: datetime, ends_at: datetime, public: bool = False
) -> Uses:
    """Searches and one-to-one comparisons that were begun from `begins_at` to before `ends_at`, by purpose.

    For an auditor or privacy officer who owes no blind opinion; else `Missing`. `public` leaves out counts below five.
    """
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.AUDITOR, Role.PRIVACY_OFFICER) or owes_opinion(look, person):
            raise Missing("there are no figures of use for you now")
        check_time(begins_at, ends_at, system.clock.now())
        by_month = ends_at - begins_at > timedelta(weeks=MOST_WEEKS)
        found: Counter[tuple[str, date]] = Counter()
        for leaf in leaves_of_acts(look, COUNTED, begins_at, ends_at):
            if leaf["outcome"] == "done":
                found[leaf["purpose"], _part(datetime.fromisoformat(leaf["at"]).date(), by_month)] += 1
    parts = tuple(_parts(begins_at.date(), (ends_at - timedelta(microseconds=1)).date(), by_month))
    purposes = sorted({*system.policy.pack.purposes, *(purpose for purpose, _ in found)})
    counts = {purpose: tuple(found[purpose, part] for part in parts) for purpose in purposes}
    return Uses(
        parts, by_month, tuple((purpose, withheld(of) if public else of) for purpose, of in counts.items() if any(of))
    )


def check_time(begins_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises `BadInput` for a time of figures that nobody means: turned round, longer than twenty years, or far ahead."""
    if begins_at >= ends_at:
        raise BadInput("the time ends before it begins: correct its two ends")
    if ends_at - begins_at > LONGEST or ends_at - now > LONGEST:
        raise BadInput("the time is longer than twenty years: name a shorter one")


def _part(day: date, by_month: bool) -> date:
    return day.replace(day=1) if by_month else day - timedelta(days=day.weekday())


def _parts(first: date, last: date, by_month: bool) -> Iterator[date]:
    part = _part(first, by_month)
    while part <= last:
        yield part
        part = _part(part + timedelta(days=32 if by_month else 7), by_month)
