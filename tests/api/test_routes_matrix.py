"""Every route × every role × a case of one's own or somebody else's, each really called, against a table by hand.

The request of a cell that must be refused is the one with which somebody who may succeeds in the cell beside it, so that
what refuses it is a rule and not a mistake in its body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from httpx2 import Response
from starlette.routing import Mount

from beholden.records.people import Role
from tests.agency import small_agency
from tests.api.client import Rest, rest_of
from tests.api.everywhere import ASKERS, TWINS, Everywhere, founded
from tests.api.office import invited
from tests.api.route_table import OPEN, TABLE, Row, signed_order

ROLES = tuple(Role)
POSITIONS = {"position": "1", "number": "1"}  # in paths, which face of a picture
NOT_THERE = frozenset({403, 404})


@cache
def operations() -> dict[str, tuple[str, str]]:
    """Operation → its method and path, as the door describes itself."""
    told = rest_of(small_agency()).http.get("/openapi.json").json()
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    }


@pytest.fixture(scope="module")
def door() -> Iterator[Rest]:
    """One server for all of them: making its routes ready takes longer than most requests."""
    there = rest_of(founded().copy().agency)
    with there.http:
        yield there


@dataclass
class Desk:
    """One copy of a stage, behind the door."""

    there: Everywhere
    door: Rest

    @classmethod
    def of(cls, row: Row, door: Rest) -> Desk:
        return cls(row.stage().copy(), door)

    def ask(self, name: str, row: Row, side: str, asker: str) -> Response:
        ids = dict(self.there.ids(side))
        ids |= {key.partition(":")[0]: id for key, id in self.there.ids(side).items() if key.endswith(f":{asker}")}
        method, path = operations()[name]
        taken = POSITIONS | ids | {parameter: ids[of] for parameter, of in row.path.items()}
        return self._behind_door().ask(method, path.format(**taken), asker, **filled(row.how, ids))

    def _behind_door(self) -> Rest:
        [data] = [route.app for route in self.door.app.routes if isinstance(route, Mount) and route.path == "/v1"]
        for app in (self.door.app, data):
            app.state.system = self.there.agency.system
        return replace(self.door, agency=self.there.agency)

    def may(self, name: str, row: Row, side: str, asker: str) -> tuple[bool, int]:
        """Whether it was done; of a list, whether the record was on it."""
        answer = self.ask(name, row, side, asker)
        if not row.shows:
            return answer.status_code not in NOT_THERE, answer.status_code
        ids = self.there.ids(side)
        id = ids.get(f"{row.shows}:{asker}", ids.get(row.shows, ""))
        assert id
        return (id in answer.text) if answer.is_success else answer.status_code not in NOT_THERE, answer.status_code


def filled(how: Any, ids: dict[str, str]) -> Any:
    """The request, with the ids of its side."""
    if isinstance(how, dict):
        return {key: filled(inner, ids) for key, inner in how.items()}
    if isinstance(how, list):
        return [filled(inner, ids) for inner in how]
    return ids[how[1:-1]] if isinstance(how, str) and how[:1] == "{" else how


def cells(row: Row) -> Iterator[tuple[str, Role, bool]]:
    for side, roles in (("own", row.own), ("foreign", row.foreign)):
        if roles is not None:
            yield from ((side, role, role in roles.split()) for role in ROLES)


def test_every_operation_has_its_row_and_every_row_an_operation() -> None:
    assert sorted(operations()) == sorted([*TABLE, *OPEN])
    assert all(row.own for row in TABLE.values())


@pytest.mark.parametrize("name", TABLE)
def test_req_94_every_cell_of_a_route_is_as_the_table_has_it(door: Rest, name: str) -> None:
    row, method = TABLE[name], operations()[name][0]
    shared, other = Desk.of(row, door), []
    for side, role, allowed in cells(row):
        desk = Desk.of(row, door) if allowed and method != "GET" else shared
        did, status = desk.may(name, row, side, ASKERS[role])
        if did is not allowed or (allowed and not 200 <= status < 300):
            other.append((side, str(role), "may" if allowed else "may not", status))
            shared = Desk.of(row, door)
    assert other == []


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.foreign is not None])
def test_what_is_somebody_elses_is_refused_for_that_and_not_for_its_request(door: Rest, name: str) -> None:
    """Whose it is does with the same request what the cells refuse."""
    row = TABLE[name]
    whose = set((row.foreign or "").split()) ^ set(row.own.split())
    twins = [TWINS[asker] for role, asker in ASKERS.items() if role in whose and asker in TWINS]
    statuses = [Desk.of(row, door).ask(name, row, "foreign", twin).status_code for twin in twins]
    assert not twins or any(200 <= status < 300 for status in statuses), statuses


@pytest.mark.parametrize("name", TABLE)
def test_without_a_sign_in_nothing_answers(door: Rest, name: str) -> None:
    method, path = operations()[name]
    ids = dict.fromkeys([part[1:-1] for part in path.split("/") if part[:1] == "{"], "0" * 32)
    door.refused(401, method, path.format(**ids | POSITIONS), **filled(TABLE[name].how, Anything()))


class Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "0" * 32


@pytest.mark.parametrize("name", OPEN)
def test_how_one_comes_in_and_what_is_signed_needs_no_sign_in(name: str) -> None:
    there = invited().copy()
    ids = there.own | {"order": signed_order(there.agency.system.origin)}
    method, path = operations()[name]
    answer = rest_of(there.agency).ask(method, path, **filled(OPEN[name].how, ids))
    assert answer.status_code == 201, answer.text
