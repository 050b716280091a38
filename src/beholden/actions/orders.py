"""Orders of the oversight body: whoever brings one, its signature is the authority, and it is carried out at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from beholden.actions import audit
from beholden.actions.audit import Act
from beholden.actions.desk import at_desk
from beholden.actions.sequester import end, finish_sequestrations, oversight_key
from beholden.actions.stops import LAST, NOTE, last_number, noted, ordered_by
from beholden.errors import BadInput, Changed, TurnedAway, Untrusted
from beholden.formats.orders import read_order
from beholden.ports.database import Look, Transaction
from beholden.ports.system import System
from beholden.records.orders import Order, Ordered, OrderKind, OrderState, is_in_force
from beholden.records.people import Officer, Person
from beholden.records.sequestration import Sequestration
from beholden.records.sources import Source


@dataclass(frozen=True, slots=True)
class Carried:
    """An order that was carried out, with what it says, and whether it has any effect now."""

    order: Order
    ordered: Ordered
    in_force: bool


def apply_order(system: System, note: bytes) -> Carried:
    """Carry out an order. Whoever brings it needs no sign-in: what counts is the key that log entry 0 pins.

    It counts for every use that is decided after it, and a search that is running then makes no list. The same order given
    again changes nothing. Raises `TurnedAway`, and leaves no entry, for what is no order of that key for this system, and
    for one that is older than the last; `BadInput` for one that names what is not there.
    """
    with system.database.look() as look:
        ordered = _read(system, look, note)
        if done := _same(system, look, ordered):
            return _carried(system, done)
        if ordered.number <= last_number(look):
            raise _old(ordered, last_number(look))
    with audit.act(system, "order.applied", None) as act:
        act.tell("number", ordered.number, audit.SYSTEM)
        act.tell("kind", str(ordered.kind), audit.SYSTEM)
        with act.begin() as tx:
            if ordered.number <= last_number(tx):
                raise Changed(
                    "another order was carried out at this very moment; look which (`beholden oversight list`)"
                )
            order = _carry_out(act, tx, ordered, note)
    system.keys.note(LAST, str(max(noted(system), order.number)).encode())
    if order.kind is OrderKind.DESTROY:
        finish_sequestrations(system)
    return _carried(system, order)


def note_last_order(system: System) -> None:
    """What an opening does: a crash may have kept the keys from noting the last order."""
    with system.database.look() as look:
        number = last_number(look)
    if number > noted(system):
        system.keys.note(LAST, str(number).encode())


def orders(system: System, officer: Officer) -> list[Carried]:
    """All that were carried out, the last one first, with their reasons. Everybody who works here may read them."""
    with at_desk(system, officer) as (look, _):
        return [_carried(system, one) for one in look.find(Order, order="-number")]


def _read(system: System, look: Look, note: bytes) -> Ordered:
    if not (vkey := oversight_key(system, look)):
        raise TurnedAway("this system pins no key of an oversight body, so that nobody can give it orders")
    try:
        ordered = read_order(note, vkey)
    except Untrusted as wrong:
        raise TurnedAway(f"this is no order of the oversight body that this system pins: {wrong}") from wrong
    if ordered.origin != system.origin:
        raise TurnedAway(f"the order is for the system {ordered.origin}, and this is {system.origin}")
    return ordered


def _same(system: System, look: Look, ordered: Ordered) -> Order | None:
    there = look.find(Order, number=ordered.number)
    return there[0] if there and ordered_by(system, there[0]) == ordered else None


def _old(ordered: Ordered, last: int) -> TurnedAway:
    return TurnedAway(
        f"the order has number {ordered.number}, and order {last} was carried out already: a later order has a larger number",
        status=409,
    )


def _carry_out(act: Act, tx: Transaction, ordered: Ordered, note: bytes) -> Order:
    scope = _scope(tx, act.system, ordered)
    state = OrderState.IN_FORCE
    if ordered.kind is OrderKind.LIFT:
        _lift(act, tx, scope)
        state = OrderState.DONE
    if ordered.kind is OrderKind.DESTROY:
        _destroy(act, tx, ordered)
        state = OrderState.DONE
    id = act.new_id()
    order = Order(
        id=id,
        version=0,
        kept=act.keep("authority"),
        number=ordered.number,
        kind=ordered.kind,
        scope=scope,
        given_at=ordered.given_at,
        until=ordered.until,
        note=act.system.keys.seal(id, note, NOTE),
        state=state,
    )
    tx.add(order)
    act.tell("order", id, id)
    act.tell("scope", list(scope), id)
    act.tell("note", note.decode(), id)
    return order


def _scope(look: Look, system: System, ordered: Ordered) -> tuple[str, ...]:
    """With ids in place of names. Raises `BadInput` for what is not there: a stop of nothing would be thought a stop."""
    scope, unknown = [], []
    for one in ordered.scope:
        kind, _, name = one.partition(":")
        there = True
        if kind == "purpose":
            there = name in system.policy.pack.purposes
        elif kind == "source":
            there = bool(look.find(Source, id=name))
        elif kind == "person":
            found = look.find(Person, name=name) or look.find(Person, id=name)
            there, one = bool(found), f"person:{found[0].id}" if found else one
        scope.append(one)
        if not there:
            unknown.append(one)
    if unknown:
        raise BadInput(
            f"there is no {', '.join(unknown)} here: the order was not carried out; give one that names what is"
        )
    return tuple(dict.fromkeys(scope))


def _lift(act: Act, tx: Transaction, scope: Sequence[str]) -> None:
    """End every order of this scope that is in force; of persons, every one that names them alone or with each other."""
    wanted = set(scope)
    there = [one for one in tx.find(Order, state=OrderState.IN_FORCE) if is_in_force(one, act.now)]
    lifted = [one for one in there if wanted & set(one.scope)]
    if not lifted:
        raise BadInput(f"no order about {', '.join(scope)} is in force: there is nothing to lift")
    for one in lifted:
        left = tuple(name for name in one.scope if name not in wanted)
        tx.change(one, scope=left or one.scope, state=one.state if left else OrderState.ENDED)
        act.tell("lifted", one.number, audit.SYSTEM)


def _destroy(act: Act, tx: Transaction, ordered: Ordered) -> None:
    id = ordered.scope[0].removeprefix("sequestration:")
    there = tx.find(Sequestration, id=id)
    if not there:
        raise BadInput(f"nothing is sequestered under the number {id} here")
    end(tx, there[0], f"the oversight body ordered it (order {ordered.number})")
    act.tell("sequestration", id, there[0].exigent_id)


def _carried(system: System, order: Order) -> Carried:
    return Carried(replace(order, note=b""), ordered_by(system, order), is_in_force(order, system.clock.now()))
