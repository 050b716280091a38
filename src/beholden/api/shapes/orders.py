"""Orders of the oversight body, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Shown, Text
from beholden.records.orders import OrderKind


class GiveOrder(Given):
    note: Text = Field(description="The signed order, as `beholden oversight write-order` wrote it.")


class Order(Shown):
    number: int
    kind: OrderKind
    scope: list[str] = Field(description="As it was ordered: system, purpose:NAME, source:ID, or person:NAME each.")
    given_at: datetime
    until: datetime | None = Field(description="When it ends by itself; null until it is lifted.")
    reason: str
    in_force: bool
