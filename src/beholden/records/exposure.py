"""What somebody was shown in a day, and when a break is proposed: read from the counts of a day and the log, in no table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

# What shows faces. Of those a page shows veiled, a showing counts once and each reveal once more.
REVEALS = ("chip.revealed", "picture.revealed", "exhibit.frame_shown")
SHOWINGS = (
    "exhibit.shown",
    "probe.shown",
    "lead.shown",
    "review.shown",
    "review.opened",
    "examination.shown",
    "examination.opened",
    "photograph.shown",
    "reference.shown",
)
LEAST_PEOPLE = 5  # of whom a manager is told numbers together (REQ 144)


def in_one_go(latest_first: Sequence[datetime], now: datetime, pause: timedelta) -> int:
    """How many of these reveals lie before `now` without a pause of that length between two of them, or since the last."""
    after, count = now, 0
    for at in latest_first:
        if after - at >= pause:
            break
        after, count = at, count + 1
    return count
