"""Every operation of the description is reached by a method, with the same body, the same answer and the same headers."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import pytest

import beholden.client
from beholden.api.shapes.casework import Case
from beholden.api.shapes.searching import Search, WaitingSearch
from beholden.client import AsyncClient, Client
from beholden.client.calls import Sent, Upload
from beholden.client.operations import Listing, Noun, Told
from tests.agency import small_agency
from tests.api.client import rest_of

FOLDER = Path(beholden.client.__file__).parent
JSON = "application/json"
FORM = "multipart/form-data"
OURS = {"beholden", "beholden.errors"}


@cache
def description() -> dict[str, Any]:
    told: dict[str, Any] = rest_of(small_agency()).http.get("/openapi.json").json()
    return told


@cache
def described() -> dict[str, dict[str, Any]]:
    """`POST /cases` → what the description says of it."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }


def methods() -> Iterator[tuple[str, Told]]:
    """`cases.open` → what it does; the client's own methods without a noun."""
    with Client("http://localhost:1") as client:
        nouns = {"": client} | {
            name: noun for name, noun in vars(client).items() if isinstance(noun, Noun) and name[0] != "_"
        }
    for name, noun in nouns.items():
        for method, told in inspect.getmembers_static(type(noun), lambda one: isinstance(one, Told)):
            yield f"{name}.{method}".lstrip("."), told


METHODS = dict(methods())
named = pytest.mark.parametrize("name", METHODS)


def of(told: Told) -> dict[str, Any]:
    return described()[f"{told.operation.method} {told.operation.path}"]


def schema_name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def test_every_operation_is_reached_by_one_method_and_no_method_reaches_anything_else() -> None:
    reached = [of(told)["operationId"] for told in METHODS.values()]
    assert sorted(reached) == sorted(operation["operationId"] for operation in described().values())


@named
def test_a_method_takes_what_its_operation_takes(name: str) -> None:
    told = METHODS[name]
    operation, parameters = of(told), dict(told.signature.parameters)
    del parameters["self"]
    taken = {one["name"] for one in operation.get("parameters", []) if one["in"] in ("path", "query")}
    if "If-Match" in {one["name"] for one in operation.get("parameters", [])}:
        taken.add("version")
    required = {one["name"] for one in operation.get("parameters", []) if one.get("required")}
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = description()["components"]["schemas"][schema_name(content["schema"])]
        fields, wanted = set(schema["properties"]), set(schema.get("required", []))
        if kind == FORM:
            assert isinstance(told.operation.body, Upload)
            part = told.operation.body.part
            assert part in wanted
            fields, wanted = fields - {part} | {"content", "file_name"}, wanted - {part} | {"content"}
        taken, required = taken | fields, required | wanted
    if isinstance(told, Listing):
        assert {"limit", "cursor"} <= taken
        taken -= {"limit", "cursor"}
    assert set(parameters) == taken
    assert {one for one, given in parameters.items() if given.default is inspect.Parameter.empty} == required


@named
def test_a_method_sends_and_reads_the_shapes_of_its_operation(name: str) -> None:
    told = METHODS[name]
    operation = of(told)
    content = operation.get("requestBody", {}).get("content", {})
    body = told.operation.body
    if body is None or isinstance(body, Upload):
        assert set(content) == (set() if body is None else {FORM})
    else:
        assert schema_name(content[JSON]["schema"]) == body.__name__
    ((_, answered),) = [(status, one) for status, one in operation["responses"].items() if status[0] == "2"]
    answer = told.operation.answer
    if answer is NoneType:
        assert "content" not in answered
    elif answer is bytes:
        assert set(answered["content"]) <= {"image/jpeg", "text/plain"}
    else:
        schema = answered["content"][JSON]["schema"]
        shown = [re.sub(r"\W", "_", one.__name__) for one in get_args(answer) or (answer,)]
        assert [schema_name(one) for one in schema.get("anyOf", [schema])] == shown


@named
def test_a_request_is_sent_again_only_where_it_is_done_once(name: str) -> None:
    told = METHODS[name].operation
    keyed = "Idempotency-Key" in {one["name"] for one in of(METHODS[name]).get("parameters", [])}
    assert (told.sent is Sent.KEYED) == keyed
    if told.sent is Sent.FREELY:
        reopens = told.path.endswith(("/review", "/examination", "/confirm", "/orders"))
        assert told.method in ("GET", "PUT") or reopens
    assert told.is_open == (of(METHODS[name]).get("security") == [])


@named
def test_a_method_says_what_its_operation_says(name: str) -> None:
    """In the words of the description; those of the server's own file names apart."""
    words = inspect.getdoc(METHODS[name]._told) or ""
    if not METHODS[name].operation.path.startswith("/sessions"):
        assert words.startswith(of(METHODS[name])["description"].split("\n")[0])
    assert words


def test_both_clients_have_the_same_nouns() -> None:
    async_client = AsyncClient("http://localhost:1")
    with Client("http://localhost:1") as client:
        assert {k: type(v) for k, v in vars(client).items() if k[0] != "_"} == {
            k: type(v) for k, v in vars(async_client).items() if k[0] != "_"
        }
        assert client.cases.open.__name__ == "open"
        assert (client.cases.open.__doc__ or "").startswith("Open a case")


def test_a_method_tells_what_it_takes_and_gives() -> None:
    with Client("http://localhost:1") as client:
        told = inspect.signature(client.searches.show)
        assert list(told.parameters) == ["search_id"]
        assert told.return_annotation == Search | WaitingSearch
        assert list(inspect.signature(client.cases.open).parameters) == ["reference", "purpose", "title"]
        assert inspect.signature(client.cases.list).return_annotation == Iterator[Case]
    assert inspect.signature(AsyncClient("http://localhost:1").cases.list).return_annotation == AsyncIterator[Case]


def test_a_method_that_is_called_wrongly_says_so_like_any_function() -> None:
    with Client("http://localhost:1") as client, pytest.raises(TypeError, match="purpos"):
        client.cases.open(reference="2026-1", purpos="x")  # type: ignore[call-arg]  # that is the test


def test_the_client_knows_errors_and_shapes_and_nothing_else_of_ours() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                modules = [str(node.module)]
            for module in modules:
                top = module.partition(".")[0]
                assert (
                    top in {"httpx2", "pydantic", *sys.stdlib_module_names}
                    or module in OURS
                    or module.startswith(("beholden.client", "beholden.api.shapes"))
                ), f"{path.name}: {module}"


def test_importing_the_client_loads_nothing_heavy() -> None:
    code = "import beholden.client, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    heavy = {
        "numpy",
        "openvino",
        "onnx",
        "sqlalchemy",
        "alembic",
        "PIL",
        "cedarpy",
        "cryptography",
        "fastapi",
        "starlette",
    }
    assert set(ran.stdout.split()) & heavy == set()
