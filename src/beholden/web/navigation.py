"""Where a person of each role finds what: the menu of every page. It hides what is useless to them; the acts keep the rules."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from beholden.actions.desk import EVERY_CASE, REGISTER, REQUESTS
from beholden.actions.evidence import REGISTRARS
from beholden.actions.notices import OF_DISCLOSURES
from beholden.records import outcomes
from beholden.records.people import Role
from beholden.web.words import named

EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Place:
    path: str
    words: str  # marked for the catalogue; shown through `_`
    roles: frozenset[Role]


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
    Place("/sources", named("Sources"), frozenset(REGISTER)),
    Place("/galleries", named("Galleries"), frozenset(REGISTER)),
    Place("/asides", named("Files put aside"), frozenset({Role.PRIVACY_OFFICER})),
    Place("/requests", named("People’s requests"), frozenset(REQUESTS)),
    Place("/retention", named("Terms"), frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR})),
    Place("/policy", named("Policy"), frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR, Role.SUPERVISOR})),
    Place("/incidents", named("Incidents"), EVERYBODY),
    Place("/patterns", named("Unlike the rest"), frozenset({Role.AUDITOR})),
    Place("/pictures", named("Pictures"), frozenset({Role.AUDITOR})),
    Place("/notices", named("Notices"), frozenset(OF_DISCLOSURES)),
    Place("/log", named("Log"), frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR})),
    Place("/people", named("People"), EVERYBODY),
    Place("/calibrations", named("Calibrations"), EVERYBODY),
    Place("/evaluations", named("Evaluations"), EVERYBODY),
    Place("/model", named("Model"), EVERYBODY),
    Place("/condition", named("Condition"), frozenset({Role.ADMINISTRATOR, Role.AUDITOR})),
)


def places_for(roles: Set[str]) -> list[Place]:
    return [place for place in PLACES if not roles.isdisjoint(place.roles)]
