"""What the auditor alone may open: which searches had shown somebody who was erased since."""

from __future__ import annotations

import json

from beholden.actions import audit
from beholden.actions.erase import SEARCHES
from beholden.ports.system import System
from beholden.records.erasure import Erasure
from beholden.records.people import Officer


def erased_searches(system: System, officer: Officer, *, erasure_id: str) -> list[str]:
    """The ids of the searches on whose lists an erased person stood. The erasure keeps them sealed for this."""
    with audit.act(system, "erasure.read", officer) as act, act.begin() as tx:
        erasure = tx.get(Erasure, erasure_id)
        act.tell("erasure", erasure.id, erasure.id)
        act.permit()
        opened = json.loads(system.keys.open(erasure.id, erasure.searches, SEARCHES))
        return [str(search_id) for search_id in opened]
