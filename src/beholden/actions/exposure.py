"""Exposure: how many faces somebody looked at today, to themselves; to a supervisor only of five people together (REQ 144)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.database import Above, Look, OneOf, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.exposure import LEAST_PEOPLE, REVEALS, SHOWINGS, in_one_go
from beholden.records.limits import DayCount, count_id, day_of
from beholden.records.people import Officer, Person, Role

VIEWERS = (Role.INVESTIGATOR, Role.SUPERVISOR, Role.EXAMINER, Role.PRIVACY_OFFICER, Role.AUDITOR)
DAYS = 14  # that a supervisor is told of


@dataclass(frozen=True, slots=True)
class Today:
    """One's own day, in UTC."""

    revealed: int  # faces seen clear, one at a time
    shown: int  # times that a page with faces was shown
    in_one_go: int  # revealed without a pause; no more than it takes to propose one
    break_due: bool
    break_minutes: int
    by_event: tuple[tuple[str, int], ...]  # the most first

    @property
    def looked_at(self) -> int:
        return self.revealed + self.shown


@dataclass(frozen=True, slots=True)
class DayOfAll:
    """What everybody together was shown on one day. There is none of a day on which fewer than five people were shown anything."""

    at: datetime  # its midnight, in UTC
    people: int
    revealed: int
    shown: int


def today_of_viewer(system: System, officer: Officer) -> Today | None:
    """As `today`; None for roles to which no face is ever shown."""
    with at_desk(system, officer) as (look, person):
        return _today(system, look, person) if is_one_of(person, *VIEWERS) else None


def today(system: System, officer: Officer) -> Today:
    """For nobody but oneself."""
    with at_desk(system, officer) as (look, person):
        return _today(system, look, person)


def of_group(system: System, officer: Officer) -> tuple[DayOfAll, ...]:
    """For a supervisor, the latest day first, and not the one that is not over. Nothing in it is of one person (REQ 144)."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.SUPERVISOR):
            raise Missing("there is nothing about the exposure of others for you")
        now = system.clock.now()
        since, events = day_of(now - timedelta(days=DAYS + 1)), [*REVEALS, *SHOWINGS]
        days: dict[str, list[DayCount]] = defaultdict(list)
        for one in look.find(DayCount, day=Above(since), event=OneOf(events)):
            if one.done and one.day < day_of(now):
                days[one.day].append(one)
        return tuple(
            DayOfAll(
                at=datetime.fromisoformat(day).replace(tzinfo=UTC),
                people=len({one.person_id for one in counts}),
                revealed=sum(one.done for one in counts if one.event in REVEALS),
                shown=sum(one.done for one in counts if one.event in SHOWINGS),
            )
            for day, counts in sorted(days.items(), reverse=True)
            if len({one.person_id for one in counts}) >= LEAST_PEOPLE
        )


def _today(system: System, look: Look, person: Person) -> Today:
    now = system.clock.now()
    ids = [count_id(person.id, event, now) for event in (*REVEALS, *SHOWINGS)]
    done = {one.event: one.done for one in look.find(DayCount, id=OneOf(ids)) if one.done}
    revealed, shown = (sum(done.get(event, 0) for event in events) for events in (REVEALS, SHOWINGS))
    most, pause = system.rules.break_after_reveals, timedelta(minutes=system.rules.min_break_minutes)
    so_far = 0
    if revealed >= most:  # else there is nothing to read: no page is slower for it
        so_far = in_one_go([one.kept.created_at for one in _latest(look, person, most)], now, pause)
    return Today(
        revealed=revealed,
        shown=shown,
        in_one_go=so_far,
        break_due=so_far >= most,
        break_minutes=system.rules.min_break_minutes,
        by_event=tuple(sorted(done.items(), key=lambda one: (-one[1], one[0]))),
    )


def _latest(look: Look, person: Person, most: int) -> list[Entry]:
    """The latest reveals of any kind, refused ones too: whoever tried was at work."""
    told = [Saying("event", event) for event in REVEALS]
    every = [one for said in told for one in look.find(Entry, order="-n", limit=most, created_by=person.id, leaf=said)]
    return sorted(every, key=lambda one: -one.n)[:most]
