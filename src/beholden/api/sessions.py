"""`/sessions`: sign in with a passphrase for a bearer key, see who one is, sign out."""

from __future__ import annotations

from fastapi import APIRouter, Request

from beholden.actions import audit, people, sessions
from beholden.api.paging import Paging
from beholden.api.routes import GIVEN_ONCE, OPEN, REOPENS, Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.people import Accept, Confirm, OwnSession, Person, Session, SignedIn, SignIn
from beholden.api.who import Here, Who, person_of
from beholden.ports.system import System
from beholden.records import people as records
from beholden.records.people import Officer
from beholden.serving.rates import attempt, attempt_again

router = APIRouter(prefix="/sessions", tags=["sessions"], route_class=Route)


@router.post("", status_code=201, openapi_extra=OPEN)
def sign_in(request: Request, system: Here, given: SignIn) -> Session:
    """Sign in; the bearer key acts with this person's rights until it ends."""
    attempt(request, given.name)
    return _session(system, people.sign_in(system, name=given.name, passphrase=given.passphrase, code=given.totp))


@router.post("/first", status_code=201, openapi_extra=OPEN | {GIVEN_ONCE: True})
def accept(request: Request, system: Here, given: Accept) -> Session:
    """Use the one-time token: choose a passphrase, and be signed in."""
    attempt(request)
    officer = people.accept(system, name=given.name, token=given.token, passphrase=given.passphrase)
    return _session(system, officer)


@router.get("/current")
def whoami(request: Request, who: Who) -> SignedIn:
    """Who this key acts for."""
    return SignedIn(person=Person.model_validate(person_of(request)), at=who[0].clock.now())


@router.post("/current/confirm", status_code=204, openapi_extra={REOPENS: True})
def confirm(request: Request, who: Who, given: Confirm) -> None:
    """Say again who one is, as some acts ask for: they want it within the last minutes."""
    attempt_again(request, who[1])
    sessions.refresh(*who, passphrase=given.passphrase, code=given.totp)


@router.get("")
def list_sessions(who: Who, paging: Paging) -> Page[OwnSession]:
    """One's own that last, the latest first."""
    account = sessions.account(*who)
    shown, following = paging.part(account.sessions, lambda one: one.id)
    return Page[OwnSession](items=[_own(one, account.here) for one in shown], next=following)


@router.delete("", status_code=204)
def end_every_session(who: Who) -> None:
    """End every session and key of one's own, this one too, at once."""
    sessions.end_every_session(*who)


@router.delete("/current", status_code=204)
def sign_out(who: Who) -> None:
    """End this session, at once."""
    people.sign_out(*who)


@router.delete("/{session_id}", status_code=204)
def end_session(who: Who, session_id: Id) -> None:
    """End another one of one's own, at once."""
    sessions.end_session(*who, session_id=session_id)


def _own(one: records.Session, here: str) -> OwnSession:
    return OwnSession(
        id=one.id, client=one.client, opened_at=one.kept.created_at, ends_at=one.ends_at, here=one.id == here
    )


def _session(system: System, officer: Officer) -> Session:
    with system.database.look() as look:
        person = audit.signed_in(look, officer, system.clock.now())
    return Session(bearer=officer.session, person=Person.model_validate(person))
