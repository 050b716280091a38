"""What an overseer would look at first, in one place: how much of each there is, and since when. It writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from beholden.actions import version
from beholden.actions.condition import last_done
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.orders import Carried
from beholden.actions.stops import ordered_by
from beholden.errors import Missing
from beholden.ports.database import Above, Look, NoneOf, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.exigent import Exigent, ExigentState, state_at
from beholden.records.incidents import Incident, IncidentState, Materiality, is_overdue
from beholden.records.orders import Order, OrderState, is_in_force
from beholden.records.people import Officer, Role
from beholden.records.samples import Sample, Sampled, Verdict

LATELY = timedelta(days=30)
USES = ("search.started", "comparison.made")


@dataclass(frozen=True, slots=True)
class Notices:
    """What somebody outside must be told of and has not been, as far as the log says."""

    waiting: int
    since: datetime | None  # the oldest


@dataclass(frozen=True, slots=True)
class Exigents:
    """Searches before approval."""

    lately: int  # begun within the last thirty days
    to_review: int
    lapsed: int  # nobody reviewed them in time, and the lapse is not closed
    due_at: datetime | None  # until when the next one is reviewed
    refused: int  # of all, in their review


@dataclass(frozen=True, slots=True)
class Incidents:
    unfinished: int
    overdue: int  # nobody has said in time whether they are material
    material: int  # of all that are not closed


@dataclass(frozen=True, slots=True)
class Uses:
    """Of the last thirty days, by the log."""

    done: int
    refused: int
    by_rule: tuple[tuple[str, int], ...]  # the rules that refused, the most frequent first


@dataclass(frozen=True, slots=True)
class Samples:
    drawn: int
    unjudged: int  # uses in them that nobody has judged yet
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Oversight:
    notices: Notices
    orders: tuple[Carried, ...]  # in force
    exigents: Exigents
    incidents: Incidents
    uses: Uses
    policy: version.Waiting | None  # a looser pack that waits for its day
    samples: Samples
    looked_at: int  # pictures opened to auditors within the last thirty days
    replayed: int  # lists made again within the last thirty days
    verified_at: datetime | None  # when the log was verified last, by the log


def oversee(system: System, officer: Officer) -> Oversight:
    """For an auditor alone; else `Missing`. It is made of numbers and dates, and is no act: each list behind it is one."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.AUDITOR):
            raise Missing("there is no oversight for you; an auditor has it")
        now = system.clock.now()
        since = now - LATELY
        return Oversight(
            notices=_notices(look),
            orders=tuple(
                Carried(replace(one, note=b""), ordered_by(system, one), in_force=True)
                for one in look.find(Order, state=OrderState.IN_FORCE, order="-number")
                if is_in_force(one, now)
            ),
            exigents=_exigents(look, now),
            incidents=_incidents(look, now),
            uses=_uses(look, since),
            policy=version.waiting(system),
            samples=_samples(look),
            looked_at=_done(look, "picture.revealed", since),
            replayed=_done(look, "search.replayed", since),
            verified_at=last_done(look, "log.verified"),
        )


def _notices(look: Look) -> Notices:
    there = [one for one in look.find(Notice, sent=False, order="created_at") if one.recipient == OVERSIGHT]
    return Notices(len(there), there[0].kept.created_at if there else None)


def _exigents(look: Look, now: datetime) -> Exigents:
    unreviewed = look.find(Exigent, reviewed_by="", order="review_due")
    states = [(one, state_at(one, now)) for one in unreviewed]
    open_ones = [one for one, state in states if state is ExigentState.OPEN]
    return Exigents(
        lately=look.count(Exigent, created_at=Above(now - LATELY)),
        to_review=len(open_ones),
        lapsed=sum(state is ExigentState.LAPSED for _, state in states),
        due_at=open_ones[0].review_due if open_ones else None,
        refused=look.count(Exigent, state=ExigentState.REFUSED),
    )


def _incidents(look: Look, now: datetime) -> Incidents:
    there = look.find(Incident, state=NoneOf([IncidentState.CLOSED]))
    return Incidents(
        unfinished=len(there),
        overdue=sum(is_overdue(one, now) for one in there),
        material=sum(one.materiality is Materiality.MATERIAL for one in there),
    )


def _uses(look: Look, since: datetime) -> Uses:
    outcomes: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for event in USES:
        for leaf in _leaves(look, event, since):
            outcomes[leaf["outcome"]] += 1
            if leaf["outcome"] == "refused":
                rules.update(leaf["rules"])
    by_rule = sorted(rules.items(), key=lambda one: (-one[1], one[0]))
    return Uses(outcomes["done"], outcomes["refused"], tuple(by_rule))


def _samples(look: Look) -> Samples:
    newest = look.find(Sample, order="-created_at", limit=1)
    return Samples(
        drawn=look.count(Sample),
        unjudged=look.count(Sampled, verdict=Verdict.PENDING),
        last_at=newest[0].kept.created_at if newest else None,
    )


def _done(look: Look, event: str, since: datetime) -> int:
    return sum(leaf["outcome"] == "done" for leaf in _leaves(look, event, since))


def _leaves(look: Look, event: str, since: datetime) -> Iterator[dict[str, Any]]:
    for entry in look.find(Entry, leaf=Saying("event", event), created_at=Above(since)):
        yield json.loads(entry.leaf)
