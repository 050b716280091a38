"""What was done in a case, when and by whom: from the entries of the log that name the case. What they say stays sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import paging
from beholden.actions.desk import at_desk, check_sees, owes_opinion
from beholden.actions.paging import Order, Page
from beholden.errors import Missing
from beholden.ports.database import KeyOf, Look, NoneOf, Place
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.people import Officer
from beholden.records.searches import Search, SearchState

NEWEST = Order("-n", int, key=int, key_field="n")
LEAF = 100  # entries that are looked through at a time

# What people who work on a case tell each other of it. What an auditor looks at in it, nobody is told here.
TOLD = frozenset(
    {
        *("case.opened", "case.assigned", "case.closed", "case.reopened", "evidence.imported"),
        *("exhibit.added", "exhibit.face_drawn", "exhibit.face_edited", "exhibit.shown", "exhibit.frame_shown"),
        *("exhibit.removed", "sought.declared", "sought.withdrawn", "probe.shown"),
        *("authority.drafted", "authority.requested", "authority.returned", "authority.approved"),
        *("authority.refused", "authority.revoked", "authority.withdrawn", "authority.expired"),
        *("exigent.begun", "exigent.upheld", "exigent.refused", "exigent.lapsed"),
        *("search.started", "search.finished", "search.unsealed", "search.read", "lead.shown", "comparison.made"),
        *("disclosure.previewed", "disclosure.made", "disclosure.confirmed", "disclosure.recalled", "disclosure.read"),
        "lead.refuted",
    }
)
# Who examines second must not learn that somebody did before (REQ 35): these come with the last opinion.
OPINIONS = frozenset(
    {
        *("review.opened", "review.finished", "examination.opened", "examination.locked", "examination.revised"),
        *("examination.sent", "examination.taken_back", "examination.lapsed"),
    }
)


@dataclass(frozen=True, slots=True)
class Done:
    """One act on the case: nothing of what it said."""

    n: int  # the number of its entry in the log
    at: datetime
    by: str  # a person's id; "system" where nobody did it
    event: str


def of_case(system: System, officer: Officer, *, case_id: str, after: str = "", limit: int = 50) -> Page[Done]:
    """A page of what was done in the case, the newest first; what was refused is in the log alone.

    Raises `Missing` outside one's cases, and to whoever owes a blind opinion.
    """
    with at_desk(system, officer) as (look, person):
        check_sees(look, person, case_id)
        if owes_opinion(look, person):
            raise Missing("there is no timeline for you now: lock the opinion that you owe first")
        told = TOLD if _open(look, case_id) else TOLD | OPINIONS
        place, wanted = NEWEST.read(after), paging.check_limit(limit) + 1
        found: list[Done] = []
        while len(found) < wanted:
            entries = look.find(
                Entry,
                order=NEWEST.field,
                limit=LEAF,
                after=place,
                n=KeyOf(Item, {"record_id": case_id, "name": "case"}, by="n"),
            )
            found += [one for entry in entries if (one := _told(entry, told))]
            if len(entries) < LEAF:
                break
            place = Place(entries[-1].n, entries[-1].n)
        return paging.page(found[:wanted], NEWEST, limit)


def _open(look: Look, case_id: str) -> bool:
    """Whether an opinion on a search of the case may still be owed."""
    ended = NoneOf([SearchState.UNSEALED, SearchState.FAILED])
    return look.count(Search, case_id=case_id, state=ended) > 0


def _told(entry: Entry, told: frozenset[str]) -> Done | None:
    leaf = json.loads(entry.leaf)
    if leaf["outcome"] != "done" or leaf["event"] not in told:
        return None
    return Done(entry.n, entry.kept.created_at, entry.kept.created_by, leaf["event"])
