"""What was shown as something was taken, kept for the page that the browser then goes to: one visit is one entry in the log."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from beholden.actions.standing import Standing
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web.held import CHIPS_FOR, held

_FILE = "sight"


def on_to(request: Request, system: System, hangs_on: Standing, page: str, told: Any) -> dict[str, str]:
    """The query of `page` for the browser that goes on to it now. What was `told` stays in memory, for one showing."""
    content = json.dumps({"page": page, "told": told}).encode()
    return {"seen": held(request).put(hangs_on, {_FILE: content}, now=system.clock.now(), lasts=CHIPS_FOR)}


def arrived(request: Request, system: System, officer: Officer, page: str) -> Any:
    """What was told for this page, once; None for whoever comes again: theirs is a consultation of its own."""
    token = request.query_params.get("seen", "")
    if not token:
        return None
    try:
        content = held(request).get(system, officer, token).get(_FILE)
    except Missing:
        return None
    kept = json.loads(content) if content else {}
    if kept.get("page") != page:
        return None
    try:
        held(request).take(system, officer, token)
    except Missing:
        return None
    return kept["told"]
