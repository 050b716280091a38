"""How pages call records that they only have the id of: looked up for the ids on the page, and no others."""

from __future__ import annotations

from collections.abc import Iterable

from beholden.actions import names
from beholden.ports.system import System
from beholden.records.people import Officer


class Names(dict[str, str]):
    """Names by id. Of what this person may not see, and of what is gone, the beginning of the id is said instead."""

    def __missing__(self, id: str) -> str:
        return id[:10] if id else "–"


def people_names(system: System, officer: Officer, ids: Iterable[str]) -> Names:
    return Names(names.people(system, officer, ids=ids))


def source_names(system: System, officer: Officer, ids: Iterable[str]) -> Names:
    return Names(names.sources(system, officer, ids=ids))


def gallery_names(system: System, officer: Officer, ids: Iterable[str]) -> Names:
    return Names(names.galleries(system, officer, ids=ids))
