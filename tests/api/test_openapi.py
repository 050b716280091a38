"""The door is as its description says, for whoever asks and whatever they send."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from beholden.api.shapes.fields import Problem
from tests.agency import Agency, small_agency
from tests.api.client import Rest, rest_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HERE = {"Host": "localhost"}  # the server answers under no other name
EXAMPLES = 2  # of each operation, as each of these people: half a minute for all of them
METHODS = {"get", "post", "put", "delete"}
OPEN = {"sign_in", "accept", "give_order"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    told: dict[str, Any] = rest_of(small_agency()).http.get("/openapi.json").json()
    return told


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_it_is_openapi_3_1_and_needs_no_sign_in(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["servers"] == [{"url": "/v1"}]


def test_every_operation_has_a_summary_a_description_its_problems_and_its_security(description: dict[str, Any]) -> None:
    assert len(operations(description)) > 60
    for path, method, operation in operations(description):
        assert operation["summary"], path
        assert operation["description"].endswith((".", ":")), path
        assert {"401", "403", "422", "default"} <= set(operation["responses"]), path
        if operation["operationId"] in OPEN:
            assert operation["security"] == [], path
        else:
            assert operation["security"] == [{"bearer": []}], path
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert len(good) == 1, f"{method} {path}"
        assert {"Beholden-Model", "Beholden-Version"} <= set(operation["responses"][good[0]]["headers"]), path


def test_every_post_that_makes_something_takes_an_idempotency_key(description: dict[str, Any]) -> None:
    without = {
        operation["operationId"]
        for _, method, operation in operations(description)
        if method == "post"
        and "Idempotency-Key" not in [one["name"] for one in operation.get("parameters", []) if "name" in one]
    }
    assert without == {"sign_in", "accept", "confirm", "open_review", "open_examination", "give_order"}


def test_no_marks_of_the_server_are_in_it_and_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    assert "x-upload" not in text
    assert "x-reopens" not in text
    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        there: Any = description
        for step in reference.split("/"):
            there = there[step]


def test_the_shape_of_a_problem_is_the_one_that_is_described(description: dict[str, Any]) -> None:
    assert set(description["components"]["schemas"]["Problem"]["required"]) == set(Problem.model_fields)


def test_req_111_no_operation_takes_a_picture_to_search_by_and_no_shape_has_a_template(
    description: dict[str, Any],
) -> None:
    uploads = {op["operationId"] for _, _, op in operations(description) if "multipart" in json.dumps(op)}
    lane = (
        "give_photograph"  # of a data subject's own request: compared in a lane that no investigator reaches (REQ 71)
    )
    assert uploads == {"enrol", "enrol_archive", "add_exhibit", "propose_calibration", "import_evidence", lane}
    names = {name for shape in description["components"]["schemas"].values() for name in shape.get("properties", {})}
    assert not names & {"template", "embedding", "vector", "descriptor", "features"}


def test_a_score_is_in_the_shapes_of_a_lead_and_of_a_comparison_only(description: dict[str, Any]) -> None:
    scored = {
        name
        for name, shape in description["components"]["schemas"].items()
        if {"score", "rank"} & set(shape.get("properties", {}))
    }
    assert scored == {"Lead", "Compared"}


def busy(agency: Agency) -> dict[str, str]:
    """Something of everything in the agency; ids by the names that paths give them."""
    ready = agency.ready(1, 2, 3, 4)
    found = agency.search(ready.authority)
    leads = agency.unsealed(found, 1)
    waiting = agency.search(ready.authority)
    request_id = agency.granted(leads[-1].candidate.face_id)
    return {
        "person_id": agency.ids["ivo"],
        "source_id": ready.source.id,
        "gallery_id": ready.gallery.id,
        "case_id": ready.case.id,
        "sought_id": ready.sought.id,
        "authority_id": ready.authority.id,
        "search_id": waiting.id,
        "request_id": request_id,
        "handle": leads[0].examinations[0].id,
    }


def fuzz(rest: Rest, name: str, ids: dict[str, str]) -> int:
    """Every operation, as this person; how many requests were made."""
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", rest.app, headers=HERE)
    made = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # it raises where the description cannot be read
        if operation.definition.raw["operationId"] == "sign_out":
            continue  # the rest would all be 401

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), real=st.booleans())
        def holds(case: Any, real: bool) -> None:
            nonlocal made
            made += 1
            if real and case.path_parameters:
                case.path_parameters = {key: ids.get(key, value) for key, value in case.path_parameters.items()}
            if real and isinstance(case.body, dict):
                case.body = {key: ids.get(key, value) for key, value in case.body.items()}
            headers = HERE | {"Authorization": f"Bearer {rest.agency[name].session}"}
            response = case.call(headers=headers)
            case.validate_response(response, checks=CHECKS, headers=headers)

        holds()
    return made


@pytest.mark.no_cover  # what chance reaches is not counted as tried
@pytest.mark.parametrize("name", ["ines", "stella", "pia", "sven", "rosa", "ada"])
def test_whatever_is_sent_the_answer_is_as_described_and_never_a_failure_of_the_server(name: str) -> None:
    agency = small_agency()
    ids = busy(agency)
    assert fuzz(rest_of(agency), name, ids) > 100
