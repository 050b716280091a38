"""Times as a person gives them: ISO dates, in UTC unless they say otherwise."""

from __future__ import annotations

from datetime import UTC, datetime

from beholden.errors import BadInput


def instant(given: str, what: str) -> datetime:
    """`2026-11-22` is that day's first moment in UTC; `2026-11-22T09:00` is UTC too. Raises `BadInput`."""
    try:
        at = datetime.fromisoformat(given)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{given!r} is no {what}; write it as 2026-11-22 or 2026-11-22T09:00 (UTC)") from None
