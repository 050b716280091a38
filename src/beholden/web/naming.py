"""How pages call records that they only have the id of."""

from __future__ import annotations

from beholden.actions import desk
from beholden.ports.system import System
from beholden.records.people import Officer


class Names(dict[str, str]):
    """Names by id. Of what this person may not see, and of what is gone, the beginning of the id is said instead."""

    def __missing__(self, id: str) -> str:
        return id[:10] if id else "–"


def people_names(system: System, officer: Officer) -> Names:
    return Names((one.id, one.name) for one in desk.people(system, officer))


def source_names(system: System, officer: Officer) -> Names:
    return Names((one.id, one.name) for one in desk.sources(system, officer))


def gallery_names(system: System, officer: Officer) -> Names:
    return Names((one.id, one.name) for one in desk.galleries(system, officer))
