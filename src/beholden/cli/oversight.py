"""`beholden oversight`: orders of the oversight body: written where its key is, and carried out by whoever brings them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from beholden.actions import orders, sequester
from beholden.cli import naming, printing
from beholden.cli.dates import instant
from beholden.cli.door import ANYWHERE, HERE, Door, Where, opened
from beholden.cli.folders import content_of, new_file
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.records.orders import OrderKind

app = App(name="oversight")
MOST = 2**16  # bytes of an order or of a key


@app.command
def write_order(
    kind: Annotated[
        Literal["stop", "lift", "go-on", "destroy"],
        Parameter(help="Stop uses, lift a stop, let exigent use go on, or destroy what is sequestered."),
    ],
    out: Annotated[Path, Parameter(help="The new file for the signed order.")],
    /,
    *,
    origin: Annotated[str, Parameter(help="The system: the first line of every checkpoint of its log.")],
    scope: Annotated[
        list[str], Parameter(help="system, purpose:NAME, source:ID, sequestration:ID, or person:NAME each.")
    ],
    reason: Annotated[str, Parameter(help="Why; everybody who is stopped reads it.")],
    key: Annotated[Path, Parameter(help="The private key (PEM) of the oversight body.")],
    name: Annotated[str, Parameter(help="The name of the key, as the system pins it.")] = "oversight",
    number: Annotated[
        int, Parameter(help="Larger than that of every order before; without it, the seconds since 1970.")
    ] = 0,
    until: Annotated[
        str, Parameter(help="When it ends by itself (UTC); without it, a stop ends when it is lifted.")
    ] = "",
) -> Told:
    """Write and sign an order. It opens no system and needs no network.

    Example: beholden oversight write-order stop order.note --scope system --origin beholden/operational/1a2b3c4d
    --reason "searches outside cases, under inquiry" --key oversight.pem
    """
    from beholden.formats.orders import write_order as written
    from beholden.policy.handover import signer_of
    from beholden.records.orders import Ordered

    now = datetime.now(UTC)
    given_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    ordered = Ordered(
        origin=origin,
        number=number or int(given_at.timestamp()),
        kind=OrderKind(kind.replace("-", "_")),
        scope=tuple(scope),
        given_at=given_at,
        until=instant(until, "time at which an order ends") if until else None,
        reason=reason,
    )
    signer = signer_of(name, content_of(key, most=MOST))
    try:
        note = written(ordered, signer.name, signer.public, signer.sign)
    except ValueError as wrong:
        raise BadInput(f"no order was written: {wrong}") from wrong
    with new_file(out) as file:
        file.write_bytes(note)
    document = {"order": str(out), "number": ordered.number, "kind": str(ordered.kind), "scope": scope}
    return Told(document, (f"{out}: order {ordered.number}, {ordered.kind} {' '.join(scope)}, is signed by {name}.",))


@app.command
def apply(order: Annotated[Path, Parameter(help="The signed order.")], /, *, where: Where = ANYWHERE) -> Told:
    """Carry out an order of the oversight body. It needs nobody who is signed in; a running server heeds it at once.

    Example: beholden oversight apply order.note --data ~/beholden
    """
    note = content_of(order, most=MOST)
    with opened(where.folder) as system:
        carried = orders.apply_order(system, note)
    return Told(_document(carried), (f"Order {carried.order.number} is carried out: {_words(carried)}.",))


@app.command(name="list")
def list_orders(*, door: Door = HERE) -> Told:
    """The orders that were carried out, the last one first.

    Example: beholden oversight list
    """
    with door.enter() as (system, officer):
        there = orders.orders(system, officer)
    lines = [
        (str(one.order.number), _words(one), printing.at(one.ordered.given_at), _standing(one), one.ordered.reason)
        for one in there
    ]
    table = printing.rows(("no.", "order", "given", "now", "reason"), lines, "The oversight body gave no order.")
    return Told([_document(one) for one in there], (table,))


@app.command
def sequestrations(*, door: Door = HERE) -> Told:
    """What was taken out of use because a search before approval was not upheld: how much, and its receipt.

    Example: beholden oversight sequestrations
    """
    with door.enter() as (system, officer):
        there = sequester.sequestrations(system, officer)
    lines = [
        (one.id, printing.at(one.kept.created_at), str(one.records), str(one.state), one.ended_by) for one in there
    ]
    table = printing.rows(("sequestration", "taken", "records", "state", "destroyed because"), lines, "There is none.")
    document = [
        {
            "id": one.id,
            "case_id": one.case_id,
            "exigent_id": one.exigent_id,
            "taken_at": printing.at(one.kept.created_at),
            "records": one.records,
            "state": str(one.state),
            "ended_by": one.ended_by,
            "receipt": one.receipt.decode(),
        }
        for one in there
    ]
    return Told(document, (table,))


@app.command(name="open")
def open_sequestration(
    sequestration: Annotated[str, Parameter(help="Its id, or the beginning of it.")],
    /,
    *,
    key: Annotated[Path, Parameter(help="The private key of the oversight body (PEM), or an age identity.")],
    reason: Annotated[str, Parameter(help="What is examined, and for whom; it is on record.")],
    out: Annotated[Path, Parameter(help="A new file for what it says (JSON).")],
    door: Door = HERE,
) -> Told:
    """Open what is sequestered with the key of the oversight body, as an auditor at the machine. It is on record.

    Example: beholden oversight open 1f0c… --key oversight.pem --reason "complaint 12 of the ombudsman" --out opened.json
    """
    from beholden.keys.entrusting import Entrusted

    private = content_of(key, most=MOST)
    with door.enter() as (system, officer), new_file(out) as file:
        opened = sequester.open_sequestration(
            system,
            officer,
            sequestration_id=naming.sequestration(system, officer, sequestration),
            reason=reason,
            open_packet=lambda packet: Entrusted(packet, private).content,
        )
        document = {**opened.content, "leads": opened.leads}
        file.write_text(json.dumps(document, indent=1), encoding="utf-8")
    records = {kind: len(there) for kind, there in opened.content["records"].items()}
    told = ", ".join(f"{number} {kind}" for kind, number in records.items())
    return Told({"out": str(out), "records": records}, (f"{out}: {told}. Destroy the file when you are done.",))


def _document(carried: orders.Carried) -> dict[str, object]:
    order, ordered = carried.order, carried.ordered
    return {
        "number": order.number,
        "kind": str(order.kind),
        "scope": list(ordered.scope),
        "given_at": ordered.given_at.isoformat(),
        "until": ordered.until.isoformat() if ordered.until else None,
        "reason": ordered.reason,
        "in_force": carried.in_force,
    }


def _words(carried: orders.Carried) -> str:
    until = f" until {printing.at(carried.ordered.until)}" if carried.ordered.until else ""
    return f"{carried.order.kind.replace('_', ' ')} {' '.join(carried.ordered.scope)}{until}"


def _standing(carried: orders.Carried) -> str:
    if carried.in_force:
        return "in force"
    return "done" if carried.order.kind in (OrderKind.LIFT, OrderKind.DESTROY) else "ended"
