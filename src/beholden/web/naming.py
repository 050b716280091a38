"""How pages call records that they only have the id of, and how a list is narrowed by what somebody types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from beholden.actions import desk
from beholden.ports.system import System
from beholden.records.people import Officer

R = TypeVar("R")


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


def narrowed(there: Iterable[R], filter: str, said: Callable[[R], str]) -> list[R]:
    """Those of which `said` has the text in it, whatever the case of its letters."""
    sought = filter.strip().casefold()
    return [one for one in there if sought in said(one).casefold()]
