"""What every page says of how many faces somebody has looked at today. It imports nothing of `page.py`, which asks it."""

from __future__ import annotations

from fastapi import Request

from beholden.actions import exposure
from beholden.actions.exposure import Today
from beholden.errors import Missing, SignInRefused


def told(request: Request) -> Today | None:
    """None for who is not signed in, and for roles to which no face is ever shown."""
    seat = getattr(request.state, "seat", None)
    if seat is None:
        return None
    try:
        return exposure.today_of_viewer(*seat)
    except (SignInRefused, Missing):
        return None
