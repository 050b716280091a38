"""How often authority was asked for, given and used, by purpose: counted from the log alone, so that anybody can count again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from beholden.actions.desk import at_desk, is_one_of
from beholden.errors import Missing
from beholden.ports.database import Look, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.people import Officer, Role

COUNTED: Mapping[str, str] = MappingProxyType(
    {
        "authority.requested": "requested",
        "authority.returned": "returned",
        "authority.approved": "approved",
        "authority.refused": "refused",
        "authority.revoked": "revoked",
        "search.started": "searches",
        "comparison.made": "comparisons",
    }
)
ANSWER = "answer"  # what an entry of `authority.requested` says where questions came before it


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one purpose: what was done within the time. A request that is asked again after questions counts once."""

    purpose: str
    requested: int = 0
    returned: int = 0
    approved: int = 0
    refused: int = 0
    revoked: int = 0
    searches: int = 0
    comparisons: int = 0


def authority_figures(system: System, officer: Officer, *, begins_at: datetime, ends_at: datetime) -> list[Figures]:
    """One for each purpose of the pack and each that the log names, from `begins_at` to before `ends_at`.

    For an auditor, supervisor or privacy officer; else `Missing`. What was refused or failed is not counted.
    """
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.AUDITOR, Role.SUPERVISOR, Role.PRIVACY_OFFICER):
            raise Missing("there are no figures of authorities for you")
        found = {purpose: Figures(purpose) for purpose in system.policy.pack.purposes}
        for leaf in leaves_of_acts(look, COUNTED, begins_at, ends_at):
            if leaf["outcome"] == "done" and not _is_answer(leaf):
                before, name = found.get(leaf["purpose"], Figures(leaf["purpose"])), COUNTED[leaf["event"]]
                found[before.purpose] = replace(before, **{name: getattr(before, name) + 1})
    return [found[purpose] for purpose in sorted(found)]


def leaves_of_acts(
    look: Look, events: Iterable[str], begins_at: datetime, ends_at: datetime
) -> Iterator[dict[str, Any]]:
    """What the log has of these events from `begins_at` to before `ends_at`, event by event, whatever came of them."""
    for event in events:
        for entry in look.find(Entry, leaf=Saying("event", event), order="n"):
            if begins_at <= entry.kept.created_at < ends_at:
                yield json.loads(entry.leaf)


def _is_answer(leaf: dict[str, Any]) -> bool:
    """Whether it is the answer to a request that was returned: its entry has an answer, of which the leaf names no more."""
    return leaf["event"] == "authority.requested" and any(item["name"] == ANSWER for item in leaf["items"])
