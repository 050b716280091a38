"""docs/rest.md lists every operation, in the words of its description."""

from __future__ import annotations

from tests.agency import small_agency
from tests.api.client import rest_of
from tests.docs.pages import bare, page, rows, section


def test_every_operation_is_documented_and_every_documented_one_is_there() -> None:
    description = rest_of(small_agency()).http.get("/openapi.json").json()
    there = {
        f"{method.upper()} {path}": operation["description"].split("\n")[0]
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    assert {bare(row[0]): row[1] for row in rows(section(page("rest.md"), "Operations"), 2)} == there
