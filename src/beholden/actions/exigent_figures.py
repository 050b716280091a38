"""How often it was searched before approval, and what became of it: counted from the log alone, so that anybody can count again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from beholden.actions.authority_figures import leaves_of_acts
from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.system import System
from beholden.records.people import Officer, Role

COUNTED: Mapping[str, str] = MappingProxyType(
    {"exigent.upheld": "upheld", "exigent.refused": "refused", "exigent.lapsed": "lapsed"}
)
BEGUN, INCIDENT = "exigent.begun", "incident"  # a leaf with this item began an incident; one without went on with it


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one purpose: what happened within the time. A search is upheld, refused or lapsed later than it was begun."""

    purpose: str
    incidents: int = 0
    persons: int = 0
    upheld: int = 0
    refused: int = 0
    lapsed: int = 0

    @property
    def upheld_percent(self) -> int | None:
        """Of those whose time came to an end, rounded down; None where there is none."""
        ended = self.upheld + self.refused + self.lapsed
        return 100 * self.upheld // ended if ended else None


def exigent_figures(system: System, officer: Officer, *, begins_at: datetime, ends_at: datetime) -> list[Figures]:
    """One for each purpose of the pack and each that the log names, to those who oversee; to others `Missing`."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.AUDITOR, Role.SUPERVISOR, Role.PRIVACY_OFFICER):
            raise Missing("there are no figures of searches before approval for you")
        found = {purpose: Figures(purpose) for purpose in system.policy.pack.purposes}
        for leaf in leaves_of_acts(look, (BEGUN, *COUNTED), begins_at, ends_at):
            before = found.get(leaf["purpose"], Figures(leaf["purpose"]))
            found[before.purpose] = _with(before, leaf)
    return [found[purpose] for purpose in sorted(found)]


def _with(figures: Figures, leaf: Mapping[str, object]) -> Figures:
    if leaf["outcome"] != "done":
        return figures
    if leaf["event"] == BEGUN:
        items = leaf["items"]
        assert isinstance(items, list)
        began = any(item["name"] == INCIDENT for item in items)
        return replace(figures, incidents=figures.incidents + began, persons=figures.persons + 1)
    name = COUNTED[str(leaf["event"])]
    return replace(figures, **{name: getattr(figures, name) + 1})
