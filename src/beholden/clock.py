"""The machine's clock, and ids that tell nothing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime


class WallClock:
    def now(self) -> datetime:
        at = datetime.now(UTC)
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def new_id(self) -> str:
        return uuid.uuid4().hex
