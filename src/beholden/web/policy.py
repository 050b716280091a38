"""The policy pack in force: what it sets, what follows it, and what each change made looser."""

from __future__ import annotations

from dataclasses import fields

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import pack_history, version
from beholden.records.rules import Rules, furthest, more_is_tighter
from beholden.web.due import due
from beholden.web.page import render
from beholden.web.who import Seat

router = APIRouter()


@router.get("/policy")
def show_policy(request: Request, seat: Seat) -> Response:
    system, officer = seat
    history = pack_history.pack_history(system, officer)
    waits = version.waiting(system)
    announced = next((one for one in history if waits and one.after == waits.pack and one.begins_at), None)
    usual = Rules()
    numbers = [
        (name, getattr(system.rules, name), getattr(usual, name), furthest(name), more_is_tighter(name))
        for name in (one.name for one in fields(Rules))
        if name != "retention_days"
    ]
    return render(
        request,
        "policy.html.jinja",
        in_force=system.policy.pack,
        waits=waits,
        begins=due(waits.begins_at, system.clock.now()) if waits else None,
        announced=announced,
        history=history,
        numbers=numbers,
        set_by_pack=frozenset(system.policy.pack.numbers),
    )
