"""Times as a person gives them: ISO dates, in UTC unless they say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from beholden.errors import BadInput


def instant(given: str, what: str) -> datetime:
    """`2026-11-22` is that day's first moment in UTC; `2026-11-22T09:00` is UTC too. Raises `BadInput`."""
    try:
        at = datetime.fromisoformat(given)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{given!r} is no {what}; write it as 2026-11-22 or 2026-11-22T09:00 (UTC)") from None


def later(begins: datetime, hours: int) -> datetime:
    """So many hours after `begins`. Raises `BadInput` where the calendar has no such time: it ends with the year 9999."""
    try:
        return begins + timedelta(hours=hours)
    except OverflowError:
        raise BadInput(f"{hours:,} hours after {begins:%Y-%m-%d} is past every calendar; give fewer hours") from None
