"""What every page says of the log behind it: how much of it no witness has seen yet, and whether a witness stands apart."""

from __future__ import annotations

from datetime import datetime

from beholden.actions import witnessing
from beholden.errors import BeholdenError
from beholden.ports.cosigners import Reach
from beholden.ports.system import System
from beholden.web.words import _, named, ngettext

KINDS = {
    Reach.BUNDLED: named("on this machine, not independent"),
    Reach.OUTSIDE: named("on another machine"),
    Reach.STICK: named("asked by hand"),
    Reach.PAPER: named("on paper"),
}


def witnesses(system: System) -> list[tuple[str, str, int, datetime | None]]:
    """For the page of the log: name, kind in words, how many entries it has seen, and when."""
    with system.database.look() as look:
        return [(one.name, _(KINDS[one.reach]), one.size, one.at) for one in witnessing.tail(system, look).seen]


def words_of_tail(system: System) -> str:
    """Empty where the records cannot be read: the page then has more important things to say."""
    try:
        with system.database.look() as look:
            tail = witnessing.tail(system, look)
    except BeholdenError:
        return ""
    if not tail.seen:
        return _("The log has no witness.")
    said = [_unseen(tail)]
    if not tail.independent:
        said.append(_("Its witness is on this machine and not independent."))
    return " ".join(said)


def _unseen(tail: witnessing.Tail) -> str:
    if not tail.entries:
        return _("A witness has seen every entry of the log.")
    entries = ngettext(
        "No witness has seen the last entry of the log.",
        "No witness has seen the last %(num)d entries of the log.",
        tail.entries,
    ) % {"num": tail.entries}
    age = ngettext("The oldest is a minute old.", "The oldest is %(num)d minutes old.", max(1, tail.minutes)) % {
        "num": max(1, tail.minutes)
    }
    return f"{entries} {age}"
