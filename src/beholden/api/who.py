"""Who asks: the bearer key of a sign-in, looked up anew with every request. A cookie opens nothing here."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from beholden.actions import audit
from beholden.actions.sessions import digest_of
from beholden.errors import SignInRefused
from beholden.ports.system import System
from beholden.records.people import Officer, Person, Session

CLIENT = "rest"

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="The key that `POST /sessions` gave. It ends with the session, and at once when the person is suspended.",
)


def system_of(request: Request) -> System:
    """The system, as this door uses it."""
    system: System = request.app.state.system
    return replace(system, client=CLIENT)


def signed_in(request: Request) -> tuple[System, Officer]:
    """Before anything else of the request is read. Raises `SignInRefused`.

    A key that has ended is on record; one that nobody was ever given leaves no entry, else anybody on the network could
    fill the log.
    """
    system, secret = system_of(request), _secret(request)
    try:
        with system.database.look() as look:
            was_given = bool(look.count(Session, id=digest_of(secret)))
            person = audit.signed_in(look, Officer("", secret), system.clock.now())
    except SignInRefused as error:
        if was_given:
            audit.write_stopped(system, None, error)
        raise
    request.state.person = person
    request.state.who = system, Officer(person.name, secret)
    return system, Officer(person.name, secret)


async def who(request: Request, _: Annotated[object, Depends(bearer)]) -> tuple[System, Officer]:
    """What the route found before it read the body: nothing to do, and so no thread of its own."""
    return who_of(request)


def who_of(request: Request) -> tuple[System, Officer]:
    found: tuple[System, Officer] = request.state.who
    return found


def sent_under(request: Request, key: str) -> None:
    """What is asked is done once under this key, by the records: also where the server was started again meanwhile."""
    system, officer = request.state.who
    request.state.who = replace(system, sent=key), officer


def person_of(request: Request) -> Person:
    found: Person = request.state.person
    return found


def _secret(request: Request) -> str:
    given = request.headers.getlist("authorization")
    scheme, _, secret = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    return secret.strip() if scheme.lower() == "bearer" else ""


Who = Annotated[tuple[System, Officer], Depends(who)]
Here = Annotated[System, Depends(system_of)]
