"""What the oversight body ordered that stands in the way of a use: asked at every use, so that an order counts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from beholden.errors import Reason, Refused, Stopped
from beholden.formats.notes import text_of
from beholden.formats.orders import ordered_of
from beholden.ports.database import Holding, Look
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.faces import Face, FaceState
from beholden.records.orders import Order, Ordered, OrderKind, OrderState, is_in_force, stopped_sources, stops_use
from beholden.records.people import Person
from beholden.records.sources import Source, is_searchable

LAST = "orders"  # under this name the keys note the number of the last order: restored records are older than it
NOTE = "order/note"
STOPPED = "oversight-stop"  # the rule
LOST = (
    "the records here are older than the last order of the oversight body that was carried out: give that order again, "
    "or a later one (`beholden oversight apply`)"
)


def facts_of_stop(
    system: System, look: Look, purpose: str, gallery_ids: Sequence[str], now: datetime, source_id: str = ""
) -> dict[str, Fact]:
    """Whether an order stops this use: of everything, of its purpose, of the one source or of every source that it would see."""
    return {"oversight_stop": is_stopped(system, look, purpose, gallery_ids, now, source_id)}


def is_stopped(
    system: System, look: Look, purpose: str, gallery_ids: Sequence[str], now: datetime, source_id: str = ""
) -> bool:
    orders = _in_force(look, now)
    if is_lost(system, look) or stops_use(orders, purpose, now):
        return True
    if not (without := stopped_sources(orders, now)):
        return False
    if source_id:
        return source_id in without
    held = {id: _holds(look, gallery_ids, id) for id in look.ids(Source)}
    return any(held[id] for id in without if id in held) and not any(held[id] for id in held.keys() - without)


def searchable(look: Look, purpose: str, now: datetime) -> list[Source]:
    """The sources whose references may be compared at this moment for this purpose, those that an order stops left out."""
    without = stopped_sources(_in_force(look, now), now)
    return [one for one in look.find(Source) if one.id not in without and is_searchable(one, purpose, now)]


def stopped_now(look: Look, now: datetime) -> frozenset[str]:
    """The ids of the sources whose references are compared with nothing at this moment, by order."""
    return stopped_sources(_in_force(look, now), now)


def left_out(look: Look, purpose: str, gallery_ids: Sequence[str], now: datetime) -> int:
    """How many sources a search does not see by order, which it would see without."""
    without = stopped_sources(_in_force(look, now), now)
    there = [one for one in look.find(Source) if one.id in without and is_searchable(one, purpose, now)]
    return sum(_holds(look, gallery_ids, one.id) for one in there)


def refusal_of(system: System, look: Look | None, now: datetime, *reasons: Reason) -> Refused:
    """Where the oversight body stopped it, with what it wrote: that is no rule of the pack, and changes by the day."""
    if look is None or all(reason.rule_id != STOPPED for reason in reasons):
        return Refused(*reasons)
    said = words_of_stops(system, look, now)
    return Stopped(
        *(replace(one, why=f"{one.why} ({said})", also=()) if one.rule_id == STOPPED else one for one in reasons)
    )


def words_of_stops(system: System, look: Look, now: datetime) -> str:
    """What the oversight body wrote when it stopped something; empty where nothing is stopped."""
    if is_lost(system, look):
        return LOST
    stops = [one for one in _in_force(look, now) if one.kind is OrderKind.STOP]
    return "; ".join(f"order {one.number} ({one.scope[0]}): {ordered_by(system, one).reason}" for one in stops)


def ordered_by(system: System, order: Order) -> Ordered:
    """What the order says, as the oversight body signed it."""
    return ordered_of(text_of(system.keys.open(order.id, order.note, NOTE)))


def co_signed(look: Look, person: Person, now: datetime) -> bool:
    """Whether the oversight body lets exigent use by this person go on at this moment, though a review is overdue."""
    orders = look.find(Order, state=OrderState.IN_FORCE, scope=Holding(f"person:{person.id}"))
    return any(order.kind is OrderKind.GO_ON and is_in_force(order, now) for order in orders)


def last_number(look: Look) -> int:
    """Of the orders that were carried out; 0 before the first."""
    newest = look.find(Order, order="-number", limit=1)
    return newest[0].number if newest else 0


def noted(system: System) -> int:
    """The number of the last order by the keys, which a restored data folder does not reach."""
    return int(system.keys.noted(LAST) or b"0")


def is_lost(system: System, look: Look) -> bool:
    """Whether the records lack the last order. It may have stopped everything, so that nothing goes on without it."""
    return noted(system) > last_number(look)


def _in_force(look: Look, now: datetime) -> list[Order]:
    there = look.find(Order, state=OrderState.IN_FORCE, order="number")
    return [one for one in there if is_in_force(one, now)]


def _holds(look: Look, gallery_ids: Sequence[str], source_id: str) -> bool:
    return any(
        look.find(Face, gallery_id=gallery_id, source_id=source_id, state=FaceState.LIVE, limit=1)
        for gallery_id in gallery_ids
    )
