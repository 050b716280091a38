"""Walks through the door that schemathesis makes up: ids out of one answer are used in the next request, by every role.

What it may do next it reads from the description alone. Beside its own checks one of ours holds at every step: what the
table by hand gives to other roles only is never done.
"""

from __future__ import annotations

import os
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.generation import GenerationMode
from starlette.routing import Mount

from beholden.records.people import Role
from tests.api.client import Rest, rest_of
from tests.api.everywhere import ASKERS, disclosed
from tests.api.route_table import TABLE
from tests.api.test_routes_matrix import POSITIONS, filled

LONG = os.environ.get("BEHOLDEN_TRIALS") == "long"
WALKS, STEPS = (100, 30) if LONG else (7, 10)  # for each role
LEAST_ID = 16  # letters: whatever is shorter may stand in any answer
HERE = {"Host": "localhost"}
# A description says what is well formed; that it cannot be used, has gone or is another version is said by 422, 410, 412.
WELL_FORMED = ["2xx", "401", "403", "404", "409", "410", "412", "422", "429"]
# After the first the rest of a walk would all be 401; the others are no role's (tests/api/test_openapi.py tries them).
LEFT_OUT = {"sign_out", "end_every_session", "sign_in", "accept", "give_order"}


@cache
def door() -> Rest:
    return rest_of(disclosed().copy().agency)


@cache
def machine() -> type[Any]:
    """As the description has it, with the links that its ids make."""
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", door().app, headers=HERE)
    schema.config.checks.positive_data_acceptance.expected_statuses = WELL_FORMED
    schema = schema.exclude(func=lambda given: operation(given) in LEFT_OUT)
    made: type[Any] = schema.as_state_machine()
    return made


def walking_as(role: Role, statuses: Counter[int], linked: Counter[bool]) -> type[Any]:
    """Every walk begins in the same agency, as a person of this role."""

    class Walk(machine()):  # type: ignore[misc]  # made as it runs
        def setup(self) -> None:
            self.there, self.chance, self.seen = disclosed().copy(), Random(str(role)), ""
            [data] = [route.app for route in door().app.routes if isinstance(route, Mount) and route.path == "/v1"]
            for app in (door().app, data):
                app.state.system = self.there.agency.system

        def before_call(self, case: Any) -> None:
            """What was to be well formed is made of ids that are there: in the address, and in half of the bodies."""
            if case.meta.generation.mode is not GenerationMode.POSITIVE:
                return
            ids = Known(self.there.own | POSITIONS)
            case.path_parameters = {
                name: value if self.was_told(value) else ids[name] for name, value in case.path_parameters.items()
            }
            row = TABLE.get(operation(case))
            good = row.how.get("json") if row else None
            if good and self.chance.random() < 0.5:
                case.body = filled(dict(good), ids)

        def was_told(self, id: object) -> bool:
            return len(str(id)) >= LEAST_ID and str(id) in self.seen

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            session = self.there.agency[ASKERS[role]].session
            return {"headers": HERE | {"Authorization": f"Bearer {session}"}}

        def after_call(self, response: Any, case: Any) -> None:
            super().after_call(response, case)
            statuses[response.status_code] += 1
            linked[any(self.was_told(value) for value in case.path_parameters.values())] += 1
            self.seen += response.text if response.status_code < 300 else ""
            row = TABLE.get(operation(case))
            if 200 <= response.status_code < 300 and row and not row.shows:
                assert role in f"{row.own} {row.foreign or ''}".split(), f"{role} did {operation(case)}"

    return Walk


class Known(dict[str, str]):
    """Ids by name; of what this agency has none, one that nobody made."""

    def __missing__(self, name: str) -> str:
        return "0" * 32


def operation(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])


@pytest.mark.no_cover  # what chance reaches is not counted as tried
@pytest.mark.timeout(3600 if LONG else 300)
@pytest.mark.parametrize("role", list(Role))
def test_req_94_on_no_walk_the_server_fails_answers_otherwise_than_described_or_lets_a_role_pass(role: Role) -> None:
    statuses: Counter[int] = Counter()
    linked: Counter[bool] = Counter()
    walking_as(role, statuses, linked).run(
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not LONG,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    print(role, dict(statuses), f"{linked[True]} with an id of an answer before")
    assert statuses.total() > WALKS
    assert linked[True] or not LONG
    assert statuses[200] + statuses[201] > 0
