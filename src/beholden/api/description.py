"""The description of the door (OpenAPI 3.1), with what every operation has: problems, and headers that any may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from beholden.api.problems import MEDIA_TYPE
from beholden.api.routes import REOPENS, UPLOAD
from beholden.api.shapes.fields import Problem

WORDS = """The same acts as on the command line and the pages, with the same rules. Sign in with `POST /sessions`, and give
the key as `Authorization: Bearer …`. What is refused says so with every reason, its source, what to do, and the number of
the entry of the log that tells of it. A score is a lead: nothing here says who anybody is."""

WHEN = {
    "401": "Nobody is signed in, or the session has ended.",
    "403": "The rules say no; every reason is listed.",
    "404": "There is nothing with this id for you. What is hidden looks the same as what is not there.",
    "409": "Somebody changed it meanwhile.",
    "412": "It is no longer the version that If-Match names.",
    "413": "The body is too long.",
    "422": "What was given cannot be used; nothing of it was kept.",
    "default": "Any other problem.",
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Random, for this one request: sent again within a day, it is done once.",
}
HEADERS = {
    "Beholden-Version": {"schema": {"type": "string"}, "description": "The version of Beholden."},
    "Beholden-Model": {"schema": {"type": "string"}, "description": "The model in use, and the head of its space."},
}


def describe(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def made() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    return made


def _described(app: FastAPI) -> dict[str, Any]:
    told = get_openapi(
        title=app.title,
        version=app.version,
        summary="Face search for finding victims.",
        description=WORDS,
        routes=app.routes,
    )
    told["servers"] = [{"url": "/v1"}]
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    parts = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(parts.pop("$defs", {}))
    schemas["Problem"] = parts
    told["components"]["responses"] = {f"Problem{status}": _problem(words) for status, words in WHEN.items()}
    told["components"]["headers"] = HEADERS
    for path in told["paths"].values():
        for method, operation in path.items():
            _finish(method, operation)
    return told


def _finish(method: str, operation: dict[str, Any]) -> None:
    operation.pop(UPLOAD, None)
    is_open = operation.get("security") == []
    for status in WHEN:
        if not (is_open and status in ("404", "409", "412")):
            operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    for answer in operation["responses"].values():
        if "$ref" not in answer:
            answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS}
    if method == "post" and not is_open and not operation.pop(REOPENS, False):
        operation.setdefault("parameters", []).append(KEY)


def _problem(words: str) -> dict[str, Any]:
    return {
        "description": words,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS},
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
