"""Where a person of each role finds what: the menu of every page. It hides what is useless to them; the acts keep the rules."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import IntEnum

from beholden.actions.desk import EVERY_CASE, REGISTER, REQUESTS
from beholden.actions.evidence import REGISTRARS
from beholden.actions.notices import OF_DISCLOSURES
from beholden.records import outcomes
from beholden.records.people import Role
from beholden.web.words import named

EVERYBODY = frozenset(Role)


class Group(IntEnum):
    """What lies together in the menu, in its order."""

    WORK = 1
    REGISTER = 2
    AGENCY = 3


GROUPS = {Group.WORK: named("Casework"), Group.REGISTER: named("Register"), Group.AGENCY: named("The agency")}


@dataclass(frozen=True, slots=True)
class Place:
    path: str
    words: str  # marked for the catalogue; shown through `_`
    roles: frozenset[Role]
    group: Group = Group.WORK


PLACES = (
    Place("/", named("What waits"), EVERYBODY),
    Place("/oversight", named("Oversight"), frozenset({Role.AUDITOR})),
    Place("/inbox", named("Requests to decide"), frozenset({Role.SUPERVISOR})),
    Place("/cases", named("Cases"), frozenset({Role.INVESTIGATOR, *EVERY_CASE})),
    Place("/authorities", named("Authorities"), frozenset({Role.INVESTIGATOR, Role.PRIVACY_OFFICER, *EVERY_CASE})),
    Place("/exigents", named("Before approval"), frozenset({Role.INVESTIGATOR, *EVERY_CASE})),
    Place("/searches", named("Searches"), frozenset({Role.INVESTIGATOR, Role.EXAMINER, *EVERY_CASE})),
    Place("/evidence", named("Evidence"), frozenset(REGISTRARS)),
    Place("/disclosures", named("Disclosures"), frozenset({Role.INVESTIGATOR, *EVERY_CASE})),
    Place("/outcomes", named("How cases ended"), outcomes.TOLD),
    Place("/sources", named("Sources"), frozenset(REGISTER), Group.REGISTER),
    Place("/galleries", named("Galleries"), frozenset(REGISTER), Group.REGISTER),
    Place("/asides", named("Files put aside"), frozenset({Role.PRIVACY_OFFICER}), Group.REGISTER),
    Place("/requests", named("People’s requests"), frozenset(REQUESTS), Group.REGISTER),
    Place("/retention", named("Terms"), frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR}), Group.REGISTER),
    Place("/policy", named("Policy"), frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR, Role.SUPERVISOR}), Group.AGENCY),
    Place("/incidents", named("Incidents"), EVERYBODY, Group.AGENCY),
    Place("/patterns", named("Unlike the rest"), frozenset({Role.AUDITOR}), Group.AGENCY),
    Place("/pictures", named("Pictures"), frozenset({Role.AUDITOR}), Group.AGENCY),
    Place("/notices", named("Notices"), frozenset(OF_DISCLOSURES), Group.AGENCY),
    Place("/log", named("Log"), frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR}), Group.AGENCY),
    Place("/people", named("People"), EVERYBODY, Group.AGENCY),
    Place("/calibrations", named("Calibrations"), EVERYBODY, Group.AGENCY),
    Place("/evaluations", named("Evaluations"), EVERYBODY, Group.AGENCY),
    Place("/model", named("Model"), EVERYBODY, Group.AGENCY),
    Place("/condition", named("Condition"), frozenset({Role.ADMINISTRATOR, Role.AUDITOR}), Group.AGENCY),
)


def places_for(roles: Set[str]) -> list[tuple[str, list[Place]]]:
    """In groups, each with its words; no group is empty."""
    there = [place for place in PLACES if not roles.isdisjoint(place.roles)]
    grouped = [(words, [place for place in there if place.group is group]) for group, words in GROUPS.items()]
    return [(words, places) for words, places in grouped if places]
