"""`/log`: its entries, to those who may read them, and its signed checkpoint."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from beholden.actions import log, statement
from beholden.api.paging import Paging
from beholden.api.routes import Route
from beholden.api.shapes.fields import Moment, Page
from beholden.api.shapes.oversight import Checkpoint, Entry, Figure, StatementOfUse, Value
from beholden.api.who import Who

router = APIRouter(prefix="/log", tags=["log"], route_class=Route)


@router.get("/entries")
def list_entries(
    who: Who,
    paging: Paging,
    event: Annotated[str, Query(max_length=100, description="Of this event only.")] = "",
    record: Annotated[str, Query(max_length=100, description="What names the record with this id only.")] = "",
    person: Annotated[str, Query(max_length=100, description="What this person did only, by name or id.")] = "",
    day: Annotated[str, Query(max_length=10, description="Of this day in UTC only, as 2026-11-22.")] = "",
) -> Page[Entry]:
    """The newest first, with the values that can still be opened. Reading is on record itself."""
    shown, following = paging.of(log.read_entries, *who, event=event, record=record, person=person, day=day)
    return Page[Entry](items=[_entry(one) for one in shown], next=following)


@router.get("/statement")
def state_use(
    who: Who,
    begins_at: Moment,
    ends_at: Moment,
    public: Annotated[bool, Query(description="Withhold what is below five, and what would give it away.")] = False,
    people: Annotated[bool, Query(description="Tell who did what, by id; never in public.")] = False,
) -> StatementOfUse:
    """Whether it was used, by which roles, when, what for and how often, counted from the log and signed; on record itself."""
    made = statement.make_statement(*who, begins_at=begins_at, ends_at=ends_at, public=public, people=people)
    engine = made.statement.engine or {}
    return StatementOfUse.model_validate(
        {
            "note": made.note.decode(),
            "figures": [Figure(name=one.name, count=one.count) for one in made.statement.figures],
            **{name: engine[name] for name in ("calls", "unaccounted", "accounted_ratio")},
        }
    )


@router.get("/checkpoint")
def show_checkpoint(who: Who) -> Checkpoint:
    """The log sealed to its last entry: what anybody may keep, and later hold against it."""
    return Checkpoint(note=log.seal(who[0]).decode(), keys=log.vkeys(who[0]))


def _entry(one: log.ToldEntry) -> Entry:
    return Entry(
        n=one.n,
        at=one.at,
        event=one.event,
        operation=one.operation,
        role=one.role,
        purpose=one.purpose,
        outcome=one.outcome,
        rules=list(one.rules),
        values=[Value(name=name, value=value) for name, value in one.values],
        erased=one.erased,
    )
