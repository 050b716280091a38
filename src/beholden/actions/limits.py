"""How often a person did something today: counted where it is done, refused beyond the limit, told to oversight before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from beholden.ports.database import Above, Look, OneOf, Transaction
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.limits import DAY_LIMITS, DayCount, DayState, count_id, day_of, most_in_day, state_of
from beholden.records.people import Person
from beholden.records.retention import Kept

LATELY = timedelta(days=7)  # a supervisor who was away over a weekend still sees it
MOST = 20  # as of everything that waits


def facts_of_day(system: System, look: Look, person: Person, event: str, now: datetime) -> dict[str, Fact]:
    """What the policy is told of an act that is counted; nothing of another. What was refused uses nothing up."""
    if event not in DAY_LIMITS:
        return {}
    there = look.find(DayCount, id=count_id(person.id, event, now))
    return {"done_today": there[0].done if there else 0, "most_today": most_in_day(system.rules, event)}


def count_in_day(
    system: System,
    tx: Transaction,
    person: Person,
    event: str,
    now: datetime,
    *,
    done: bool,
    keep: Callable[[str], Kept],
) -> None:
    """Add one to the day, in the transaction that writes the entry. Who comes near the limit, or to it, is told of once."""
    if event not in DAY_LIMITS:
        return
    id, most = count_id(person.id, event, now), most_in_day(system.rules, event)
    there = tx.find(DayCount, id=id)
    before = there[0] if there else None
    so_far, stopped = (before.done, before.stopped) if before else (0, 0)
    so_far, stopped = so_far + done, stopped + (not done)
    state = state_of(so_far + stopped, most)
    if before is None:
        tx.add(DayCount(id, 0, keep("log"), person.id, event, day_of(now), so_far, stopped, state))
    else:
        tx.change(before, done=so_far, stopped=stopped, state=state)
    if state is not DayState.USUAL and (before is None or before.state is not state):
        words = (
            f"{person.name} came to {so_far + stopped} of {most} of {event} on {day_of(now)} UTC, "
            f"{stopped} of them refused or failed"
        )
        tx.add(Notice(system.clock.new_id(), 0, keep("notice"), OVERSIGHT, person.id, words, sent=False))


def unusual_lately(look: Look, person: Person, now: datetime) -> tuple[tuple[Person, DayCount], ...]:
    """Who came near a limit of a day or to it, the latest day first; not oneself."""
    since = day_of(now - LATELY)
    many = look.find(DayCount, state=OneOf([DayState.NEAR, DayState.REACHED]), day=Above(since), order="-day")
    others = [one for one in many if one.person_id != person.id][:MOST]
    return tuple((replace(look.get(Person, one.person_id), credential=""), one) for one in others)
