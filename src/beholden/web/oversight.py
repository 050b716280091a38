"""What an auditor looks at first, on one page: numbers and dates, each with the list behind it. The page writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import oversight, reveal
from beholden.ports.system import System
from beholden.records.orders import OrderKind
from beholden.web.naming import people_names, source_names
from beholden.web.page import render
from beholden.web.who import Seat
from beholden.web.words import _, language, named

router = APIRouter(include_in_schema=False)

ORDERED = {
    OrderKind.STOP: named("No search and no comparison"),
    OrderKind.GO_ON: named("Searches before approval go on though a review is overdue"),
}


@router.get("/oversight")
def show_oversight(request: Request, seat: Seat) -> Response:
    known = oversight.oversee(*seat)
    ids = [scope.partition(":")[2] for one in known.orders for scope in one.order.scope]
    names = {**people_names(*seat, ids), **source_names(*seat, ids)}
    return render(
        request,
        "oversight.html.jinja",
        known=known,
        orders=[
            (one, _(ORDERED.get(one.order.kind, str(one.order.kind))), _about(seat[0], one.order.scope, names))
            for one in known.orders
        ],
        left=reveal.pictures_left(*seat),
    )


def _about(system: System, scope: Sequence[str], names: Mapping[str, str]) -> str:
    """What an order is about, in words."""
    said = []
    for one in scope:
        kind, _colon, of = one.partition(":")
        if kind == "system":
            said.append(_("of the whole system"))
        elif kind == "purpose":
            said.append(_("for the purpose: %(name)s") % {"name": system.policy.pack.title(of, language())})
        elif kind == "source":
            said.append(_("in the source %(name)s") % {"name": names.get(of, of[:10])})
        else:
            said.append(_("by %(name)s") % {"name": names.get(of, of[:10])})
    return "; ".join(said)
