"""`/people`: who works with the system, invited, changed, suspended and replaced by an administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from beholden.actions import desk, lists, people, provider
from beholden.api.answers import made, tag
from beholden.api.hidden import Acting, on
from beholden.api.paging import Finding
from beholden.api.routes import GIVEN_ONCE, Route
from beholden.api.shapes.fields import Id, Page
from beholden.api.shapes.people import Invite, Invited, Link, Person, Replace, Roles
from beholden.api.who import Who
from beholden.ports.system import System
from beholden.records import people as records

router = APIRouter(prefix="/people", tags=["people"], route_class=Route)
OnPerson = Annotated[Acting, on(records.Person, "person_id")]
ONCE = {GIVEN_ONCE: True}


@router.get("")
def list_people(who: Who, paging: Finding) -> Page[Person]:
    """Everybody who works with the system."""
    shown, following = paging.of(lists.people, *who)
    return Page[Person](items=[Person.model_validate(one) for one in shown], next=following)


@router.get("/{person_id}")
def show_person(who: Who, person_id: Id, response: Response) -> Person:
    """One of them."""
    one = desk.person(*who, person_id=person_id)
    tag(response, one)
    return Person.model_validate(one)


@router.post("", status_code=201, openapi_extra=ONCE)
def add_person(who: Who, given: Invite, request: Request, response: Response) -> Invited:
    """Invite a person; the one-time token is in this answer and nowhere else."""
    person, token = people.add_person(*who, name=given.name, roles=given.roles)
    made(request, response, "people", person)
    return _invited(who[0], person, token)


@router.put("/{person_id}/roles")
def change_roles(acting: OnPerson, person_id: Id, given: Roles) -> Person:
    """Give a person these roles, in place of those they have."""
    return Person.model_validate(people.change_roles(*acting, person_id=person_id, roles=given.roles))


@router.post("/{person_id}/suspend")
def suspend_person(acting: OnPerson, person_id: Id) -> Person:
    """Keep a person out, at once: their sessions end."""
    return Person.model_validate(people.suspend_person(*acting, person_id=person_id))


@router.put("/{person_id}/provider", status_code=204)
def link_person(acting: OnPerson, person_id: Id, given: Link) -> None:
    """Let a person sign in by the agency's own sign-in, which knows them by this subject."""
    provider.link_person(*acting, person_id=person_id, subject=given.subject)


@router.delete("/{person_id}/provider", status_code=204)
def unlink_person(acting: OnPerson, person_id: Id) -> None:
    """Let the agency's own sign-in open nothing for a person any more."""
    provider.unlink_person(*acting, person_id=person_id)


@router.post("/{person_id}/sign-out", status_code=204)
def sign_out_person(acting: OnPerson, person_id: Id) -> None:
    """End every session and key of a person, at once; they may sign in again."""
    people.sign_out_person(*acting, person_id=person_id)


@router.post("/{person_id}/resume")
def resume_person(acting: OnPerson, person_id: Id) -> Person:
    """Let a suspended person work again."""
    return Person.model_validate(people.resume_person(*acting, person_id=person_id))


@router.post("/{person_id}/replace", status_code=201, openapi_extra=ONCE)
def replace_person(acting: OnPerson, person_id: Id, given: Replace) -> Invited:
    """Put somebody in the place of a person who leaves: same roles, same open cases, a token of their own."""
    return _invited(acting[0], *people.replace_person(*acting, person_id=person_id, name=given.name))


@router.post("/{person_id}/token", status_code=201, openapi_extra=ONCE)
def renew_token(acting: OnPerson, person_id: Id) -> Invited:
    """A new one-time token, for a person who lost the old one or the passphrase, which ends."""
    return _invited(acting[0], *people.renew_token(*acting, person_id=person_id))


def _invited(system: System, person: records.Person, token: str) -> Invited:
    return Invited(person=Person.model_validate(person), token=token, hours=system.rules.invite_hours)
