"""How long until a day, or since when it is over: in whole days, as people plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.web.words import _, ngettext

SOON = timedelta(days=30)  # a new agreement, or a look through a gallery, takes weeks


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    words: str
    urgency: str  # "overdue", "soon" or "open", as the style sheet knows them


def due(at: datetime, now: datetime, soon: timedelta = SOON) -> Due:
    days = (at.date() - now.date()).days
    if at <= now:
        words = (
            ngettext("%(num)d day overdue", "%(num)d days overdue", -days) % {"num": -days}
            if days
            else _("overdue since today")
        )
        return Due(at, words, "overdue")
    words = ngettext("in %(num)d day", "in %(num)d days", days) % {"num": days} if days else _("within a day")
    return Due(at, words, "soon" if at - now <= soon else "open")
