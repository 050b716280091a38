"""Every address of the pages that changes something takes the form of this very session, and no other."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from beholden.serving.rates import Limits, Rate
from beholden.web import router
from beholden.web.forms import own_form, own_upload
from tests.agency import Agency
from tests.server.door import HERE, client_of, signed_in

# Before a sign-in there is no session to bind a form to: here the browser's word on where it comes from must do.
OPEN = {"/sign-in", "/sign-in/passkey", "/sign-in/link", "/sign-in/first", "/sign-in/provider"}


def changing() -> Iterator[tuple[str, APIRoute]]:
    for context in iter_route_contexts(router.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and (more := set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}):
            assert more == {"POST"}, context.path
            yield str(context.path), route


def needs(dependant: Dependant) -> set[object]:
    found: set[object] = {dependant.call}
    for one in dependant.dependencies:
        found |= needs(one)
    return found


def test_every_address_that_changes_something_asks_for_the_form_of_this_session() -> None:
    found = {path: needs(route.dependant) for path, route in changing()}
    assert set(found) >= OPEN
    assert len(found) > 25
    assert {path for path, needed in found.items() if not {own_form, own_upload} & needed} == OPEN


def test_a_form_without_the_token_of_this_session_is_refused_everywhere(agency: Agency) -> None:
    client = client_of(agency, limits=Limits(person=Rate(10_000, 10_000), address=Rate(10_000, 10_000)))
    paths = [path.replace("{", "").replace("}", "") for path, _ in changing() if path not in OPEN]
    foreign = signed_in(client, agency, "sven")
    signed_in(client, agency, "ines")
    for path in paths:
        for fields in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": foreign}):
            answer = client.post(path, data=fields, headers=HERE)
            assert answer.status_code == 403, path
            assert "web.own-form" in answer.text, path
    client.cookies.clear()
    for path in paths:
        answer = client.post(path, headers=HERE)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/sign-in"), path
