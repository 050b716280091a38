"""`/orders`: what the oversight body orders. The signature on it is the authority; nobody needs to be signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request

from beholden.actions import orders
from beholden.api.paging import Paging
from beholden.api.routes import OPEN, Route
from beholden.api.shapes.fields import Page
from beholden.api.shapes.orders import GiveOrder, Order
from beholden.api.who import Here, Who
from beholden.serving.rates import attempt

router = APIRouter(prefix="/orders", tags=["orders"], route_class=Route)


@router.post("", status_code=201, openapi_extra=OPEN)
def give_order(request: Request, system: Here, given: GiveOrder) -> Order:
    """Carry out an order that the oversight body signed. It counts at once, and given again it changes nothing."""
    attempt(request)
    return _shown(orders.apply_order(system, given.note.encode()))


@router.get("")
def list_orders(who: Who, paging: Paging) -> Page[Order]:
    """Those that were carried out, the last one first, with their reasons."""
    shown, following = paging.part(orders.orders(*who), lambda one: one.order.id)
    return Page[Order](items=[_shown(one) for one in shown], next=following)


def _shown(carried: orders.Carried) -> Order:
    ordered = carried.ordered
    return Order(
        number=ordered.number,
        kind=ordered.kind,
        scope=list(ordered.scope),
        given_at=ordered.given_at,
        until=ordered.until,
        reason=ordered.reason,
        in_force=carried.in_force,
    )
