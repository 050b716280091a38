"""An order of the oversight body: a signed text that stops uses, lifts a stop, lets exigent use go on, or has data destroyed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from beholden.records.retention import Kept

SYSTEM = "system"  # the scope that is everything
LONGEST_GO_ON = timedelta(days=7)  # then the oversight body looks again
MOST_PERSONS = 20
REASON_CHARS = (10, 1000)
LARGEST = 2**53 - 1  # a number that every reader of JSON reads alike

_PURPOSE = re.compile(r"purpose:[a-z0-9]+(-[a-z0-9]+)*")
_SOURCE = re.compile(r"source:[0-9a-zA-Z_-]{1,100}")
_SEALED = re.compile(r"sequestration:[0-9a-zA-Z_-]{1,100}")
_PERSON = re.compile(r"person:[^\x00-\x1f]{1,100}")


class OrderKind(StrEnum):
    STOP = "stop"  # no search and no comparison within the scope
    LIFT = "lift"  # ends what an earlier order of the same scope began
    GO_ON = "go_on"  # exigent use by these persons goes on, though a review was not made in time
    DESTROY = "destroy"  # what is sequestered under this number is destroyed


class OrderState(StrEnum):
    IN_FORCE = "in_force"
    DONE = "done"  # a lift, or a destruction: it was carried out at once
    ENDED = "ended"  # lifted by a later one


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the oversight body signs."""

    origin: str  # of the log of the system that it is for: an order opens or stops no other
    number: int  # larger than that of every order before
    kind: OrderKind
    scope: tuple[str, ...]  # `system`, `purpose:NAME`, `source:ID`, `sequestration:ID`; of `go_on` `person:NAME` each
    given_at: datetime
    until: datetime | None  # None: until it is lifted
    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order that was carried out. The signed text itself, with its reason, is sealed."""

    id: str
    version: int
    kept: Kept
    number: int
    kind: OrderKind
    scope: tuple[str, ...]  # as ordered, with the ids of persons in place of their names
    given_at: datetime
    until: datetime | None
    note: bytes  # the signed note, sealed under the order's key
    state: OrderState


def wrong_in(ordered: Ordered) -> tuple[str, ...]:
    """Everything in which an order is none that could be carried out; nothing where it is one."""
    scope, kind = ordered.scope, ordered.kind
    least, most = REASON_CHARS
    wrong = []
    if not 1 <= ordered.number <= LARGEST:
        wrong.append(f"its number is not from 1 to {LARGEST}")
    if not least <= len(ordered.reason.strip()) <= most:
        wrong.append(f"its reason has not {least} to {most:,} characters")
    if not _is_scope(kind, scope):
        wrong.append(f"{', '.join(scope) or 'nothing'} is no scope of the kind {kind}: {_SCOPES[kind]}")
    if ordered.until is not None and ordered.until <= ordered.given_at:
        wrong.append("it ends before it is given")
    if ordered.until is not None and kind in (OrderKind.LIFT, OrderKind.DESTROY):
        wrong.append(f"an order of the kind {kind} has no end")
    if kind is OrderKind.GO_ON and (ordered.until is None or ordered.until > ordered.given_at + LONGEST_GO_ON):
        wrong.append(f"it does not say that it ends within {LONGEST_GO_ON.days} days")
    return tuple(wrong)


def is_in_force(order: Order, now: datetime) -> bool:
    return order.state is OrderState.IN_FORCE and (order.until is None or now < order.until)


def stops_use(orders: Sequence[Order], purpose: str, now: datetime) -> bool:
    """Whether one of these stops every use, or every use for this purpose (empty: one that has none)."""
    stopped = {SYSTEM, f"purpose:{purpose}"}
    return any(
        order.kind is OrderKind.STOP and is_in_force(order, now) and order.scope[0] in stopped for order in orders
    )


def stopped_sources(orders: Sequence[Order], now: datetime) -> frozenset[str]:
    """The ids of the sources whose references are not compared, by order."""
    return frozenset(
        order.scope[0].removeprefix("source:")
        for order in orders
        if order.kind is OrderKind.STOP and is_in_force(order, now) and order.scope[0].startswith("source:")
    )


def words_on_list(stopped: int) -> tuple[str, ...]:
    """What a list says where sources were left out; nothing where none was."""
    if not stopped:
        return ()
    sources = "one source" if stopped == 1 else f"{stopped} sources"
    return (f"By order of the oversight body, references of {sources} were not compared.",)


_SCOPES = {
    OrderKind.STOP: "give system, or one purpose:NAME or source:ID",
    OrderKind.LIFT: "give the scope of what it ends: system, purpose:NAME, source:ID, or person:NAME each",
    OrderKind.GO_ON: f"give person:NAME each, for at most {MOST_PERSONS} persons",
    OrderKind.DESTROY: "give one sequestration:ID",
}


def _is_scope(kind: OrderKind, scope: Sequence[str]) -> bool:
    persons = 0 < len(scope) <= MOST_PERSONS and all(_PERSON.fullmatch(one) for one in scope)
    if kind is OrderKind.GO_ON:
        return persons
    if kind is OrderKind.LIFT and persons:
        return True
    if len(scope) != 1:
        return False
    if kind is OrderKind.DESTROY:
        return bool(_SEALED.fullmatch(scope[0]))
    return scope[0] == SYSTEM or bool(_PURPOSE.fullmatch(scope[0]) or _SOURCE.fullmatch(scope[0]))
